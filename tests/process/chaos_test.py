"""Kills at random moments under load: with kill -9 of everything but the gateway no request fails, one instance or two."""
import json
import os
import random
import time

import pytest

from harness import Runtime
from processes import wait_until

RATE = 300
KILLS = int(os.environ.get('SMHOST_TEST_KILLS', '6'))  # of each kind


@pytest.fixture
def runtime():
    runtime = Runtime()
    yield runtime
    runtime.close()


def kill_and_wait(runtime, role, count):
    """kill -9 of one process of that role; until everything is as it was."""
    if role in ('launcher', 'template') and not runtime.processes(role):
        return
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
    victims = [role for role in ('controller', 'launcher', 'template', 'instance', 'supervisor') for _ in range(KILLS)]
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
