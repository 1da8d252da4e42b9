"""Two accounts of one runtime over the port: each key reaches its own account's endpoints and does what its policy allows."""

import json

import pytest

import aws_signer
import http_client
from processes import wait_until

LOCAL = '000000000000'
OTHER = '123456789012'


def key_of(runtime, account=LOCAL, user=None):
    """The key that `smhost env` gives."""
    words = ['--account', account, 'env', '-o', 'json'] + (['--user', user] if user else [])
    ran = runtime.cli(*words)
    assert ran.code == 0, ran
    return aws_signer.Key(ran.json()['AWS_ACCESS_KEY_ID'], ran.json()['AWS_SECRET_ACCESS_KEY'])


def invoke(runtime, key, endpoint='e', headers=None):
    path, body = f'/endpoints/{endpoint}/invocations', b'[0]'
    host = '%s:%d' % runtime.target(tcp=True)
    signed = aws_signer.sign(key, 'POST', path, {'Host': host, 'Content-Type': 'application/json', **(headers or {})}, body)
    return http_client.request(runtime.target(tcp=True), 'POST', path, body, signed, 30.0)


@pytest.fixture
def two(runtime):
    """Account 000000000000 with an endpoint e that answers 1, the other account with one of the same name that answers 2."""
    runtime.up()
    assert runtime.cli('account', 'create', 'other', '--id', OTHER).code == 0
    for account, reply in (LOCAL, 1), (OTHER, 2):
        path = runtime.write_documents(f'e{reply}', runtime.documents('e', runtime.make_artifact({'reply': reply})))
        ran = runtime.cli('--account', account, 'apply', '-f', path, '--wait')
        assert ran.code == 0, f'{ran}\n{runtime.describe()}'
    wait_until(lambda: invoke(runtime, key_of(runtime, OTHER)).status == 200, 30, what=lambda: runtime.describe())
    return runtime


def test_each_key_reaches_the_endpoint_of_its_own_account(two):
    for account, reply in (LOCAL, 1), (OTHER, 2):
        answer = invoke(two, key_of(two, account))
        assert (answer.status, json.loads(answer.body)) == (200, reply)
    refused = invoke(two, key_of(two, OTHER), headers={'X-Smhost-Account': LOCAL})
    assert refused.status == 403


def test_an_endpoint_of_another_account_is_not_there(two):
    path = two.write_documents('only', two.documents('only', two.make_artifact({'reply': 3})))
    assert two.cli('apply', '-f', path, '--wait').code == 0
    assert invoke(two, key_of(two), 'only').status == 200
    assert invoke(two, key_of(two, OTHER), 'only').status == 400


def test_a_user_does_what_its_policy_allows_and_a_new_policy_holds_at_once(two):
    def policy(resource):
        return json.dumps({'Statement': {'Effect': 'Allow', 'Action': 'sagemaker:InvokeEndpoint', 'Resource': resource}})

    assert two.cli('account', 'create', 'other', '--user', 'alice', '--policy', '-', input=policy('arn:aws:sagemaker:*:*:endpoint/none')).code == 0
    alice = key_of(two, OTHER, 'alice')
    wait_until(lambda: b'no identity-based policy allows' in invoke(two, alice).body, 30, what=lambda: str(invoke(two, alice)))
    assert two.cli('account', 'update', 'other', '--user', 'alice', '--policy', '-', input=policy('arn:aws:sagemaker:*:*:endpoint/e')).code == 0
    wait_until(lambda: invoke(two, alice).status == 200, 30, what=lambda: str(invoke(two, alice)))
    assert json.loads(invoke(two, alice).body) == 2


def test_an_old_key_is_refused_after_rotation_and_a_deleted_accounts_key_too(two):
    old, local = key_of(two, OTHER), key_of(two)
    assert two.cli('account', 'rotate', 'other').code == 0
    wait_until(lambda: invoke(two, old).status == 403, 30, what=lambda: str(invoke(two, old)))
    new = key_of(two, OTHER)
    wait_until(lambda: invoke(two, new).status == 200, 30, what=lambda: str(invoke(two, new)))
    assert two.cli('account', 'delete', 'other', '--force').code == 0
    wait_until(lambda: invoke(two, new).status == 403, 30, what=lambda: str(invoke(two, new)))
    assert json.loads(invoke(two, local).body) == 1
