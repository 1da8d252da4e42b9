"""An update to whatever cannot serve leaves blue serving without one error and says why. Imported, it is the tests; run as a
program, it is those that need a small disk and a namespace of their own."""
import json
import os
import subprocess
import sys
import tempfile
import threading

import pytest

import harness
from artifacts_sandbox import _namespace as namespace

GOLDEN = json.dumps({'GoldenSetName': 'own', 'LatencyBudgetInMilliseconds': 300,
                     'Requests': [{'Name': 'one', 'Body': [1], 'Expected': [1]}]}).encode()


@pytest.fixture
def served(runtime):
    return serve(runtime)


def serve(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'reply': 1}))
    return runtime


def update_fails(runtime, artifact, text, code=5, change=None, **options):
    """Applies, under load, an update that cannot succeed: no request fails or gets another answer, and the reason is told."""
    blue = runtime.process('instance')
    documents = runtime.documents('e', artifact, **options)
    if change:
        change(documents)
    with runtime.load('e', rate=100, seconds=60, senders=8, keep_alive=True) as load:
        ran = runtime.apply(runtime.write_documents('e', documents), '--wait', '--timeout', '55s')
        load.stop()
    assert ran.code == code, f'{ran}\n{runtime.describe()}'
    assert not load.failed(), load.describe_failures()
    described = runtime.describe_resource('endpoint', 'e')
    assert described['EndpointStatus'] == 'InService', described
    reason = described.get('FailureReason', '') if code == 5 else ran.err
    assert text in reason, (reason, text)
    assert blue.alive() and json.loads(runtime.invoke('e').body) == 1
    return load


def answers_of_blue(load):
    assert {json.loads(sent.body) for sent in load.results} == {1}


@pytest.mark.parametrize('script, files, env, text', [
    ({'fail_load': 'no TorchScript here'}, {}, {}, 'no TorchScript here'),
    ({'crash_on': ''}, {'warm.json': b'[1]'}, {'SMHOST_WARMUP': 'warm.json'}, 'signal 6'),
    ({'hang_on': ''}, {'golden/golden.json': GOLDEN}, {}, 'golden'),
    ({'reply': [2]}, {'golden/golden.json': GOLDEN}, {}, 'expected'),
    ({'reply': [1], 'sleep_ms': 900}, {'golden/golden.json': GOLDEN}, {}, 'ms'),
    ({'raise_on': ''}, {'warm.json': b'[1]'}, {'SMHOST_WARMUP': 'warm.json'}, ''),
], ids=['does not load', 'crashes', 'hangs', 'fails its golden set', 'too slow for its golden set', 'answers 500 when warmed up'])
def test_a_model_that_cannot_serve_gets_no_request(served, script, files, env, text):
    answers_of_blue(update_fails(served, served.make_artifact(script, files=files), text, env=env))


def test_a_missing_artifact_and_one_that_is_no_archive(served):
    answers_of_blue(update_fails(served, '/nowhere/model.tar.gz', '/nowhere/model.tar.gz'))
    foreign = os.path.join(served.folder, 'foreign.tar.gz')
    with open(foreign, 'w') as file:
        file.write('this is no archive')
    answers_of_blue(update_fails(served, foreign, 'foreign.tar.gz'))


def test_an_unknown_image_is_refused_before_anything_changes(served):
    def change(documents):
        documents[0]['Properties']['PrimaryContainer']['Image'] = 'registry/other:1'
    answers_of_blue(update_fails(served, served.make_artifact({'reply': 2}), 'registry/other:1', code=4, change=change))


def memory_available():
    with open('/proc/meminfo') as file:
        return next(int(line.split()[1]) for line in file if line.startswith('MemAvailable')) * 1024


@pytest.mark.skipif(memory_available() < 8 << 30, reason='less than 8 GB of memory free')
def test_a_model_that_needs_more_memory_than_its_instance_type_has(served):
    artifact = served.make_artifact({'reply': 2, 'leak_mb': 6000}, files={'warm.json': b'[1]'})
    answers_of_blue(update_fails(served, artifact, 'memory', env={'SMHOST_WARMUP': 'warm.json'}, instance_type='ml.t2.medium'))


