"""The SDKs for JavaScript and Go do the same five steps: deploy, predict, update, predict, delete."""

import json
import shutil

import pytest


def check(said, name):
    assert said['first'] == {'body': '[[1.5, 2.0]]', 'type': 'application/json', 'variant': 'AllTraffic'}
    assert json.loads(said['streamed']) == [[1.5, 2.0]]
    assert said['second']['body'] == '7'
    assert said['config'] == f'{name}-2'
    assert said['deleted'] is True
    assert said['error']['name'] == 'ValidationError'
    assert said['error']['message'] == f'Endpoint {name} of account 000000000000 not found.'


@pytest.fixture(scope='module')
def arguments(torch_aws):
    _, echo = torch_aws.torch_model('noop')
    _, seven = torch_aws.torch_model('constant', '7')
    return [echo, seven, torch_aws.bucket, torch_aws.role, torch_aws.image]


def test_the_javascript_sdk(torch_aws, javascript_folder, arguments):
    from conftest import HERE
    program = shutil.copy(HERE + '/javascript/five_steps.mjs', javascript_folder)  # beside its node_modules
    ran = torch_aws.run('node', program, *arguments, timeout=240)
    assert ran.returncode == 0, ran.stderr
    check(json.loads(ran.stdout), 'from-javascript')


def test_the_go_sdk(torch_aws, go_client, arguments):
    ran = torch_aws.run(go_client, *arguments, timeout=240)
    assert ran.returncode == 0, ran.stderr
    check(json.loads(ran.stdout), 'from-go')
