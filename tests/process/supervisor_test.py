"""The supervisor with real processes: one runtime a home, ports, restarts, stops, and its own death."""

import json
import os
import resource
import signal
import socket
import stat
import subprocess
import time

import pytest

from harness import Runtime, program, run
from processes import parent_of, wait_until


def occupied_port():
    """A loopback port that somebody listens on, and the socket."""
    taken = socket.socket()
    taken.bind(('127.0.0.1', 0))
    taken.listen()
    return taken, taken.getsockname()[1]


def no_process_left(runtime):
    wait_until(lambda: not runtime.processes(), 5.0, what=lambda: f'no process left\n{runtime.describe()}')


# --- starting


def test_up_returns_with_its_processes_and_answers(runtime):
    runtime.up()
    roles = lambda: sorted(process.role for process in runtime.processes())
    wait_until(lambda: roles() == ['api', 'controller', 'gateway', 'supervisor'], what=lambda: f'all processes: {roles()}')
    assert runtime.get('/ping').status == 200
    assert runtime.get('/ping', tcp=True, sign=False).status == 200
    info = runtime.info()
    assert info['pid'] == runtime.process('supervisor').pid
    assert info['address'] == '127.0.0.1' and info['port'] > 0 and info['version'] and info['started'].endswith('Z')


def test_a_second_runtime_on_one_home_exits_100_and_names_the_holder(runtime):
    runtime.up()
    second = runtime.smhostd('up', '--home', runtime.home)
    assert second.code == 100
    assert f'pid {runtime.info()["pid"]}' in second.err and runtime.home in second.err
    assert runtime.get('/ping').status == 200


def test_of_ten_supervisors_started_at_once_one_wins(runtime):
    words = [program('smhostd'), 'up', '--home', runtime.home]
    started = [subprocess.Popen(words, env=runtime.env, stderr=subprocess.PIPE) for _ in range(10)]
    codes = sorted(process.wait(30) for process in started)
    for process in started:
        process.stderr.close()
    assert codes == [0] + [100] * 9
    assert len(runtime.processes('supervisor')) == 1
    runtime.wait_answering()


def test_a_port_that_was_asked_for_and_is_taken_fails_at_once_naming_the_address(runtime):
    taken, port = occupied_port()
    with taken:
        started = time.monotonic()
        failed = runtime.smhostd('up', '--home', runtime.home, '--port', str(port))
        assert time.monotonic() - started < 5.0
    assert failed.code == 1
    assert f'127.0.0.1:{port}' in failed.err and '--port' in failed.err
    assert runtime.processes() == []
    runtime.up('--port', str(port))  # free now: the failure left nothing in the way
    assert runtime.port == port


def test_without_a_port_two_runtimes_get_two(make_runtime):
    first, second = make_runtime(), make_runtime()
    first.up()
    second.up()
    assert first.port != second.port
    for runtime in (first, second):
        assert 8790 <= runtime.port <= 8890
        assert runtime.get('/ping', tcp=True, sign=False).status == 200


def test_port_0_gives_any_free_port(runtime):
    runtime.up('--port', '0')
    assert runtime.get('/ping', tcp=True, sign=False).status == 200


@pytest.mark.parametrize('words, text', [
    (['up', '--port', '70000'], '70000'),
    (['up', '--listen', 'localhost', '--port', '0'], 'localhost'),
    (['up', '--bogus'], '--bogus'),
    (['bogus'], 'bogus'),
    ([], 'usage'),
])
def test_wrong_usage_exits_2_and_names_the_word(runtime, words, text):
    ran = runtime.smhostd(*words[:1], *(['--home', runtime.home] if words[:1] == ['up'] else []), *words[1:])
    assert ran.code == 2
    assert text in ran.err
    assert runtime.processes() == []


def test_help_and_version_go_to_stdout(runtime):
    assert 'smhostd up' in runtime.smhostd('--help').out
    assert runtime.smhostd('--version').out.startswith('smhostd ')


def test_a_stale_socket_file_is_replaced(runtime):
    os.makedirs(os.path.dirname(runtime.socket), mode=0o700)
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(runtime.socket)
    runtime.up()
    assert runtime.get('/ping').status == 200


