"""An endpoint's life with real processes: deployed, invoked, swapped, broken, killed, deleted."""

import json
import os
import shutil
import time

import pytest

from processes import wait_until


def instances(runtime, name):
    described = runtime.describe_resource('endpoint', name)
    return described['Smhost']['Instances'] if described else []


def ready(runtime, name):
    return [one for one in instances(runtime, name) if one['State'] == 'Ready']


def answer(runtime, name):
    response = runtime.invoke(name)
    return json.loads(response.body) if response.status == 200 else None


@pytest.fixture
def served(runtime):
    """A runtime with one endpoint 'e' that answers 1."""
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'reply': 1}))
    return runtime


def test_an_applied_endpoint_answers_and_says_which_variant_and_model_did(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'echo': True}))
    response = runtime.invoke('e', b'[1, 2.5]')
    assert response.status == 200
    assert json.loads(response.body) == [1, 2.5]
    assert response.headers['x-amzn-invoked-production-variant'] == 'AllTraffic'
    assert response.headers['x-smhost-model-digest'].startswith('sha256:')
    assert 'model;dur=' in response.headers['server-timing']


def test_applying_twice_changes_nothing(served):
    before = ready(served, 'e')
    ran = served.apply(os.path.join(served.folder, 'e.json'), '--wait')
    assert ran.code == 0
    assert 'unchanged' in ran.out and 'changed\n' not in ran.out.replace('unchanged', '')
    assert ready(served, 'e') == before


def test_a_swap_under_load_loses_no_request_and_never_goes_back(served):
    artifact = served.make_artifact({'reply': 2})
    with served.load('e', rate=200, seconds=4, keep_alive=True) as load:
        time.sleep(0.5)
        served.apply_endpoint('e', artifact)
    assert not load.failed(), load.describe_failures()
    assert {json.loads(sent.body) for sent in load.results} == {1, 2}
    # A request that left after another one was answered by the new model is answered by the new model.
    first_new = min(sent.ended for sent in load.results if json.loads(sent.body) == 2)
    late_old = [sent for sent in load.results if json.loads(sent.body) == 1 and sent.left > first_new]
    assert not late_old
    wait_until(lambda: len(instances(served, 'e')) == 1, what='blue\'s end')


def test_five_swaps_in_a_row_leave_one_instance_and_two_snapshots(served):
    for generation in range(2, 7):
        served.apply_endpoint('e', served.make_artifact({'reply': generation}))
        assert answer(served, 'e') == generation
    wait_until(lambda: len(served.processes('instance')) == 1, what=served.describe)
    wait_until(lambda: len(served.processes('template')) == 1, what=served.describe)
    artifacts = os.path.join(served.home, 'artifacts')
    wait_until(lambda: len([name for name in os.listdir(artifacts) if name.startswith('sha256-')]) == 2,
               what=lambda: str(os.listdir(artifacts)))


def test_changing_or_deleting_the_artifact_changes_nothing_for_what_runs(served):
    path = os.path.join(served.folder, 'model-1.tar.gz')
    served.make_artifact({'reply': 99}, name='model-1.tar.gz')
    assert answer(served, 'e') == 1
    os.remove(path)
    served.kill('instance')
    wait_until(lambda: answer(served, 'e') == 1, what=served.describe)
    served.kill('template')
    served.kill('instance')
    wait_until(lambda: answer(served, 'e') == 1, what=served.describe)


def test_killing_the_controller_under_load_loses_nothing_and_the_next_adopts_what_runs(served):
    before = served.processes('instance')
    with served.load('e', rate=200, seconds=3) as load:
        time.sleep(0.5)
        old = served.kill('controller')
        served.wait_replaced(old)
    assert not load.failed(), load.describe_failures()
    assert served.processes('instance') == before
    assert served.endpoint_status('e') == 'InService'


def test_a_controller_killed_again_and_again_during_a_swap_still_finishes_it(served):
    artifact = served.make_artifact({'reply': 2, 'slow_load_ms': 300, 'prepare_ms': 200})
    with served.load('e', rate=100, seconds=5) as load:
        served.apply_endpoint('e', artifact, wait=False)
        for _ in range(5):
            time.sleep(0.15)
            served.wait_replaced(served.kill('controller'))
        wait_until(lambda: answer(served, 'e') == 2, 15, what=served.describe)
    assert not load.failed(), load.describe_failures()
    wait_until(lambda: len(served.processes('instance')) == 1, 15, what=served.describe)
    wait_until(lambda: len(served.processes('template')) == 1, 15, what=served.describe)
    assert served.endpoint_status('e') == 'InService'


def test_a_killed_instance_is_replaced_and_no_request_fails(served):
    with served.load('e', rate=200, seconds=4) as load:
        time.sleep(1)
        old = served.kill('instance')
        served.wait_replaced(old)
    assert not load.failed(), load.describe_failures()
    assert ready(served, 'e')[0]['Restarts'] == 1


def test_a_killed_template_harms_no_instance_and_is_made_anew_when_it_is_needed(served):
    before = served.process('instance')
    served.kill('template')
    time.sleep(0.2)
    assert answer(served, 'e') == 1
    assert before.alive()
    before.kill()
    wait_until(lambda: answer(served, 'e') == 1, what=served.describe)


