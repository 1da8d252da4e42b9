"""Accounts at the command line: made, changed and deleted by several commands at once, and apart from each other."""

import hashlib
import json
import os
import stat
import subprocess

import pytest

from harness import program, run
from processes import wait_until

OTHER = '123456789012'
INVOKE_ONLY = {'Version': '2012-10-17',
               'Statement': [{'Effect': 'Allow', 'Action': 'sagemaker:InvokeEndpoint', 'Resource': '*'}]}


@pytest.fixture
def policy(runtime, tmp_path):
    path = tmp_path / 'policy.json'
    path.write_text(json.dumps(INVOKE_ONLY))
    return str(path)


def create(runtime, name='other', id=OTHER):
    ran = runtime.cli('account', 'create', name, '--id', id)
    assert ran.code == 0, ran
    return ran


def keys_of(runtime, *words):
    """What a shell has after `eval "$(smhost … env …)"`."""
    text = runtime.cli(*words).out
    shown = run(['sh', '-c', text + '\nenv'], env={**runtime.env, 'AWS_SESSION_TOKEN': 'left over'}).out
    return {name: value for name, _, value in (line.partition('=') for line in shown.splitlines()) if name.startswith('AWS_')}


def test_an_account_is_made_shown_and_deleted_and_its_secret_is_in_env_alone(runtime):
    runtime.up()
    made = create(runtime)
    assert made.out == f'account {OTHER} created\n' and f'smhost --account {OTHER} env' in made.err
    listed = runtime.cli('account', 'list')
    assert listed.out.splitlines()[0].split() == ['ACCOUNT', 'NAME', 'ACCESS', 'KEY', 'USERS', 'ROLES']
    assert [line.split()[:2] for line in listed.out.splitlines()[1:]] == [['000000000000', '-'], [OTHER, 'other']]
    assert runtime.cli('account', 'list', '-o', 'name').out.split() == ['000000000000', OTHER]
    keys = keys_of(runtime, '--account', OTHER, 'env')
    described = runtime.cli('account', 'describe', 'other', '-o', 'json')
    assert described.json() == {'AccountId': OTHER, 'Name': 'other', 'Arn': f'arn:aws:iam::{OTHER}:root',
                                'AccessKeyId': keys['AWS_ACCESS_KEY_ID'], 'Users': [], 'Roles': []}
    assert keys['AWS_ENDPOINT_URL'] == runtime.cli('url').out.strip()
    assert keys['AWS_REGION'] == keys['AWS_DEFAULT_REGION'] == 'us-east-1'
    assert 'AWS_SESSION_TOKEN' not in keys
    assert keys['AWS_SECRET_ACCESS_KEY'] not in described.out + described.err + listed.out + made.out + made.err
    assert keys_of(runtime, 'env')['AWS_ACCESS_KEY_ID'] != keys['AWS_ACCESS_KEY_ID']
    assert runtime.cli('account', 'delete', 'other').out == f'account {OTHER} deleted\n'
    assert runtime.cli('account', 'list', '-o', 'name').out.split() == ['000000000000']


def test_an_account_without_an_id_gets_one(runtime):
    ran = runtime.cli('account', 'create', '-o', 'name')
    assert ran.code == 0 and len(ran.out.strip()) == 12 and ran.out.strip().isdigit()
    assert runtime.cli('--account', ran.out.strip(), 'get', 'model').code == 0


def test_an_account_that_is_not_there_is_refused_by_every_verb_with_the_remedy(runtime, policy):
    for words in (['get', 'model'], ['apply', '-f', policy], ['env'], ['account', 'describe'], ['delete', 'model', 'm']):
        ran = runtime.cli('--account', OTHER, *words)
        assert ran.code == 3 and 'smhost account create NAME --id ' + OTHER in ran.err, (words, ran)
    assert not os.path.exists(os.path.join(runtime.home, 'accounts', OTHER))
    ran = runtime.cli('account', 'describe', 'othr')
    assert ran.code == 3 and 'smhost account list' in ran.err
    assert runtime.cli('--account', OTHER, 'version').code == 0  # needs no account


