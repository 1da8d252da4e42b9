"""Public routes over the port, without a signature: keys, rates, origins, types, sizes, and what takes a route away."""

import hashlib
import json

import pytest

import http_client
from processes import wait_until

OTHER = '123456789012'


def ask(runtime, path='/public/e', body=b'[1]', key=None, method='POST', content_type='application/json', headers=None):
    headers = {'Content-Type': content_type, **({'x-api-key': key} if key else {}), **(headers or {})}
    return http_client.request(runtime.target(tcp=True), method, path, body, headers, 30.0)


def expose(runtime, *words, account=None):
    ran = runtime.cli(*(['--account', account] if account else []), 'expose', *words, '-o', 'json')
    assert ran.code == 0, f'{ran}\n{runtime.describe()}'
    return ran.json()


def route(name='r', **properties):
    return [{'Type': 'Smhost::PublicRoute', 'Properties': {'PublicRouteName': name, 'EndpointName': 'e', **properties}}]


def message(answer):
    return answer.status, json.loads(answer.body)['message']


@pytest.fixture
def served(runtime):
    """An endpoint e that answers 7, and fails where "fail" is asked for."""
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'reply': 7, 'raise_on': 'fail'}))
    return runtime


def test_a_key_opens_the_route_and_nothing_of_aws_shows(served):
    made = expose(served, 'e')
    assert len(made['ApiKey']) == 64 and made['Url'].endswith('/public/e') and made['ApiKey'] in made['Curl']
    answer = ask(served, key=made['ApiKey'])
    assert (answer.status, json.loads(answer.body)) == (200, 7), served.describe()
    assert answer.headers['content-type'] == 'application/json' and 'model;dur=' in answer.headers['server-timing']
    assert not [name for name in answer.headers if 'invoked' in name or 'smhost' in name or 'errortype' in name]
    for key in (None, 'x', made['ApiKey'].upper(), hashlib.sha256(made['ApiKey'].encode()).hexdigest()):
        assert message(ask(served, key=key)) == (403, 'Forbidden')
    assert ask(served, '/public/e/', key=made['ApiKey']).status == 403  # not this path: the AWS APIs', which ask for a signature
    assert message(ask(served, body=b'"fail"', key=made['ApiKey'])) == (502, 'Internal server error')
    with open(served.home + '/run/routes.json') as file:
        assert made['ApiKey'] not in file.read()
    for role in 'supervisor', 'controller', 'gateway', 'api':
        assert made['ApiKey'] not in served.log(role) and '/public/e' not in served.log(role)


def test_methods_types_sizes_and_rates_are_bounded_and_the_connection_goes_on(served):
    made = expose(served, 'e', '--rps', '0.01', '--burst', '3', '--content-type', 'application/json', '--max-body', '100')
    key = made['ApiKey']
    connection = http_client.connection_to(served.target(tcp=True), 30.0)

    def send(method='POST', body=b'[1]', content_type='application/json', key=key):
        return http_client.exchange(connection, method, '/public/e', body, {'Content-Type': content_type, 'x-api-key': key})

    try:
        wrong = send('PUT')
        assert message(wrong) == (405, 'Method Not Allowed') and wrong.headers['allow'] == 'POST'
        port = connection.sock.getsockname()
        assert send(key='wrong').status == 403
        assert message(send(content_type='text/csv')) == (415, 'Unsupported Media Type')
        assert message(send(body=b'[' + b' ' * 100 + b']')) == (413, 'Request Too Long')
        assert send(content_type='application/json').status == 200
        late = send()
        assert message(late) == (429, 'Too Many Requests') and 1 <= int(late.headers['retry-after']) <= 100
        assert connection.sock.getsockname() == port
    finally:
        connection.close()
    # Another rate holds for what comes, without a deployment.
    assert 'ApiKey' not in expose(served, 'e', '--rps', '1000', '--burst', '1000')
    wait_until(lambda: ask(served, key=key).status == 200, 30, what=served.describe)
    assert ask(served, body=b'x' * (200 * 1024), key=key).status == 413


