"""HTTPS: one port for both, what it holds to, and what clients need to trust it. Python's ssl is the client."""

import hashlib
import os
import re
import signal
import socket
import ssl
import stat
import struct
import subprocess
import threading
import urllib.request

import pytest

import aws_signer
from gateway_harness import INVOCATIONS, KEY, Client, endpoint, gateway, serving, variant, wait_until  # noqa: F401

BODY_LIMIT = 6_291_456
PATIENCE = 60.0
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


def signed(body):
    return aws_signer.sign(KEY, 'POST', INVOCATIONS, {'Host': 'x'}, body)


def authority(home):
    return os.path.join(home, 'tls', 'ca.pem')


def trusting(home, version=None):
    context = ssl.create_default_context(cafile=authority(home))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    if version:
        context.minimum_version = context.maximum_version = version
    return context


class TlsClient(Client):
    def __init__(self, gateway, name='localhost', context=None, **options):
        super().__init__(gateway.address, timeout=PATIENCE)
        gateway.clients.append(self)
        self.socket = (context or trusting(gateway.home, **options)).wrap_socket(self.socket, server_hostname=name, suppress_ragged_eofs=False)

    def invoke(self, body):
        return self.request(body=body, headers=signed(body))


def plain_client(gateway):
    return gateway.client(tcp=True, timeout=PATIENCE)


@pytest.mark.parametrize('version', VERSIONS)
@pytest.mark.parametrize('name', ['localhost', 'bucket.s3.localhost', '127.0.0.1'])
def test_a_client_that_trusts_the_authority_alone_is_served(serving, version, name):
    client = TlsClient(serving, name, version=version)
    assert client.socket.version() == {VERSIONS[0]: 'TLSv1.2', VERSIONS[1]: 'TLSv1.3'}[version]
    assert client.invoke(b'[1]').answer().body == b'[1]'


def test_who_does_not_trust_it_and_who_asks_for_another_name_goes_away(serving):
    for context, name in ((ssl.create_default_context(), 'localhost'), (trusting(serving.home), 'example.com')):
        with pytest.raises(ssl.SSLCertVerificationError):
            TlsClient(serving, name, context)
    assert serving.invoke(tcp=True).status == 200


def test_old_protocols_and_ciphers_without_forward_secrecy_are_refused(serving):
    old = trusting(serving.home, version=ssl.TLSVersion.TLSv1_2)
    old.set_ciphers('AES256-GCM-SHA384')
    with pytest.raises(ssl.SSLError):
        TlsClient(serving, context=old)
    older = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    older.load_verify_locations(authority(serving.home))
    older.set_ciphers('ALL:@SECLEVEL=0')
    older.minimum_version = older.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        TlsClient(serving, context=older)


def test_http_1_1_is_negotiated_and_nothing_else(serving):
    both, other = trusting(serving.home), trusting(serving.home)
    both.set_alpn_protocols(['h2', 'http/1.1'])
    other.set_alpn_protocols(['h2'])
    assert TlsClient(serving, context=both).socket.selected_alpn_protocol() == 'http/1.1'
    with pytest.raises(ssl.SSLError):
        TlsClient(serving, context=other)


@pytest.mark.parametrize('version', VERSIONS)
def test_a_second_connection_resumes_the_session_of_the_first(serving, version):
    context = trusting(serving.home, version=version)
    first = TlsClient(serving, context=context)
    assert first.invoke(b'1').answer().status == 200  # the ticket of TLS 1.3 comes after the handshake
    raw = socket.create_connection(serving.address, timeout=PATIENCE)
    with context.wrap_socket(raw, server_hostname='localhost', session=first.socket.session) as second:
        assert second.session_reused


def test_http_and_https_share_the_port(serving):
    for i in range(10):
        encrypted, plain = TlsClient(serving), plain_client(serving)
        assert encrypted.invoke(b'%d' % i).answer().body == b'%d' % i
        assert plain.request(body=b'p%d' % i, headers=signed(b'p%d' % i)).answer().body == b'p%d' % i


