"""SageMaker's hosting operations as boto3 calls them: each operation, its errors, waiters and paginators.

All of them share one runtime (conftest.py): each leaves it without resources.
"""

import datetime

import pytest
from botocore.exceptions import ClientError, WaiterError

ARN = 'arn:aws:sagemaker:us-east-1:000000000000:'
SOON = {'Delay': 1, 'MaxAttempts': 60}


@pytest.fixture
def sagemaker(aws):
    return aws.client('sagemaker')


@pytest.fixture(autouse=True)
def leaves_nothing(aws):
    yield
    for kind in ('endpoint', 'endpoint-config', 'model'):
        for word in aws.runtime.cli('get', kind, '-o', 'name').out.split():
            ran = aws.runtime.cli('delete', *word.split('/'), '--wait')
            assert ran.code == 0, ran


@pytest.fixture
def artifact(aws):
    """The s3:// address of a model that echoes."""
    return aws.artifact({'echo': True})


def container(artifact, **more):
    return {'Image': 'smhost/torch', 'ModelDataUrl': artifact, **more}


def variant(model, name='main', count=1, **more):
    return {'VariantName': name, 'ModelName': model, 'InstanceType': 'ml.m5.large', 'InitialInstanceCount': count, **more}


@pytest.fixture
def model(sagemaker, artifact):
    sagemaker.create_model(ModelName='echo', PrimaryContainer=container(artifact))
    return 'echo'


@pytest.fixture
def config(sagemaker, model):
    sagemaker.create_endpoint_config(EndpointConfigName='echo-1', ProductionVariants=[variant(model)])
    return 'echo-1'


def await_in_service(sagemaker, name):
    sagemaker.get_waiter('endpoint_in_service').wait(EndpointName=name, WaiterConfig=SOON)


@pytest.fixture
def endpoint(sagemaker, config):
    sagemaker.create_endpoint(EndpointName='echo', EndpointConfigName=config)
    await_in_service(sagemaker, 'echo')
    return 'echo'


