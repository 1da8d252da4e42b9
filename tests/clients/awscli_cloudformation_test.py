"""`aws cloudformation deploy`, which works by change sets."""
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


def done(ran):
    assert ran.returncode == 0, (ran.stdout, ran.stderr)
    return ran.stdout + ran.stderr


def test_deploy_creates_updates_and_sees_that_nothing_changed(aws, tmp_path):
    template = tmp_path / 'stack.yaml'
    template.write_text(TEMPLATE)
    deploy = ['cloudformation', 'deploy', '--template-file', str(template), '--stack-name', 'clients-deploy']
    cloudwatch = aws.client('cloudwatch')

    def threshold():
        return cloudwatch.describe_alarms(AlarmNames=['clients-deploy-errors'])['MetricAlarms'][0]['Threshold']

    done(aws.awscli(*deploy))
    assert threshold() == 5
    done(aws.awscli(*deploy, '--parameter-overrides', 'Limit=6'))
    assert threshold() == 6
    assert 'No changes to deploy' in done(aws.awscli(*deploy, '--parameter-overrides', 'Limit=6', '--no-fail-on-empty-changeset'))
    done(aws.awscli('cloudformation', 'delete-stack', '--stack-name', 'clients-deploy'))
    done(aws.awscli('cloudformation', 'wait', 'stack-delete-complete', '--stack-name', 'clients-deploy'))
    assert cloudwatch.describe_alarms(AlarmNames=['clients-deploy-errors'])['MetricAlarms'] == []
