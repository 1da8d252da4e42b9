"""Where requests go: routes and their changes, weights, instances that die, hang and lie."""

import collections
import json
import struct
import time

import pytest

from frames import HEADER, HELLO, MAGIC, REQUEST, RESPONSE, FakeInstance, Frame, echo, encode, hello, response
from gateway_harness import INSTANCE, Load, endpoint, gateway, serving, swap, variant, wait_until  # noqa: F401

ONE, TWO, THREE = (INSTANCE + digit for digit in '123')


def named(name):
    return lambda request: response(request, name.encode())


# --- endpoints, variants, weights

@pytest.mark.parametrize('status', ['Creating', 'Failed', 'Deleting', 'OutOfService'])
def test_an_endpoint_that_does_not_serve_is_not_found(gateway, status):
    gateway.instance()
    gateway.route(endpoint('e', variant('v', ONE), status=status))
    gateway.start()
    answer = gateway.invoke()
    assert answer.status == 400 and answer.headers['x-amzn-errortype'] == 'ValidationError'
    assert answer.json()['Message'] == 'Endpoint e of account 000000000000 not found.'


def test_a_gateway_without_routes_answers(gateway):
    gateway.start()
    assert gateway.invoke().json()['ErrorCode'] == 'NO_SUCH_ENDPOINT'


def test_two_fleets_share_requests_by_weight_and_named_ones_by_share(gateway):
    gateway.instance(ONE, answer=named('blue'))
    gateway.instance(TWO, answer=named('green'))
    gateway.route(endpoint('e', variant('v', ONE, weight=0.75, share=0.5, fleet='1'), variant('v', TWO, weight=0.25, share=0.5, fleet='2'),
                           status='Updating', deploying=True))
    gateway.start()
    gateway.wait_ready(2)
    client = gateway.client()
    free, bound = collections.Counter(), collections.Counter()
    for n in range(1, 201):
        free[client.request(body=b'x').answer().body] += 1
        bound[client.request(body=b'x', headers={'X-Amzn-SageMaker-Target-Variant': 'v'}).answer().body] += 1
        assert abs(free[b'green'] - 0.25 * n) <= 1 and abs(bound[b'green'] - 0.5 * n) <= 1


def test_weights_are_kept_exactly(gateway):
    for id, name in ((ONE, 'a'), (TWO, 'b'), (THREE, 'c')):
        gateway.instance(id, answer=named(name))
    gateway.route(endpoint('e', variant('a', ONE, weight=0.7), variant('b', TWO, weight=0.3), variant('c', THREE, weight=0)))
    gateway.start()
    client = gateway.client()
    got = collections.Counter()
    for n in range(1, 401):
        answer = client.request(body=b'x').answer()
        assert answer.headers['x-amzn-invoked-production-variant'] == answer.body.decode()
        got[answer.body] += 1
        assert abs(got[b'a'] - 0.7 * n) <= 1 and abs(got[b'b'] - 0.3 * n) <= 1
    assert got == {b'a': 280, b'b': 120}
    assert client.request(headers={'X-Amzn-SageMaker-Target-Variant': 'c'}).answer().body == b'c'
    answer = client.request(headers={'X-Amzn-SageMaker-Target-Variant': 'd'}).answer()
    assert answer.status == 400 and 'Variant d of endpoint e' in answer.json()['Message']


def test_instances_of_a_variant_share_its_requests(gateway):
    both = [gateway.instance(ONE), gateway.instance(TWO)]
    gateway.route(endpoint('e', variant('v', ONE, TWO)))
    gateway.start()
    gateway.wait_ready(2)
    client = gateway.client()
    for _ in range(40):
        assert client.request(body=b'x').answer().status == 200
    assert min(len(instance.requests) for instance in both) >= 19


# --- waiting

