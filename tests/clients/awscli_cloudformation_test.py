"""`aws cloudformation deploy`, which works by change sets."""
import os
import subprocess
import sys

import pytest

TEMPLATE = '''
Parameters:
  Limit: {Type: Number, Default: 5}
Resources:
  Errors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: !Sub '${AWS::StackName}-errors'
      Namespace: Clients
      MetricName: Faults
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: !Ref Limit
      ComparisonOperator: GreaterThanThreshold
'''


@pytest.fixture
def aws_cli(aws):
    program = os.path.join(os.path.dirname(sys.executable), 'aws')
    if not os.path.exists(program):
        pytest.skip('no aws beside the Python of these tests')

    def run(*arguments):
        return subprocess.run([program, *arguments], env=aws.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
                              check=False)

    return run


def test_deploy_creates_updates_and_sees_that_nothing_changed(aws, aws_cli, tmp_path):
    template = tmp_path / 'stack.yaml'
    template.write_text(TEMPLATE)
    deploy = ['cloudformation', 'deploy', '--template-file', str(template), '--stack-name', 'clients-deploy']
    cloudwatch = aws.client('cloudwatch')

    def threshold():
        return cloudwatch.describe_alarms(AlarmNames=['clients-deploy-errors'])['MetricAlarms'][0]['Threshold']

    done = aws_cli(*deploy)
    assert done.returncode == 0, done.stdout
    assert threshold() == 5
    done = aws_cli(*deploy, '--parameter-overrides', 'Limit=6')
    assert done.returncode == 0, done.stdout
    assert threshold() == 6
    done = aws_cli(*deploy, '--parameter-overrides', 'Limit=6', '--no-fail-on-empty-changeset')
    assert done.returncode == 0 and 'No changes to deploy' in done.stdout, done.stdout
    done = aws_cli('cloudformation', 'delete-stack', '--stack-name', 'clients-deploy')
    assert done.returncode == 0, done.stdout
    done = aws_cli('cloudformation', 'wait', 'stack-delete-complete', '--stack-name', 'clients-deploy')
    assert done.returncode == 0, done.stdout
    assert cloudwatch.describe_alarms(AlarmNames=['clients-deploy-errors'])['MetricAlarms'] == []
