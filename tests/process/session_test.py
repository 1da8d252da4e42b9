"""Stateful sessions: calls with one id go to one instance, for as long as it is there."""

import re

import pytest

from frames import response
from gateway_harness import INSTANCE, endpoint, gateway, swap, variant  # noqa: F401

ONE, TWO = (INSTANCE + digit for digit in '12')
SESSION = 'X-Amzn-SageMaker-Session-Id'


@pytest.fixture
def pair(gateway):
    """An endpoint with two instances, each of which answers its own name."""
    for id in (ONE, TWO):
        gateway.instance(id, answer=lambda request, id=id: response(request, id.encode()))
    gateway.route(endpoint('e', variant('v', ONE, TWO)))
    gateway.start()
    gateway.wait_ready(2)
    return gateway


def begin(gateway, **options):
    answer = gateway.invoke(headers={SESSION: 'NEW_SESSION'}, **options)
    assert answer.status == 200
    id, expires = answer.headers['x-amzn-sagemaker-new-session-id'].split('; Expires=')
    assert re.fullmatch(r'[a-zA-Z0-9](-*[a-zA-Z0-9])*', id) and len(id) <= 256
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', expires)
    return id, answer.body


def refused(answer):
    assert answer.status == 400, answer
    assert answer.headers['x-amzn-errortype'] == 'ValidationError'
    return answer.json()['Message']


def test_calls_of_a_session_go_to_the_instance_that_began_it(pair):
    sessions = [begin(pair) for _ in range(4)]
    assert {body for _, body in sessions} == {ONE.encode(), TWO.encode()}
    assert len({id for id, _ in sessions}) == 4
    for _ in range(5):
        for id, body in sessions:
            answer = pair.invoke(headers={SESSION: id})
            assert (answer.status, answer.body) == (200, body)
            assert 'x-amzn-sagemaker-new-session-id' not in answer.headers


def test_a_session_outlives_the_gateway(pair):
    id, body = begin(pair)
    pair.processes[-1].kill()
    pair.processes[-1].wait()
    pair.start()
    for _ in range(4):
        assert pair.invoke(headers={SESSION: id}).body == body


def test_a_session_ends_with_its_instance(pair):
    control = pair.controller()
    id, body = begin(pair)
    other = TWO if body == ONE.encode() else ONE
    swap(pair, control, endpoint('e', variant('v', other)))
    assert f'Session {id} of endpoint e does not exist' in refused(pair.invoke(headers={SESSION: id}))
    assert begin(pair)[1] == other.encode()


def test_ids_that_are_none_are_refused(pair):
    assert 'does not exist' in refused(pair.invoke(headers={SESSION: 'abc'}))
    assert 'failed to satisfy constraint' in refused(pair.invoke(headers={SESSION: 'a_b'}))
    id, _ = begin(pair)
    instance = id[:14]
    assert 'has expired' in refused(pair.invoke(headers={SESSION: f'{instance}-5f000000-x'}))
    assert 'does not exist' in refused(pair.invoke(headers={SESSION: f'i-ffffffffffff-{id.split("-")[2]}-x'}))


def test_a_session_leads_into_no_other_endpoint(pair):
    pair.instance(INSTANCE + '3')
    control = pair.controller()
    id, _ = begin(pair)
    swap(pair, control, endpoint('e', variant('v', ONE, TWO)), endpoint('f', variant('v', INSTANCE + '3')),
         endpoint('e', variant('v', INSTANCE + '3'), account='123456789012'))
    assert 'does not exist' in refused(pair.invoke(name='f', headers={SESSION: id}))
    assert 'does not exist' in refused(pair.invoke(headers={SESSION: id, 'X-Smhost-Account': '123456789012'}))
    assert pair.invoke(headers={SESSION: id}).status == 200


def test_an_instance_may_end_a_session(pair):
    id, body = begin(pair)
    seen = []

    def answer(request):
        seen.append(request.meta['session'])
        return response(request, b'bye', close_session='1')

    for instance in pair.instances:
        instance.answer = answer
    assert pair.invoke(headers={SESSION: id}).headers['x-amzn-sagemaker-closed-session-id'] == id
    assert seen == [id]
