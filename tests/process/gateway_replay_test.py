"""Requests whose instance dies before it answers: once more, alone, and never a third time."""

import threading
import time

import pytest

from frames import echo, response
from gateway_harness import INSTANCE, Load, endpoint, gateway, swap, variant, wait_until  # noqa: F401

ONE, TWO = (INSTANCE + digit for digit in '12')
LABELS = '{account="000000000000",endpoint="e",variant="v"}'


def reborn(instance):
    """It dies as a process does, and the controller starts another under its name."""
    instance.die()
    instance.listen()


def dies_of(poison, instance):
    """Echoes, but one request is its death."""
    def answer(request):
        if request.body != poison:
            time.sleep(0.001)  # so that there are others at the instance when it dies
            return echo(request)
        threading.Thread(target=reborn, args=(instance,)).start()
    instance.answer = answer
    return instance


@pytest.mark.parametrize('count, loops', [(1, 1), (2, 1), (2, 4)])
def test_instances_that_die_under_load_fail_no_request(gateway, count, loops):
    def slowly(request):
        time.sleep(0.002)
        return echo(request)

    instances = [gateway.instance(id, answer=slowly) for id in (ONE, TWO)[:count]]
    gateway.route(endpoint('e', variant('v', *(i.id for i in instances))))
    gateway.start(loops=loops)
    load = Load(gateway, clients=8)
    for turn in range(10):
        load.wait(60)
        reborn(instances[turn % count])
    load.wait(60)
    counts = load.stop()
    assert set(counts) == {200}, counts
    assert {answer.body for answer in load.answers} == {b'x'}
    assert gateway.metrics()['smhost_replayed_requests_total' + LABELS] > 0
    assert gateway.metrics()['smhost_poisoned_requests_total' + LABELS] == 0


@pytest.mark.parametrize('count, loops', [(1, 1), (2, 1), (1, 4), (2, 4)])
def test_a_request_that_takes_two_instances_down_gets_500_and_nobody_else_notices(gateway, count, loops):
    instances = [dies_of(b'poison', gateway.instance(id)) for id in (ONE, TWO)[:count]]
    gateway.route(endpoint('e', variant('v', *(i.id for i in instances))))
    gateway.start(loops=loops)
    load = Load(gateway, clients=8)
    load.wait(50)
    answer = gateway.invoke(b'poison')
    assert answer.status == 500 and answer.headers['x-amzn-errortype'] == 'InternalFailure'
    assert answer.json()['Message'].startswith('Two instances of variant v of endpoint e ended while they handled this request')
    load.wait(50)
    taken = sum(request.body == b'poison' for i in instances for request in i.requests)
    assert taken == 2
    again = gateway.invoke(b'poison')
    assert again.status == 500 and 'refused for 5 minutes' in again.json()['Message']
    assert taken == sum(request.body == b'poison' for i in instances for request in i.requests)
    assert gateway.invoke(b'poison', headers={'Content-Type': 'text/csv'}).status == 500  # another request: it has its own try
    counts = load.stop()
    assert set(counts) == {200}, counts
    assert gateway.metrics()['smhost_poisoned_requests_total' + LABELS] == 3
    digest = answer.json()['Message'].split('(digest ')[1].split(')')[0]
    assert digest in gateway.log() and digest in again.json()['Message']


@pytest.mark.parametrize('loops', [1, 4])
def test_the_controller_is_told_which_instances_a_poisonous_request_took_down(gateway, loops):
    instances = [dies_of(b'poison', gateway.instance(id)) for id in (ONE, TWO)]
    gateway.route(endpoint('e', variant('v', ONE, TWO)))
    gateway.start(loops=loops)
    control = gateway.controller()
    assert gateway.invoke(b'poison').status == 500
    taken = [i.id for i in instances for request in i.requests if request.body == b'poison']
    assert sorted(control.hear('poisoned')['ids']) == sorted(taken)
    assert gateway.invoke(b'water').body == b'water'


def test_without_replay_a_request_is_lost_with_its_instance(gateway):
    instance = gateway.instance(ONE, answer=lambda request: instance.break_connections())
    gateway.route(endpoint('e', variant('v', ONE, replay=False)))
    gateway.start()
    answer = gateway.invoke(b'once')
    assert answer.status == 424 and 'the model process exited' in answer.json()['OriginalMessage']
    assert len(instance.requests) == 1


def test_a_held_request_ends_at_its_deadline(gateway):
    instance = gateway.instance(ONE, answer=lambda request: instance.die())
    gateway.route(endpoint('e', variant('v', ONE)))
    gateway.start(response_timeout_ms=400)
    began = time.monotonic()
    answer = gateway.invoke(b'held')
    assert 0.4 <= time.monotonic() - began
    assert answer.status == 424 and answer.json()['OriginalMessage'].startswith('Your invocation timed out')


def test_a_held_request_is_answered_by_the_replacement(gateway):
    instance = gateway.instance(ONE, answer=lambda request: instance.die())
    gateway.route(endpoint('e', variant('v', ONE)))
    gateway.start()
    control = gateway.controller()
    client = gateway.client().request(body=b'held')
    assert control.hear('lost')['id'] == ONE
    gateway.instance(TWO, answer=lambda request: response(request, b'replacement'))
    swap(gateway, control, endpoint('e', variant('v', TWO)))
    assert client.answer().body == b'replacement'


def test_a_request_whose_client_went_away_is_not_run_again(gateway):
    instance = gateway.instance(ONE, answer=lambda request: None)
    gateway.route(endpoint('e', variant('v', ONE)))
    gateway.start()
    client = gateway.client().request(body=b'gone')
    instance.wait_for(1)
    client.close()
    wait_until(lambda: instance.cancelled)
    instance.answer = echo
    reborn(instance)
    assert gateway.invoke(b'next').body == b'next'
    assert [request.body for request in instance.requests] == [b'gone', b'next']


def test_while_a_fleet_has_no_instance_the_other_answers(gateway):
    blue = gateway.instance(ONE, answer=lambda request: response(request, b'blue'))
    gateway.instance(TWO, answer=lambda request: response(request, b'green'))
    gateway.route(endpoint('e', variant('v', ONE, weight=0.9, share=0.9, fleet='1'), variant('v', TWO, weight=0.1, share=0.1, fleet='2')))
    gateway.start()
    load = Load(gateway)
    load.wait(40)
    blue.die()
    load.wait(40)
    counts = load.stop()
    assert set(counts) == {200}, counts
    assert gateway.invoke().body == b'green'
