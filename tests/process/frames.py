"""The frames between gateway and instance (runtime/wire/frame.h), and an instance that answers, hangs, dies or lies as a
test wants.

    with FakeInstance(home, 'i-000000000001') as instance:
        instance.answer = lambda request: response(request, b'{}')
"""

import os
import socket
import struct
import threading
import time
from collections import namedtuple

HELLO, REQUEST, RESPONSE, CANCEL, DRAIN, PING, PONG, GRANT = 1, 2, 3, 4, 5, 6, 7, 8
MAGIC = 0x31464D53
HEADER = struct.Struct('<IIQII')

Frame = namedtuple('Frame', 'type id meta body')


def encode(frame):
    meta = b''
    for key, value in frame.meta.items():
        key, value = key.encode(), value.encode()
        meta += struct.pack('<H', len(key)) + key + struct.pack('<H', len(value)) + value
    return HEADER.pack(MAGIC, frame.type, frame.id, len(meta), len(frame.body)) + meta + frame.body


def decode_meta(data):
    meta, texts, at = {}, [], 0
    while at < len(data):
        (size,) = struct.unpack_from('<H', data, at)
        texts.append(data[at + 2:at + 2 + size].decode())
        at += 2 + size
    for key, value in zip(texts[::2], texts[1::2]):
        meta[key] = value
    return meta


class Reader:
    """Takes bytes, gives whole frames."""

    def __init__(self):
        self.buffer = bytearray()

    def feed(self, data):
        self.buffer += data
        frames = []
        while len(self.buffer) >= HEADER.size:
            magic, kind, number, meta, body = HEADER.unpack_from(self.buffer)
            assert magic == MAGIC, 'wrong magic number'
            whole = HEADER.size + meta + body
            if len(self.buffer) < whole:
                break
            at = HEADER.size
            frames.append(Frame(kind, number, decode_meta(bytes(self.buffer[at:at + meta])),
                                bytes(self.buffer[at + meta:whole])))
            del self.buffer[:whole]
        return frames


def hello(instance, state='ready', digest='sha256:' + 'a' * 64, **meta):
    return Frame(HELLO, 0, {'state': state, 'id': instance, 'digest': digest, **meta}, b'')


def response(request, body=b'{}', status=200, content_type='application/json', **meta):
    keys = {'status': str(status), 'content-type': content_type, 'queue-us': '10', 'batch-us': '20', 'model-us': '30',
            'batch-size': '1'}
    keys.update({key.replace('_', '-'): value for key, value in meta.items()})
    return Frame(RESPONSE, request.id, keys, body)


def part(request, body, **meta):
    """Of an answer in several; more follow."""
    return response(request, body, more='1', **meta)


def echo(request):
    return response(request, request.body, content_type=request.meta.get('content-type', ''))


class FakeInstance:
    """Listens where the gateway looks for the instance, one thread a connection.

    answer(request): gives a Frame, several of them or bytes to send, or None for no answer (it may block: then that
    connection hangs). on_grant(id, bytes): likewise, when the gateway makes room for further parts.
    """

    def __init__(self, home, instance, answer=echo, greeting=None, listen=True):
        self.id = instance
        self.path = os.path.join(home, 'run', 'instances', instance + '.sock')
        self.answer = answer
        self.greeting = hello(instance) if greeting is None else greeting
        self.requests, self.cancelled, self.granted = [], [], []
        self.on_grant = lambda number, count: None
        self.connections = []
        self.accepted = 0
        self.listener = None
        if listen:
            self.listen()

    def listen(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        reader = Reader()
        try:
            connection.sendall(self.greeting if isinstance(self.greeting, bytes) else encode(self.greeting))
            while data := connection.recv(1 << 18):
                for frame in reader.feed(data):
                    self._handle(connection, frame)
        except OSError:
            pass
        finally:
            connection.close()

    def _handle(self, connection, frame):
        if frame.type == CANCEL:
            self.cancelled.append(frame.id)
        if frame.type == GRANT:
            self.granted.append(int(frame.meta['bytes']))
            self._send(connection, self.on_grant(frame.id, self.granted[-1]))
        if frame.type == REQUEST:
            self.requests.append(frame)
            self._send(connection, self.answer(frame))

    def _send(self, connection, answer):
        if answer is None:
            return
        if isinstance(answer, bytes):
            return connection.sendall(answer)
        for frame in [answer] if isinstance(answer, Frame) else answer:
            connection.sendall(encode(frame))

    def break_connections(self):
        """What the gateway sees when the process dies."""
        connections, self.connections = self.connections, []
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def die(self):
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
        self.break_connections()

    def wait_for(self, count, timeout=5.0):
        """The first `count` requests."""
        until = time.monotonic() + timeout
        while len(self.requests) < count:
            assert time.monotonic() < until, f'{self.id} got {len(self.requests)} requests, not {count}'
            time.sleep(0.002)
        return self.requests[:count]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.die()
