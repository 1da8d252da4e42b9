"""One HTTP request at a time, over TCP or over the owner's Unix socket. Loopback only."""

import http.client
import os
import socket
from dataclasses import dataclass


@dataclass
class Response:
    status: int
    headers: dict  # names in lower case
    body: bytes

    def text(self):
        return self.body.decode()


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__('localhost', timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        # Through the folder's descriptor: the path may be longer than a socket's address.
        folder = os.open(os.path.dirname(self.path), os.O_PATH | os.O_DIRECTORY)
        try:
            self.sock.connect(f'/proc/self/fd/{folder}/{os.path.basename(self.path)}')
        finally:
            os.close(folder)


def connection_to(target, timeout):
    """target: the path of a Unix socket, or (address, port)."""
    if isinstance(target, str):
        return UnixConnection(target, timeout)
    address, port = target
    assert address in ('127.0.0.1', '::1'), 'tests talk to loopback only'
    return http.client.HTTPConnection(address, port, timeout=timeout)


def exchange(connection, method, path, body=None, headers=None):
    """On an open or new connection; raises what the connection raises."""
    connection.request(method, path, body=body, headers=headers or {})
    answer = connection.getresponse()
    return Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


def request(target, method, path, body=None, headers=None, timeout=10.0):
    """A connection of its own."""
    connection = connection_to(target, timeout)
    try:
        return exchange(connection, method, path, body, headers)
    finally:
        connection.close()
