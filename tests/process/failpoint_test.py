"""kill -9 at each point of runtime/base/failpoint.h: an endpoint under load, a step of the runtime's life in which one
process dies at that point, and what must be true afterwards. The table comes from the program, so a new point is covered
by being in it. Needs programs built with -DSMHOST_FAILPOINTS=ON: the asan_tests target builds them in build/asan/bin."""

import json
import os
import subprocess
import time

import pytest

from harness import program, run
from processes import wait_until

PATIENCE = 40.0
# Only whoever answers requests may lose some by dying: those in flight.
MAY_LOSE = {'gateway'}


def table():
    try:
        ran = run([program('smhostd'), 'failpoints'])
    except FileNotFoundError:
        return []
    return [line.split() for line in ran.out.splitlines()] if ran.code == 0 else []


POINTS = table()
pytestmark = pytest.mark.skipif(not POINTS, reason='the programs are built without failpoints')


def answer(runtime):
    response = runtime.invoke('e')
    return json.loads(response.body) if response.status == 200 else None


def records(runtime):
    return [name for name in os.listdir(os.path.join(runtime.home, 'run', 'instances')) if name.endswith('.json')]


class Scene:
    """A runtime with endpoint 'e', which answers 1; the order is in everybody's environment but not armed."""

    def __init__(self, make_runtime, order):
        self.runtime = make_runtime()
        self.armed = os.path.join(self.runtime.home, 'artifacts', 'failpoint-armed')  # a fetch can write nowhere else
        self.runtime.env.update(SMHOST_FAIL=order, SMHOST_FAIL_ARMED=self.armed, ASAN_OPTIONS='detect_leaks=0')
        self.runtime.up()
        self.runtime.apply_endpoint('e', self.runtime.make_artifact({'reply': 1}))

    def arm(self):
        with open(self.armed, 'w'):
            pass

    def fired(self):
        return not os.path.exists(self.armed)

    def bring_up(self):
        """What a person, or an init system, does when the supervisor is gone."""
        if not self.runtime.processes('supervisor'):
            self.runtime.up(wait=False)
            self.runtime.wait_answering(20.0)

    # --- the steps

    def apply(self):
        """Two documents change. An apply that was cut off is repeated, as its caller would."""
        self.arm()
        path = self.runtime.write_documents('e', self.runtime.documents(
            'e', self.runtime.make_artifact({'reply': 2}), InitialVariantWeight=2.0))
        ran = self.runtime.apply(path)
        if ran.code != 0:
            assert ran.code == -9, ran
            assert answer(self.runtime) in (1, 2)
            assert self.runtime.apply(path).code == 0

    def adopt(self):
        self.arm()
        self.runtime.kill('controller')

    def restart(self):
        self.arm()
        try:
            self.runtime.cli('restart', timeout=10.0)  # its supervisor dies on the way
        except subprocess.TimeoutExpired:
            pass

    def takeover(self):
        self.runtime.kill('supervisor')
        wait_until(lambda: not self.runtime.processes('supervisor'))
        self.arm()
        self.runtime.smhostd('up', '--home', self.runtime.home)


@pytest.mark.parametrize('point, process, step', POINTS, ids=[point for point, *_ in POINTS])
def test_a_death_at_this_point_loses_nothing_and_all_converges(make_runtime, point, process, step):
    scene = Scene(make_runtime, f'{point}=kill')
    runtime = scene.runtime
    instances = runtime.processes('instance')
    with runtime.load('e', rate=20, seconds=60.0, senders=4) as load:
        getattr(scene, step)()

        def converged():
            scene.bring_up()
            return scene.fired() and runtime.endpoint_status('e') == 'InService'
        wait_until(converged, PATIENCE, interval=0.05, what=lambda: f'fired: {scene.fired()}\n{runtime.describe()}')
        if step == 'apply':
            wait_until(lambda: answer(runtime) == 2, PATIENCE, 0.05, what=runtime.describe)
        one_of_each = lambda: all(len(runtime.processes(role)) == 1 for role in
                                  ('supervisor', 'gateway', 'controller', 'instance')) \
            and len(runtime.processes('template')) <= 1 and len(records(runtime)) == 1  # a dead template is not missed
        wait_until(one_of_each, PATIENCE, 0.05, what=runtime.describe)
        time.sleep(0.2)
        load.stop()
    assert load.results
    if process not in MAY_LOSE:
        assert not load.failed(), load.describe_failures()
    if (process, step) != ('gateway', 'takeover'):  # there both that held the sockets have been killed
        assert not [sent for sent in load.results if 'Refused' in sent.error], load.describe_failures()
    if step != 'apply':
        assert runtime.processes('instance') == instances  # adopted, none twice
    runtime.down()
    wait_until(lambda: not runtime.processes(), 10.0, what=runtime.describe)


def test_an_update_that_meets_an_error_of_the_disk_at_its_first_step_is_refused_whole(make_runtime):
    scene = Scene(make_runtime, 'apply_locked=eio')
    runtime = scene.runtime
    path = runtime.write_documents('e', runtime.documents('e', runtime.make_artifact({'reply': 2})))
    scene.arm()
    ran = runtime.apply(path)
    assert ran.code == 1 and 'Input/output error' in ran.err, ran
    assert scene.fired()
    assert answer(runtime) == 1
    assert runtime.apply(path, '--wait').code == 0
    assert answer(runtime) == 2


def test_a_controller_that_stops_in_the_middle_of_an_update_is_replaced_and_the_update_ends(make_runtime):
    scene = Scene(make_runtime, 'routes_written=stop')
    runtime = scene.runtime
    before = runtime.process('controller')
    scene.arm()
    runtime.apply_endpoint('e', runtime.make_artifact({'reply': 2}), wait=False)
    wait_until(scene.fired, PATIENCE, what=runtime.describe)
    runtime.wait_replaced(before, PATIENCE)
    wait_until(lambda: answer(runtime) == 2, PATIENCE, what=runtime.describe)