@pytest.mark.parametrize('version', VERSIONS)
def test_one_connection_serves_one_request_after_the_other_and_many_at_once(serving, version):
    client = TlsClient(serving, version=version)
    for i in range(20):
        assert client.invoke(b'%d' % i).answer().body == b'%d' % i
    for i in range(500):
        client.invoke(b'%04d' % i)
    assert [int(client.answer().body) for _ in range(500)] == list(range(500))


@pytest.mark.parametrize('version', VERSIONS)
def test_the_largest_bodies_pass_both_ways_unchanged(serving, version):
    body = os.urandom(BODY_LIMIT)
    client = TlsClient(serving, version=version)
    for _ in range(3):
        assert client.invoke(body).answer().body == body


def test_a_client_that_reads_late_gets_all_of_its_answer(serving):
    """The socket takes a part; the rest is written when the client reads, in the same records."""
    body = os.urandom(BODY_LIMIT)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    raw.settimeout(PATIENCE)
    raw.connect(serving.address)
    client = plain_client(serving)
    client.socket.close()
    client.socket = trusting(serving.home).wrap_socket(raw, server_hostname='localhost')
    client.request(body=body, headers=signed(body)).request('GET', '/ping').request(body=b'last', headers=signed(b'last'))
    wait_until(lambda: len(serving.echo.requests) == 2, PATIENCE)
    assert client.answer().body == body
    assert client.answer().status == 200
    assert client.answer().body == b'last'


def test_a_byte_at_a_time_is_as_good_as_all_at_once(serving):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    talk = trusting(serving.home).wrap_bio(incoming, outgoing, server_hostname='localhost')
    raw = plain_client(serving).socket
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def flush():
        for byte in outgoing.read():
            raw.send(bytes([byte]))

    def until_done(act):
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                flush()
                incoming.write(raw.recv(65536))
            finally:
                flush()

    until_done(talk.do_handshake)
    talk.write(b'GET /ping HTTP/1.1\r\nHost: x\r\n\r\n')
    flush()
    assert until_done(lambda: talk.read(100)).startswith(b'HTTP/1.1 200')


# --- ends

def test_the_end_is_said(serving):
    client = TlsClient(serving)
    client.request('GET', '/ping', headers={'Connection': 'close'})
    assert client.answer().status == 200
    assert client.closed() == b''  # without the alert this would be an error: suppress_ragged_eofs is off


def test_a_client_that_says_its_end_gets_the_answers_that_are_there(serving):
    client = TlsClient(serving)
    assert client.request('GET', '/ping').answer().status == 200
    assert client.socket.unwrap().recv(1) == b''  # unwrap waits until the other side says its end too


@pytest.mark.parametrize('version', VERSIONS)
def test_a_client_that_goes_while_it_waits_is_not_waited_for(serving, version):
    held = []
    serving.echo.answer = lambda request: held.append(request)
    client = TlsClient(serving, version=version)
    client.invoke(b'1')
    wait_until(lambda: held, PATIENCE)
    connections = lambda: serving.metrics()['smhost_gateway_connections']
    wait_until(lambda: connections() == 2, PATIENCE)
    client.socket.close()
    wait_until(lambda: connections() == 1, PATIENCE)


def test_a_handshake_has_the_time_that_a_head_has(gateway):
    gateway.start(header_timeout_ms=3000)
    slow = TlsClient(gateway).send(b'GET /ping HT')
    silent = [plain_client(gateway).send(opening) for opening in (b'\x16', b'\x16\x03\x01\x02\x00\x01')]
    for client in (slow, *silent):
        assert client.closed() == b''


def test_garbage_is_told_by_an_alert_and_takes_nothing_down(serving):
    for garbage in (b'\x16' + b'\xff' * 600, b'\x16\x03\x01\x00\x05hello', b'\x16\x03\x03\xff\xff' + b'a' * 70000, b'\x16GET / HTTP/1.1\r\n\r\n'):
        client = plain_client(serving)
        try:
            client.send(garbage)
        except (BrokenPipeError, ConnectionResetError):
            pass
        said = client.closed()
        assert said == b'' or said[0] == 0x15
    assert TlsClient(serving).invoke(b'1').answer().status == 200


