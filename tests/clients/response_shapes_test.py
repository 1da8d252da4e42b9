"""Walks every operation that smhost serves: each answer is held against botocore's output shape (shapes.py, in every client of
these tests), and none of the operations in schemas/api is left out."""

import datetime
import json
import os

import pytest
from botocore.exceptions import ClientError

from conftest import HERE

NAMES = {'sagemaker': 'sagemaker', 'sts': 'sts', 'monitoring': 'cloudwatch', 'cloudformation': 'cloudformation'}
REFUSED = {('sts', 'DecodeAuthorizationMessage')}  # served by an error that says why


def served():
    for stem, service in NAMES.items():
        with open(os.path.join(HERE, '..', '..', 'schemas', 'api', stem + '.json')) as file:
            for operation in json.load(file)['operations']:
                yield service, operation


def sagemaker(aws):
    client = aws.client('sagemaker')
    container = aws.container({'echo': True}, Environment={'A': 'b'}, ContainerHostname='host')
    variant = {'VariantName': 'v', 'ModelName': 'shape', 'InstanceType': 'ml.m5.large', 'InitialInstanceCount': 1,
               'InitialVariantWeight': 2, 'VolumeSizeInGB': 5}
    client.create_model(ModelName='shape', ExecutionRoleArn=aws.role, PrimaryContainer=container, Tags=[{'Key': 'a', 'Value': 'b'}])
    arn = client.describe_model(ModelName='shape')['ModelArn']
    client.add_tags(ResourceArn=arn, Tags=[{'Key': 'c', 'Value': 'd'}])
    client.delete_tags(ResourceArn=arn, TagKeys=['a'])
    assert client.list_tags(ResourceArn=arn)['Tags'] == [{'Key': 'c', 'Value': 'd'}]
    for name in ('shape', 'shape2'):
        client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        client.describe_endpoint_config(EndpointConfigName=name)
    client.create_endpoint(EndpointName='shape', EndpointConfigName='shape')
    in_service = client.get_waiter('endpoint_in_service')
    client.describe_endpoint(EndpointName='shape')
    in_service.wait(EndpointName='shape', WaiterConfig={'Delay': 1})
    client.update_endpoint(EndpointName='shape', EndpointConfigName='shape2', DeploymentConfig={
        'BlueGreenUpdatePolicy': {'TrafficRoutingConfiguration': {'Type': 'ALL_AT_ONCE', 'WaitIntervalInSeconds': 0}}})
    client.describe_endpoint(EndpointName='shape')
    in_service.wait(EndpointName='shape', WaiterConfig={'Delay': 1})
    client.update_endpoint_weights_and_capacities(EndpointName='shape', DesiredWeightsAndCapacities=[
        {'VariantName': 'v', 'DesiredInstanceCount': 2}])
    in_service.wait(EndpointName='shape', WaiterConfig={'Delay': 1})
    described = client.describe_endpoint(EndpointName='shape')
    assert described['ProductionVariants'][0]['CurrentInstanceCount'] == 2
    assert described['LastDeploymentConfig']
    runtime = aws.client('sagemaker-runtime')
    assert json.loads(runtime.invoke_endpoint(EndpointName='shape', Body='[1]', ContentType='application/json')['Body'].read()) == [1]
    for listing in (client.list_models, client.list_endpoint_configs, client.list_endpoints):
        listing()
    client.delete_endpoint(EndpointName='shape')
    client.get_waiter('endpoint_deleted').wait(EndpointName='shape', WaiterConfig={'Delay': 1})
    for name in ('shape', 'shape2'):
        client.delete_endpoint_config(EndpointConfigName=name)
    client.delete_model(ModelName='shape')