def test_users_and_roles_are_made_changed_and_deleted(runtime, policy):
    create(runtime)
    ran = runtime.cli('account', 'create', 'other', '--user', 'alice', '--policy', policy)
    assert ran.code == 0 and ran.out == f'user alice of account {OTHER} created\n', ran
    assert f'smhost --account {OTHER} env --user alice' in ran.err
    ran = runtime.cli('--account', OTHER, 'account', 'create', '--role', 'reader', '--policy', policy, '--trust', '000000000000',
                      '--trust', f'arn:aws:iam::{OTHER}:user/alice')
    assert ran.code == 0 and f'arn:aws:iam::{OTHER}:role/reader' in ran.err, ran
    account = runtime.cli('account', 'describe', 'other', '-o', 'json').json()
    user, role = account['Users'][0], account['Roles'][0]
    assert user['UserName'] == 'alice' and user['Arn'] == f'arn:aws:iam::{OTHER}:user/alice' and user['Policy'] == INVOKE_ONLY
    assert role['RoleName'] == 'reader' and role['Trusted'] == ['000000000000', f'arn:aws:iam::{OTHER}:user/alice']

    wider = json.dumps({'Statement': {'Effect': 'Allow', 'Action': '*', 'Resource': '*'}})
    assert runtime.cli('account', 'update', 'other', '--user', 'alice', '--policy', '-', input=wider).code == 0
    shown = runtime.cli('account', 'describe', 'other', '--user', 'alice', '-o', 'json').json()
    assert shown['Policy'] == json.loads(wider) and shown['AccessKeyId'] == user['AccessKeyId']
    assert runtime.cli('account', 'update', 'other', '--role', 'reader', '--trust', OTHER).code == 0
    assert runtime.cli('account', 'describe', 'other', '--role', 'reader', '-o', 'json').json()['Trusted'] == [OTHER]

    for name in ('--user', 'alice'), ('--role', 'reader'):
        assert runtime.cli('account', 'delete', 'other', *name).code == 0
        assert runtime.cli('account', 'delete', 'other', *name).code == 3
    account = runtime.cli('account', 'describe', 'other', '-o', 'json').json()
    assert not account['Users'] and not account['Roles']


@pytest.mark.parametrize('document, said', [
    ('{', 'line'),
    ('{"Statement": []}', 'Statement'),
    ('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {}}}', 'Condition'),
    ('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "%s"}}' % ('arn:' + 'x' * 6144), '6144'),
])
def test_a_policy_that_is_not_understood_is_refused_and_nothing_is_made(runtime, document, said):
    ran = runtime.cli('account', 'create', '--user', 'alice', '--policy', '-', input=document)
    assert ran.code == 4 and said in ran.err, ran
    assert not runtime.cli('account', 'describe', '-o', 'json').json()['Users']


@pytest.mark.parametrize('words, said', [
    (['create', '--user', 'alice'], '--policy FILE is missing'),
    (['create', 'x', '--policy', 'p'], '--user or --role'),
    (['create', '--user', 'a', '--role', 'b', '--policy', 'p'], 'name one of them'),
    (['create', '--user', 'a', '--policy', 'p', '--trust', OTHER], '--role'),
    (['update', '--user', 'a'], 'say what is to change'),
    (['update'], 'name the user or the role'),
    (['rotate', '--role', 'r'], 'a role has no keys'),
    (['list', '--user', 'a'], 'describe'),
    (['describe', '--force'], 'delete'),
    (['describe', '--id', OTHER], 'create'),
    (['delete'], 'ACCOUNT is missing'),
    (['remove'], 'there are create, list'),
])
def test_words_that_make_no_sense_are_refused_with_the_rule(runtime, words, said):
    ran = runtime.cli('account', *words)
    assert ran.code == 2 and said in ran.err, ran


def test_rotating_gives_a_new_key_to_one_and_leaves_the_others(runtime, policy):
    runtime.up()
    assert runtime.cli('account', 'create', '--user', 'alice', '--policy', policy).code == 0
    root, alice = keys_of(runtime, 'env'), keys_of(runtime, 'env', '--user', 'alice')
    assert runtime.cli('account', 'rotate', '--user', 'alice').code == 0
    now = keys_of(runtime, 'env', '--user', 'alice')
    assert now['AWS_ACCESS_KEY_ID'] != alice['AWS_ACCESS_KEY_ID'] and now['AWS_SECRET_ACCESS_KEY'] != alice['AWS_SECRET_ACCESS_KEY']
    assert keys_of(runtime, 'env') == root
    assert runtime.cli('account', 'rotate').code == 0
    assert keys_of(runtime, 'env')['AWS_ACCESS_KEY_ID'] != root['AWS_ACCESS_KEY_ID']
    assert runtime.cli('env', '--user', 'bob').code == 3