def test_changed_bytes_end_the_connection_and_never_reach_a_model(serving):
    client = TlsClient(serving)
    assert client.request('GET', '/ping').answer().status == 200
    with socket.socket(fileno=client.socket.detach()) as raw:
        raw.settimeout(PATIENCE)
        raw.send(b'\x17\x03\x03' + struct.pack('>H', 200) + os.urandom(200))
        try:
            while raw.recv(4096):
                pass
        except ConnectionResetError:
            pass
    assert serving.echo.requests == []
    assert serving.alive()


def test_a_client_cannot_renegotiate(serving):
    """TLS 1.2 only; OpenSSL's own client asks for it on a line with R."""
    host, port = serving.address
    done = subprocess.run(['openssl', 's_client', '-connect', f'{host}:{port}', '-tls1_2', '-CAfile', authority(serving.home)],
                          input=b'R\n', capture_output=True, timeout=PATIENCE)
    assert b'Verify return code: 0 (ok)' in done.stdout
    assert b'no renegotiation' in done.stderr + done.stdout
    assert serving.alive()


# --- certificates

def test_a_new_certificate_is_taken_while_the_gateway_runs(serving):
    """Connections that stand stay."""
    standing = TlsClient(serving)
    assert standing.invoke(b'1').answer().status == 200
    serial = lambda: TlsClient(serving).socket.getpeercert()['serialNumber']
    before = serial()
    os.remove(os.path.join(serving.home, 'tls', 'server.pem'))
    wait_until(lambda: serial() != before, PATIENCE, what='another certificate')
    assert standing.invoke(b'2').answer().body == b'2'


def test_a_damaged_authority_is_remade_loudly(serving):
    old = trusting(serving.home)
    with open(authority(serving.home), 'w') as file:
        file.write('nonsense')
    serving.processes[0].send_signal(signal.SIGHUP)
    wait_until(lambda: 'trust anew' in serving.log(), PATIENCE)
    wait_until(lambda: tls_works(serving), PATIENCE)
    with pytest.raises(ssl.SSLCertVerificationError):
        TlsClient(serving, context=old)


def tls_works(gateway):
    try:
        return TlsClient(gateway).invoke(b'1').answer().status == 200
    except ssl.SSLError:
        return False