@pytest.mark.parametrize('metric, statistic, threshold, script', [
    ('Invocation5XXErrors', 'Sum', 0, {'reply': 2, 'raise_on': '77777'}),
    ('ModelLatency', 'Maximum', 300_000, {'reply': 2, 'sleep_ms': 400}),
], ids=['answers 500', 'too slow'])
def test_an_alarm_on_the_new_fleet_brings_all_traffic_back(served, metric, statistic, threshold, script):
    def change(documents):
        documents.insert(0, {'Type': 'AWS::CloudWatch::Alarm', 'Properties': {
            'AlarmName': 'bad', 'Namespace': 'AWS/SageMaker', 'MetricName': metric, 'Statistic': statistic,
            'Dimensions': [{'Name': 'EndpointName', 'Value': 'e'}, {'Name': 'VariantName', 'Value': 'AllTraffic'}],
            'Period': 10, 'EvaluationPeriods': 1, 'Threshold': threshold, 'ComparisonOperator': 'GreaterThanThreshold',
            'TreatMissingData': 'notBreaching'}})
        documents[-1]['Properties']['DeploymentConfig'] = {
            'BlueGreenUpdatePolicy': {'TrafficRoutingConfiguration': {
                'Type': 'CANARY', 'CanarySize': {'Type': 'CAPACITY_PERCENT', 'Value': 20}, 'WaitIntervalInSeconds': 60}},
            'AutoRollbackConfiguration': {'Alarms': [{'AlarmName': 'bad'}]}}

    stop = threading.Event()

    def fail_now_and_then():  # requests that the new model answers with 500 and the old one does not
        while not stop.wait(0.05):
            served.invoke('e', b'[77777]')

    poker = threading.Thread(target=fail_now_and_then)
    poker.start()
    try:
        update_fails(served, served.make_artifact(script), 'bad', change=change)
    finally:
        stop.set()
        poker.join()
    events = served.cli('events', 'endpoint', 'e').out
    assert 'TrafficShifted' in events and 'RolledBack' in events, events


# --- these two run in a mount namespace: a hostile archive, and a home on a small disk

def hostile_archive_and_full_disk(runtime):
    serve(runtime)
    import artifacts_corpus
    archive = next(iter(artifacts_corpus.ESCAPES.values()))
    path = os.path.join(runtime.folder, 'hostile.tar.gz')
    with open(path, 'wb') as file:
        file.write(archive)
    answers_of_blue(update_fails(runtime, path, '..'))
    large = runtime.make_artifact({'reply': 2}, files={'weights.bin': os.urandom(16 << 20)})
    answers_of_blue(update_fails(runtime, large, 'No space left'))


def a_spare_snapshot_gives_way(runtime):
    """What was replaced stays unpacked, for the way back; not where its room is needed."""
    def update(reply):
        artifact = runtime.make_artifact({'reply': reply}, files={'weights.bin': os.urandom(3 << 20)})
        runtime.apply_endpoint('e', artifact)
        assert json.loads(runtime.invoke('e').body) == reply
        return sum(name.startswith('sha256-') for name in os.listdir(runtime.home + '/artifacts'))

    update(2)
    assert update(3) == 2
    assert update(4) == 2  # what the second had gave way before the fourth came
    events = runtime.cli('events', 'endpoint', 'e').out
    assert 'FetchRetried' in events and 'FetchFailed' not in events.split('Published')[-1], events


@pytest.mark.skipif(namespace() is None, reason='no mount namespace here (unshare -Urm)')
def test_a_hostile_archive_and_a_full_disk():
    done = subprocess.run([*namespace(), sys.executable, __file__], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


if __name__ == '__main__':
    disk = tempfile.mkdtemp(prefix='smh', dir='/tmp')
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=12m', 'none', disk], check=True)
    world = harness.Runtime(home=disk + '/h')
    try:
        hostile_archive_and_full_disk(world)
        a_spare_snapshot_gives_way(world)
    finally:
        world.close()
        subprocess.run(['umount', '-l', disk], check=False)
        os.rmdir(disk)
