"""The API process between gateway and state directory: streams both ways, deaths, restarts, clients that leave."""

import hashlib
import http.client
import json
import os
import re
import signal
import socket
import threading

import pytest

import http_client
from processes import wait_until

JSON = {'Content-Type': 'application/x-amz-json-1.1'}


@pytest.fixture
def api(runtime):
    runtime.up()
    wait_until(lambda: runtime.processes('api'), what='an API process')
    assert runtime.request('PUT', '/bucket').status == 200
    return runtime


def list_models(runtime, **options):
    return runtime.request('POST', '/', b'{}', {**JSON, 'X-Amz-Target': 'SageMaker.ListModels'}, **options)


def rss_kb(process):
    with open(f'/proc/{process.pid}/status') as file:
        return int(re.search(r'VmRSS:\s+(\d+)', file.read())[1])


def begin_put(runtime, key, length):
    """The head of a put, on a connection that the test goes on with."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(30)
    connection.connect(runtime.socket)
    connection.sendall(f'PUT /bucket/{key} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n'.encode())
    return connection


def status_of(connection):
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer.status


def test_the_owners_socket_needs_no_signature_and_the_port_does(api):
    assert list_models(api).status == 200
    assert json.loads(list_models(api).body) == {'Models': []}
    assert list_models(api, tcp=True).status == 200
    refused = list_models(api, tcp=True, sign=False)
    assert refused.status == 400
    assert json.loads(refused.body)['__type'] == 'MissingAuthenticationTokenException'
    assert api.request('GET', '/bucket', tcp=True, sign=False).status == 403


def test_every_process_says_who_it_is(api):
    with open(f'/proc/{api.process("api").pid}/cmdline') as file:
        assert file.read().rstrip('\0') == f'smhostd: api [{api.home}]'


def test_an_object_of_any_size_passes_in_pieces_and_memory_stays_small(api):
    block, count = os.urandom(1 << 20), 96
    before = {role: rss_kb(api.process(role)) for role in ('gateway', 'api')}
    connection = begin_put(api, 'big', len(block) * count)
    digest = hashlib.sha256()
    for _ in range(count):
        connection.sendall(block)
        digest.update(block)
    assert status_of(connection) == 200
    connection.close()

    reader = http_client.connection_to(api.socket, 30)
    reader.request('GET', '/bucket/big')
    answer = reader.getresponse()
    assert answer.status == 200 and int(answer.headers['Content-Length']) == len(block) * count
    got = hashlib.sha256()
    while part := answer.read(1 << 20):
        got.update(part)
    reader.close()
    assert got.digest() == digest.digest()
    for role, kb in before.items():
        assert rss_kb(api.process(role)) - kb < 24 * 1024, role


def test_a_reader_that_does_not_read_costs_no_memory(api):
    assert api.request('PUT', '/bucket/big', os.urandom(1 << 20) * 48, timeout=30).status == 200
    before = rss_kb(api.process('gateway'))
    lazy = []
    for _ in range(4):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(api.socket)
        connection.sendall(b'GET /bucket/big HTTP/1.1\r\nHost: localhost\r\n\r\n')
        lazy.append(connection)
    assert list_models(api).status == 200  # others are served meanwhile
    assert rss_kb(api.process('gateway')) - before < 32 * 1024
    for connection in lazy:
        connection.close()


def test_a_client_that_leaves_in_the_middle_of_a_put_leaves_nothing(api):
    connection = begin_put(api, 'half', 1 << 20)
    connection.sendall(b'x' * 1000)
    connection.close()
    wait_until(lambda: api.request('GET', '/bucket/half').status == 404)
    assert api.request('PUT', '/bucket/whole', b'whole').status == 200
    listed = api.request('GET', '/bucket?list-type=2').body.decode()
    assert re.findall(r'<Key>([^<]*)</Key>', listed) == ['whole']


def test_a_death_costs_the_requests_in_it_and_nothing_else(api):
    api.apply_endpoint('e', api.make_artifact({'echo': True}))
    for number in range(5):
        connection = begin_put(api, f'cut-{number}', 1 << 20)
        connection.sendall(b'x' * 100_000)
        killed = api.kill('api')
        assert status_of(connection) == 503
        connection.close()
        # Nobody is refused: who comes while none is there waits for the next.
        assert list_models(api).status == 200
        assert api.invoke('e', b'[1]').status == 200
        api.wait_replaced(killed)
    assert '<Key>' not in api.request('GET', '/bucket?list-type=2').body.decode()


def test_requests_during_restarts_are_all_answered(api):
    statuses, faults, codes, stop = [], [], [], threading.Event()

    def ask():
        while not stop.is_set():
            try:
                statuses.append(list_models(api, timeout=30).status)
            except OSError as error:
                faults.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        assert api.cli('restart').code == 0
    upload = begin_put(api, 'slow', 200_000)
    upload.sendall(b'x' * 100_000)
    before = api.processes('api')
    restarted = threading.Thread(target=lambda: codes.append(api.cli('restart').code))
    restarted.start()
    wait_until(lambda: any(process not in before for process in api.processes('api')), 30.0, what='the next API process')
    upload.sendall(b'x' * 100_000)
    assert status_of(upload) == 200  # by the process that took it
    upload.close()
    restarted.join()
    assert codes == [0]
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults
    assert set(statuses) == {200}


def test_a_stopped_api_process_is_replaced(api):
    stopped = api.process('api')
    stopped.signal(signal.SIGSTOP)
    wait_until(lambda: stopped not in api.processes('api'), 60.0, what='the end of the stopped process')
    assert list_models(api, timeout=30).status == 200


def test_connections_of_clients_that_have_gone_are_closed(api):
    """The end of an answer that came after its last byte was written was never noticed, and the connection stayed for ever."""
    gateway = api.process('gateway')
    descriptors = lambda: len(os.listdir(f'/proc/{gateway.pid}/fd'))
    before = descriptors()
    for _ in range(300):
        assert list_models(api).status == 200
    wait_until(lambda: descriptors() <= before + 2, what=lambda: f'{descriptors()} descriptors, {before} before')


def test_what_is_not_built_says_so_by_name(api):
    answer = api.request('POST', '/', b'{}', {**JSON, 'X-Amz-Target': 'SageMaker.CreateTrainingJob'})
    assert answer.status == 400
    assert 'CreateTrainingJob' in json.loads(answer.body)['message']
