"""Vectors against the gateway: what is malformed is refused once, and nothing behind it is ever read as a request."""

import glob
import os
import re
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'conformance'))

import http_vectors
from gateway_harness import INSTANCE, Gateway, endpoint, variant

BEHIND = b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nConnection: close\r\n\r\nbehind'


@pytest.fixture(scope='module')
def served():
    made = Gateway()
    made.echo = made.instance(INSTANCE + '1')
    made.route(endpoint('e', variant('v', INSTANCE + '1')))
    made.start(header_timeout_ms=400, body_timeout_ms=400)
    yield made
    alive = made.alive()
    made.close()
    assert alive, 'the gateway died of one of the vectors'


def refused(served, data, pieces):
    """Sends it and another request behind it; the status of the one refusal, None for an end without an answer."""
    before = len(served.echo.requests)
    client = served.client()
    try:
        for at in range(0, len(data), pieces):
            client.send(data[at:at + pieces])
        client.send(BEHIND)
    except (BrokenPipeError, ConnectionResetError):
        pass
    answer = client.answer()
    rest = client.closed() if answer else b''
    client.close()
    assert not rest, f'something came behind the refusal: {rest!r}'
    assert len(served.echo.requests) == before, f'the model got {served.echo.requests[before:]}'
    if answer is None:
        return None
    assert answer.headers['connection'] == 'close'
    assert answer.headers['content-type'] == 'text/plain', f'taken as a request: {answer}'
    return answer.status


@pytest.mark.parametrize('pieces', [1 << 20, 7], ids=['whole', 'pieces'])
@pytest.mark.parametrize('name', http_vectors.refused)
def test_a_malformed_request_is_refused_and_what_follows_is_never_read(served, name, pieces):
    assert refused(served, http_vectors.refused[name], pieces) in (400, 405, 417, 501, 505)


@pytest.mark.parametrize('name', http_vectors.accepted)
def test_a_well_formed_request_is_served_and_so_is_the_next_one(served, name):
    data, count = http_vectors.accepted[name]
    client = served.client()
    client.send(data + BEHIND)
    for _ in range(count):
        assert client.answer().status == 200
    assert client.answer().body == b'behind'
    client.close()


# What these forbid, gunicorn is told to forbid by a setting, or is a limit of its own that is lower than ours.
GUNICORN_SETTINGS = {
    '006': 'a request line of 4 KB', '007': 'a header of 8 KB', '008': 'a header of 8 KB', '009': 'a limit of 100 headers',
    '010': 'a limit of 10 bytes', '011': 'a limit of 2 headers', '012': 'a limit of 98 bytes', '017': 'a header of 8 KB',
    '019': 'headers of a proxy that contradict each other', '040': 'names with an underscore',
    'chunked_07': 'names with an underscore', 'limit_header_default_01': 'a header of 8 KB',
}


def gunicorn_vectors():
    found = subprocess.run([os.path.join(os.path.dirname(__file__), '..', 'conformance', 'fetch_gunicorn')],
                           capture_output=True, text=True)
    if found.returncode != 0:
        return None
    return sorted(glob.glob(found.stdout.strip() + '/tests/requests/invalid/*.http'))


def gunicorn_bytes(path):
    """In these files a line's end means nothing; \\r\\n, \\0, \\t and \\xHH are escapes."""
    with open(path, 'rb') as file:
        data = file.read().replace(b'\n', b'')
    for escape, byte in ((b'\\r\\n', b'\r\n'), (b'\\0', b'\0'), (b'\\n', b'\n'), (b'\\t', b'\t'), (b'\\r', b'\r')):
        data = data.replace(escape, byte)
    return re.sub(rb'\\x([0-9a-fA-F]{2})', lambda match: bytes([int(match[1], 16)]), data)


def with_host(data):
    """Most of gunicorn's vectors have no Host, which alone is a reason to refuse them: give them one."""
    line, found, rest = data.partition(b'\r\n')
    if not found or not line.endswith(b'HTTP/1.1') or b'\nhost:' in data.lower():
        return data
    return line + b'\r\nHost: x\r\n' + rest


def test_requests_that_gunicorn_calls_invalid_are_refused(served):
    vectors = gunicorn_vectors()
    if not vectors:
        pytest.skip("gunicorn's vectors cannot be fetched here")
    assert len(vectors) > 70
    accepted = []
    for path in vectors:
        name = os.path.basename(path)[:-len('.http')]
        if name in GUNICORN_SETTINGS:
            continue
        for data in (gunicorn_bytes(path), with_host(gunicorn_bytes(path))):
            try:
                refused(served, data, 1 << 20)
            except AssertionError as error:
                accepted.append(f'{name}: {error}')
    assert not accepted, '\n'.join(accepted)
