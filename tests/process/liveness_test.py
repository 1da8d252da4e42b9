"""What stands still without ending: instances and templates that are stopped, models that hang. Ready decides where
requests go, live decides what is started anew."""

import json
import signal
import threading
import time

import pytest

from processes import stat_of, wait_until

SILENT = 10.0  # limits::kInstanceSilent
PATIENCE = SILENT + 15.0


def stopped(process):
    return stat_of(process.pid)[0] == b'T'


def ready(runtime, name):
    described = runtime.describe_resource('endpoint', name)
    return [one for one in described['Smhost']['Instances'] if one['State'] == 'Ready']


@pytest.fixture
def served(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'echo': True}))
    return runtime


def test_a_stopped_instance_is_replaced_and_its_endpoint_answers_again(served):
    before = served.kill('instance', signal.SIGSTOP)
    served.wait_replaced(before, PATIENCE)
    assert served.invoke('e', b'[7]').status == 200
    wait_until(lambda: not before.alive(), 10.0, what=served.describe)
    assert 'has not answered for 10 s' in served.cli('events', 'endpoint', 'e').out
    assert served.endpoint_status('e') == 'InService'


def test_of_two_instances_the_one_that_is_stopped_is_replaced_and_the_other_serves_on(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'echo': True}), count=2)
    first, second = runtime.processes('instance')
    first.signal(signal.SIGSTOP)
    wait_until(lambda: first not in runtime.processes('instance') and len(ready(runtime, 'e')) == 2, PATIENCE,
               what=runtime.describe)
    assert second.alive()
    with runtime.load('e', rate=100, seconds=1.0) as load:
        pass
    assert not load.failed(), load.describe_failures()


def test_a_model_that_hangs_on_one_request_is_replaced_and_answers_the_others(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'echo': True, 'hang_on': 'hang'}),
                           env={'SAGEMAKER_MODEL_SERVER_TIMEOUT': 1, 'SMHOST_REPLAY': 'false'})
    before, fates = runtime.process('instance'), []
    hung = threading.Thread(target=lambda: fates.append(runtime.invoke('e', b'"hang"', timeout=90.0).status))
    hung.start()
    runtime.wait_replaced(before, PATIENCE)
    assert runtime.invoke('e', b'[7]').status == 200
    hung.join(PATIENCE)
    assert fates == [424]
    wait_until(lambda: not before.alive(), 10.0, what=runtime.describe)
    assert 'SAGEMAKER_MODEL_SERVER_TIMEOUT' in runtime.cli('events', 'endpoint', 'e').out


def test_a_model_may_take_as_long_as_it_says(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'echo': True, 'sleep_ms': 8000}),
                           env={'SAGEMAKER_MODEL_SERVER_TIMEOUT': 30})
    before = runtime.process('instance')
    assert runtime.invoke('e', b'[1]', timeout=30.0).status == 200
    assert before.alive()


def test_an_instance_that_is_slow_to_come_is_not_taken_for_a_silent_one(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'reply': 1, 'prepare_ms': int(SILENT * 1000) + 3000}), timeout=40.0)
    assert ready(runtime, 'e')[0]['Restarts'] == 0


def test_a_stopped_template_is_replaced_when_it_is_needed_and_its_instances_serve_on(served):
    template, instance = served.process('template'), served.process('instance')
    template.signal(signal.SIGSTOP)
    assert served.invoke('e').status == 200
    instance.kill()
    wait_until(lambda: served.processes('instance') and served.invoke('e', timeout=60.0).status == 200, PATIENCE,
               what=served.describe)
    wait_until(lambda: template not in served.processes('template'), 10.0, what=served.describe)


def test_a_template_that_loads_for_ever_is_a_failed_update_and_blue_serves_on(served):
    ran = served.apply_endpoint('e', served.make_artifact({'reply': 2, 'slow_load_ms': 3_600_000}), check=False,
                                timeout=90.0, ContainerStartupHealthCheckTimeoutInSeconds=60)
    assert ran.code == 5, ran
    assert json.loads(served.invoke('e', b'[7]').body) == [7]