def test_commands_at_once_lose_nothing(runtime):
    runtime.cli('account', 'list')
    commands = [subprocess.Popen([program('smhost'), '--home', runtime.home, 'account', 'create', f'a{number}'], env=runtime.env,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for number in range(12)]
    assert [command.wait(60) for command in commands] == [0] * 12
    names = {account.get('Name') for account in runtime.cli('account', 'list', '-o', 'json').json()}
    assert names == {None, *(f'a{number}' for number in range(12))}


def test_the_file_is_its_owners_alone(runtime):
    path = os.path.join(runtime.home, 'credentials.json')
    for ran in runtime.cli('account', 'list'), create(runtime):
        assert ran.code == 0 and stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_a_file_of_before_accounts_keeps_its_keys_and_loses_its_token(runtime):
    runtime.cli('account', 'list')  # makes the home
    document = {'Content': {'000000000000': {'AccessKeyId': 'AKIAOLD', 'SecretAccessKey': 'oldsecret', 'BearerToken': 'oldtoken'}}, 'Format': 1}
    document['Checksum'] = hashlib.sha256(json.dumps(document, sort_keys=True, separators=(',', ':')).encode()).hexdigest()
    path = os.path.join(runtime.home, 'credentials.json')
    with open(path, 'w') as file:
        json.dump(document, file)
    runtime.up()
    keys = keys_of(runtime, 'env')
    assert (keys['AWS_ACCESS_KEY_ID'], keys['AWS_SECRET_ACCESS_KEY']) == ('AKIAOLD', 'oldsecret')
    with open(path) as file:
        text = file.read()
    assert 'oldtoken' not in text and json.loads(text)['Format'] == 2
    create(runtime)
    assert keys_of(runtime, 'env') == keys


def test_an_account_with_resources_is_deleted_only_by_force_and_then_nothing_of_it_runs(runtime):
    runtime.up()
    create(runtime)
    path = runtime.write_documents('e', runtime.documents('e', runtime.make_artifact({'reply': 1})))
    assert runtime.cli('--account', OTHER, 'apply', '-f', path, '--wait').code == 0
    refused = runtime.cli('account', 'delete', 'other')
    assert refused.code == 1 and 'endpoint/e' in refused.err and '--force' in refused.err, refused
    assert runtime.cli('--account', OTHER, 'get', 'endpoint', '-o', 'name').out == 'endpoint/e\n'
    assert runtime.cli('account', 'delete', 'other', '--force').code == 0
    wait_until(lambda: not runtime.processes('instance'), 60, what=lambda: f'the end of the instances\n{runtime.describe()}')
    create(runtime)  # the same account again is an empty one
    assert runtime.cli('--account', OTHER, 'get', 'endpoint', '-o', 'json').json() == []


def test_two_accounts_have_an_endpoint_of_one_name_each(runtime):
    runtime.up()
    create(runtime)
    for account, reply in ('000000000000', 1), (OTHER, 2):
        path = runtime.write_documents(f'e{reply}', runtime.documents('e', runtime.make_artifact({'reply': reply, 'print': f'of {account}'})))
        assert runtime.cli('--account', account, 'apply', '-f', path, '--wait').code == 0
    for account, reply in ('000000000000', 1), (OTHER, 2):
        assert json.loads(runtime.cli('--account', account, 'invoke', 'e', '--body', '[0]').out) == reply
    for account, foreign in ('000000000000', OTHER), (OTHER, '000000000000'):
        wait_until(lambda: f'of {account}' in runtime.cli('--account', account, 'logs', 'e').out, 30)
        assert f'of {foreign}' not in runtime.cli('--account', account, 'logs', 'e').out
        assert runtime.cli('--account', account, 'describe', 'endpoint', 'e', '-o', 'json').json()['EndpointArn'].split(':')[4] == account
        events = runtime.cli('--account', account, 'events', 'endpoint', 'e', '-o', 'json').out
        assert events and foreign not in events
    assert runtime.cli('--account', OTHER, 'delete', 'endpoint', 'e', '--wait').code == 0
    assert json.loads(runtime.cli('invoke', 'e', '--body', '[0]').out) == 1
    assert runtime.cli('--account', OTHER, 'invoke', 'e', '--body', '[0]').code != 0
