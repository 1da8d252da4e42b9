"""A new supervisor over what runs: after kill -9 of the one before, and after its program was replaced."""

import os
import shutil
import signal
import socket
import stat
import threading
import time

import pytest

from harness import program
from http_client import connection_to, exchange
from processes import stat_of, wait_until

WATCHDOG = 10.0  # limits::kWatchdog


class Connector:
    """Opens and closes connections to a port as fast as one thread can; counts what the system refused or reset."""

    def __init__(self, port):
        self.port, self.tried, self.bad = port, 0, []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(10)

    def _run(self):
        while not self._stop.is_set():
            self.tried += 1
            try:
                with socket.create_connection(('127.0.0.1', self.port), timeout=10) as connection:
                    connection.sendall(b'GET /ping HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
                    if b' 200 ' not in connection.recv(4096):
                        self.bad.append('no 200')
            except OSError as error:
                self.bad.append(repr(error))


def kill_supervisor(runtime):
    runtime.kill('supervisor')
    wait_until(lambda: not runtime.processes('supervisor'))


@pytest.fixture
def served(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'echo': True}))
    return runtime


# --- kill -9 of the supervisor


def test_after_kill_9_of_the_supervisor_ten_times_no_connection_was_refused_and_no_request_failed(served):
    gateway, port = served.process('gateway'), served.port
    with Connector(port) as connector, served.load('e', rate=100, seconds=12.0) as load:
        for _ in range(10):
            kill_supervisor(served)
            time.sleep(0.1)
            served.up()
        load.stop()
    assert connector.tried > 100 and not connector.bad, (connector.tried, connector.bad[:5])
    assert not load.failed(), load.describe_failures()
    assert served.port == port
    assert served.processes('gateway') == [gateway]
    assert len(served.processes('controller')) == 1
    served.down()
    wait_until(lambda: not served.processes(), 5.0, what=served.describe)


def test_the_adopted_gateway_is_replaced_when_it_dies_and_its_port_stays(served):
    gateway, port = served.process('gateway'), served.port
    kill_supervisor(served)
    served.up()
    assert served.processes('gateway') == [gateway]
    served.kill('gateway')
    with Connector(port) as connector:
        served.wait_replaced(gateway)
        served.wait_answering()
    assert not [why for why in connector.bad if 'Refused' in why], connector.bad[:5]
    assert served.invoke('e', tcp=True).status == 200


def test_where_the_gateway_died_with_the_supervisor_the_next_one_opens_the_same_port(served):
    port = served.port
    served.kill('supervisor')
    served.kill('gateway')
    wait_until(lambda: not served.processes('supervisor') and not served.processes('gateway'))
    served.up()
    assert served.port == port
    assert served.invoke('e', tcp=True).status == 200


def test_a_stopped_gateway_is_no_reason_not_to_come_up(served):
    gateway = served.kill('gateway', signal.SIGSTOP)
    kill_supervisor(served)
    served.up()
    assert not gateway.alive()
    assert served.invoke('e', tcp=True).status == 200


def test_another_port_that_is_asked_for_after_a_kill_is_the_one_that_is_opened(served):
    kill_supervisor(served)
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    served.up('--port', str(port))
    assert served.port == port
    assert served.invoke('e', tcp=True).status == 200
    assert len(served.processes('gateway')) == 1


def test_an_adopted_gateway_is_watched_and_replaced_when_it_stands_still(served):
    gateway = served.process('gateway')
    kill_supervisor(served)
    served.up()
    gateway.signal(signal.SIGSTOP)
    served.wait_replaced(gateway, 2 * WATCHDOG)
    assert served.invoke('e', tcp=True).status == 200


def test_the_socket_that_gives_the_listeners_is_its_owner_s_alone(served):
    path = os.path.join(served.home, 'run', 'listeners.sock')
    assert stat.S_IMODE(os.lstat(path).st_mode) == 0o600


# --- who stands still


@pytest.mark.parametrize('role', ['gateway', 'controller', 'launcher'])
def test_a_process_that_stands_still_is_replaced_and_requests_are_answered_again(served, role):
    before = served.kill(role, signal.SIGSTOP)
    with Connector(served.port) as connector:
        served.wait_replaced(before, 2 * WATCHDOG)
        served.wait_answering()
    assert not [why for why in connector.bad if 'Refused' in why], connector.bad[:5]
    assert served.invoke('e', tcp=True).status == 200
    assert 'stood still' in served.log('supervisor')


def test_while_the_supervisor_stands_still_requests_are_answered_and_it_blames_nobody_afterwards(served):
    before = served.processes()
    supervisor = served.kill('supervisor', signal.SIGSTOP)
    with served.load('e', rate=50, seconds=WATCHDOG + 6) as load:
        pass
    assert not load.failed(), load.describe_failures()
    supervisor.signal(signal.SIGCONT)
    time.sleep(1.0)
    assert served.processes() == before


