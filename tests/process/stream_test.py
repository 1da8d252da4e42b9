"""InvokeEndpointWithResponseStream: answers in parts from an instance through the gateway, and from the worker itself."""

import json
import signal
import threading

import pytest

from event_stream import EventReader
from frames import Frame, RESPONSE, part, response
from gateway_harness import Client, INSTANCE, endpoint, gateway, serving, variant, wait_until  # noqa: F401

ONE, TWO = (INSTANCE + digit for digit in '12')
PATH = '/endpoints/e/invocations-response-stream'
PATIENCE = 60.0


def begin(gateway, body=b'[1]', headers=None, **options):
    client = gateway.client(timeout=PATIENCE)
    client.request('POST', PATH, body, {'Content-Type': 'application/json', **(headers or {})}, **options)
    return EventReader(client)


def in_parts(*bodies):
    def answer(request):
        assert 'stream' in request.meta
        return [*(part(request, body) for body in bodies[:-1]), response(request, bodies[-1])]
    return answer


def last_part(request, body=b'', status=200):
    return Frame(RESPONSE, request.id, {'status': str(status)}, body)


def test_parts_are_events_and_the_connection_goes_on(serving):
    serving.echo.answer = in_parts(b'one', b'two', b'three')
    stream = begin(serving, headers={'X-Amzn-SageMaker-Accept': 'text/csv', 'Accept': '*/*'})
    assert stream.status == 200
    assert stream.headers['content-type'] == 'application/vnd.amazon.eventstream'
    assert stream.headers['x-amzn-sagemaker-content-type'] == 'application/json'
    assert stream.headers['x-amzn-invoked-production-variant'] == 'v'
    assert stream.headers['x-amzn-requestid']
    assert stream.parts() == [b'one', b'two', b'three']
    assert serving.echo.requests[0].meta['accept'] == 'text/csv'
    serving.echo.answer = in_parts(b'again')
    stream.client.request('POST', PATH, b'[1]')
    assert EventReader(stream.client).parts() == [b'again']


def test_a_part_is_passed_on_before_the_next_one_is_there(serving):
    told = threading.Event()

    def answer(request):
        yield part(request, b'first')
        assert told.wait(PATIENCE)
        yield response(request, b'second')

    serving.echo.answer = answer
    stream = begin(serving)
    assert stream.next()[1] == b'first'
    told.set()
    assert stream.parts() == [b'second']


def test_an_answer_that_is_one_frame_is_one_part_and_an_empty_one_none(serving):
    assert begin(serving, b'[42]').parts() == [b'[42]']
    serving.echo.answer = lambda request: response(request, b'')
    assert begin(serving).parts() == []


def test_errors_before_the_first_part_are_those_of_an_invocation(serving):
    serving.echo.answer = lambda request: response(request, b'bad input', status=400)
    stream = begin(serving)
    assert stream.status == 424
    assert stream.headers['x-amzn-errortype'] == 'ModelError'
    client = serving.client()
    answer = client.request('POST', '/endpoints/nobody/invocations-response-stream', b'x').answer()
    assert answer.status == 400 and answer.json()['ErrorCode'] == 'NO_SUCH_ENDPOINT'
    assert client.request('GET', PATH).answer().status == 405


def test_an_old_client_gets_the_stream_until_the_connection_ends(serving):
    serving.echo.answer = in_parts(b'one', b'two')
    client = serving.client(timeout=PATIENCE)
    client.send(b'POST %s HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx' % PATH.encode())
    stream = EventReader(client)
    assert 'transfer-encoding' not in stream.headers and stream.headers['connection'] == 'close'
    assert stream.parts() == [b'one', b'two']


def fault(event):
    headers, payload = event
    assert headers[':message-type'] == 'exception' and headers[':content-type'] == 'application/json'
    return headers[':exception-type'], json.loads(payload)


def test_a_model_that_fails_in_the_middle_ends_the_stream_with_an_exception(serving):
    serving.echo.answer = lambda request: [part(request, b'one'), last_part(request, b'no more memory', status=500)]
    stream = begin(serving)
    assert stream.next()[1] == b'one'
    kind, body = fault(stream.next())
    assert kind == 'ModelStreamError' and body['ErrorCode'] == 'StreamBroken' and 'no more memory' in body['Message']
    assert stream.next() is None
    serving.echo.answer = in_parts(b'fine')
    stream.client.request('POST', PATH, b'[1]')
    assert EventReader(stream.client).parts() == [b'fine']


def test_an_instance_that_dies_in_the_middle_breaks_the_stream_and_nothing_runs_twice(gateway):
    instances = [gateway.instance(id) for id in (ONE, TWO)]
    gateway.route(endpoint('e', variant('v', ONE, TWO)))
    gateway.start()
    gateway.wait_ready(2)
    for instance in instances:
        instance.answer = lambda request: part(request, b'one')
    stream = begin(gateway)
    assert stream.next()[1] == b'one'
    died = next(instance for instance in instances if instance.requests)
    died.die()
    kind, body = fault(stream.next())
    assert (kind, body['ErrorCode']) == ('ModelStreamError', 'StreamBroken')
    assert stream.next() is None
    assert sum(len(instance.requests) for instance in instances) == 1