def test_requests_wait_while_a_variant_has_no_instance(gateway):
    gateway.route(endpoint('e', variant('v')))
    gateway.start()
    control = gateway.controller()
    client = gateway.client().request(body=b'early')
    time.sleep(0.1)
    gateway.instance(ONE)
    swap(gateway, control, endpoint('e', variant('v', ONE)))
    answer = client.answer()
    assert answer.status == 200 and answer.body == b'early'
    assert float(answer.headers['server-timing'].split('=')[1].split(',')[0]) > 50


def test_requests_wait_until_a_routed_instance_listens(gateway):
    late = gateway.instance(ONE, listen=False)
    gateway.route(endpoint('e', variant('v', ONE)))
    gateway.start()
    client = gateway.client().request(body=b'early')
    time.sleep(0.2)
    late.listen()
    assert client.answer().body == b'early'


def test_a_full_queue_is_said_at_once(gateway):
    gateway.route(endpoint('e', variant('v')))
    gateway.start(queue=2)
    waiting = [gateway.client().request(body=b'x') for _ in range(2)]
    wait_until(lambda: gateway.metrics()['smhost_requests_queued{account="000000000000",endpoint="e",variant="v"}'] == 2)
    answer = gateway.invoke()
    assert answer.status == 503 and answer.headers['x-amzn-errortype'] == 'ServiceUnavailable'
    for client in waiting:
        client.close()
    wait_until(lambda: gateway.metrics()['smhost_requests_queued{account="000000000000",endpoint="e",variant="v"}'] == 0)
    assert gateway.metrics()['smhost_gateway_held_body_bytes'] == 0


@pytest.mark.parametrize('where', ['queue', 'instance'])
def test_the_response_time_is_limited(gateway, where):
    instance = gateway.instance(ONE, answer=lambda request: None)
    gateway.route(endpoint('e', variant('v', *([ONE] if where == 'instance' else []))))
    gateway.start(response_timeout_ms=300)
    began = time.monotonic()
    answer = gateway.invoke()
    assert 0.3 <= time.monotonic() - began < 1.0
    assert answer.status == 424 and answer.headers['x-amzn-errortype'] == 'ModelError'
    assert answer.json()['OriginalStatusCode'] == 0
    assert answer.json()['OriginalMessage'].startswith('Your invocation timed out while waiting for a response from container primary.')
    if where == 'instance':
        wait_until(lambda: instance.cancelled == [instance.requests[0].id])


def test_a_late_answer_after_the_time_limit_reaches_nobody_else(gateway):
    held = []

    def answer(request):
        held.append(request)
        return encode(response(held[0], b'late')) + encode(response(request, b'mine')) if len(held) == 2 else None

    gateway.instance(ONE, answer=answer)
    gateway.route(endpoint('e', variant('v', ONE)))
    gateway.start(response_timeout_ms=200)
    assert gateway.invoke().status == 424
    assert gateway.invoke().body == b'mine'


def test_a_client_that_goes_away_cancels_its_request(serving):
    serving.echo.answer = lambda request: None
    client = serving.client().request(body=b'x')
    (request,) = serving.echo.wait_for(1)
    client.close()
    wait_until(lambda: serving.echo.cancelled == [request.id], what='the cancel frame')
    labels = 'account="000000000000",endpoint="e",variant="v"'
    assert serving.metrics()[f'smhost_requests_in_flight{{{labels}}}'] == 0


# --- instances that die and lie

def test_an_instance_that_dies_loses_what_it_had_and_nothing_else_where_nothing_may_run_twice(gateway):
    dying = gateway.instance(ONE, answer=lambda request: None)
    living = gateway.instance(TWO, answer=lambda request: None)
    gateway.route(endpoint('e', variant('v', ONE, TWO, replay=False)))
    gateway.start()
    gateway.wait_ready(2)
    control = gateway.controller()
    clients = [gateway.client().request(body=b'%d' % i) for i in range(2)]
    dying.wait_for(1)
    (spared,) = living.wait_for(1)
    dying.die()
    lost = next(client for client, i in zip(clients, range(2)) if b'%d' % i == dying.requests[0].body)
    answer = lost.answer()
    assert answer.status == 424
    assert answer.json()['OriginalStatusCode'] == 0
    assert 'the model process exited' in answer.json()['OriginalMessage']
    assert control.hear('lost') == {'op': 'lost', 'id': ONE}
    living.connections[0].sendall(encode(echo(spared)))
    other = next(client for client in clients if client is not lost)
    assert other.answer().body == spared.body
    living.answer = echo
    assert gateway.invoke(b'next').body == b'next'


