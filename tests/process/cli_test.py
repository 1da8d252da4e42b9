"""The command line as people and scripts meet it: what it prints where, and what it ends with."""

import fcntl
import json
import os
import pty
import re
import shutil
import socket
import subprocess
import threading
import time

import pytest

import aws_signer
from harness import program, run
from processes import wait_until

MAN = os.path.join(os.path.dirname(__file__), '..', '..', 'man')


@pytest.fixture
def served(runtime):
    """A runtime with one endpoint 'e' that answers what it is asked."""
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'echo': True, 'print': 'seen', 'refuse_on': '77'}))
    return runtime


def error_of(ran):
    """The one error line of a command."""
    lines = [line for line in ran.err.splitlines() if line.startswith('smhost: ')]
    assert len(lines) == 1, ran
    return lines[0]


def on_terminal(runtime, *words):
    """Runs smhost with a terminal as its output; what the terminal got."""
    leader, follower = pty.openpty()
    env = {**runtime.env, 'TERM': 'xterm-256color'}
    process = subprocess.Popen([program('smhost'), '--home', runtime.home, *words], stdout=follower, stderr=follower,
                               stdin=follower, env=env)
    os.close(follower)
    got = b''
    while True:
        try:
            piece = os.read(leader, 4096)
        except OSError:
            break
        if not piece:
            break
        got += piece
    os.close(leader)
    return process.wait(30), got.decode()


# --- words and exit codes


@pytest.mark.parametrize('words, said', [
    (['aply'], 'did you mean apply?'),
    (['get', 'modl'], 'did you mean model?'),
    (['apply', '--fil', 'x'], 'did you mean --file?'),
    (['get'], 'KIND is missing'),
    (['wait', 'endpoint', 'e', '--for', 'inservce'], 'did you mean InService?'),
    (['wait', 'endpoint', 'e'], '--for STATUS is missing'),
    (['get', 'model', '-o', 'yaml'], 'table, json, name or jsonpath'),
    (['logs', 'e', '--tail', '-1'], '--tail'),
    (['logs', '../e'], 'no endpoint\'s name'),
    (['--account', '12', 'get', 'model'], 'twelve digits'),
    (['delete'], 'are missing'),
    (['cp', 'a', 'b'], 's3://'),
])
def test_wrong_usage_ends_with_2_and_one_line_that_helps(runtime, words, said):
    ran = runtime.cli(*words)
    assert ran.code == 2
    assert said in error_of(ran)
    assert not ran.out
    assert not os.path.exists(runtime.home)


def test_without_a_verb_the_help_goes_to_stderr_and_with_help_to_stdout(runtime):
    ran = runtime.cli()
    assert (ran.code, ran.out) == (2, '') and 'usage: smhost' in ran.err
    ran = runtime.cli('--help')
    assert ran.code == 0 and 'usage: smhost' in ran.out and not ran.err
    verbs = re.findall(r'^  ([a-z]+) ', ran.out.split('Options,')[0], re.M)
    assert {'up', 'apply', 'invoke', 'version'} <= set(verbs)
    for verb in verbs:
        ran = runtime.cli(verb, '--help')
        assert ran.code == 0 and f'usage: smhost {verb}' in ran.out and 'Example:' in ran.out


def test_what_is_not_there_ends_with_3_in_the_words_of_AWS(runtime):
    for words in (['get', 'endpoint', 'x'], ['describe', 'model', 'x'], ['delete', 'ec', 'x'], ['wait', 'ep', 'x', '--for', 'InService']):
        ran = runtime.cli(*words)
        assert ran.code == 3, words
        assert error_of(ran).startswith('smhost: Could not find '), words
    assert runtime.cli('apply', '-f', '/nowhere.json').code == 3
    assert runtime.cli('rm', 's3://bucket/x').code == 3