def test_a_killed_launcher_harms_nobody_and_the_next_swap_works(served):
    served.kill('launcher')
    assert answer(served, 'e') == 1
    served.apply_endpoint('e', served.make_artifact({'reply': 2}))
    assert answer(served, 'e') == 2


@pytest.mark.parametrize('script, text', [
    ({'fail_load': 'PytorchStreamReader failed'}, 'PytorchStreamReader failed'),
    ({'fail_prepare': 'no such device'}, 'no such device'),
    ({'thread_on_load': True}, ''),
])
def test_an_update_to_a_model_that_does_not_come_up_leaves_blue_serving_and_says_why(served, script, text):
    blue = served.process('instance')
    ran = served.apply_endpoint('e', served.make_artifact({'reply': 2, **script}), check=False)
    assert ran.code == 5, ran
    assert text in ran.err + ran.out
    described = served.describe_resource('endpoint', 'e')
    assert described['EndpointStatus'] == 'InService'
    assert described['FailureReason']
    assert answer(served, 'e') == 1
    assert blue.alive()


def test_an_update_to_a_missing_or_foreign_artifact_leaves_blue_serving_and_says_why(served):
    ran = served.apply_endpoint('e', '/nowhere/model.tar.gz', check=False)
    assert ran.code == 5, ran
    assert '/nowhere/model.tar.gz' in served.describe_resource('endpoint', 'e')['FailureReason']
    foreign = os.path.join(served.folder, 'foreign.tar.gz')
    with open(foreign, 'w') as file:
        file.write('this is no archive')
    assert served.apply_endpoint('e', foreign, check=False).code == 5
    assert answer(served, 'e') == 1


def test_the_runtimes_own_key_in_its_environment_is_not_taken_for_one_of_aws(make_runtime):
    runtime = make_runtime()
    runtime.up()
    own = dict(line.removeprefix('export ').split('=', 1) for line in runtime.cli('env').out.splitlines() if line.startswith('export AWS_'))
    runtime.down()
    runtime.env.update({name: value.strip("'\"") for name, value in own.items()})
    assert 'AWS_SECRET_ACCESS_KEY' in runtime.env
    runtime.up()
    ran = runtime.apply_endpoint('e', 's3://bucket/none.tar.gz', check=False)
    assert ran.code == 5
    assert 'local object store' in ran.err, ran


def test_a_first_deployment_that_fails_is_Failed_and_applying_again_tries_again(runtime):
    runtime.up()
    path = os.path.join(runtime.folder, 'late.tar.gz')
    ran = runtime.apply_endpoint('e', path, check=False)
    assert ran.code == 5
    assert runtime.endpoint_status('e') == 'Failed'
    assert runtime.invoke('e').status == 400
    assert not runtime.processes('instance')
    shutil.copy(runtime.make_artifact({'reply': 5}), path)
    ran = runtime.apply_endpoint('e', path)
    assert 'endpoint e retried' in ran.out
    assert answer(runtime, 'e') == 5


def test_an_instance_that_dies_at_every_request_answers_500_to_each_and_stays(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'crash_on': ''}))
    for number in range(6):
        assert runtime.invoke('e', body=b'[%d]' % number, timeout=30).status == 500
        assert runtime.endpoint_status('e') == 'InService'
    wait_until(lambda: ready(runtime, 'e'), what=runtime.describe)


def test_an_instance_that_dies_again_and_again_ends_in_a_named_state_with_the_reason(runtime):
    runtime.up()
    # Without a second try nobody can tell whether it was the request's fault.
    runtime.apply_endpoint('e', runtime.make_artifact({'crash_on': ''}), env={'SMHOST_REPLAY': 'false'})

    def gave_up():
        runtime.invoke('e', timeout=5)
        return runtime.endpoint_status('e') == 'Failed'

    wait_until(gave_up, 30, interval=0.05, what=runtime.describe)
    assert 'signal 6' in runtime.describe_resource('endpoint', 'e')['FailureReason']
    assert not runtime.processes('instance')
    events = runtime.cli('events', 'endpoint', 'e').out
    assert 'StartLimitReached' in events


def test_variants_get_requests_by_their_weights(runtime):
    runtime.up()
    heavy, light = runtime.make_artifact({'reply': 'heavy'}), runtime.make_artifact({'reply': 'light'})
    documents = runtime.documents('e', heavy)
    second = runtime.documents('light', light)[0]
    variants = documents[1]['Properties']['ProductionVariants']
    variants[0]['InitialVariantWeight'] = 3
    variants.append({**variants[0], 'VariantName': 'Light', 'ModelName': 'light', 'InitialVariantWeight': 1})
    assert runtime.apply(runtime.write_documents('e', [documents[0], second, *documents[1:]]), '--wait').code == 0
    said = [answer(runtime, 'e') for _ in range(40)]
    assert (said.count('heavy'), said.count('light')) == (30, 10)
    aimed = runtime.invoke('e', headers={'X-Amzn-SageMaker-Target-Variant': 'Light'})
    assert json.loads(aimed.body) == 'light'