def test_another_file_in_the_socket_s_place_fails_by_name_and_stays(runtime):
    os.makedirs(os.path.dirname(runtime.socket), mode=0o700)
    with open(runtime.socket, 'w') as file:
        file.write('precious')
    failed = runtime.smhostd('up', '--home', runtime.home)
    assert failed.code == 1 and runtime.socket in failed.err
    with open(runtime.socket) as file:
        assert file.read() == 'precious'
    assert runtime.processes() == []


def test_a_home_with_a_path_of_over_200_characters_works(make_runtime):
    short = make_runtime()
    runtime = make_runtime(home=os.path.join(short.folder, *['a-rather-long-name-of-a-folder'] * 7))
    assert len(runtime.home) > 200
    runtime.up()
    assert runtime.get('/ping').status == 200
    supervisor = runtime.info()['pid']
    os.kill(supervisor, signal.SIGTERM)
    wait_until(lambda: parent_of(supervisor) == 0, 10.0, what='the end of the supervisor')


def test_an_open_umask_leaves_home_and_files_to_their_owner_alone(runtime):
    ran = run(['/bin/sh', '-c', f'umask 000; exec {program("smhostd")} up --home {runtime.home}'], env=runtime.env)
    assert ran.code == 0, ran
    runtime.wait_answering()
    for folder, folders, files in os.walk(runtime.home):
        for name in ['', *folders, *files]:
            mode = stat.S_IMODE(os.lstat(os.path.join(folder, name)).st_mode)
            assert mode & 0o077 == 0, f'{os.path.join(folder, name)} has mode {mode:o}'


@pytest.mark.parametrize('content', [b'', b'{', b'{"pid":"x","port":-5}', b'\0' * 100, b'[1,2]', b'\xff\xfe' * 1000,
                                     b'{"port":99999,"address":"127.0.0.1"}'], ids=range(7))
def test_whatever_an_old_lock_file_holds_does_not_stop_a_start(runtime, content):
    os.makedirs(runtime.home, mode=0o700)
    with open(os.path.join(runtime.home, 'lock'), 'wb') as file:
        file.write(content)
    runtime.up()
    assert runtime.info()['pid'] == runtime.process('supervisor').pid


def test_a_broken_record_of_children_does_not_stop_a_start(runtime):
    os.makedirs(os.path.dirname(runtime.socket), mode=0o700)
    with open(os.path.join(runtime.home, 'run', 'children.json'), 'w') as file:
        file.write('{"children":[{"pid":1')
    runtime.up()
    assert 'children.json' in runtime.log('supervisor')


def test_a_record_that_names_somebody_else_s_process_does_it_no_harm(runtime):
    with subprocess.Popen(['/bin/sleep', '60']) as bystander:
        try:
            os.makedirs(os.path.dirname(runtime.socket), mode=0o700)
            boot_id = open('/proc/sys/kernel/random/boot_id').read().strip()
            # Its pid with another start time: a number that was used again.
            child = {'role': 'gateway', 'pid': bystander.pid, 'start_time': 12345, 'boot_id': boot_id}
            with open(os.path.join(runtime.home, 'run', 'children.json'), 'w') as file:
                json.dump({'children': [child]}, file)
            runtime.up()
            assert bystander.poll() is None
        finally:
            bystander.kill()


def test_the_background_process_has_let_go_of_its_caller(runtime):
    runtime.up()
    pid = runtime.process('supervisor').pid
    assert os.readlink(f'/proc/{pid}/cwd') == '/'
    assert os.readlink(f'/proc/{pid}/fd/0') == os.readlink(f'/proc/{pid}/fd/1') == '/dev/null'
    assert os.readlink(f'/proc/{pid}/fd/2').endswith('/logs/supervisor.log')
    assert os.getsid(pid) != os.getsid(0)


def test_in_the_foreground_the_process_that_was_started_is_the_supervisor(runtime):
    words = [program('smhostd'), 'up', '--home', runtime.home, '--foreground']
    with subprocess.Popen(words, env=runtime.env, stderr=subprocess.PIPE, text=True) as process:
        wait_until(runtime.answers, 10.0)
        assert runtime.info()['pid'] == process.pid
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=30)[1]
        assert process.returncode == 0
    assert 'stopped' in said
    no_process_left(runtime)


