"""Signatures of invocations over TCP: what passes, what is refused how, and that no changed byte ever reaches the model."""

import datetime

import pytest

import aws_signer
from gateway_harness import INVOCATIONS, KEY, endpoint, gateway, serving, variant, wait_until  # noqa: F401
from harness import ACCOUNT

USER = aws_signer.Key('AKIAUSERUSERUSERUSER', 'U' * 40)
OTHER = aws_signer.Key('AKIAOTHEROTHEROTHERO', 'O' * 40)


def ago(**time):
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**time)


def refused(answer, status, error):
    assert (answer.status, answer.headers['x-amzn-errortype']) == (status, error), answer
    return answer.json()['message']


def send(serving, body=b'[1]', headers=None, **options):
    signed = aws_signer.sign(options.pop('key', KEY), 'POST', INVOCATIONS, {'Host': 'x', **(headers or {})}, body, **options)
    client = serving.client(tcp=True)
    return client.request(body=body, headers=signed).answer()


def test_each_fault_of_a_signature_has_its_own_error(serving):
    assert send(serving).status == 200
    wrong = aws_signer.Key(KEY.id, 'W' * 40)
    assert 'does not match the signature you provided' in refused(send(serving, key=wrong), 403, 'InvalidSignatureException')
    assert 'Signature expired: ' in refused(send(serving, at=ago(minutes=6)), 403, 'InvalidSignatureException')
    assert 'Signature not yet current: ' in refused(send(serving, at=ago(minutes=-6)), 403, 'InvalidSignatureException')
    assert "correct service: 'sagemaker'" in refused(send(serving, service='s3'), 403, 'InvalidSignatureException')
    refused(send(serving, key=OTHER), 403, 'UnrecognizedClientException')
    refused(send(serving, key=aws_signer.Key(KEY.id, KEY.secret, 'token')), 403, 'UnrecognizedClientException')
    for authorization in ('Bearer x', 'AWS4-HMAC-SHA256 Credential=x', 'AWS x:y'):
        refused(serving.client(tcp=True).request(headers={'Authorization': authorization}).answer(), 403, 'IncompleteSignatureException')
    assert len(serving.echo.requests) == 1


def test_what_the_head_shows_is_refused_before_the_body_is_taken(serving):
    stale = aws_signer.sign(KEY, 'POST', INVOCATIONS, {'Host': 'x'}, b'', at=ago(minutes=20))
    strange = aws_signer.sign(OTHER, 'POST', INVOCATIONS, {'Host': 'x'}, b'')
    for headers in (stale, strange):
        client = serving.client(tcp=True)
        lines = ''.join(f'{name}: {value}\r\n' for name, value in headers.items())
        client.send(f'POST {INVOCATIONS} HTTP/1.1\r\nContent-Length: 6000000\r\nExpect: 100-continue\r\n{lines}\r\n'.encode())
        assert client.answer().status == 403


def test_a_body_may_be_left_out_of_the_signature_or_told_by_its_hash(serving):
    assert send(serving, b'[1, 2]', unsigned_body=True).body == b'[1, 2]'
    signed = aws_signer.sign(KEY, 'POST', INVOCATIONS, {'Host': 'x'}, b'[1]', unsigned_body=True)
    assert serving.client(tcp=True).request(body=b'[2]', headers=signed).answer().status == 200
    streaming = {'X-Amz-Content-Sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'}
    assert send(serving, headers=streaming).status == 403


def test_a_chunked_body_is_covered_too(serving):
    signed = aws_signer.sign(KEY, 'POST', INVOCATIONS, {'Host': 'x'}, b'[1, 2]')
    head = f'POST {INVOCATIONS} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n' + ''.join(f'{n}: {v}\r\n' for n, v in signed.items()) + '\r\n'
    client = serving.client(tcp=True)
    assert client.send(head.encode() + b'3\r\n[1,\r\n3\r\n 2]\r\n0\r\n\r\n').answer().body == b'[1, 2]'
    assert client.send(head.encode() + b'3\r\n[1,\r\n3\r\n 3]\r\n0\r\n\r\n').answer().status == 403


