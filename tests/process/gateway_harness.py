"""A gateway alone: the test is its supervisor (it holds the listening sockets), its controller (it writes the routes and
speaks on run/gateway.sock) and its instances (frames.py).

    gateway.instance('i-…1'); gateway.route(endpoint('e', variant('v', 'i-…1'))); gateway.start()
"""

import collections
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import pytest

import aws_signer
from frames import FakeInstance
from harness import ACCOUNT, program

KEY = aws_signer.Key('AKIATESTTESTTESTTEST', 'S' * 40)
INVOCATIONS = '/endpoints/e/invocations'
INSTANCE = 'i-00000000000'  # and a digit


def variant(name, *instances, weight=1.0, **more):
    """more: fleet='…', share=0.5, replay=False, shadow=True, sampling=1.0 …"""
    return {'name': name, 'weight': weight, 'digest': 'sha256:' + 'd' * 64, 'instances': [{'id': id} for id in instances], **more}


def endpoint(name, *variants, status='InService', account=ACCOUNT, deploying=False):
    return {'account': account, 'name': name, 'status': status, 'deploying': deploying, 'variants': list(variants)}


def wait_until(condition, timeout=5.0, what='it'):
    until = time.monotonic() + timeout
    while True:
        if found := condition():
            return found
        assert time.monotonic() < until, f'waited {timeout} s in vain for {what() if callable(what) else what}'
        time.sleep(0.005)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f'{self.status} {self.headers} {self.body[:400]!r}'


class Client:
    """One connection; requests as raw as a test wants them."""

    def __init__(self, address, timeout=10.0):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.settimeout(timeout)
        self.socket.connect(address)
        self.buffer = b''

    def send(self, data):
        self.socket.sendall(data)
        return self

    def request(self, method='POST', path='/endpoints/e/invocations', body=b'', headers=None):
        lines = [f'{method} {path} HTTP/1.1', *(f'{k}: {v}' for k, v in {'Host': 'x', **(headers or {})}.items())]
        if body or method == 'POST':
            lines.append(f'Content-Length: {len(body)}')
        return self.send('\r\n'.join(lines).encode('latin-1') + b'\r\n\r\n' + body)

    def _more(self):
        data = self.socket.recv(1 << 18)
        self.buffer += data
        return bool(data)

    def answer(self, head_only=False):
        """The next answer; None where the connection ended before one."""
        while b'\r\n\r\n' not in self.buffer:
            try:
                if not self._more():
                    assert not self.buffer, f'half an answer: {self.buffer!r}'
                    return None
            except ConnectionResetError:
                return None
        head, self.buffer = self.buffer.split(b'\r\n\r\n', 1)
        first, *lines = head.decode('latin-1').split('\r\n')
        headers = {name.lower(): value for name, value in (line.split(': ', 1) for line in lines)}
        length = 0 if head_only else int(headers.get('content-length', 0))
        while len(self.buffer) < length:
            assert self._more(), 'the body is cut'
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Answer(int(first.split(' ')[1]), headers, body)

    def closed(self):
        """Waits for the other side's end; what came before it."""
        try:
            while self._more():
                pass
        except ConnectionResetError:
            pass
        return self.buffer

    def close(self):
        self.socket.close()


class Load(threading.Thread):
    """Clients that invoke without a pause; every answer is kept."""

    def __init__(self, gateway, clients=4, pause=0.0):
        super().__init__()
        self.gateway, self.answers, self.stopping, self.pause = gateway, [], False, pause
        self.threads = [threading.Thread(target=self._client) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def _client(self):
        client = Client(self.gateway.socket_path)
        while not self.stopping:
            answer = client.request(body=b'x').answer()
            if answer is None:
                self.answers.append(None)
                return
            self.answers.append(answer)
            if answer.headers.get('connection') == 'close':
                client.close()
                client = Client(self.gateway.socket_path)
            time.sleep(self.pause)
        client.close()

    def wait(self, more):
        goal = len(self.answers) + more
        wait_until(lambda: len(self.answers) >= goal, 20.0, what=lambda: f'{goal} answers, there are {len(self.answers)}')

    def stop(self):
        self.stopping = True
        for thread in self.threads:
            thread.join()
        return collections.Counter(answer and answer.status for answer in self.answers)


def swap(gateway, control, *endpoints):
    """Routes for the gateway to take; the instances that are busy with answers and routed to no more."""
    generation = gateway.route(*endpoints)
    control.say(op='routes', generation=generation)
    taken = control.hear('taken')
    assert taken['generation'] == generation
    return taken['busy']


class Controller:
    """Connects as one does; .say and .hear."""

    def __init__(self, home, timeout=5.0):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(timeout)
        self.socket.connect(os.path.join(home, 'run', 'gateway.sock'))

    def say(self, **message):
        self.socket.send(json.dumps(message).encode())

    def hear(self, op=None):
        while True:
            message = json.loads(self.socket.recv(1 << 18))
            if op is None or message['op'] == op:
                return message

    def close(self):
        self.socket.close()


class EndingApi(threading.Thread):
    """In the API process's place: takes each request and ends at once, so that whoever asked gets 503."""

    def __init__(self, home):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(os.path.join(home, 'run', 'api.sock'))
        self.socket.listen(64)
        self.start()

    def run(self):
        try:
            while True:
                self.socket.accept()[0].close()
        except OSError:
            pass

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)  # wakes accept
        self.join()
        self.socket.close()


