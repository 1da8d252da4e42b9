"""Accounts, roles and policies as clients meet them: what is denied says so in AWS's words, and nobody sees another's things."""

import json
import os

import pytest
from botocore.exceptions import ClientError

from conftest import Aws

READER = {'Version': '2012-10-17', 'Statement': [
    {'Effect': 'Allow', 'Action': ['sagemaker:Describe*', 'sagemaker:List*'], 'Resource': '*'},
    {'Effect': 'Allow', 'Action': 'sagemaker:InvokeEndpoint', 'Resource': 'arn:aws:sagemaker:*:*:endpoint/open'},
    {'Effect': 'Deny', 'Action': '*', 'Resource': 'arn:aws:sagemaker:*:*:model/secret'},
]}


@pytest.fixture(scope='module')
def policy(aws):
    path = os.path.join(aws.runtime.folder, 'reader.json')
    with open(path, 'w') as file:
        json.dump(READER, file)
    return path


@pytest.fixture(scope='module')
def reader(aws, policy):
    ran = aws.runtime.cli('account', 'create', '--user', 'reader', '--policy', policy)
    assert ran.code == 0, ran
    return Aws(aws.runtime, '--user', 'reader')


def code_and_text(caught):
    error = caught.value.response['Error']
    return error['Code'], error['Message']


def test_a_user_may_do_what_its_policy_says(aws, reader):
    assert reader.client('sts').get_caller_identity()['Arn'] == 'arn:aws:iam::000000000000:user/reader'
    assert reader.client('sagemaker').list_models()['Models'] == []
    with pytest.raises(ClientError) as caught:
        reader.client('sagemaker').create_model(ModelName='m', ExecutionRoleArn=aws.role, PrimaryContainer=aws.container())
    assert code_and_text(caught) == ('AccessDeniedException', (
        'User: arn:aws:iam::000000000000:user/reader is not authorized to perform: sagemaker:CreateModel on resource: '
        'arn:aws:sagemaker:us-east-1:000000000000:model/m because no identity-based policy allows the sagemaker:CreateModel action'))
    with pytest.raises(ClientError) as caught:
        reader.client('sagemaker').describe_model(ModelName='secret')
    assert 'with an explicit deny in an identity-based policy' in code_and_text(caught)[1]
    with pytest.raises(ClientError) as caught:
        reader.client('s3').list_buckets()
    assert code_and_text(caught)[0] == 'AccessDenied'


def test_invocations_are_held_to_the_policy(aws, reader):
    for name in ('open', 'closed'):
        aws.runtime.apply_endpoint(name, aws.runtime.make_artifact({'reply': name}))
    runtime = reader.client('sagemaker-runtime')
    assert json.loads(runtime.invoke_endpoint(EndpointName='open', Body='[1]', ContentType='application/json')['Body'].read()) == 'open'
    with pytest.raises(ClientError) as caught:
        runtime.invoke_endpoint(EndpointName='closed', Body='[1]', ContentType='application/json')
    assert code_and_text(caught)[0] == 'AccessDeniedException'
    assert caught.value.response['ResponseMetadata']['HTTPStatusCode'] == 403


def test_a_role_gives_a_session_that_may_do_what_the_role_may(aws, policy):
    assert aws.runtime.cli('account', 'create', '--role', 'looker', '--policy', policy).code == 0
    given = aws.client('sts').assume_role(RoleArn='arn:aws:iam::000000000000:role/looker', RoleSessionName='me')['Credentials']
    session = Aws(aws.runtime)
    session.variables.update(AWS_ACCESS_KEY_ID=given['AccessKeyId'], AWS_SECRET_ACCESS_KEY=given['SecretAccessKey'],
                             AWS_SESSION_TOKEN=given['SessionToken'])
    assert session.client('sts').get_caller_identity()['Arn'] == 'arn:aws:sts::000000000000:assumed-role/looker/me'
    assert session.client('sagemaker').list_models()['Models'] is not None
    with pytest.raises(ClientError) as caught:
        session.client('sagemaker').delete_model(ModelName='x')
    assert code_and_text(caught)[0] == 'AccessDeniedException'
    runtime = session.client('sagemaker-runtime')
    assert json.loads(runtime.invoke_endpoint(EndpointName='open', Body='[1]', ContentType='application/json')['Body'].read()) == 'open'
    session.variables['AWS_SESSION_TOKEN'] = given['SessionToken'][:-2] + 'AA'
    with pytest.raises(ClientError) as caught:
        session.client('sagemaker').list_models()
    assert code_and_text(caught)[0] == 'UnrecognizedClientException'


def test_two_accounts_have_each_their_own(aws):
    ran = aws.runtime.cli('account', 'create', 'other', '--id', '111122223333')
    assert ran.code == 0, ran
    other = Aws(aws.runtime, '--account', '111122223333')
    assert other.client('sts').get_caller_identity()['Account'] == '111122223333'
    ours, theirs = aws.client('sagemaker'), other.client('sagemaker')
    ours.create_model(ModelName='same', ExecutionRoleArn=aws.role, PrimaryContainer=aws.container({'reply': 'ours'}))
    with pytest.raises(ClientError, match='Could not find model'):
        theirs.describe_model(ModelName='same')
    other.bucket = 'their-bucket'
    theirs.create_model(ModelName='same', ExecutionRoleArn=aws.role, PrimaryContainer=other.container({'reply': 'theirs'}))
    assert theirs.describe_model(ModelName='same')['ModelArn'] == 'arn:aws:sagemaker:us-east-1:111122223333:model/same'
    with pytest.raises(ClientError) as caught:
        other.client('s3').list_objects_v2(Bucket=aws.bucket)
    assert code_and_text(caught)[0] == 'AccessDenied'
    theirs.delete_model(ModelName='same')
    assert ours.describe_model(ModelName='same')['ModelName'] == 'same'


def test_a_rotated_key_stops_at_once(aws, policy):
    assert aws.runtime.cli('account', 'create', '--user', 'turning', '--policy', policy).code == 0
    before = Aws(aws.runtime, '--user', 'turning')
    assert before.client('sagemaker').list_models()
    assert aws.runtime.cli('account', 'rotate', '--user', 'turning').code == 0
    with pytest.raises(ClientError) as caught:
        before.client('sagemaker').list_models()
    assert code_and_text(caught)[0] == 'UnrecognizedClientException'
    assert Aws(aws.runtime, '--user', 'turning').client('sagemaker').list_models()