def test_without_a_runtime_what_needs_one_ends_with_7_and_says_how_to_start_it(runtime):
    for words in (['invoke', 'e', '--body', '1'], ['url'], ['env']):
        ran = runtime.cli(*words)
        assert ran.code == 7, words
        assert 'start it with `smhost up`' in error_of(ran)
    ran = runtime.cli('status', '-o', 'json')
    assert ran.code == 7 and ran.json()['Running'] is False
    assert runtime.cli('down').code == 0


def test_errors_are_json_where_json_is_asked_for(runtime):
    for words in (['get', 'model', 'x', '-o', 'json'], ['-o', 'json', 'aply']):
        ran = runtime.cli(*words)
        error = json.loads(ran.err)['error']
        assert set(error) == {'code', 'message', 'resource'}
        assert not ran.out
    assert json.loads(runtime.cli('get', 'model', 'x', '-o', 'json').err)['error']['resource'] == 'model/x'


# --- documents


def test_a_dry_run_says_what_would_be_and_writes_nothing(runtime):
    path = runtime.write_documents('e', runtime.documents('e', '/m.tar.gz'))
    ran = runtime.apply(path, '--dry-run')
    assert ran.code == 0
    assert ran.out.splitlines() == [f'{kind} e created (dry run)' for kind in ('model', 'endpoint-config', 'endpoint')]
    assert not os.path.exists(runtime.home)


def test_all_faults_are_listed_a_line_each_and_nothing_is_written(runtime):
    documents = runtime.documents('e', '/m.tar.gz', count=0, instance_type='ml.m5.lrage')
    documents[2]['Properties']['EndpointName'] = 'no_such_name'
    ran = runtime.apply(runtime.write_documents('e', documents))
    assert ran.code == 4
    lines = ran.err.splitlines()
    assert any('InitialInstanceCount' in line and '0' in line for line in lines)
    assert any('InstanceType' in line and 'ml.m5.lrage' in line for line in lines)
    assert any('EndpointName' in line for line in lines)
    assert re.fullmatch(r'smhost: \d+ faults in the document; nothing was written', lines[-1])
    assert not os.path.exists(runtime.home)
    ran = runtime.apply(os.path.join(runtime.folder, 'e.json'), '-o', 'json')
    assert len(json.loads(ran.err)['faults']) >= 3


def test_what_this_build_cannot_do_ends_with_4_and_what_has_no_effect_is_a_note(runtime):
    documents = runtime.documents('e', '/m.tar.gz')
    documents[0]['Properties']['PrimaryContainer']['Image'] = 'exec:/bin/true'
    ran = runtime.apply(runtime.write_documents('e', documents))
    assert ran.code == 4 and 'cannot be run by this build' in ran.err
    documents = runtime.documents('e', '/m.tar.gz')
    documents[1]['Properties']['KmsKeyId'] = 'key'
    ran = runtime.apply(runtime.write_documents('e', documents), '--no-start')
    assert ran.code == 0
    assert [line for line in ran.err.splitlines() if 'KmsKeyId' in line and 'no effect' in line]
    assert not [line for line in runtime.apply(os.path.join(runtime.folder, 'e.json'), '--no-start', '-q').err.splitlines()]


def test_diff_ends_with_0_for_nothing_1_for_something_and_more_for_an_error(runtime):
    path = runtime.write_documents('e', runtime.documents('e', '/m.tar.gz'))
    assert runtime.cli('diff', '-f', path).code == 1
    assert runtime.apply(path, '--no-start').code == 0
    ran = runtime.cli('diff', '-f', path)
    assert (ran.code, ran.out) == (0, '')
    runtime.write_documents('e', runtime.documents('e', '/m.tar.gz', count=2))
    ran = runtime.cli('diff', '-f', path)
    assert ran.code == 1 and 'ProductionVariants[0].InitialInstanceCount: 1 → 2' in ran.out
    assert runtime.cli('diff', '-f', path, '-o', 'json').json()[0]['Differences'] == [
        {'Path': 'ProductionVariants[0].InitialInstanceCount', 'Old': 1, 'New': 2}]
    assert runtime.cli('diff', '-f', path, '--param', 'novalue').code > 1
    with open(path, 'w') as file:
        file.write('{')
    assert runtime.cli('diff', '-f', path).code > 1