def test_before_the_first_part_a_death_is_made_good_as_for_any_invocation(gateway):
    one, two = gateway.instance(ONE), gateway.instance(TWO)
    gateway.route(endpoint('e', variant('v', ONE, TWO)))
    gateway.start()
    gateway.wait_ready(2)
    died = []

    def answer(request):
        if not died:
            died.append(1)
            for instance in (one, two):
                if instance.requests:
                    threading.Thread(target=instance.die).start()
            return None
        return in_parts(b'made', b'good')(request)

    one.answer = two.answer = answer
    assert begin(gateway).parts() == [b'made', b'good']


def test_a_stream_that_takes_too_long_ends_with_its_code(gateway):
    instance = gateway.instance(ONE, answer=lambda request: part(request, b'one'))
    gateway.route(endpoint('e', variant('v', ONE)))
    gateway.start(stream_timeout_ms=1500)
    stream = begin(gateway)
    assert stream.next()[1] == b'one'
    kind, body = fault(stream.next())
    assert (kind, body['ErrorCode']) == ('ModelStreamError', 'ModelInvocationTimeExceeded')
    assert stream.next() is None
    wait_until(lambda: instance.cancelled, PATIENCE, 'the cancellation')


def test_who_leaves_in_the_middle_is_cancelled_at_the_instance(serving):
    serving.echo.answer = lambda request: part(request, b'one')
    stream = begin(serving)
    assert stream.next()[1] == b'one'
    stream.client.close()
    wait_until(lambda: serving.echo.cancelled == [serving.echo.requests[0].id], PATIENCE, 'the cancellation')


def test_a_slow_reader_stops_the_instance_and_no_other_request(serving):
    piece, count = b'x' * 65536, 400  # 25 MiB, far beyond what may wait
    state = {'sent': 0, 'room': 0}

    def more(request):
        while state['room'] > 0 and state['sent'] < count:
            state['sent'] += 1
            state['room'] -= len(piece)
            yield part(request, piece) if state['sent'] < count else response(request, piece)

    def answer(request):
        if 'stream' not in request.meta:
            return response(request, request.body)
        state['room'] = int(request.meta['stream'])
        state['request'] = request
        return more(request)

    def on_grant(number, granted):
        state['room'] += granted
        return more(state['request'])

    serving.echo.answer, serving.echo.on_grant = answer, on_grant
    stream = begin(serving)
    # Others are served while it waits; what it may have in all buffers is bounded.
    for _ in range(50):
        assert serving.invoke(b'[7]').body == b'[7]'
    assert state['sent'] < count / 2, state
    got = stream.parts()
    assert sum(map(len, got)) == count * len(piece)


def test_an_instance_that_ignores_its_window_loses_its_connection(serving):
    def flood(request):
        while True:
            yield part(request, b'x' * 65536)

    serving.echo.answer = flood
    stream = begin(serving)
    wait_until(lambda: 'in parts that were not asked for' in serving.log(), PATIENCE, 'the complaint')
    while (event := stream.next()) and event[0][':message-type'] == 'event':
        pass
    assert fault(event)[1]['ErrorCode'] == 'StreamBroken'


def test_a_draining_gateway_lets_a_stream_end(serving):
    told = threading.Event()

    def answer(request):
        yield part(request, b'one')
        assert told.wait(PATIENCE)
        yield response(request, b'two')

    serving.echo.answer = answer
    stream = begin(serving)
    assert stream.next()[1] == b'one'
    serving.processes[-1].terminate()
    told.set()
    assert stream.parts() == [b'two']
    assert serving.processes[-1].wait(PATIENCE) == 0


def test_async_invocations_are_refused_as_aws_refuses_them(serving):
    client = serving.client()
    answer = client.request('POST', '/endpoints/e/async-invocations', headers={'X-Amzn-SageMaker-InputLocation': 's3://b/k'}).answer()
    assert answer.status == 400
    assert answer.headers['x-amzn-errortype'] == 'ValidationError'
    assert answer.json()['Message'] == 'Endpoint e does not support this inference type.'
    answer = client.request('POST', '/endpoints/nobody/async-invocations').answer()
    assert answer.json()['ErrorCode'] == 'NO_SUCH_ENDPOINT'


PARTS = ['a', 2, {'k': [None, True]}, *(f'{i:02}' * 32768 for i in range(40))]


def test_a_method_that_gives_a_list_streams_it_element_by_element(runtime):
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'reply': PARTS}))
    client = Client(runtime.socket, timeout=PATIENCE)
    client.request('POST', PATH, b'[1]', {'Content-Type': 'application/json'})
    stream = EventReader(client)
    assert stream.headers['x-amzn-sagemaker-content-type'] == 'application/json'
    assert [json.loads(payload) for payload in stream.parts()] == PARTS
    client.request('POST', '/endpoints/e/invocations', b'[1]', {'Content-Type': 'application/json'})
    assert client.answer().json() == PARTS
    # An instance that is asked to end owes the parts that are not sent yet.
    client.request('POST', PATH, b'[1]', {'Content-Type': 'application/json'})
    stream = EventReader(client)
    runtime.kill('instance', signal.SIGTERM)
    assert [json.loads(payload) for payload in stream.parts()] == PARTS
    client.close()