def test_an_instance_that_comes_back_under_its_name_is_connected_again(serving):
    serving.echo.die()
    client = serving.client().request(body=b'held')
    time.sleep(0.05)
    serving.echo.listen()
    assert client.answer().body == b'held'


LIES = {
    'an id that nobody sent': lambda request: encode(response(request._replace(id=request.id + 77))),
    'the same answer twice': lambda request: encode(echo(request)) * 2,
    'a length past the limit': lambda request: HEADER.pack(MAGIC, RESPONSE, request.id, 10, 1 << 31),
    'meta past the limit': lambda request: HEADER.pack(MAGIC, RESPONSE, request.id, 1 << 20, 0),
    'meta that does not add up': lambda request: HEADER.pack(MAGIC, RESPONSE, request.id, 4, 0) + struct.pack('<H', 900) + b'ab',
    'another magic number': lambda request: HEADER.pack(MAGIC + 1, RESPONSE, request.id, 0, 0),
    'a type nobody knows': lambda request: HEADER.pack(MAGIC, 9, request.id, 0, 0),
    'a request': lambda request: encode(request),
    'a second hello': lambda request: encode(hello(ONE)),
    'bytes': lambda request: b'HTTP/1.1 200 OK\r\n\r\n' * 10,
}


@pytest.mark.parametrize('lie', LIES)
def test_an_instance_that_lies_is_dropped_alone(gateway, lie):
    liar = gateway.instance(ONE, answer=LIES[lie])
    honest = gateway.instance(TWO, answer=echo)
    gateway.route(endpoint('liars', variant('v', ONE)), endpoint('e', variant('v', TWO)))
    gateway.start()
    control = gateway.controller()
    client = gateway.client()
    answer = gateway.invoke(b'asked', name='liars')
    assert answer.status == (200 if lie == 'the same answer twice' else 500)
    assert control.hear('lost')['id'] == ONE
    wait_until(lambda: liar.accepted >= 2, what='another connection')
    assert client.request(body=b'other').answer().body == b'other'
    assert honest.accepted == 1


def test_a_cut_frame_is_a_lost_request(gateway):
    whole = {}

    def cut(request):
        whole['connection'] = instance.connections[-1]
        instance.connections[-1].sendall(encode(echo(request))[:-3])
        instance.break_connections()

    instance = gateway.instance(ONE, answer=cut)
    gateway.route(endpoint('e', variant('v', ONE, replay=False)))
    gateway.start()
    assert gateway.invoke(b'0123456789').status == 424


@pytest.mark.parametrize('greeting', [hello(TWO), hello(ONE, state='failed', error='no model'), Frame(RESPONSE, 1, {}, b''), b'garbage' * 10],
                         ids=['another name', 'failed', 'a response', 'bytes'])
def test_an_instance_with_a_wrong_hello_gets_no_request(gateway, greeting):
    wrong = gateway.instance(ONE, greeting=greeting)
    gateway.instance(TWO)
    gateway.route(endpoint('e', variant('v', ONE, TWO)))
    gateway.start()
    for _ in range(10):
        assert gateway.invoke().status == 200
    wait_until(lambda: wrong.accepted >= 2)
    assert wrong.requests == []


def test_a_model_cannot_split_the_response(serving):
    serving.echo.answer = lambda request: response(request, b'x', content_type='text/plain\r\nX-Evil: 1')
    answer = serving.invoke()
    assert answer.status == 424 and 'x-evil' not in answer.headers