def test_a_key_acts_for_its_own_account_alone(gateway):
    gateway.write_credentials(others={'111122223333': OTHER})
    gateway.instance()
    gateway.route(endpoint('e', variant('v', 'i-000000000001'), account='111122223333'))
    gateway.start()
    assert send(gateway, key=OTHER).status == 200
    assert send(gateway, key=OTHER, headers={'X-Smhost-Account': '111122223333'}).status == 200
    refused(send(gateway, key=OTHER, headers={'X-Smhost-Account': ACCOUNT}), 403, 'AccessDeniedException')
    refused(send(gateway, headers={'X-Smhost-Account': '111122223333'}), 403, 'AccessDeniedException')
    assert f'Endpoint e of account {ACCOUNT} not found.' in send(gateway).json()['Message']


def test_a_user_has_the_endpoints_that_its_policy_names(serving):
    arn = f'arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint/'
    policy = {'Version': '2012-10-17', 'Statement': [
        {'Effect': 'Allow', 'Action': 'sagemaker:InvokeEndpoint', 'Resource': arn + 'e'}]}
    serving.write_credentials(users={'ann': (USER, policy)})
    wait_until(lambda: send(serving, key=USER).status == 200, 30.0, what='the user')
    answer = serving.invoke(name='f', tcp=True, key=USER)
    message = refused(answer, 403, 'AccessDeniedException')
    assert message == (f'User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to perform: sagemaker:InvokeEndpoint on resource: '
                       f'{arn}f because no identity-based policy allows the sagemaker:InvokeEndpoint action')


def raw_request(body):
    headers = {'Host': 'localhost', 'Content-Type': 'application/json', 'Content-Length': str(len(body)),
               'X-Amzn-SageMaker-Custom-Attributes': 'a=1,  b=2', 'X-Amzn-SageMaker-Inference-Id': 'id-1'}
    headers = aws_signer.sign(KEY, 'POST', INVOCATIONS, headers, body)
    return f'POST {INVOCATIONS} HTTP/1.1\r\n'.encode() + ''.join(f'{n}: {v}\r\n' for n, v in headers.items()).encode() + b'\r\n' + body


REFUSALS = {400, 403, 404, 405, 408, 411, 413, 414, 417, 431, 501, 505}
# What signatures do not cover, since it says nothing of the request: HTTP's minor version.
VERSION = len(f'POST {INVOCATIONS} HTTP/1.')


@pytest.mark.parametrize('mask', [0x01, 0x02, 0x10])
def test_no_changed_byte_of_a_signed_request_reaches_the_model(gateway, mask):
    """A connection serves as many of them as it can; one that ends is followed by the next."""
    echo = gateway.instance()
    gateway.route(endpoint('e', variant('v', 'i-000000000001')))
    gateway.ending_api()
    gateway.start(header_timeout_ms=300, body_timeout_ms=300)
    good = raw_request(b'[1, 2, 3, 4]')
    client = gateway.client(tcp=True)
    assert client.send(good).answer().status == 200
    served, wrong = len(echo.requests), []
    length = range(good.index(b'Content-Length'), good.index(b'\r\n', good.index(b'Content-Length')))
    for at in range(len(good)):
        if at == VERSION:
            continue
        changed = good[:at] + bytes([good[at] ^ mask]) + good[at + 1:]
        try:
            answer = client.send(changed).answer()
        except (BrokenPipeError, ConnectionResetError):
            answer = None
        other_path = answer is not None and answer.status == 503 and at < VERSION  # the API process's; here there is none
        if answer is not None and answer.status not in REFUSALS and not other_path:
            wrong.append((at, changed[max(0, at - 20):at + 20], answer.status))
        if answer is None or answer.status != 403 or answer.headers.get('connection') == 'close' or at in length:
            client.close()
            client = gateway.client(tcp=True)
    assert not wrong
    assert len(echo.requests) == served
    assert gateway.client(tcp=True).send(raw_request(b'[1]')).answer().status == 200