def refusal(call, code='ValidationException', **arguments):
    """The message of the error that the call must end in."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    assert answer['Error']['Code'] == code, answer
    assert answer['ResponseMetadata']['HTTPStatusCode'] == 400
    assert answer['ResponseMetadata']['RequestId']
    return answer['Error']['Message']


def bare(answer):
    return {key: value for key, value in answer.items() if key != 'ResponseMetadata'}


# --- models

def test_a_model_is_created_described_listed_and_deleted(sagemaker, artifact):
    given = {
        'ModelName': 'Vad',
        'PrimaryContainer': container(artifact, Environment={'A': 'b'}, Mode='SingleModel'),
        'ExecutionRoleArn': 'arn:aws:iam::111122223333:role/service',
        'VpcConfig': {'SecurityGroupIds': ['sg-1'], 'Subnets': ['subnet-1']},
        'EnableNetworkIsolation': True,
    }
    answer = sagemaker.create_model(**given, Tags=[{'Key': 'team', 'Value': 'speech'}])
    assert bare(answer) == {'ModelArn': ARN + 'model/vad'}
    described = bare(sagemaker.describe_model(ModelName='Vad'))
    created = described.pop('CreationTime')
    assert isinstance(created, datetime.datetime)
    assert described == {**given, 'ModelArn': ARN + 'model/vad'}
    listed = sagemaker.list_models()['Models']
    assert listed == [{'ModelName': 'Vad', 'ModelArn': ARN + 'model/vad', 'CreationTime': created}]
    assert bare(sagemaker.delete_model(ModelName='Vad')) == {}
    assert refusal(sagemaker.describe_model, ModelName='Vad') == f'Could not find model "{ARN}model/vad".'
    assert refusal(sagemaker.delete_model, ModelName='Vad') == f'Could not find model "{ARN}model/vad".'


def test_models_that_cannot_be_are_refused(sagemaker, model, artifact, aws):
    create = sagemaker.create_model
    already = f'Cannot create already existing model "{ARN}model/echo".'
    assert refusal(create, ModelName='echo', PrimaryContainer=container(artifact)) == already
    assert refusal(create, ModelName='ECHO', PrimaryContainer=container(artifact)) == already
    missing = f's3://{aws.bucket}/none.tar.gz'
    assert refusal(create, ModelName='x', PrimaryContainer=container(missing)).startswith(
        f'Could not access model data at {missing}')
    assert 'PrimaryContainer' in refusal(create, ModelName='x')
    assert 'Containers' in refusal(create, ModelName='x', PrimaryContainer=container(artifact),
                                   Containers=[container(artifact)])
    assert 'MultiModel' in refusal(create, ModelName='x', PrimaryContainer=container(artifact, Mode='MultiModel'))
    assert 'pipelines' in refusal(create, ModelName='x', Containers=[container(artifact), container(artifact)])
    assert 'this image cannot be run' in refusal(
        create, ModelName='x', PrimaryContainer={'Image': 'registry/own:1', 'ModelDataUrl': artifact})


def test_what_the_client_does_not_check_the_server_does(sagemaker, artifact):
    """boto3 checks neither patterns nor greatest lengths nor enumerations."""
    message = refusal(sagemaker.create_model, ModelName='no_underscore', PrimaryContainer=container(artifact))
    assert message.startswith("1 validation error detected: Value 'no_underscore' at 'modelName' failed to satisfy constraint")
    message = refusal(sagemaker.create_model, ModelName='x' * 64, PrimaryContainer=container(artifact))
    assert 'length less than or equal to 63' in message
    message = refusal(sagemaker.create_endpoint_config, EndpointConfigName='c',
                      ProductionVariants=[{**variant('m'), 'InstanceType': 'ml.t3.medium'}])
    assert "Value 'ml.t3.medium' at 'productionVariants.1.member.instanceType'" in message
    assert 'enum value set' in message


# --- endpoint configurations

def test_an_endpoint_configuration_is_created_described_listed_and_deleted(sagemaker, model):
    given = {
        'EndpointConfigName': 'Config-1',
        'ProductionVariants': [variant(model, InitialVariantWeight=0.5, RoutingConfig={'RoutingStrategy': 'RANDOM'})],
        'ShadowProductionVariants': [variant(model, 'shadow')],
        'DataCaptureConfig': {'InitialSamplingPercentage': 50, 'DestinationS3Uri': 's3://b/', 'CaptureOptions': [{'CaptureMode': 'Input'}]},
        'KmsKeyId': 'key',
    }
    answer = sagemaker.create_endpoint_config(**given)
    assert bare(answer) == {'EndpointConfigArn': ARN + 'endpoint-config/config-1'}
    described = bare(sagemaker.describe_endpoint_config(EndpointConfigName='Config-1'))
    created = described.pop('CreationTime')
    assert described == {**given, 'EndpointConfigArn': ARN + 'endpoint-config/config-1'}
    assert sagemaker.list_endpoint_configs()['EndpointConfigs'] == [
        {'EndpointConfigName': 'Config-1', 'EndpointConfigArn': ARN + 'endpoint-config/config-1', 'CreationTime': created}]
    assert bare(sagemaker.delete_endpoint_config(EndpointConfigName='config-1')) == {}
    missing = f'Could not find endpoint configuration "{ARN}endpoint-config/config-1".'
    assert refusal(sagemaker.describe_endpoint_config, EndpointConfigName='Config-1') == missing
    assert refusal(sagemaker.delete_endpoint_config, EndpointConfigName='Config-1') == missing


def test_endpoint_configurations_that_cannot_be_are_refused(sagemaker, config):
    create = sagemaker.create_endpoint_config
    assert refusal(create, EndpointConfigName='echo-1', ProductionVariants=[variant('echo')]) == \
        f'Cannot create already existing endpoint configuration "{ARN}endpoint-config/echo-1".'
    assert refusal(create, EndpointConfigName='c', ProductionVariants=[variant('none')]) == \
        f'Could not find model "{ARN}model/none".'
    assert 'two variants' in refusal(create, EndpointConfigName='c', ProductionVariants=[variant('echo'), variant('echo')])
    serverless = {'VariantName': 'main', 'ModelName': 'echo', 'ServerlessConfig': {'MemorySizeInMB': 1024, 'MaxConcurrency': 1}}
    assert 'ServerlessConfig' in refusal(create, EndpointConfigName='c', ProductionVariants=[serverless])
    message = refusal(create, 'ResourceLimitExceeded', EndpointConfigName='c', ProductionVariants=[variant('echo', count=300)])
    assert message.startswith("The account-level service limit 'ml.m5.large for endpoint usage' is 256 Instances")


# --- endpoints

def test_an_endpoint_is_creating_in_service_deleting_and_gone(sagemaker, config, aws):
    answer = sagemaker.create_endpoint(EndpointName='Echo', EndpointConfigName=config)
    assert bare(answer) == {'EndpointArn': ARN + 'endpoint/echo'}
    await_in_service(sagemaker, 'Echo')
    described = sagemaker.describe_endpoint(EndpointName='Echo')
    assert described['EndpointName'] == 'Echo'
    assert described['EndpointArn'] == ARN + 'endpoint/echo'
    assert described['EndpointConfigName'] == config
    assert isinstance(described['CreationTime'], datetime.datetime)
    assert isinstance(described['LastModifiedTime'], datetime.datetime)
    only, = described['ProductionVariants']
    assert (only['VariantName'], only['CurrentInstanceCount'], only['DesiredInstanceCount']) == ('main', 1, 1)
    assert (only['CurrentWeight'], only['DesiredWeight']) == (1.0, 1.0)
    assert only['DeployedImages'][0]['SpecifiedImage'] == 'smhost/torch'
    assert 'FailureReason' not in described and 'PendingDeploymentSummary' not in described
    listed, = sagemaker.list_endpoints(StatusEquals='InService')['Endpoints']
    assert listed['EndpointName'] == 'Echo' and listed['EndpointStatus'] == 'InService'
    assert aws.runtime.invoke('Echo', b'[1]').status == 200

    assert bare(sagemaker.delete_endpoint(EndpointName='Echo')) == {}
    sagemaker.get_waiter('endpoint_deleted').wait(EndpointName='Echo', WaiterConfig=SOON)
    missing = f'Could not find endpoint "{ARN}endpoint/echo".'
    assert refusal(sagemaker.describe_endpoint, EndpointName='Echo') == missing
    assert refusal(sagemaker.delete_endpoint, EndpointName='Echo') == missing


def test_endpoints_that_cannot_be_are_refused(sagemaker, endpoint, config):
    create = sagemaker.create_endpoint
    assert refusal(create, EndpointName='echo', EndpointConfigName=config) == \
        f'Cannot create already existing endpoint "{ARN}endpoint/echo".'
    assert refusal(create, EndpointName='e', EndpointConfigName='none') == \
        f'Could not find endpoint configuration "{ARN}endpoint-config/none".'


def test_an_endpoint_that_fails_says_why_and_can_only_be_deleted(sagemaker, aws):
    url = aws.artifact()
    sagemaker.create_model(ModelName='m', PrimaryContainer=container(url))
    sagemaker.create_endpoint_config(EndpointConfigName='c', ProductionVariants=[variant('m')])
    assert aws.runtime.cli('rm', url).code == 0  # before it is fetched
    sagemaker.create_endpoint(EndpointName='e', EndpointConfigName='c')
    with pytest.raises(WaiterError):
        await_in_service(sagemaker, 'e')
    described = sagemaker.describe_endpoint(EndpointName='e')
    assert described['EndpointStatus'] == 'Failed' and described['FailureReason']
    assert 'Cannot update failed endpoint' in refusal(sagemaker.update_endpoint, EndpointName='e', EndpointConfigName='c')
    sagemaker.delete_endpoint(EndpointName='e')
    sagemaker.get_waiter('endpoint_deleted').wait(EndpointName='e', WaiterConfig=SOON)


def test_an_update_moves_an_endpoint_to_another_configuration(sagemaker, endpoint, model):
    sagemaker.create_endpoint_config(EndpointConfigName='echo-2', ProductionVariants=[variant(model, count=2)])
    answer = sagemaker.update_endpoint(
        EndpointName='echo', EndpointConfigName='echo-2',
        DeploymentConfig={'BlueGreenUpdatePolicy': {
            'TrafficRoutingConfiguration': {'Type': 'ALL_AT_ONCE', 'WaitIntervalInSeconds': 0}}})
    assert bare(answer) == {'EndpointArn': ARN + 'endpoint/echo'}
    await_in_service(sagemaker, 'echo')
    described = sagemaker.describe_endpoint(EndpointName='echo')
    assert described['EndpointConfigName'] == 'echo-2'
    assert described['ProductionVariants'][0]['CurrentInstanceCount'] == 2
    assert 'BlueGreenUpdatePolicy' in described['LastDeploymentConfig']


def test_while_an_endpoint_is_updated_no_other_change_is_taken(sagemaker, endpoint, model):
    sagemaker.create_endpoint_config(EndpointConfigName='echo-2', ProductionVariants=[variant(model)])
    sagemaker.update_endpoint(
        EndpointName='echo', EndpointConfigName='echo-2',
        DeploymentConfig={'BlueGreenUpdatePolicy': {
            'TrafficRoutingConfiguration': {'Type': 'ALL_AT_ONCE', 'WaitIntervalInSeconds': 600}}})
    assert sagemaker.describe_endpoint(EndpointName='echo')['EndpointStatus'] == 'Updating'
    in_progress = f'Cannot update in-progress endpoint "{ARN}endpoint/echo".'
    assert refusal(sagemaker.update_endpoint, EndpointName='echo', EndpointConfigName='echo-2') == in_progress
    assert refusal(sagemaker.delete_endpoint, EndpointName='echo') == in_progress
    assert refusal(sagemaker.update_endpoint_weights_and_capacities, EndpointName='echo',
                   DesiredWeightsAndCapacities=[{'VariantName': 'main', 'DesiredInstanceCount': 2}]) == in_progress


def test_weights_and_counts_are_changed_in_place(sagemaker, endpoint):
    answer = sagemaker.update_endpoint_weights_and_capacities(
        EndpointName='echo', DesiredWeightsAndCapacities=[{'VariantName': 'main', 'DesiredInstanceCount': 2, 'DesiredWeight': 0.5}])
    assert bare(answer) == {'EndpointArn': ARN + 'endpoint/echo'}
    await_in_service(sagemaker, 'echo')
    only, = sagemaker.describe_endpoint(EndpointName='echo')['ProductionVariants']
    assert (only['CurrentInstanceCount'], only['CurrentWeight']) == (2, 0.5)
    update = sagemaker.update_endpoint_weights_and_capacities
    assert refusal(update, EndpointName='echo', DesiredWeightsAndCapacities=[{'VariantName': 'x', 'DesiredWeight': 1}]) == \
        'The variant name(s) "x" is/are not present within endpoint configuration "echo-1".'
    refusal(update, 'ResourceLimitExceeded', EndpointName='echo',
            DesiredWeightsAndCapacities=[{'VariantName': 'main', 'DesiredInstanceCount': 1000}])


def test_models_and_configurations_in_use_can_be_deleted(sagemaker, endpoint, aws):
    sagemaker.delete_endpoint_config(EndpointConfigName='echo-1')
    sagemaker.delete_model(ModelName='echo')
    assert sagemaker.describe_endpoint(EndpointName='echo')['EndpointStatus'] == 'InService'
    assert aws.runtime.invoke('echo', b'[1]').status == 200


# --- lists

def test_listings_are_filtered_sorted_and_paged(sagemaker, artifact):
    names = [f'model-{i:02}' for i in range(13)]
    for name in names:
        sagemaker.create_model(ModelName=name, PrimaryContainer=container(artifact))
    times = {one['ModelName']: one['CreationTime'] for one in sagemaker.list_models(MaxResults=100)['Models']}
    assert len(sagemaker.list_models()['Models']) == 10
    pages = list(sagemaker.get_paginator('list_models').paginate(SortBy='Name', SortOrder='Ascending', MaxResults=5))
    assert [len(page['Models']) for page in pages] == [5, 5, 3]
    assert [one['ModelName'] for page in pages for one in page['Models']] == names
    newest = [one['ModelName'] for page in sagemaker.get_paginator('list_models').paginate() for one in page['Models']]
    assert sorted(newest) == names
    assert [times[name] for name in newest] == sorted(times.values(), reverse=True)
    assert [one['ModelName'] for one in sagemaker.list_models(NameContains='-07')['Models']] == ['model-07']
    later = sagemaker.list_models(CreationTimeAfter=times['model-09'], MaxResults=100)['Models']
    assert {one['ModelName'] for one in later} == {name for name in names if times[name] > times['model-09']}


def test_broken_and_foreign_tokens_are_refused(sagemaker, artifact):
    for name in ('a', 'b'):
        sagemaker.create_model(ModelName=name, PrimaryContainer=container(artifact))
    token = sagemaker.list_models(MaxResults=1)['NextToken']
    assert 'NextToken' in refusal(sagemaker.list_models, NextToken='broken')
    assert 'NextToken' in refusal(sagemaker.list_models, NextToken=token, SortBy='Name')
    assert 'NextToken' in refusal(sagemaker.list_endpoints, NextToken=token)


@pytest.mark.parametrize('operation, member', [('list_models', 'Models'), ('list_endpoint_configs', 'EndpointConfigs'),
                                               ('list_endpoints', 'Endpoints')])
def test_each_listing_has_a_paginator(sagemaker, endpoint, operation, member):
    pages = list(sagemaker.get_paginator(operation).paginate(MaxResults=1))
    assert sum(len(page[member]) for page in pages) == 1


# --- tags

def test_tags_are_added_listed_and_deleted(sagemaker, endpoint):
    for arn in (ARN + 'model/echo', ARN + 'endpoint-config/echo-1', ARN + 'endpoint/echo'):
        tags = [{'Key': 'team', 'Value': 'speech'}, {'Key': 'stage', 'Value': 'test'}]
        assert sagemaker.add_tags(ResourceArn=arn, Tags=tags)['Tags'] == tags
        assert sagemaker.list_tags(ResourceArn=arn)['Tags'] == tags
        pages = sagemaker.get_paginator('list_tags').paginate(ResourceArn=arn)
        assert [tag for page in pages for tag in page['Tags']] == tags
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=['team'])
        assert sagemaker.list_tags(ResourceArn=arn)['Tags'] == tags[1:]
    # Nothing was deployed for that.
    assert sagemaker.describe_endpoint(EndpointName='echo')['EndpointStatus'] == 'InService'
    assert refusal(sagemaker.list_tags, ResourceArn=ARN + 'model/none') == f'Could not find model "{ARN}model/none".'
    many = [{'Key': f'k{i}', 'Value': ''} for i in range(50)]
    assert 'at most 50' in refusal(sagemaker.add_tags, ResourceArn=ARN + 'model/echo', Tags=many)


# --- with the command line

def test_the_command_line_and_the_api_show_and_change_the_same_resources(sagemaker, endpoint, aws):
    ran = aws.runtime.cli('describe', 'model', 'echo', '-o', 'json').json()
    described = bare(sagemaker.describe_model(ModelName='echo'))
    for answer in (ran, described):
        answer.pop('CreationTime')
    assert ran == described
    assert aws.runtime.endpoint_status('echo') == 'InService'
    aws.runtime.apply_endpoint('other', aws.runtime.make_artifact({'echo': True}))
    assert sagemaker.describe_endpoint(EndpointName='other')['EndpointStatus'] == 'InService'
    sagemaker.delete_endpoint(EndpointName='other')
    sagemaker.get_waiter('endpoint_deleted').wait(EndpointName='other', WaiterConfig=SOON)
    assert aws.runtime.endpoint_status('other') is None