def test_documents_come_from_folders_standard_input_and_words_without_f(runtime):
    folder = os.path.join(runtime.folder, 'documents')
    os.mkdir(folder)
    model, config, endpoint = runtime.documents('e', '/m.tar.gz')
    for name, document in (('3.json', model), ('2.json', config), ('1.json', endpoint)):
        with open(os.path.join(folder, name), 'w') as file:
            json.dump(document, file)
    ran = runtime.cli('apply', folder, '--no-start', '-o', 'name')
    assert ran.out.splitlines() == ['model/e', 'endpoint-config/e', 'endpoint/e']
    ran = runtime.cli('apply', '-f', '-', '--no-start', input=json.dumps(model))
    assert ran.out == 'model e unchanged\n'
    assert runtime.cli('delete', '-f', folder).out.splitlines() == ['endpoint e deleted', 'endpoint-config e deleted', 'model e deleted']


def test_a_relative_path_is_relative_to_the_document(runtime):
    runtime.make_artifact({'reply': 3}, name='here.tar.gz')
    documents = runtime.documents('e', 's3://x/y')
    documents[0]['Properties']['PrimaryContainer']['ModelDataUrl'] = 'here.tar.gz'
    path = runtime.write_documents('e', documents)
    assert runtime.cli('apply', '-f', path, '--wait', cwd='/').code == 0
    assert runtime.cli('invoke', 'e', '--body', '1').out.strip() == '3'


# --- the runtime


def test_up_is_idempotent_prints_the_url_and_down_ends_all(runtime):
    first = runtime.cli('up')
    assert first.code == 0 and re.fullmatch(r'http://127\.0\.0\.1:\d+\n', first.out)
    again = runtime.cli('up')
    assert (again.code, again.out) == (0, first.out) and 'already runs' in again.err
    assert runtime.cli('url').out == first.out
    other = runtime.cli('up', '--port', '1')
    assert other.code == 1 and 'already runs on port' in error_of(other)
    status = runtime.cli('status', '-o', 'json').json()
    assert status['Running'] and status['Answers'] and status['Url'] + '\n' == first.out
    assert {'supervisor', 'gateway'} <= {process['Role'] for process in status['Processes']}
    assert runtime.cli('down').code == 0
    assert not runtime.processes()
    assert runtime.cli('status').code == 7


def test_env_is_what_a_shell_can_evaluate_and_its_key_opens_the_port(served):
    text = served.cli('env').out
    script = text + '\necho "$AWS_ENDPOINT_URL|$AWS_ACCESS_KEY_ID|$AWS_SECRET_ACCESS_KEY|$AWS_DEFAULT_REGION"'
    url, key, secret, region = run(['sh', '-c', script], env=served.env).out.strip().split('|')
    assert url == served.cli('url').out.strip() and key and secret and region == 'us-east-1'
    assert aws_signer.Key(key, secret) == served.root_key()
    assert served.invoke('e', tcp=True).status == 200


def test_an_apply_starts_the_runtime_and_follows_the_endpoint_with_its_events(runtime):
    path = runtime.write_documents('e', runtime.documents('e', runtime.make_artifact({'reply': 1})))
    ran = runtime.apply(path, '--wait')
    assert ran.code == 0
    assert ran.out.splitlines() == ['model e created', 'endpoint-config e created', 'endpoint e created']
    assert 'endpoint e: Creating' in ran.err and 'endpoint e is InService' in ran.err and 'CreateStarted' in ran.err
    assert '\033' not in ran.err + ran.out and '\r' not in ran.err
    quiet = runtime.apply(path, '--wait', '-q')
    assert quiet.code == 0 and not quiet.err