def test_a_models_error_is_passed_on_as_aws_does(serving):
    serving.echo.answer = lambda request: response(request, b'expected 4 columns', status=400)
    answer = serving.invoke()
    assert answer.status == 424 and answer.headers['x-amzn-errortype'] == 'ModelError'
    assert answer.json() == {
        'ErrorCode': 'CLIENT_ERROR_FROM_MODEL',
        'LogStreamArn': 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/sagemaker/Endpoints/e',
        'Message': 'Received client error (400) from primary with message "expected 4 columns". See '
                   'https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logEventViewer:group='
                   '/aws/sagemaker/Endpoints/e in account 000000000000 for more information.',
        'OriginalMessage': 'expected 4 columns', 'OriginalStatusCode': 400}


# --- changes of routes

def test_swaps_under_load_lose_nothing(gateway):
    """Blue, green, blue …: each gives way while requests are at it, and is told idle only when it owes nothing."""
    blue, green = gateway.instance(ONE, answer=named('blue')), gateway.instance(TWO, answer=named('green'))
    gateway.route(endpoint('e', variant('v', ONE)))
    gateway.start()
    control = gateway.controller()
    load = Load(gateway)
    current, other = ONE, TWO
    for _ in range(30):
        load.wait(20)
        busy = swap(gateway, control, endpoint('e', variant('v', other), status='Updating'))
        assert busy in ([], [current])
        if busy:
            assert control.hear('idle') == {'op': 'idle', 'id': current}
        current, other = other, current
    load.wait(20)
    counts = load.stop()
    assert set(counts) == {200}, counts
    assert len(blue.requests) + len(green.requests) == sum(counts.values())
    assert {answer.body for answer in load.answers} == {b'blue', b'green'}


def test_an_instance_that_leaves_is_busy_until_it_has_answered(serving):
    serving.echo.answer = lambda request: None
    client = serving.client().request(body=b'x')
    (request,) = serving.echo.wait_for(1)
    control = serving.controller()
    serving.instance(TWO, answer=named('green'))
    assert swap(serving, control, endpoint('e', variant('v', TWO))) == [ONE]
    assert serving.invoke().body == b'green'
    assert swap(serving, control, endpoint('e', variant('v', TWO))) == [ONE]
    serving.echo.connections[0].sendall(encode(echo(request)))
    assert client.answer().body == b'x'
    assert control.hear('idle') == {'op': 'idle', 'id': ONE}
    assert swap(serving, control, endpoint('e', variant('v', TWO))) == []


def test_a_request_that_waits_for_a_variant_that_goes_away_finds_another(gateway):
    gateway.route(endpoint('e', variant('old')))
    gateway.start()
    control = gateway.controller()
    client = gateway.client().request(body=b'x')
    wait_until(lambda: gateway.metrics()['smhost_requests_queued{account="000000000000",endpoint="e",variant="old"}'] == 1)
    gateway.instance(ONE, answer=named('new'))
    swap(gateway, control, endpoint('e', variant('new', ONE)))
    assert client.answer().body == b'new'


def test_routes_that_cannot_be_read_leave_the_old_ones(serving):
    control = serving.controller()
    with open(serving.home + '/run/routes.json', 'w') as file:
        file.write('{"generation": 9, "endp')
    control.say(op='routes', generation=9)
    assert control.hear('taken') == {'op': 'taken', 'generation': 1, 'busy': []}
    assert serving.invoke().status == 200


def test_the_newest_controller_is_the_one_that_is_answered(serving):
    old = serving.controller()
    new = serving.controller()
    new.say(op='routes', generation=1)
    assert new.hear('taken')['generation'] == 1
    assert old.socket.recv(100) == b''
    new.socket.send(b'nonsense')
    assert new.socket.recv(100) == b''
    third = serving.controller()
    third.say(op='routes', generation=1)
    assert third.hear('taken')['generation'] == 1
