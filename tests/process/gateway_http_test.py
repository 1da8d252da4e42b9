"""The gateway as HTTP clients see it: framing, order, limits to the byte, who may ask."""

import json
import os
import re
import signal
import time

import pytest

import aws_signer
from frames import response
from gateway_harness import INVOCATIONS, KEY, endpoint, gateway, serving, variant, wait_until  # noqa: F401

BODY_LIMIT = 6_291_456


def test_an_invocation_carries_what_the_model_needs_and_says_where_it_was(serving):
    answer = serving.invoke(b'[1]', headers={'Accept': 'text/csv', 'X-Amzn-SageMaker-Custom-Attributes': 'trace=7'})
    assert answer.status == 200 and answer.body == b'[1]'
    (request,) = serving.echo.requests
    assert request.meta['content-type'] == 'application/json'
    assert request.meta['accept'] == 'text/csv'
    assert request.meta['custom-attributes'] == 'trace=7'
    assert 50_000 < int(request.meta['deadline-ms']) <= 60_000
    assert answer.headers['x-amzn-invoked-production-variant'] == 'v'
    assert answer.headers['x-smhost-model-digest'] == 'sha256:' + 'a' * 64
    assert re.fullmatch(r'queue;dur=[\d.]+, batch;dur=0.020, model;dur=0.030', answer.headers['server-timing'])
    assert re.fullmatch(r'[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}', answer.headers['x-amzn-requestid'])


def test_request_ids_differ(serving):
    client = serving.client()
    ids = {client.request('GET', '/ping').answer().headers['x-amzn-requestid'] for _ in range(50)}
    assert len(ids) == 50


@pytest.mark.parametrize('tcp', [False, True], ids=['unix', 'tcp'])
def test_a_connection_serves_one_request_after_the_other(serving, tcp):
    client = serving.client(tcp)
    for i in range(20):
        body = json.dumps([i]).encode()
        headers = aws_signer.sign(KEY, 'POST', INVOCATIONS, {'Host': 'x'}, body) if tcp else {}
        assert client.request(body=body, headers=headers).answer().body == body


def test_pipelined_requests_are_answered_in_their_order(serving):
    """The later ones are ready first: the instance answers them at once and the first one last."""
    held = []

    def answer(request):
        held.append(request)
        if len(held) < 8:
            return None
        from frames import encode, echo
        return b''.join(encode(echo(one)) for one in reversed(held))

    serving.echo.answer = answer
    client = serving.client()
    bodies = [b'%d' % i for i in range(8)]
    for body in bodies[:-1]:
        client.request(body=body)
    client.request('GET', '/ping').request(body=bodies[-1])
    assert [client.answer().body for _ in range(9)] == [*bodies[:-1], b'', bodies[-1]]