def test_describe_and_get_are_what_AWS_returns_with_times_in_ISO_8601(served):
    described = served.cli('describe', 'endpoint', 'e', '-o', 'json').json()
    assert described['EndpointStatus'] == 'InService' and described['EndpointConfigName'] == 'e'
    assert described['EndpointArn'] == 'arn:aws:sagemaker:us-east-1:000000000000:endpoint/e'
    for key in ('CreationTime', 'LastModifiedTime'):
        assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', described[key])
    variant = described['ProductionVariants'][0]
    assert (variant['CurrentInstanceCount'], variant['DesiredInstanceCount']) == (1, 1)
    model = served.cli('describe', 'm', 'e', '-o', 'json').json()
    assert model['ModelName'] == 'e' and 'PrimaryContainer' in model and 'Tags' not in model
    assert [one['EndpointName'] for one in served.cli('get', 'ep', '-o', 'json').json()] == ['e']
    assert served.cli('get', 'endpoints', '-o', 'name').out == 'endpoint/e\n'
    assert served.cli('describe', 'ep', 'e', '-o', 'jsonpath={.EndpointStatus}').out == 'InService\n'
    page = served.cli('describe', 'ep', 'e').out
    assert 'InService' in page and 'Ready' in page and 'Events:' in page
    assert served.cli('get', 'ep').out.splitlines()[0].split() == ['NAME', 'STATUS', 'CONFIG', 'INSTANCES', 'AGE']


def test_a_wait_ends_at_once_with_5_when_the_status_cannot_be_reached(runtime):
    runtime.up()
    began = time.monotonic()
    ran = runtime.apply_endpoint('e', runtime.make_artifact({'fail_load': 'bad magic'}), check=False, timeout=60)
    assert ran.code == 5 and 'bad magic' in error_of(ran)
    ran = runtime.cli('wait', 'endpoint', 'e', '--for', 'InService', '--timeout', '60s')
    assert ran.code == 5 and 'bad magic' in error_of(ran)
    assert time.monotonic() - began < 30
    assert runtime.cli('wait', 'endpoint', 'e', '--for', 'failed').code == 0


def test_a_wait_that_takes_too_long_ends_with_6_and_the_runtime_goes_on(runtime):
    runtime.up()
    path = runtime.write_documents('e', runtime.documents('e', runtime.make_artifact({'reply': 1, 'slow_load_ms': 1500})))
    ran = runtime.apply(path, '--wait', '--timeout', '300ms')
    assert ran.code == 6 and 'endpoint e: Creating' in error_of(ran)
    ran = runtime.cli('wait', 'endpoint', 'e', '--for', 'inservice', '--timeout', '20s')
    assert ran.code == 0


def test_a_wait_ends_with_7_when_the_runtime_goes_away(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'reply': 1, 'slow_load_ms': 20000}), wait=False)
    done = []
    waiter = threading.Thread(target=lambda: done.append(runtime.cli('wait', 'ep', 'e', '--for', 'InService')))
    waiter.start()
    time.sleep(0.3)
    for process in sorted(runtime.processes(), key=lambda process: process.role != 'supervisor'):
        process.kill()
    waiter.join(20)
    assert done and done[0].code == 7, done


def test_a_deleted_endpoint_ends_a_wait_for_it(served):
    done = []
    waiter = threading.Thread(target=lambda: done.append(served.cli('wait', 'ep', 'e', '--for', 'deleted', '--timeout', '30s')))
    waiter.start()
    ran = served.cli('delete', 'endpoint', 'e', '--wait')
    assert ran.code == 0 and ran.out == 'endpoint e deleted\n'
    waiter.join(30)
    assert done and done[0].code == 0
    assert served.cli('get', 'ep', '-o', 'json').json() == []


def test_waiting_for_what_never_was_to_be_deleted_is_done_and_leaves_no_trace(runtime):
    assert runtime.cli('wait', 'endpoint', 'e', '--for', 'deleted').code == 0
    assert not os.path.exists(runtime.home)


# --- requests and logs