def test_pages_of_the_origins_named_may_use_it(served):
    key = expose(served, 'e', '--cors', 'https://a.example')['ApiKey']
    ours, theirs = {'Origin': 'https://a.example'}, {'Origin': 'https://b.example'}
    preflight = ask(served, method='OPTIONS', body=None, headers={**ours, 'Access-Control-Request-Method': 'POST'})
    assert preflight.status == 204 and preflight.headers['access-control-allow-origin'] == 'https://a.example'
    assert 'x-api-key' in preflight.headers['access-control-allow-headers'] and 'POST' in preflight.headers['access-control-allow-methods']
    answer = ask(served, key=key, headers=ours)
    assert (answer.status, answer.headers['access-control-allow-origin'], answer.headers['vary']) == (200, 'https://a.example', 'Origin')
    assert ask(served, headers=ours).headers['access-control-allow-origin'] == 'https://a.example'  # a refusal can be read too
    for refused in ask(served, key=key, headers=theirs), ask(served, method='OPTIONS', body=None, headers=theirs):
        assert 'access-control-allow-origin' not in refused.headers and refused.headers['vary'] == 'Origin'


def test_a_new_key_replaces_the_old_one_and_deletion_takes_the_route_away(served):
    old = expose(served, 'e', '--name', 'door', '--path', '/v1/door')['ApiKey']
    assert ask(served, '/v1/door', key=old).status == 200
    new = expose(served, 'e', '--name', 'door', '--rotate')['ApiKey']
    wait_until(lambda: ask(served, '/v1/door', key=new).status == 200, 30, what=served.describe)
    assert ask(served, '/v1/door', key=old).status == 403
    expose(served, 'e', '--name', 'door', '--no-key')
    wait_until(lambda: ask(served, '/v1/door').status == 200, 30, what=served.describe)
    listed = served.cli('get', 'pr')
    assert listed.code == 0 and '/v1/door' in listed.out and 'open' in listed.out
    described = served.describe_resource('public-route', 'door')
    assert described['Smhost']['Serves'] and described['Smhost']['Url'].endswith('/v1/door')
    assert served.cli('delete', 'public-route', 'door').code == 0
    wait_until(lambda: ask(served, '/v1/door').status == 403, 30, what=served.describe)
    assert b'Forbidden' not in ask(served, '/v1/door').body  # the AWS APIs' own refusal
    assert served.cli('expose', 'e', '--name', 'door', '--rotate').code == 3
    assert served.invoke('e', tcp=True).status == 200


def test_a_route_reaches_its_own_account_s_endpoint_and_its_path_is_taken(served):
    assert served.cli('account', 'create', 'other', '--id', OTHER).code == 0
    path = served.write_documents('other', served.documents('e', served.make_artifact({'reply': 8})))
    assert served.cli('--account', OTHER, 'apply', '-f', path, '--wait').code == 0
    first = expose(served, 'e')
    taken = served.cli('--account', OTHER, 'expose', 'e')
    assert taken.code == 4 and 'another account' in taken.err, taken
    second = expose(served, 'e', '--path', '/other', account=OTHER)
    assert json.loads(ask(served, key=first['ApiKey']).body) == 7
    assert json.loads(ask(served, '/other', key=second['ApiKey']).body) == 8
    assert ask(served, '/other', key=first['ApiKey']).status == 403


def test_documents_are_checked_and_a_route_outlives_its_endpoint_and_a_restart(served):
    digest = hashlib.sha256(b'mine').hexdigest()
    keys = [{'Name': 'mine', 'Sha256': digest}]
    for bad in route(Path='/endpoints/x', ApiKeys=keys), route(), route(Path='/ping', ApiKeys=keys):
        assert served.apply(served.write_documents('bad', bad)).code == 4
    assert served.apply(served.write_documents('good', route(Path='/r', ApiKeys=keys))).code == 0
    wait_until(lambda: ask(served, '/r', key='mine').status == 200, 30, what=served.describe)
    for role in 'controller', 'gateway':
        killed = served.kill(role)
        served.wait_replaced(killed, 30.0)
        served.wait_answering(30.0)
        assert ask(served, '/r', key='mine').status == 200
    assert served.cli('delete', 'endpoint', 'e', '--wait').code == 0
    assert message(ask(served, '/r', key='mine')) == (503, 'Service Unavailable')
    described = served.describe_resource('public-route', 'r')
    assert not described['Smhost']['Serves'] and 'no endpoint e' in described['Smhost']['Problem']
