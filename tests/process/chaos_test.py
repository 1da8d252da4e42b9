"""Kills at random moments under load: with kill -9 of everything but the gateway no request fails, one instance or two."""
import json
import os
import random
import threading
import time

import pytest

from processes import wait_until

RATE = 300
KILLS = int(os.environ.get('SMHOST_TEST_KILLS', '10'))  # of each kind


def kill_and_wait(runtime, role, count):
    """kill -9 of one process of that role; until everything is as it was."""
    if role in ('launcher', 'template') and not runtime.processes(role):
        return
    wait_until(lambda: runtime.processes(role), what=lambda: f'a {role}\n{runtime.describe()}')
    victim = runtime.kill(role)
    wait_until(lambda: not victim.alive(), what=f'the end of {victim}')
    if role == 'supervisor':
        runtime.up(wait=False)
    if role in ('controller', 'supervisor'):
        runtime.wait_replaced(victim)
    if role == 'instance':
        wait_until(lambda: sum(process.pid != victim.pid for process in runtime.processes('instance')) == count,
                   what=lambda: f'another instance\n{runtime.describe()}')


@pytest.mark.parametrize('count', [1, 2])
def test_kill_9_of_every_kind_of_process_but_the_gateway_fails_no_request(runtime, count):
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'echo': True}), count)
    victims = [role for role in ('controller', 'api', 'launcher', 'template', 'instance', 'supervisor') for _ in range(KILLS)]
    chance.shuffle(victims)
    last = {}
    with runtime.load('e', body=lambda index: json.dumps([index]).encode(), rate=RATE, seconds=115, keep_alive=True) as load:
        time.sleep(0.3)
        while victims:
            # Whoever dies again within 2 s of its birth is not started at once, and an instance that does so five times
            # in a minute is given up; this is about what lived.
            ripe = next((role for role in victims if time.monotonic() - last.get(role, 0) > 2.3), None)
            if ripe is None:
                time.sleep(0.05)
                continue
            victims.remove(ripe)
            kill_and_wait(runtime, ripe, count)
            last[ripe] = time.monotonic()
            time.sleep(chance.uniform(0.0, 0.1))
        time.sleep(0.3)
        load.stop()
    assert len(load.results) > RATE
    assert not load.failed(), f'seed {seed}\n{load.describe_failures()}\n{runtime.describe()}'
    for sent in load.results:
        assert json.loads(sent.body) == [sent.index]
    wait_until(lambda: len(runtime.processes('instance')) == count, what=lambda: f'{count} instances\n{runtime.describe()}')


def test_a_request_that_kills_its_instance_gets_500_nobody_else_notices_and_the_fleet_stays(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'echo': True, 'crash_on': '77777'}), 1)
    with runtime.load('e', body=lambda index: json.dumps([index]).encode(), rate=100, seconds=4, keep_alive=True) as load:
        time.sleep(0.5)
        answer = runtime.invoke('e', b'[77777]', timeout=30.0)
        assert answer.status == 500, answer
        again = runtime.invoke('e', b'[77777]')
        assert again.status == 500, again
    assert not load.failed(), load.describe_failures()
    assert all(json.loads(sent.body) == [sent.index] for sent in load.results)
    assert runtime.endpoint_status('e') == 'InService'
    wait_until(lambda: len(runtime.processes('instance')) == 1, what=lambda: runtime.describe())


@pytest.mark.parametrize('count', [1, 2])
def test_many_different_requests_that_kill_their_instances_get_500_nobody_else_notices_and_the_fleet_stays(runtime, count):
    # Two instances die by each of them: three within a minute used to be the end of the endpoint.
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'echo': True, 'crash_on': '77777'}), count)
    statuses, seen = [], set()
    kill = lambda number: statuses.append(runtime.invoke('e', b'[77777, %d]' % number, timeout=60.0).status)
    at_once = [threading.Thread(target=kill, args=(number,)) for number in range(3, 9)]
    with runtime.load('e', body=lambda index: json.dumps([index]).encode(), rate=50, seconds=60, keep_alive=True, timeout=60.0) as load:
        time.sleep(0.3)
        for number in range(3):
            kill(number)
            seen.add(runtime.endpoint_status('e'))
        for thread in at_once:
            thread.start()
        while any(thread.is_alive() for thread in at_once):
            seen.add(runtime.endpoint_status('e'))
        time.sleep(0.5)
        load.stop()
    assert statuses == [500] * 9, runtime.describe()
    assert not load.failed(), f'{load.describe_failures()}\n{runtime.describe()}'
    assert all(json.loads(sent.body) == [sent.index] for sent in load.results)
    assert seen | {runtime.endpoint_status('e')} == {'InService'}, runtime.cli('events', 'endpoint', 'e').out
    wait_until(lambda: len(runtime.processes('instance')) == count, what=lambda: runtime.describe())