def test_a_restart_of_the_gateway_loses_no_request_under_tls(serving):
    """As over plain HTTP: a connection ends after an answer that says so, or where nothing is asked."""
    lost, done, stopping = [], [], threading.Event()

    def client():
        while not stopping.is_set():
            connection = TlsClient(serving)
            while not stopping.is_set():
                answer = connection.invoke(b'x').answer()
                if answer is None or answer.status != 200:
                    lost.append(answer)
                    break
                done.append(1)
                if answer.headers.get('connection') == 'close':
                    break
            connection.socket.close()

    threads = [threading.Thread(target=client) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        goal = len(done) + 200
        wait_until(lambda: len(done) >= goal or lost, PATIENCE)
        old = serving.processes[-1]
        serving.start()
        old.terminate()
        assert old.wait(PATIENCE) == 0
    stopping.set()
    for thread in threads:
        thread.join()
    assert lost == [] and len(done) >= 600


# --- the whole runtime

def test_trust_and_env_tell_clients_what_they_need(runtime):
    runtime.up()
    plain, encrypted = runtime.cli('url').out.strip(), runtime.cli('url', '--https').out.strip()
    assert plain.startswith('http://127.0.0.1:') and encrypted == plain.replace('http:', 'https:')
    told = runtime.cli('trust', '-o', 'json').json()
    assert told['AuthorityFile'] == authority(runtime.home)
    assert told['Names'] == ['localhost', '*.localhost', 's3.localhost', '*.s3.localhost', '127.0.0.1', '::1']
    der = ssl.PEM_cert_to_DER_cert(open(authority(runtime.home)).read())
    assert told['Sha256Fingerprint'].replace(':', '').lower() == hashlib.sha256(der).hexdigest()
    env = runtime.cli('env', '--https', '-o', 'json').json()
    assert env['AWS_ENDPOINT_URL'] == encrypted
    assert env['AWS_CA_BUNDLE'] == env['NODE_EXTRA_CA_CERTS'] == authority(runtime.home)
    assert runtime.cli('env', '-o', 'json').json()['AWS_ENDPOINT_URL'] == plain
    assert 'update-ca-certificates' in runtime.cli('trust').out
    for key in ('ca-key.pem', 'server-key.pem'):
        assert stat.S_IMODE(os.stat(os.path.join(runtime.home, 'tls', key)).st_mode) == 0o600
    with urllib.request.urlopen(encrypted + '/ping', context=trusting(runtime.home), timeout=PATIENCE) as answer:
        assert answer.status == 200


def test_a_name_that_is_added_is_served_at_once(runtime):
    runtime.up()
    port = int(runtime.cli('url').out.rsplit(':', 1)[1])
    added = runtime.cli('trust', '--add', 'models.test', '-o', 'json')
    assert added.code == 0 and 'models.test' in added.json()['Names']

    def served():
        try:
            with trusting(runtime.home).wrap_socket(socket.create_connection(('127.0.0.1', port), PATIENCE), server_hostname='models.test'):
                return True
        except ssl.SSLCertVerificationError:
            return False

    wait_until(served, PATIENCE, what='a certificate for models.test')
    refused = runtime.cli('trust', '--add', 'a b')
    assert refused.code != 0 and "'a b'" in refused.err


def own_address():
    """One of this machine that is not loopback; no packet is sent."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        probe.connect(('192.0.2.1', 9))
        address = probe.getsockname()[0]
        return None if address.startswith('127.') else address
    except OSError:
        return None
    finally:
        probe.close()


def test_beyond_loopback_only_https_is_answered(runtime):
    address = own_address()
    if not address:
        pytest.skip('this machine has no address but loopback')
    assert runtime.cli('up', '--listen', address, '--port', '0').code == 0
    url = runtime.cli('url').out.strip()
    found = re.fullmatch(r'https://' + re.escape(address) + r':(\d+)', url)
    assert found, url
    client = Client((address, int(found[1])), timeout=PATIENCE)
    answer = client.request('GET', '/ping').answer()
    assert answer.status == 400 and 'HTTPS is required' in answer.json()['Message']
    assert client.closed() == b''
    with urllib.request.urlopen(url + '/ping', context=trusting(runtime.home), timeout=PATIENCE) as answer:
        assert answer.status == 200
    again = runtime.cli('up', '--listen', '127.0.0.1')
    assert again.code == 1 and 'already listens on ' + address in again.err


def test_on_all_addresses_this_machine_may_use_plain_http_and_others_may_not(runtime):
    address = own_address()
    assert runtime.cli('up', '--listen', '0.0.0.0', '--port', '0').code == 0
    url = runtime.cli('url').out.strip()
    port = int(url.rsplit(':', 1)[1])
    assert url == f'https://127.0.0.1:{port}'
    local = Client(('127.0.0.1', port), timeout=PATIENCE)
    assert local.request('GET', '/ping').answer().status == 200
    if address:
        assert Client((address, port), timeout=PATIENCE).request('GET', '/ping').answer().status == 400


def test_beyond_loopback_nothing_starts_without_a_certificate(runtime):
    os.makedirs(runtime.home, mode=0o700)
    assert runtime.cli('trust').code == 0
    folder = os.path.join(runtime.home, 'tls')
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))
    os.mkdir(os.path.join(folder, 'ca-key.pem'))
    refused = runtime.cli('up', '--listen', '0.0.0.0', '--port', '0')
    assert refused.code != 0 and 'listen on 127.0.0.1' in refused.err
    assert runtime.cli('up', '--port', '0').code == 0