def test_processes_that_all_stood_still_together_go_on_together(served):
    before = served.processes()
    for process in before:
        process.signal(signal.SIGSTOP)
    time.sleep(WATCHDOG + 6)
    for process in before:
        process.signal(signal.SIGCONT)
    time.sleep(WATCHDOG + 6)
    assert served.processes() == before
    assert served.invoke('e').status == 200


# --- restart to other program files


@pytest.fixture
def installed(make_runtime, monkeypatch):
    """A runtime whose programs lie in a folder of its own, served from there."""
    runtime = make_runtime()
    folder = os.path.join(runtime.folder, 'bin')
    os.mkdir(folder)
    for name, source in (('smhostd', 'smhostd'), ('smhost', 'smhost'), ('smhost-worker', 'scripted_worker')):
        shutil.copy2(program(source), os.path.join(folder, name))
    monkeypatch.setattr('harness.BIN', folder)
    del runtime.env['SMHOST_WORKER']
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'echo': True}))
    return runtime


def replace_programs(runtime, damage=None):
    """As an upgrade does: other files under the same names, each put there whole."""
    folder = os.path.join(runtime.folder, 'bin')
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        shutil.copy2(path, path + '.new')
        if damage and name == 'smhostd':
            damage(path + '.new')
        os.rename(path + '.new', path)


def runs_the_file_of(process, name):
    try:
        return os.stat(f'/proc/{process.pid}/exe').st_ino == os.stat(name).st_ino
    except FileNotFoundError:
        return False


def test_a_restart_brings_all_programs_to_their_new_files_and_loses_no_request(installed):
    runtime = installed
    kept = runtime.processes('template') + runtime.processes('instance')
    supervisor = runtime.process('supervisor')
    with Connector(runtime.port) as connector, runtime.load('e', rate=200, seconds=8.0) as load:
        time.sleep(0.5)
        replace_programs(runtime)
        ran = runtime.cli('restart')
        assert ran.code == 0, ran
        folder = os.path.join(runtime.folder, 'bin')
        files = {'supervisor': 'smhostd', 'gateway': 'smhostd', 'controller': 'smhostd', 'api': 'smhostd', 'launcher': 'smhost-worker'}

        def all_new():
            return all(runtime.processes(role) and all(runs_the_file_of(process, os.path.join(folder, name))
                       for process in runtime.processes(role)) for role, name in files.items())
        wait_until(all_new, 15.0, what=runtime.describe)
        load.stop()
    assert not load.failed(), load.describe_failures()
    assert not connector.bad, connector.bad[:5]
    assert runtime.process('supervisor') == supervisor
    assert runtime.processes('template') + runtime.processes('instance') == kept
    runtime.apply_endpoint('e', runtime.make_artifact({'reply': 2}))
    assert runtime.invoke('e').body == b'2'
    runtime.down()
    wait_until(lambda: not runtime.processes(), 5.0, what=runtime.describe)


def test_a_request_under_way_during_a_restart_is_answered_on_its_connection(installed):
    installed.apply_endpoint('slow', installed.make_artifact({'reply': 1, 'sleep_ms': 3000}))
    answers = []
    asking = threading.Thread(target=lambda: answers.append(installed.invoke('slow', tcp=True, timeout=20.0).status))
    asking.start()
    time.sleep(0.5)
    replace_programs(installed)
    assert installed.cli('restart').code == 0
    asking.join(20)
    assert answers == [200]


def cut(path):
    with open(path, 'r+b') as file:
        file.truncate(1000)


def forbid(path):
    os.chmod(path, 0o600)


def fail_at_once(path):
    with open(path, 'w') as file:
        file.write('#!/bin/sh\necho no such library >&2\nexit 9\n')


@pytest.mark.parametrize('damage', [cut, forbid, fail_at_once])
def test_a_new_file_that_cannot_be_run_changes_nothing_and_the_command_says_so(installed, damage):
    before = installed.processes()
    with installed.load('e', rate=100, seconds=2.0) as load:
        replace_programs(installed, damage)
        ran = installed.cli('restart')
    assert ran.code != 0 and 'nothing was restarted' in ran.err and 'smhostd' in ran.err, ran
    assert not load.failed(), load.describe_failures()
    assert installed.processes() == before


def test_many_restarts_leave_no_descriptor_and_no_process_behind(served):
    def descriptors():
        return len(os.listdir(f'/proc/{served.process("supervisor").pid}/fd'))

    assert served.cli('restart').code == 0
    wait_until(lambda: len(served.processes('gateway')) == 1, 15.0)
    before = descriptors()
    for _ in range(3):
        assert served.cli('restart').code == 0
        wait_until(lambda: len(served.processes('gateway')) == 1 and len(served.processes('launcher')) == 1, 15.0)
    assert descriptors() == before
    assert len(served.processes('controller')) == 1
    assert served.invoke('e').status == 200