def test_a_long_row_of_pipelined_requests_is_served_with_bounded_room(serving):
    client = serving.client()
    data = b''.join(b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n%04d' % i for i in range(2000))
    client.send(data)
    assert [int(client.answer().body) for _ in range(2000)] == list(range(2000))
    assert len({request.id for request in serving.echo.requests}) == 2000


def test_a_request_that_closes_is_the_last(serving):
    client = serving.client()
    client.request(body=b'1', headers={'Connection': 'close'}).request(body=b'2')
    answer = client.answer()
    assert answer.body == b'1' and answer.headers['connection'] == 'close'
    assert client.closed() == b''
    assert len(serving.echo.requests) == 1


def test_http_1_0_closes_unless_asked_to_stay(serving):
    client = serving.client().send(b'GET /ping HTTP/1.0\r\n\r\n')
    assert client.answer().headers['connection'] == 'close'
    assert client.closed() == b''
    client = serving.client()
    for _ in range(3):
        client.send(b'GET /ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
        assert client.answer().headers['connection'] == 'keep-alive'


def test_head_has_the_headers_alone(serving):
    client = serving.client()
    client.request('HEAD', '/metrics')
    answer = client.answer(head_only=True)
    assert answer.status == 200 and int(answer.headers['content-length']) > 500
    assert client.request('GET', '/ping').answer().status == 200


def test_a_client_that_expects_100_is_told_to_go_on(serving):
    client = serving.client()
    client.send(b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n')
    assert client.answer().status == 100
    assert client.send(b'[1]').answer().body == b'[1]'


def test_a_client_that_expects_100_is_refused_before_it_sends_the_body(serving):
    client = serving.client()
    client.send(b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 6291457\r\n\r\n')
    assert client.answer().status == 413


def test_100_waits_for_the_answers_before_it(serving):
    def slow(request):
        time.sleep(0.1)
        return response(request, b'first')

    serving.echo.answer = slow
    client = serving.client()
    client.request(body=b'1')
    client.send(b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n')
    assert client.answer().body == b'first'
    assert client.answer().status == 100
    assert client.send(b'[1]').answer().status == 200


# --- limits

@pytest.mark.parametrize('chunked', [False, True], ids=['length', 'chunks'])
def test_the_limit_of_a_body_is_exact(serving, chunked):
    def send(size):
        client = serving.client()
        body = b'x' * size
        if chunked:
            head = b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
            data = b'%x\r\n%b\r\n1\r\n%b\r\n0\r\n\r\n' % (size - 1, body[1:], body[:1])
        else:
            head = b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n' % size
            data = body
        client.send(head)
        client.send(data)
        return client

    answer = send(BODY_LIMIT).answer()
    assert answer.status == 200 and len(answer.body) == BODY_LIMIT
    client = send(BODY_LIMIT + 1)
    answer = client.answer()
    assert answer.status == 413
    assert answer.body == b'HTTP content length exceeded 6291456 bytes.'
    assert client.closed() == b''


def test_the_limits_of_a_head_are_exact(serving):
    def status(target=b'/ping', headers=b''):
        client = serving.client()
        client.send(b'GET ' + target + b' HTTP/1.1\r\nHost: x\r\n' + headers + b'\r\n')
        answer = client.answer()
        if answer.status != 200:
            assert client.closed() == b''
        return answer.status

    frame = len(b'GET /ping HTTP/1.1\r\nHost: x\r\nX: \r\n\r\n')
    assert status(headers=b'X: ' + b'a' * (65536 - frame) + b'\r\n') == 200
    assert status(headers=b'X: ' + b'a' * (65537 - frame) + b'\r\n') == 431
    assert status(headers=b'X: y\r\n' * 127) == 200
    assert status(headers=b'X: y\r\n' * 128) == 431
    query = b'/ping?' + b'a' * (8192 - len('/ping?'))
    assert status(query) == 200
    assert status(query + b'a') == 414


def test_what_comes_beside_the_body_in_chunks_is_limited(serving):
    head = b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
    for data in (b'1;' + b'a' * 200_000 + b'\r\nx\r\n0\r\n\r\n', b'0\r\n' + b'X: y\r\n' * 40_000 + b'\r\n', b'1\r\nx\r\n' * 40_000):
        client = serving.client()
        try:
            client.send(head + data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert client.answer().status == 400
    assert serving.echo.requests == []


# --- who may ask, and for what

def test_over_tcp_a_signature_is_needed(serving):
    client = serving.client(tcp=True)
    answer = client.request().answer()
    assert answer.status == 403
    assert answer.headers['x-amzn-errortype'] == 'MissingAuthenticationTokenException'
    assert answer.json()['message'] == 'Missing Authentication Token'
    assert client.closed() == b''
    answer = serving.invoke(tcp=True, key=aws_signer.Key('AKIAOTHEROTHEROTHERO', KEY.secret))
    assert answer.status == 403 and answer.headers['x-amzn-errortype'] == 'UnrecognizedClientException'
    assert answer.json()['message'] == 'The security token included in the request is invalid.'
    assert serving.invoke(tcp=True).status == 200
    assert len(serving.echo.requests) == 1


def test_a_stranger_is_refused_before_the_body_is_taken(serving):
    client = serving.client(tcp=True)
    client.send(b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 6000000\r\n\r\n')
    assert client.answer().status == 403


NEW_KEY = aws_signer.Key('AKIANEWNEWNEWNEWNEWN', 'N' * 40)


def test_a_change_of_the_credentials_is_known_by_itself(serving):
    serving.write_credentials(NEW_KEY)
    wait_until(lambda: serving.invoke(tcp=True, key=NEW_KEY).status == 200, 30.0, what='the new key')
    assert serving.invoke(tcp=True).status == 403


def test_hup_reads_the_credentials_again(gateway):
    gateway.instance()
    gateway.route(endpoint('e', variant('v', 'i-000000000001')))
    gateway.start()
    path = os.path.join(gateway.home, 'credentials.json')
    with open(path) as file:
        old = file.read()
    gateway.write_credentials(NEW_KEY)
    wait_until(lambda: gateway.invoke(tcp=True, key=NEW_KEY).status == 200, 30.0, what='the new key')
    with open(path, 'w') as file:  # in place: of that no notice comes
        file.write(old)
    assert gateway.invoke(tcp=True, key=NEW_KEY).status == 200
    gateway.processes[0].send_signal(signal.SIGHUP)
    wait_until(lambda: gateway.invoke(tcp=True).status == 200, 30.0, what='the old key')


def test_without_credentials_nobody_gets_in_over_tcp_and_everybody_over_the_socket(gateway):
    os.unlink(os.path.join(gateway.home, 'credentials.json'))
    gateway.instance()
    gateway.route(endpoint('e', variant('v', 'i-000000000001')))
    gateway.start()
    assert gateway.invoke(tcp=True).status == 403
    assert gateway.invoke(tcp=True, headers={'Authorization': 'Bearer '}).status == 403
    assert gateway.invoke().status == 200


def test_health_and_counters_need_no_token(serving):
    client = serving.client(tcp=True)
    answer = client.request('GET', '/ping').answer()
    assert answer.status == 200 and answer.body == b''
    answer = client.request('GET', '/metrics').answer()
    assert answer.status == 200 and answer.headers['content-type'].startswith('text/plain; version=0.0.4')
    assert client.request('POST', '/ping').answer().status == 405


def test_another_account_has_endpoints_of_its_own(serving):
    serving.route(endpoint('e', variant('v', 'i-000000000001'), account='111111111111'))
    control = serving.controller()
    control.say(op='routes', generation=serving.generation)
    control.hear('taken')
    answer = serving.invoke()
    assert answer.status == 400
    assert answer.json() == {'ErrorCode': 'NO_SUCH_ENDPOINT', 'Message': 'Endpoint e of account 000000000000 not found.'}
    assert serving.invoke(headers={'X-Smhost-Account': '111111111111'}).status == 200


def test_what_is_not_served_is_said(serving):
    serving.ending_api()
    client = serving.client()
    answer = client.request('POST', '/', b'{}', {'X-Amz-Target': 'SageMaker.CreateModel'}).answer()
    assert answer.status == 503 and answer.headers['x-amzn-errortype'] == 'ServiceUnavailable'
    assert client.request('GET', '/endpoints/e/invocations').answer().headers['allow'] == 'POST'
    answer = client.request('POST', '/endpoints/e/async-invocations').answer()
    assert (answer.status, answer.json()['Message']) == (400, 'Endpoint e does not support this inference type.')
    assert client.request('POST', '/endpoints/..%2f..%2fetc/invocations').answer().status == 400
    answer = client.request(headers={'X-Amzn-SageMaker-Target-Model': 'm.tar.gz'}).answer()
    assert answer.json()['ErrorCode'] == 'TARGET_MODEL_HEADER_NOT_SUPPORTED'


def test_counters_count(serving):
    serving.invoke()
    serving.invoke()
    serving.echo.answer = lambda request: response(request, b'no', status=400)
    assert serving.invoke().status == 424
    metrics = serving.metrics()
    labels = 'account="000000000000",endpoint="e",variant="v"'
    assert metrics[f'smhost_requests_total{{{labels},code="200"}}'] == 2
    assert metrics[f'smhost_requests_total{{{labels},code="424"}}'] == 1
    assert metrics[f'smhost_model_latency_seconds_count{{{labels}}}'] == 3
    assert metrics['smhost_gateway_held_body_bytes'] == 0
    assert metrics['smhost_routes_generation'] == 1


@pytest.mark.parametrize('loops', [1, 3])
def test_any_number_of_loops_serves_the_same(gateway, loops):
    gateway.instance()
    gateway.route(endpoint('e', variant('v', 'i-000000000001')))
    gateway.start('--loops', str(loops))
    for i in range(30):
        assert gateway.invoke(b'%d' % i).body == b'%d' % i
    labels = 'account="000000000000",endpoint="e",variant="v"'
    assert gateway.metrics()[f'smhost_requests_total{{{labels},code="200"}}'] == 30