def test_invoke_sends_what_is_named_and_prints_the_answer_as_it_came(served):
    assert served.cli('invoke', 'e', '--body', '[1, 2.5]').out == '[1.0, 2.5]'
    assert served.cli('invoke', 'e', '--body', '@-', input='[3]').out == '[3.0]'
    path = os.path.join(served.folder, 'row.csv')
    with open(path, 'w') as file:
        file.write('4,5\n')
    assert json.loads(served.cli('invoke', 'e', '--body', '@' + path, '--accept', 'application/json').out) == [4.0, 5.0]
    target = os.path.join(served.folder, 'answer')
    ran = served.cli('invoke', 'e', '--body', '[6]', '--out', target)
    assert ran.code == 0 and not ran.out and open(target).read() == '[6.0]'
    ran = served.cli('invoke', 'e', '--body', '[7]', '-i')
    head, body = ran.out.split('\n\n', 1)
    assert head.startswith('HTTP/1.1 200') and 'x-Amzn-Invoked-Production-Variant: AllTraffic' in head and body == '[7.0]'
    assert served.cli('invoke', 'e', '--body', '[8]', '-o', 'jsonpath={[0]}').out == '8.0\n'


def test_what_the_model_refuses_goes_to_stderr_with_its_status(served):
    ran = served.cli('invoke', 'e', '--body', '[77]')
    assert ran.code == 1 and not ran.out
    assert '424 ModelError' in error_of(ran)
    ran = served.cli('invoke', 'nobody', '--body', '1')
    assert ran.code == 3 and 'smhost get endpoint' in error_of(ran)
    ran = served.cli('invoke', 'e', '--variant', 'Other', '--body', '1')
    assert ran.code == 1 and 'Other' in error_of(ran)
    ran = served.cli('invoke', 'e', '--body', '@/nowhere')
    assert ran.code == 3 and '/nowhere' in error_of(ran)


def test_a_body_over_the_limit_is_refused_here_and_one_at_the_limit_is_sent(served):
    path = os.path.join(served.folder, 'big.json')
    for size, code in ((6291456, 0), (6291457, 4)):
        with open(path, 'w') as file:
            file.write('[' + ' ' * (size - 3) + '1]')
        ran = served.cli('invoke', 'e', '--body', '@' + path)
        assert ran.code == code, ran


def test_logs_are_prefixed_filtered_and_followed(served):
    served.cli('invoke', 'e', '--body', '1')
    wait_until(lambda: 'seen' in served.cli('logs', 'e').out)
    line = served.cli('logs', 'e', '--tail', '1').out
    assert re.fullmatch(r'\d{4}-\S+Z AllTraffic/i-[0-9a-f]{12} .*\n', line)
    assert served.cli('logs', 'e', '--since', '0s').out == ''
    assert served.cli('logs', 'e', '--variant', 'Other').code == 3
    assert served.cli('logs', 'nobody').code == 3
    follower = subprocess.Popen([program('smhost'), '--home', served.home, 'logs', 'e', '-f', '--tail', '0', '-o', 'json'],
                                stdout=subprocess.PIPE, text=True, env=served.env)
    try:
        time.sleep(0.3)
        served.cli('invoke', 'e', '--body', '1')
        assert json.loads(follower.stdout.readline())['Message'].endswith('seen')
    finally:
        follower.terminate()
        follower.wait(10)


def test_events_tell_what_happened_to_a_resource(served):
    lines = served.cli('events', 'endpoint', 'e').out.splitlines()
    assert any('CreateStarted' in line for line in lines) and all('endpoint/e' in line for line in lines)
    events = [json.loads(line) for line in served.cli('events', '-o', 'json').out.splitlines()]
    assert {'Time', 'Type', 'Reason', 'Message'} <= set(events[0])
    assert served.cli('events', 'endpoint', 'other').out == ''