def test_kill_9_of_the_gateway_refuses_no_connection_and_only_requests_in_flight_fail(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'echo': True}), 1)
    kills = []
    with runtime.load('e', rate=RATE, seconds=20, senders=16) as load:  # each request its own connection
        for _ in range(4):
            time.sleep(2.5)
            before = time.monotonic()
            victim = runtime.kill('gateway')
            kills.append((before, time.monotonic()))
            runtime.wait_replaced(victim)
        time.sleep(0.5)
        load.stop()
    lost = load.failed()
    for sent in lost:
        assert 'refused' not in sent.error.lower(), load.describe_failures()
        # It had been sent when the gateway died, and had no answer yet: nothing else fails.
        assert any(sent.left <= after + 0.1 and sent.ended >= before for before, after in kills), (sent, kills)
    assert len(lost) <= len(kills) * 16, load.describe_failures()
    assert runtime.endpoint_status('e') == 'InService'


def test_many_updates_at_once_end_with_the_last_one_acknowledged_and_one_swap_at_a_time(runtime):
    runtime.up()
    artifacts = {}
    for name in ('a', 'b'):
        artifacts[name] = [runtime.make_artifact({'reply': [name, number]}) for number in range(4)]
        runtime.apply_endpoint(name, artifacts[name][0])
    acknowledged, lock = {'a': [], 'b': []}, threading.Lock()

    def update(name, number):
        documents = runtime.documents(name, artifacts[name][number % 4], env={'TURN': number})
        ran = runtime.cli('apply', '-f', '-', '-o', 'json', input=json.dumps(documents))
        assert ran.code == 0, ran
        with lock:
            acknowledged[name].append(number)

    threads = [threading.Thread(target=lambda n=n: [update('ab'[i % 2], n * 8 + i) for i in range(8)]) for n in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        fleets = {process.object for process in runtime.processes('instance')}
        assert len(fleets) <= 2, fleets
        time.sleep(0.02)
    for name in ('a', 'b'):
        assert len(acknowledged[name]) == 32
        wanted = runtime.describe_resource('model', name)['PrimaryContainer']
        ran = runtime.cli('wait', 'endpoint', name, '--for', 'InService', '--timeout', '60s')
        assert ran.code == 0, ran
        number = artifacts[name].index(wanted['ModelDataUrl'].removeprefix('file://'))
        wait_until(lambda: json.loads(runtime.invoke(name).body) == [name, number], what=lambda: f'{name} {number}\n{runtime.describe()}')
    wait_until(lambda: len(runtime.processes('instance')) == 2, what=lambda: runtime.describe())


def test_an_orderly_stop_during_a_deployment_ends_in_time_and_the_next_start_goes_on_with_it(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'reply': 1}))
    documents = runtime.documents('e', runtime.make_artifact({'reply': 2}))
    documents[2]['Properties']['DeploymentConfig'] = {'BlueGreenUpdatePolicy': {'TrafficRoutingConfiguration': {
        'Type': 'CANARY', 'CanarySize': {'Type': 'CAPACITY_PERCENT', 'Value': 50}, 'WaitIntervalInSeconds': 3}}}
    assert runtime.apply(runtime.write_documents('e', documents)).code == 0
    wait_until(lambda: runtime.describe_resource('endpoint', 'e')['Smhost']['Stage'] == 'Baking', what=runtime.describe)
    assert runtime.cli('down').code == 0
    assert runtime.processes() == []
    runtime.up()
    ran = runtime.cli('wait', 'endpoint', 'e', '--for', 'InService', '--timeout', '30s')
    assert ran.code == 0, ran
    assert json.loads(runtime.invoke('e').body) == 2
    assert not runtime.describe_resource('endpoint', 'e').get('FailureReason')