class Gateway:
    def __init__(self):
        self.home = os.path.realpath(tempfile.mkdtemp(prefix='gw', dir='/tmp'))
        os.makedirs(os.path.join(self.home, 'run', 'instances'))
        os.makedirs(os.path.join(self.home, 'logs'))
        self.generation = 0
        self.processes, self.instances, self.clients, self.apis = [], [], [], []
        self.write_credentials()
        self.tcp = socket.socket()
        self.tcp.bind(('127.0.0.1', 0))
        self.tcp.listen(1024)
        self.tcp.setblocking(False)
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind(self.socket_path)
        self.unix.listen(1024)
        self.unix.setblocking(False)

    @property
    def socket_path(self):
        return os.path.join(self.home, 'run', 'smhost.sock')

    @property
    def address(self):
        return self.tcp.getsockname()

    def write_credentials(self, key=KEY, users=None, others=None):
        """The local account with its root key and its users (name → (key, policy)), and other accounts (id → root key)."""
        encoded = lambda key: {'AccessKeyId': key.id, 'SecretAccessKey': key.secret}
        account = lambda root, users: {'Name': '', 'Root': encoded(root), 'Users': users, 'Roles': {}}
        accounts = {id: account(root, {}) for id, root in (others or {}).items()}
        accounts[ACCOUNT] = account(key, {name: {'UserId': 'AIDA' + name.upper(), 'Key': encoded(own), 'Policy': policy}
                                          for name, (own, policy) in (users or {}).items()})
        document = {'Content': {'Accounts': accounts, 'SessionSecret': '5' * 64}, 'Format': 2}
        plain = json.dumps(document, sort_keys=True, separators=(',', ':'))
        document['Checksum'] = hashlib.sha256(plain.encode()).hexdigest()
        path = os.path.join(self.home, 'credentials.json')
        with open(path + '.new', 'w') as file:
            json.dump(document, file)
        os.rename(path + '.new', path)

    def route(self, *endpoints):
        """Writes the routes under the next generation, as the controller does."""
        self.generation += 1
        path = os.path.join(self.home, 'run', 'routes.json')
        with open(path + '.new', 'w') as file:
            json.dump({'generation': self.generation, 'endpoints': list(endpoints)}, file)
        os.rename(path + '.new', path)
        return self.generation

    def instance(self, id=INSTANCE + '1', **options):
        self.instances.append(FakeInstance(self.home, id, **options))
        return self.instances[-1]

    def ending_api(self):
        self.apis.append(EndingApi(self.home))

    def start(self, *options, wait=True, prefix=(), **timeouts):
        """timeouts: header_timeout_ms=300 …"""
        words = [*prefix, program('smhostd'), 'gateway', '--home', self.home, '--tcp-fd', str(self.tcp.fileno()),
                 '--unix-fd', str(self.unix.fileno()), *options]
        for name, value in timeouts.items():
            words += ['--' + name.replace('_', '-'), str(value)]
        process = subprocess.Popen(words, pass_fds=(self.tcp.fileno(), self.unix.fileno()))
        self.processes.append(process)
        if wait:
            client = self.client()
            assert client.request('GET', '/ping').answer().status == 200
            client.close()
        return process

    def client(self, tcp=False, **options):
        self.clients.append(Client(self.address if tcp else self.socket_path, **options))
        return self.clients[-1]

    def invoke(self, body=b'[1]', name='e', headers=None, tcp=False, key=KEY):
        headers = {'Content-Type': 'application/json', **(headers or {})}
        path = f'/endpoints/{name}/invocations'
        if tcp:
            headers = aws_signer.sign(key, 'POST', path, {'Host': 'x', **headers}, body)
        client = self.client(tcp)
        try:
            return client.request('POST', path, body, headers).answer()
        finally:
            client.close()

    def controller(self):
        """Connected and heard: what the gateway says from now on reaches it."""
        controller = wait_until(self._controller, what='run/gateway.sock')
        controller.say(op='routes', generation=self.generation)
        controller.hear('taken')
        return controller

    def _controller(self):
        try:
            return Controller(self.home)
        except OSError:
            return None

    def metrics(self):
        client = self.client()
        text = client.request('GET', '/metrics').answer().body.decode()
        client.close()
        lines = (line.rsplit(' ', 1) for line in text.splitlines() if not line.startswith('#'))
        return {name: float(value) for name, value in lines}

    def wait_ready(self, count):
        """Until so many instances have greeted the gateway: before that, requests go elsewhere or wait."""
        ready = lambda: sum(value for name, value in self.metrics().items() if name.startswith('smhost_instances_ready'))
        wait_until(lambda: ready() == count, what=lambda: f'{count} ready instances\n{self.log()}')

    def log(self):
        with open(os.path.join(self.home, 'logs', 'gateway.log'), errors='replace') as file:
            return file.read()

    def alive(self, process=None):
        return (process or self.processes[-1]).poll() is None

    def close(self):
        for client in self.clients:
            client.close()
        for instance in self.instances:
            instance.die()
        for api in self.apis:
            api.close()
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()
        self.tcp.close()
        self.unix.close()
        shutil.rmtree(self.home, ignore_errors=True)


@pytest.fixture
def gateway():
    made = Gateway()
    yield made
    crashed = [p.poll() for p in made.processes if p.poll() not in (None, 0, -signal.SIGKILL)]
    log = made.log() if os.path.exists(os.path.join(made.home, 'logs', 'gateway.log')) else ''
    made.close()
    assert not crashed, f'a gateway ended with {crashed}:\n{log}'


@pytest.fixture
def serving(gateway):
    """One endpoint `e`, one variant `v`, one instance that echoes."""
    gateway.echo = gateway.instance(INSTANCE + '1')
    gateway.route(endpoint('e', variant('v', INSTANCE + '1')))
    gateway.start()
    return gateway