def sts(aws):
    client = aws.client('sts')
    client.get_caller_identity()
    client.get_session_token()
    client.get_access_key_info(AccessKeyId=aws.variables['AWS_ACCESS_KEY_ID'])
    with pytest.raises(ClientError):
        client.decode_authorization_message(EncodedMessage='x')
    policy = os.path.join(aws.runtime.folder, 'policy.json')
    with open(policy, 'w') as file:
        json.dump({'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'sagemaker:List*', 'Resource': '*'}]}, file)
    assert aws.runtime.cli('account', 'create', '--role', 'reader', '--policy', policy).code == 0
    client.assume_role(RoleArn='arn:aws:iam::000000000000:role/reader', RoleSessionName='me')


def cloudwatch(aws):
    client = aws.client('cloudwatch')
    now = datetime.datetime.now(datetime.timezone.utc)
    window = {'StartTime': now - datetime.timedelta(hours=1), 'EndTime': now + datetime.timedelta(minutes=5)}
    metric = {'Namespace': 'Mine', 'MetricName': 'm', 'Dimensions': [{'Name': 'd', 'Value': '1'}]}
    client.put_metric_data(Namespace='Mine', MetricData=[{'MetricName': 'm', 'Value': 3, 'Dimensions': metric['Dimensions']}])
    client.put_metric_alarm(AlarmName='shape', Statistic='Sum', Period=60, EvaluationPeriods=1, Threshold=1,
                            ComparisonOperator='GreaterThanThreshold', **metric)
    arn = client.describe_alarms(AlarmNames=['shape'])['MetricAlarms'][0]['AlarmArn']
    client.describe_alarms_for_metric(**metric)
    client.set_alarm_state(AlarmName='shape', StateValue='ALARM', StateReason='by hand')
    client.disable_alarm_actions(AlarmNames=['shape'])
    client.enable_alarm_actions(AlarmNames=['shape'])
    client.describe_alarm_history(AlarmName='shape')
    client.tag_resource(ResourceARN=arn, Tags=[{'Key': 'k', 'Value': 'v'}])
    assert client.list_tags_for_resource(ResourceARN=arn)['Tags'] == [{'Key': 'k', 'Value': 'v'}]
    client.untag_resource(ResourceARN=arn, TagKeys=['k'])
    client.list_metrics(Namespace='Mine')
    client.get_metric_statistics(**metric, **window, Period=60, Statistics=['Sum', 'Average'])
    client.get_metric_data(**window, MetricDataQueries=[{'Id': 'q', 'MetricStat': {'Metric': metric, 'Period': 60, 'Stat': 'Sum'}}])
    client.delete_alarms(AlarmNames=['shape'])


TEMPLATE = '''
Parameters: {Limit: {Type: Number, Default: 5}}
Resources:
  Errors:
    Type: AWS::CloudWatch::Alarm
    Properties: {AlarmName: of-a-stack, Namespace: Mine, MetricName: m, Statistic: Sum, Period: 60, EvaluationPeriods: 1,
                 Threshold: !Ref Limit, ComparisonOperator: GreaterThanThreshold}
Outputs: {Name: {Value: !Ref Errors}}
'''


def cloudformation(aws):
    client = aws.client('cloudformation')
    client.validate_template(TemplateBody=TEMPLATE)
    client.get_template_summary(TemplateBody=TEMPLATE)
    client.create_stack(StackName='shape', TemplateBody=TEMPLATE, Tags=[{'Key': 'a', 'Value': 'b'}])
    client.get_waiter('stack_create_complete').wait(StackName='shape', WaiterConfig={'Delay': 1})
    client.describe_stacks(StackName='shape')
    client.describe_stack_events(StackName='shape')
    client.describe_stack_resources(StackName='shape')
    client.describe_stack_resource(StackName='shape', LogicalResourceId='Errors')
    client.list_stack_resources(StackName='shape')
    client.list_stacks()
    client.get_template(StackName='shape')
    limit = lambda value: [{'ParameterKey': 'Limit', 'ParameterValue': value}]
    client.update_stack(StackName='shape', UsePreviousTemplate=True, Parameters=limit('6'))
    client.get_waiter('stack_update_complete').wait(StackName='shape', WaiterConfig={'Delay': 1})
    for name in ('run', 'left'):
        client.create_change_set(StackName='shape', ChangeSetName=name, UsePreviousTemplate=True, Parameters=limit('7'))
        client.describe_change_set(StackName='shape', ChangeSetName=name)
    client.list_change_sets(StackName='shape')
    client.delete_change_set(StackName='shape', ChangeSetName='left')
    client.execute_change_set(StackName='shape', ChangeSetName='run')
    client.get_waiter('stack_update_complete').wait(StackName='shape', WaiterConfig={'Delay': 1})
    client.update_termination_protection(StackName='shape', EnableTerminationProtection=False)
    client.delete_stack(StackName='shape')
    client.get_waiter('stack_delete_complete').wait(StackName='shape', WaiterConfig={'Delay': 1})


@pytest.mark.parametrize('walk', [sagemaker, sts, cloudwatch, cloudformation], ids=lambda walk: walk.__name__)
def test_every_operation_answers_by_its_shape(aws, walk):
    walk(aws)
    service = walk.__name__
    left_out = {one for one in served() if one[0] == service} - aws.seen - REFUSED
    assert not left_out
