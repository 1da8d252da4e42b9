"""CloudFormation with boto3. The stacks hold alarms, which are there as soon as they are written; stacks with endpoints are
deployed by awscli_cloudformation_test.py."""
import json

import botocore.exceptions
import pytest

TEMPLATE = '''
Parameters:
  Limit: {Type: Number, Default: 5}
Resources:
  Errors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SageMaker
      MetricName: Invocation5XXErrors
      Dimensions: [{Name: EndpointName, Value: no-such}, {Name: VariantName, Value: main}]
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: !Ref Limit
      ComparisonOperator: GreaterThanThreshold
Outputs:
  Arn: {Value: !GetAtt Errors.Arn}
'''


@pytest.fixture
def formation(aws):
    return aws.client('cloudformation')


@pytest.fixture
def stack(formation):
    """Creates a stack, which is deleted in the end."""
    names = []

    def create(name, **more):
        names.append(name)
        formation.create_stack(StackName=name, TemplateBody=TEMPLATE, **more)
        formation.get_waiter('stack_create_complete').wait(StackName=name, WaiterConfig={'Delay': 1, 'MaxAttempts': 60})
        return formation.describe_stacks(StackName=name)['Stacks'][0]

    yield create
    for name in names:
        formation.delete_stack(StackName=name)
        formation.get_waiter('stack_delete_complete').wait(StackName=name, WaiterConfig={'Delay': 1, 'MaxAttempts': 60})


def test_a_stack_lives(aws, formation, stack):
    made = stack('clients-life', Parameters=[{'ParameterKey': 'Limit', 'ParameterValue': '7'}], Tags=[{'Key': 'a', 'Value': 'b'}])
    assert made['StackStatus'] == 'CREATE_COMPLETE'
    assert made['Tags'] == [{'Key': 'a', 'Value': 'b'}]
    name = formation.describe_stack_resource(StackName='clients-life', LogicalResourceId='Errors')['StackResourceDetail']['PhysicalResourceId']
    assert name.startswith('clients-life-Errors-')
    assert made['Outputs'][0]['OutputValue'].endswith(':alarm:' + name)
    cloudwatch = aws.client('cloudwatch')
    assert cloudwatch.describe_alarms(AlarmNames=[name])['MetricAlarms'][0]['Threshold'] == 7
    formation.update_stack(StackName='clients-life', UsePreviousTemplate=True, Parameters=[{'ParameterKey': 'Limit', 'ParameterValue': '9'}])
    formation.get_waiter('stack_update_complete').wait(StackName='clients-life', WaiterConfig={'Delay': 1, 'MaxAttempts': 60})
    assert cloudwatch.describe_alarms(AlarmNames=[name])['MetricAlarms'][0]['Threshold'] == 9
    events = [event['ResourceStatus'] for event in formation.describe_stack_events(StackName='clients-life')['StackEvents']]
    assert events[0] == 'UPDATE_COMPLETE' and events[-1] == 'CREATE_IN_PROGRESS'
    with pytest.raises(botocore.exceptions.ClientError, match='No updates are to be performed'):
        formation.update_stack(StackName='clients-life', UsePreviousTemplate=True, Parameters=[{'ParameterKey': 'Limit', 'UsePreviousValue': True}])


def test_a_stack_that_is_not_there(formation):
    with pytest.raises(botocore.exceptions.ClientError, match='Stack with id clients-none does not exist') as refusal:
        formation.describe_stacks(StackName='clients-none')
    assert refusal.value.response['Error']['Code'] == 'ValidationError'
    formation.delete_stack(StackName='clients-none')


def test_templates_are_looked_at(formation):
    shown = formation.validate_template(TemplateBody=TEMPLATE)
    assert [parameter['ParameterKey'] for parameter in shown['Parameters']] == ['Limit']
    summary = formation.get_template_summary(TemplateBody=TEMPLATE)
    assert summary['ResourceTypes'] == ['AWS::CloudWatch::Alarm']
    with pytest.raises(botocore.exceptions.ClientError, match='Template format error'):
        formation.validate_template(TemplateBody=json.dumps({'Resources': {}}))


def test_change_sets(formation, stack):
    stack('clients-sets')
    formation.create_change_set(StackName='clients-sets', ChangeSetName='none', TemplateBody=TEMPLATE)
    with pytest.raises(botocore.exceptions.WaiterError):
        formation.get_waiter('change_set_create_complete').wait(StackName='clients-sets', ChangeSetName='none',
                                                                WaiterConfig={'Delay': 1, 'MaxAttempts': 60})
    shown = formation.describe_change_set(StackName='clients-sets', ChangeSetName='none')
    assert shown['Status'] == 'FAILED' and "didn't contain changes" in shown['StatusReason']
    formation.create_change_set(StackName='clients-sets', ChangeSetName='more', UsePreviousTemplate=True,
                                Parameters=[{'ParameterKey': 'Limit', 'ParameterValue': '8'}])
    formation.get_waiter('change_set_create_complete').wait(StackName='clients-sets', ChangeSetName='more',
                                                            WaiterConfig={'Delay': 1, 'MaxAttempts': 60})
    change = formation.describe_change_set(StackName='clients-sets', ChangeSetName='more')['Changes'][0]['ResourceChange']
    assert (change['Action'], change['LogicalResourceId'], change['Replacement']) == ('Modify', 'Errors', 'False')
    formation.execute_change_set(StackName='clients-sets', ChangeSetName='more')
    formation.get_waiter('stack_update_complete').wait(StackName='clients-sets', WaiterConfig={'Delay': 1, 'MaxAttempts': 60})
