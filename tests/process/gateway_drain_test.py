"""The gateway's end and its replacement: what is in flight is answered, and no connection is refused."""

import signal
import time

from frames import echo, encode, response
from gateway_harness import INSTANCE, endpoint, gateway, serving, variant, wait_until  # noqa: F401
from gateway_routing_test import Load

ONE, TWO = INSTANCE + '1', INSTANCE + '2'


def test_term_answers_what_is_in_flight_and_ends(serving):
    serving.echo.answer = lambda request: None
    client = serving.client().request(body=b'x')
    (request,) = serving.echo.wait_for(1)
    process = serving.processes[0]
    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert serving.alive()
    serving.echo.connections[0].sendall(encode(echo(request)))
    answer = client.answer()
    assert answer.body == b'x' and answer.headers['connection'] == 'close'
    assert process.wait(3) == 0


def test_term_with_nothing_in_flight_ends_at_once(serving):
    serving.processes[0].send_signal(signal.SIGTERM)
    assert serving.processes[0].wait(1) == 0


def test_a_kept_connection_gets_its_next_answer_with_close(serving):
    client = serving.client()
    assert 'connection' not in client.request(body=b'1').answer().headers
    serving.processes[0].send_signal(signal.SIGTERM)
    time.sleep(0.2)
    answer = client.request(body=b'2').answer()
    assert answer.body == b'2' and answer.headers['connection'] == 'close'
    assert client.closed() == b''
    assert serving.processes[0].wait(3) == 0


def test_idle_connections_hold_the_end_up_only_shortly(serving):
    clients = [serving.client() for _ in range(5)]
    for client in clients:
        client.request('GET', '/ping').answer()
    serving.processes[0].send_signal(signal.SIGTERM)
    assert serving.processes[0].wait(3) == 0


def test_a_half_sent_request_is_still_taken(serving):
    client = serving.client()
    client.send(b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nha')
    time.sleep(0.05)
    serving.processes[0].send_signal(signal.SIGTERM)
    time.sleep(0.3)
    client.send(b'lf')
    assert client.answer().body == b'half'
    assert serving.processes[0].wait(3) == 0


def test_a_second_term_ends_at_once(serving):
    serving.echo.answer = lambda request: None
    client = serving.client().request(body=b'x')
    serving.echo.wait_for(1)
    process = serving.processes[0]
    process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    assert serving.alive()
    process.send_signal(signal.SIGTERM)
    assert process.wait(1) == 0
    assert client.answer().status == 503


def test_the_time_to_drain_is_limited(gateway):
    gateway.instance(ONE, answer=lambda request: None)
    gateway.route(endpoint('e', variant('v', ONE)))
    process = gateway.start(drain_limit_ms=400)
    client = gateway.client().request(body=b'x')
    gateway.instances[0].wait_for(1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(2) == 0
    assert client.answer().status == 503


def test_two_gateways_overlap_and_refuse_nothing(serving):
    """What a restart does, again and again under load: start the next, then end the one before."""
    load = Load(serving, clients=4)
    for _ in range(4):
        load.wait(50)
        old = serving.processes[-1]
        serving.start()
        old.send_signal(signal.SIGTERM)
        assert old.wait(10) == 0
        control = serving.controller()  # the path is the new one's
        control.close()
    load.wait(50)
    counts = load.stop()
    assert set(counts) == {200}, counts


def test_between_two_gateways_connections_wait(serving):
    serving.processes[0].send_signal(signal.SIGKILL)
    serving.processes[0].wait()
    client = serving.client().request(body=b'waits')
    time.sleep(0.1)
    serving.start(wait=False)
    assert client.answer().body == b'waits'


def test_a_leaving_gateway_turns_away_from_the_controller_and_still_sees_new_routes(gateway):
    gateway.route(endpoint('e', variant('v')))
    process = gateway.start()
    control = gateway.controller()
    client = gateway.client().request(body=b'x')
    wait_until(lambda: gateway.metrics()['smhost_requests_queued{account="000000000000",endpoint="e",variant="v"}'] == 1)
    process.send_signal(signal.SIGTERM)
    assert control.socket.recv(100) == b''
    gateway.instance(ONE, answer=lambda request: response(request, b'new'))
    gateway.route(endpoint('e', variant('v', ONE)))
    assert client.answer().body == b'new'
    assert process.wait(3) == 0
