"""InvokeEndpointWithResponseStream and stateful sessions, as boto3 makes them."""

import json

import pytest
from botocore.exceptions import ClientError, EventStreamError

PARTS = ['first', 2, {'third': [None, True]}, 'x' * 300000]


@pytest.fixture(scope='module')
def runtime_client(aws):
    aws.runtime.apply_endpoint('parts', aws.runtime.make_artifact({'reply': PARTS}))
    aws.runtime.apply_endpoint('counts', aws.runtime.make_artifact({'count': True}), count=2)
    return aws.client('sagemaker-runtime')


def ask(client, endpoint='parts', **more):
    return client.invoke_endpoint_with_response_stream(EndpointName=endpoint, Body=b'[1]', ContentType='application/json', **more)


def test_a_stream_comes_in_parts(runtime_client):
    answer = ask(runtime_client, Accept='application/json')
    assert answer['ContentType'] == 'application/json'
    assert answer['InvokedProductionVariant'] == 'AllTraffic'
    assert [json.loads(event['PayloadPart']['Bytes']) for event in answer['Body']] == PARTS


def test_errors_before_the_stream_are_the_operation_s(runtime_client):
    with pytest.raises(ClientError) as caught:
        ask(runtime_client, 'nobody')
    assert caught.value.response['Error']['Code'] == 'ValidationError'
    with pytest.raises(runtime_client.exceptions.ModelError) as caught:
        ask(runtime_client, Accept='image/png')
    assert caught.value.response['OriginalStatusCode'] == 406


def test_a_part_that_cannot_be_written_ends_the_stream_with_a_model_stream_error(aws, runtime_client):
    aws.runtime.apply_endpoint('mixed', aws.runtime.make_artifact({'reply': [1, 'text is no csv']}))
    events = ask(runtime_client, 'mixed', Accept='text/csv')['Body']
    with pytest.raises(EventStreamError) as caught:
        for _ in events:
            pass
    assert caught.value.response['Error']['Code'] == 'ModelStreamError'


def test_a_session_s_calls_meet_one_instance(runtime_client):
    def invoke(session):
        return runtime_client.invoke_endpoint(EndpointName='counts', Body=b'[1]', ContentType='application/json', SessionId=session)

    first = invoke('NEW_SESSION')
    session = first['NewSessionId'].split(';')[0]
    counts = [json.loads(first['Body'].read()), *(json.loads(invoke(session)['Body'].read()) for _ in range(6))]
    assert counts == list(range(counts[0], counts[0] + 7))
    with pytest.raises(ClientError) as caught:
        invoke('i-ffffffffffff-ffffffff-0')
    assert caught.value.response['Error']['Code'] == 'ValidationError'


def test_asynchronous_invocations_are_refused(runtime_client):
    with pytest.raises(ClientError) as caught:
        runtime_client.invoke_endpoint_async(EndpointName='parts', InputLocation='s3://bucket/key')
    assert caught.value.response['Error']['Message'] == 'Endpoint parts does not support this inference type.'