@pytest.mark.parametrize('answer, code, said', [
    (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n1\r\n]\r\n0\r\n\r\n', 0, '[1]'),
    (b'HTTP/1.1 413 Payload Too Large\r\nContent-Length: 15\r\n\r\n{"Message":"x"}', 4, '413'),
    (b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1', 7, 'before its answer was whole'),
    (b'', 7, 'before its answer was whole'),
    (b'no HTTP at all\r\n\r\n', 7, 'is not HTTP'),
])
def test_whatever_the_runtime_answers_invoke_ends_with_a_clear_error(runtime, answer, code, said):
    """The runtime is a held lock and a socket that answers early: before the body, of which it reads nothing."""
    assert runtime.apply(runtime.write_documents('e', runtime.documents('e', '/m.tar.gz')), '--no-start').code == 0
    os.makedirs(os.path.join(runtime.home, 'run'), exist_ok=True)
    with open(os.path.join(runtime.home, 'lock'), 'w') as lock, socket.socket(socket.AF_UNIX) as listener:
        fcntl.flock(lock, fcntl.LOCK_EX)
        listener.bind(runtime.socket)
        listener.listen()

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(1)
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_WR)
                time.sleep(0.2)

        server = threading.Thread(target=serve)
        server.start()
        ran = runtime.cli('invoke', 'e', '--body', '@-', input='[' + ' ' * 1000000 + ']')
        server.join()
    assert ran.code == code and said in (ran.out if code == 0 else error_of(ran)), ran


# --- objects


def test_files_go_into_the_object_store_and_come_out_the_same(runtime):
    source = os.path.join(runtime.folder, 'tree')
    os.makedirs(os.path.join(source, 'deep'))
    for name, content in (('a', b'\0one'), ('deep/b', b'two')):
        with open(os.path.join(source, name), 'wb') as file:
            file.write(content)
    assert runtime.cli('cp', '-r', source, 's3://bucket/x').code == 0
    assert runtime.cli('ls', 's3://bucket', '-o', 'name').out.split() == ['s3://bucket/x/a', 's3://bucket/x/deep/b']
    assert runtime.cli('ls', '-o', 'name').out == 's3://bucket\n'
    back = os.path.join(runtime.folder, 'back')
    assert runtime.cli('cp', '-r', 's3://bucket/x/', back).code == 0
    assert open(os.path.join(back, 'a'), 'rb').read() == b'\0one' and open(os.path.join(back, 'deep', 'b')).read() == 'two'
    assert runtime.cli('cp', '-', 's3://bucket/piped', input='three').code == 0
    assert runtime.cli('cp', 's3://bucket/piped', '-').out == 'three'
    assert runtime.cli('cp', 's3://bucket/piped', 's3://bucket/y/').code == 0
    assert runtime.cli('rm', 's3://bucket/x').code != 0
    assert runtime.cli('rm', '-r', 's3://bucket/x').code == 0
    assert runtime.cli('ls', 's3://bucket', '-o', 'name').out.split() == ['s3://bucket/piped', 's3://bucket/y/piped']
    assert runtime.cli('cp', source, 's3://bucket/z').code == 4
    assert runtime.cli('ls', 's3://no-bucket').code == 3
    assert runtime.cli('cp', 's3://bucket/../x', '-').code == 4


# --- help and set-up


def test_explain_schema_and_doctor(runtime):
    assert 'InstanceType' in runtime.cli('explain', 'ec.productionvariants').out
    assert runtime.cli('explain', 'ec.nothing').code == 3
    assert 'properties' in runtime.cli('schema', 'model').json()
    ran = runtime.cli('doctor', '-o', 'json')
    findings = {one['Check']: one for one in ran.json()}
    assert findings['worker']['Result'] == 'ok' and findings['smhostd']['Result'] == 'ok'
    assert all(one['Remedy'] for one in ran.json() if one['Result'] != 'ok')
    runtime.env['SMHOST_WORKER'] = '/nowhere/smhost-worker'
    ran = runtime.cli('doctor')
    assert ran.code == 1 and '/nowhere/smhost-worker' in ran.out and '→' in ran.out