def test_a_variant_has_as_many_instances_as_its_count_says_from_one_template(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'count': True}), count=3)
    assert len(runtime.processes('instance')) == 3
    assert len(runtime.processes('template')) == 1
    runtime.apply_endpoint('e', runtime.make_artifact({'count': True}), count=1)
    wait_until(lambda: len(runtime.processes('instance')) == 1, what=runtime.describe)


def test_endpoints_with_the_same_model_share_its_template(served):
    served.apply_endpoint('f', os.path.join(served.folder, 'model-1.tar.gz'))
    assert len(served.processes('template')) == 1
    assert len(served.processes('instance')) == 2


def test_deleting_an_endpoint_leaves_nothing_of_it(served):
    assert served.cli('delete', 'endpoint', 'e', '--wait').code == 0
    assert not served.processes('instance')
    assert served.cli('get', 'endpoint', 'e').code == 3
    assert served.invoke('e').status == 400
    wait_until(lambda: not served.processes('template'), what=served.describe)
    artifacts = os.path.join(served.home, 'artifacts')
    wait_until(lambda: not [name for name in os.listdir(artifacts) if name.startswith('sha256-')])
    scratch = os.path.join(served.home, 'scratch', '000000000000', 'e', 'AllTraffic')
    assert not os.path.isdir(scratch) or not os.listdir(scratch)


def test_each_instance_has_an_empty_scratch_folder_of_its_own(served):
    served.apply_endpoint('f', served.make_artifact({'reply': 1}), count=2)
    root = os.path.join(served.home, 'scratch', '000000000000', 'f', 'AllTraffic')
    assert sorted(os.listdir(root)) == sorted(one['Id'] for one in ready(served, 'f'))
    assert all(not os.listdir(os.path.join(root, name)) for name in os.listdir(root))


def test_endpoints_come_back_after_the_runtime_was_stopped_and_started(served):
    served.down()
    assert not served.processes()
    served.up()
    wait_until(lambda: answer(served, 'e') == 1, 15, what=served.describe)


def test_restarting_the_runtime_refuses_no_connection_and_keeps_the_instances(served):
    before = served.processes('instance')
    with served.load('e', rate=100, seconds=4) as load:
        time.sleep(0.5)
        assert served.cli('restart').code == 0
    assert not load.failed(), load.describe_failures()
    assert served.processes('instance') == before


def test_a_killed_supervisor_takes_nothing_along_and_up_adopts_the_rest(served):
    before = served.processes('instance')
    served.kill('supervisor')
    time.sleep(0.3)
    assert answer(served, 'e') == 1
    served.up()
    wait_until(lambda: answer(served, 'e') == 1, what=served.describe)
    assert served.processes('instance') == before


def test_a_wrong_request_gets_the_model_error_and_the_instance_lives(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'echo': True, 'raise_on': '13', 'refuse_on': '77'}))
    pid = runtime.process('instance')
    for body, content_type, original in [(b'{', 'application/json', 400), (b'[77]', 'application/json', 400),
                                         (b'[13]', 'application/json', 500), (b'x', 'image/png', 415)]:
        response = runtime.invoke('e', body, content_type)
        assert response.status == 424, (body, response)
        error = json.loads(response.body)
        assert error['OriginalStatusCode'] == original
        assert response.headers['x-amzn-errortype'].startswith('ModelError')
    assert pid.alive()
    assert runtime.invoke('e', b'[1]').status == 200


def test_what_a_model_prints_is_in_the_logs(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'reply': 1, 'print': 'hello from the model'}))
    runtime.invoke('e')
    wait_until(lambda: 'hello from the model' in runtime.cli('logs', 'e').out, what=runtime.describe)


def test_a_damaged_document_leaves_its_endpoint_serving_and_the_others_alone(served):
    served.apply_endpoint('f', served.make_artifact({'reply': 2}))
    folder = os.path.join(served.home, 'accounts', '000000000000', 'resources', 'endpoint')
    for name in os.listdir(folder):
        if name.startswith('e.json'):
            with open(os.path.join(folder, name), 'wb') as file:
                file.write(b'\0' * 100)
    served.wait_replaced(served.kill('controller'))
    wait_until(lambda: served.endpoint_status('f') == 'InService')
    assert answer(served, 'e') == 1
    assert answer(served, 'f') == 2
    wait_until(lambda: os.listdir(os.path.join(served.home, 'quarantine')), what=served.describe)
    wait_until(lambda: 'DocumentDamaged' in served.cli('events').out, what=served.describe)
    assert answer(served, 'e') == 1


def test_an_idle_runtime_wakes_at_most_once_a_second(served):
    def wakes():
        total = {}
        for process in served.processes():
            with open(f'/proc/{process.pid}/status') as file:
                for line in file:
                    if line.startswith('voluntary_ctxt_switches'):
                        total[process] = int(line.split()[1])
        return total

    time.sleep(1)
    before = wakes()
    time.sleep(4)
    after = wakes()
    for process, count in after.items():
        assert count - before.get(process, 0) <= 5, f'{process} woke {count - before.get(process, 0)} times in 4 s'
