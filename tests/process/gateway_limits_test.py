"""Clients that are slow, idle or many, and machines that run out of descriptors: bounded, and the others are served."""

import os
import resource
import socket
import statistics
import time

import pytest

from frames import response
from gateway_harness import INSTANCE, endpoint, gateway, serving, variant, wait_until  # noqa: F401

ONE = INSTANCE + '1'


@pytest.fixture
def impatient(gateway):
    gateway.echo = gateway.instance(ONE)
    gateway.route(endpoint('e', variant('v', ONE)))
    gateway.start(header_timeout_ms=300, body_timeout_ms=300, idle_timeout_ms=600, write_timeout_ms=300)
    return gateway


def seconds_until_closed(client):
    began = time.monotonic()
    data = client.closed()
    return time.monotonic() - began, data


def cpu_seconds(process):
    with open(f'/proc/{process.pid}/stat') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def resident_bytes(process):
    with open(f'/proc/{process.pid}/statm') as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def test_a_head_that_drips_is_cut_off(impatient):
    client = impatient.client()
    client.send(b'GET /ping HTTP/1.1\r\n')
    began = time.monotonic()
    try:
        while time.monotonic() - began < 2:
            client.send(b'X: y\r\n')
            time.sleep(0.05)
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert 0.25 < time.monotonic() - began < 1


def test_a_body_that_drips_gets_408(impatient):
    client = impatient.client()
    client.send(b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n')
    began = time.monotonic()
    for _ in range(5):
        client.send(b'x')
        time.sleep(0.05)
    answer = client.answer()
    assert answer.status == 408 and answer.headers['connection'] == 'close'
    assert 0.25 < time.monotonic() - began < 1
    assert impatient.echo.requests == []


def test_an_idle_connection_is_closed(impatient):
    for used in (False, True):
        client = impatient.client()
        if used:
            client.request('GET', '/ping').answer()
        took, data = seconds_until_closed(client)
        assert 0.5 < took < 1.5 and data == b''


def test_a_connection_that_waits_for_its_answer_is_not_idle(impatient):
    def slow(request):
        time.sleep(1.2)
        return response(request, b'slow')

    impatient.echo.answer = slow
    assert impatient.invoke().body == b'slow'


def test_a_reader_that_stops_is_cut_off_and_holds_little(impatient):
    impatient.echo.answer = lambda request: response(request, b'x' * 20_000_000)
    client = impatient.client()
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.request(body=b'x')
    wait_until(lambda: impatient.echo.requests)
    wait_until(lambda: impatient.metrics()['smhost_gateway_connections'] == 1, 15.0, 'the end of that connection')
    assert len(client.closed()) < 20_000_000
    assert impatient.invoke().status == 200


def test_a_reader_that_is_slow_but_steady_gets_everything(impatient):
    size = 3_000_000
    impatient.echo.answer = lambda request: response(request, b'x' * size)
    client = impatient.client()
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    client.request(body=b'x')
    got = 0
    while got < size:
        data = client.socket.recv(200_000)
        assert data, f'cut after {got} bytes'
        got += len(data)
        time.sleep(0.03)


def test_a_client_that_pipelines_and_does_not_read_is_read_no_further(serving):
    serving.echo.answer = lambda request: response(request, b'x' * 300_000)
    client = serving.client()
    client.socket.setblocking(False)
    data = b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n' * 20_000
    sent = 0
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        try:
            sent += client.socket.send(data[sent:sent + 65536])
        except BlockingIOError:
            time.sleep(0.01)
    assert len(serving.echo.requests) < 100
    assert serving.invoke(name='none').status == 400


def test_bodies_in_memory_are_limited(gateway):
    gateway.instance(ONE, answer=lambda request: None)
    gateway.route(endpoint('e', variant('v', ONE)))
    gateway.start(held_body_bytes=3_000_000)
    first = gateway.client().request(body=b'x' * 2_000_000)
    wait_until(lambda: gateway.metrics()['smhost_gateway_held_body_bytes'] == 2_000_000)
    for chunked in (False, True):
        client = gateway.client()
        head = b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\n'
        if chunked:
            client.send(head + b'Transfer-Encoding: chunked\r\n\r\n1e8480\r\n' + b'x' * 1_999_000)
        else:
            client.send(head + b'Content-Length: 2000000\r\n\r\n')
        assert client.answer().status == 503
    first.close()
    wait_until(lambda: gateway.metrics()['smhost_gateway_held_body_bytes'] == 0)


def test_thousands_of_idle_connections_cost_little_and_slow_nobody_down(gateway):
    gateway.instance(ONE)
    gateway.route(endpoint('e', variant('v', ONE)))
    process = gateway.start(connections=1000)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    before = resident_bytes(process)

    def typical():
        """The median: whatever else the machine does is no fault of the gateway's."""
        times = []
        client = gateway.client()
        for _ in range(500):
            began = time.monotonic()
            assert client.request(body=b'x').answer().status == 200
            times.append(time.monotonic() - began)
        client.close()
        return statistics.median(times)

    try:
        alone = typical()
        idle = [gateway.client() for _ in range(900)]
        assert resident_bytes(process) - before < 900 * 32 * 1024
        assert typical() < 2 * alone + 0.001
        # Past the limit those that only sit there make room; everybody who asks is served.
        time.sleep(1.1)
        idle += [gateway.client() for _ in range(300)]
        for client in idle[-300:]:
            assert client.request('GET', '/ping').answer().status == 200
        assert gateway.metrics()['smhost_gateway_shed_connections_total'] >= 100
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_without_descriptors_the_gateway_waits_sheds_and_recovers(gateway):
    gateway.instance(ONE)
    gateway.route(endpoint('e', variant('v', ONE)))
    process = gateway.start(prefix=['prlimit', '--nofile=26:26'])
    idle = [gateway.client() for _ in range(60)]
    wait_until(lambda: 'cannot accept connections' in gateway.log(), what='the complaint')
    began = cpu_seconds(process)
    time.sleep(0.9)
    assert cpu_seconds(process) - began < 0.2, 'it spins'
    # The oldest idle ones are closed, so those behind them are served.
    for client in idle[-10:]:
        assert client.request(body=b'x').answer().body == b'x'
    for client in idle:
        client.close()
    assert gateway.invoke().status == 200
    assert gateway.alive()
    assert gateway.log().count('cannot accept connections') < 20


def test_an_idle_gateway_does_not_wake(serving):
    """At most once a second for the whole runtime; the gateway alone, with no connection, not at all."""
    serving.invoke()
    time.sleep(1.5)

    def switches():
        """Of our two threads: a sanitizer has one of its own."""
        pid, total = serving.processes[0].pid, 0
        for task in os.listdir(f'/proc/{pid}/task'):
            with open(f'/proc/{pid}/task/{task}/status') as file:
                fields = dict(line.split(':', 1) for line in file)
            if task == str(pid) or fields['Name'].strip() == 'loop':
                total += int(fields['voluntary_ctxt_switches'])
        return total

    before = switches()
    time.sleep(2)
    assert switches() - before <= 2


def test_a_client_that_leaves_at_any_byte_harms_nobody(serving):
    data = b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n' + b'x' * 20
    for cut in range(1, len(data) + 1, 3):
        serving.client().send(data[:cut]).close()
    wait_until(lambda: serving.metrics()['smhost_gateway_connections'] == 1, 15.0, 'the ends of all connections')
    assert serving.invoke().status == 200
    assert serving.metrics()['smhost_gateway_held_body_bytes'] == 0