def test_a_directory_that_is_not_ours_is_left_alone(runtime):
    os.makedirs(runtime.home)
    with open(os.path.join(runtime.home, 'precious'), 'w') as file:
        file.write('x')
    path = runtime.write_documents('e', runtime.documents('e', '/m.tar.gz'))
    for words in (['up'], ['apply', '-f', path], ['get', 'model']):
        ran = runtime.cli(*words)
        assert ran.code == 1 and 'precious' in ran.err, words
    assert os.listdir(runtime.home) == ['precious']


def complete_in_bash(runtime, line):
    """What bash offers for the line with the cursor at its end."""
    script = ('source <("$1" completion bash); COMP_LINE=$2; COMP_POINT=${#2}; '
              'IFS=$" \t\n" read -ra COMP_WORDS <<<"$(sed "s/[:=]/ & /g" <<<"$2")"; [[ $2 == *" " ]] && COMP_WORDS+=(""); '
              'COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); compopt() { :; }; _smhost; printf "%s\n" "${COMPREPLY[@]}"')
    ran = run(['bash', '-c', script, 'bash', program('smhost'), line], env={**runtime.env, 'PATH': os.path.dirname(program('smhost')) + ':' + os.environ['PATH'], 'SMHOST_HOME': runtime.home})
    assert ran.code == 0 and not ran.err, ran
    return ran.out.split()


@pytest.mark.skipif(not shutil.which('bash'), reason='no bash')
def test_bash_completes_verbs_options_and_live_names(runtime):
    path = runtime.write_documents('vad', runtime.documents('vad', '/m.tar.gz', variant='Blue'))
    assert runtime.apply(path, '--no-start').code == 0
    assert runtime.cli('cp', path, 's3://bucket/models/').code == 0
    assert complete_in_bash(runtime, 'smhost desc') == ['describe']
    assert complete_in_bash(runtime, 'smhost describe ep ') == ['vad']
    assert complete_in_bash(runtime, 'smhost invoke vad --variant ') == ['Blue']
    assert complete_in_bash(runtime, 'smhost apply --no-s') == ['--no-start']
    assert complete_in_bash(runtime, 'smhost cp s3://buck') == ['//bucket/']
    assert complete_in_bash(runtime, 'smhost cp s3://bucket/') == ['//bucket/models/']
    assert complete_in_bash(runtime, 'smhost get ep --output=js') == ['json', 'jsonpath=']


@pytest.mark.parametrize('shell', ['bash', 'zsh', 'fish'])
def test_a_completion_script_is_one_that_its_shell_can_read(runtime, shell):
    script = runtime.cli('completion', shell).out
    assert '__complete' in script
    if not shutil.which(shell):
        pytest.skip(f'no {shell}')
    assert run([shell, '-n'], input=script).code == 0


@pytest.mark.skipif(not shutil.which('groff'), reason='no groff')
@pytest.mark.parametrize('page', sorted(os.listdir(MAN)))
def test_a_man_page_renders_without_a_warning(page):
    ran = run(['groff', '-man', '-Tutf8', '-ww', '-z', os.path.join(MAN, page)])
    assert (ran.code, ran.err) == (0, '')


# --- terminals


def test_progress_and_colour_appear_on_a_terminal_alone(runtime):
    runtime.up()
    path = runtime.write_documents('e', runtime.documents('e', runtime.make_artifact({'reply': 1, 'slow_load_ms': 300})))
    code, text = on_terminal(runtime, 'apply', '-f', path, '--wait')
    assert code == 0
    assert '\r\033[Kendpoint e: Creating' in text and '\033[32mcreated\033[0m' in text
    code, text = on_terminal(runtime, 'get', 'endpoint')
    assert '\033[32mInService\033[0m' in text
    assert '\033' not in on_terminal(runtime, '--no-color', 'get', 'endpoint')[1]
    runtime.env['NO_COLOR'] = '1'
    assert '\033' not in on_terminal(runtime, 'get', 'endpoint')[1]


def test_a_full_standard_output_is_an_error(runtime):
    with open('/dev/full', 'w') as full:
        ended = subprocess.run([program('smhost'), 'version'], stdout=full, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 1 and 'standard output' in ended.stderr