# --- deaths


def test_kill_9_of_the_gateway_refuses_no_connection_and_ping_is_answered_again(runtime):
    runtime.up()
    with runtime.load(rate=100, seconds=2.0) as load:
        time.sleep(0.5)
        killed = runtime.kill('gateway')
        at = time.monotonic()
        runtime.wait_replaced(killed, 1.0)
    assert not [sent for sent in load.results if 'Refused' in sent.error], load.describe_failures()
    # Requests that had reached the old process may be lost; whatever left after it died waits for the new one.
    assert not [sent for sent in load.failed() if sent.left > at + 0.05], load.describe_failures()
    assert len(load.failed()) <= 5, load.describe_failures()
    assert runtime.get('/ping').status == 200


def test_kill_9_of_the_controller_brings_another_and_leaves_the_gateway_alone(runtime):
    runtime.up()
    gateway = runtime.process('gateway')
    with runtime.load(rate=100, seconds=1.0) as load:
        runtime.wait_replaced(runtime.kill('controller'), 2.0)
    assert load.failed() == [], load.describe_failures()
    assert runtime.process('gateway') == gateway


def test_a_gateway_that_keeps_dying_is_started_ever_later_but_for_ever(runtime):
    runtime.up()
    waits = []
    for _ in range(5):
        killed = runtime.kill('gateway')
        at = time.monotonic()
        runtime.wait_replaced(killed, 5.0)
        waits.append(time.monotonic() - at)
    assert waits[0] < 0.3, waits
    assert 0.35 < waits[4] < 1.5, waits  # 400 to 800 ms, and the time it takes
    runtime.wait_answering()


def test_kill_9_of_the_supervisor_ten_times_in_a_row_converges(runtime):
    runtime.up()
    port = runtime.port
    for _ in range(10):
        runtime.kill('supervisor')
        wait_until(lambda: not runtime.processes('supervisor'))
        runtime.up()
    assert runtime.port == port
    assert len(runtime.processes('gateway')) == 1 and len(runtime.processes('controller')) == 1
    runtime.down()
    no_process_left(runtime)


def test_kill_9_of_a_supervisor_while_it_starts_leaves_a_home_that_starts_again(runtime):
    for delay in (0.0, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032):
        words = [program('smhostd'), 'up', '--home', runtime.home, '--foreground']
        with subprocess.Popen(words, env=runtime.env, stderr=subprocess.DEVNULL) as process:
            time.sleep(delay)
            process.kill()
            process.wait()
    runtime.up()
    assert len(runtime.processes('gateway')) == 1 and len(runtime.processes('controller')) == 1
    runtime.down()
    no_process_left(runtime)


def test_with_few_descriptors_left_the_supervisor_still_restarts_and_stops(runtime):
    runtime.up()
    supervisor = runtime.process('supervisor')
    resource.prlimit(supervisor.pid, resource.RLIMIT_NOFILE, (24, 24))
    runtime.wait_replaced(runtime.kill('controller'), 5.0)
    runtime.down()
    no_process_left(runtime)


# --- stop and restart


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_a_stop_ends_every_process_and_clears_what_it_made(runtime, number):
    runtime.up()
    supervisor = runtime.kill('supervisor', number)
    wait_until(lambda: not supervisor.alive(), 10.0)
    no_process_left(runtime)
    assert runtime.info() == {}
    assert not os.path.exists(runtime.socket)
    assert not os.path.exists(os.path.join(runtime.home, 'run', 'children.json'))
    runtime.up()
    assert runtime.get('/ping').status == 200


def test_a_second_signal_kills_what_does_not_end(runtime):
    runtime.up()
    gateway, supervisor = runtime.process('gateway'), runtime.process('supervisor')
    connection = socket.create_connection(('127.0.0.1', runtime.port))
    connection.sendall(b'GET /pi')  # a request on its way, for which the gateway may wait
    time.sleep(0.1)
    supervisor.signal(signal.SIGTERM)
    wait_until(lambda: 'info stop:' in runtime.log('supervisor'))
    gateway.signal(signal.SIGSTOP)  # deaf from now on
    supervisor.signal(signal.SIGTERM)
    started = time.monotonic()
    wait_until(lambda: not supervisor.alive(), 10.0)
    assert time.monotonic() - started < 5.0
    connection.close()
    no_process_left(runtime)


def test_a_restart_replaces_all_and_refuses_nothing(runtime):
    runtime.up()
    before = {role: runtime.process(role) for role in ('supervisor', 'gateway', 'controller')}
    with runtime.load(rate=200, seconds=3.0) as load:
        time.sleep(0.5)
        before['supervisor'].signal(signal.SIGHUP)
        for role in ('gateway', 'controller'):
            runtime.wait_replaced(before[role], 10.0)
    assert load.failed() == [], load.describe_failures()
    assert runtime.process('supervisor') == before['supervisor']


def test_two_restarts_back_to_back_end_with_one_of_each(runtime):
    runtime.up()
    supervisor = runtime.process('supervisor')
    with runtime.load(rate=100, seconds=3.0) as load:
        for _ in range(2):
            supervisor.signal(signal.SIGHUP)
            time.sleep(0.3)
        wait_until(lambda: len(runtime.processes('gateway')) == 1 and len(runtime.processes('controller')) == 1, 10.0)
    assert load.failed() == [], load.describe_failures()


# --- with launcher, template and instance


@pytest.fixture
def served(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'echo': True}))
    return runtime


def test_a_launcher_is_kept_once_it_was_wanted(served):
    served.wait_replaced(served.kill('launcher'), 5.0)
    served.wait_replaced(served.kill('launcher'), 5.0)
    assert served.invoke('e').status == 200


def test_a_stop_leaves_no_template_and_no_instance(served):
    roles = {process.role for process in served.processes()}
    assert roles == {'supervisor', 'controller', 'gateway', 'api', 'launcher', 'template', 'instance'}
    served.down()
    no_process_left(served)


def test_a_restart_loses_no_request_and_keeps_template_and_instance(served):
    kept = served.processes('template') + served.processes('instance')
    supervisor, launcher = served.process('supervisor'), served.process('launcher')
    with served.load('e', rate=100, seconds=3.0) as load:
        time.sleep(0.5)
        supervisor.signal(signal.SIGHUP)
        served.wait_replaced(launcher, 10.0)
    assert load.failed() == [], load.describe_failures()
    assert served.processes('template') + served.processes('instance') == kept


def test_instances_serve_on_while_the_supervisor_is_dead_and_end_with_the_next_one_s_stop(served):
    kept = served.processes('template') + served.processes('instance')
    served.kill('supervisor')
    wait_until(lambda: not served.processes('supervisor'))
    assert served.invoke('e').status == 200
    served.up()
    wait_until(lambda: served.endpoint_status('e') == 'InService', what=served.describe)
    assert served.invoke('e').status == 200
    assert served.processes('template') + served.processes('instance') == kept
    served.down()
    no_process_left(served)


def test_a_stop_waits_for_an_instance_that_still_works_on_a_request(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'echo': True, 'sleep_ms': 1500}))
    with runtime.load('e', rate=10, seconds=0.1) as load:
        time.sleep(0.5)
        runtime.down()
    assert [sent.status for sent in load.results] == [200], load.describe_failures()
    no_process_left(runtime)


def test_an_idle_supervisor_does_not_wake(runtime):
    runtime.up()
    time.sleep(1.0)
    pid = runtime.process('supervisor').pid

    def switches():
        with open(f'/proc/{pid}/status') as file:
            return sum(int(line.split()[1]) for line in file if 'ctxt_switches' in line)

    before = switches()
    time.sleep(3.0)
    assert switches() - before <= 3


def test_a_folder_that_is_no_state_directory_is_refused_untouched(runtime):
    os.makedirs(runtime.home)
    with open(os.path.join(runtime.home, 'thesis.txt'), 'w') as file:
        file.write('mine')
    failed = runtime.smhostd('up', '--home', runtime.home)
    assert failed.code == 1 and runtime.home in failed.err
    assert os.listdir(runtime.home) == ['thesis.txt']
