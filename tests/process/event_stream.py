"""AWS's event stream as a client reads it, and a client that reads an answer in chunks piece by piece."""

import struct
import zlib


class Events:
    """Takes bytes, gives (headers, payload) of whole messages; checks both checksums."""

    def __init__(self):
        self.buffer = b''

    def feed(self, data):
        self.buffer += data
        events = []
        while len(self.buffer) >= 12:
            total, header_bytes, check = struct.unpack_from('>III', self.buffer)
            assert check == zlib.crc32(self.buffer[:8]), 'prelude checksum'
            if len(self.buffer) < total:
                break
            message, self.buffer = self.buffer[:total], self.buffer[total:]
            assert struct.unpack('>I', message[-4:])[0] == zlib.crc32(message[:-4]), 'message checksum'
            events.append((self._headers(message[12:12 + header_bytes]), message[12 + header_bytes:-4]))
        return events

    @staticmethod
    def _headers(data):
        headers, at = {}, 0
        while at < len(data):
            name = data[at + 1:at + 1 + data[at]].decode()
            at += 1 + data[at]
            assert data[at] == 7, 'a header that is no text'
            (size,) = struct.unpack_from('>H', data, at + 1)
            headers[name] = data[at + 3:at + 3 + size].decode()
            at += 3 + size
        return headers


class EventReader:
    """On a gateway_harness.Client whose request was sent: the head, then events as they come."""

    def __init__(self, client):
        self.client, self.events, self.waiting, self.ended = client, Events(), [], False
        while b'\r\n\r\n' not in client.buffer:
            assert client._more(), 'no answer'
        head, client.buffer = client.buffer.split(b'\r\n\r\n', 1)
        first, *lines = head.decode('latin-1').split('\r\n')
        self.status = int(first.split(' ')[1])
        self.headers = {name.lower(): value for name, value in (line.split(': ', 1) for line in lines)}
        self.chunked = self.headers.get('transfer-encoding') == 'chunked'

    def _bytes(self):
        client = self.client
        if not self.chunked:
            data, client.buffer = client.buffer, b''
            if not data and not client._more():
                self.ended = True
            return data
        while b'\r\n' not in client.buffer:
            assert client._more(), 'the stream is cut'
        size, rest = client.buffer.split(b'\r\n', 1)
        size = int(size, 16)
        while len(rest) < size + 2:
            client.buffer = b''
            assert client._more(), 'the stream is cut'
            rest += client.buffer
        assert rest[size:size + 2] == b'\r\n'
        client.buffer = rest[size + 2:]
        self.ended = size == 0
        return rest[:size]

    def next(self):
        """(headers, payload); None at the end."""
        while not self.waiting:
            if self.ended:
                assert not self.events.buffer, 'half an event'
                return None
            self.waiting += self.events.feed(self._bytes())
        return self.waiting.pop(0)

    def parts(self):
        """The payloads of the rest, all of which must be payload parts."""
        found = []
        while event := self.next():
            headers, payload = event
            assert headers == {':message-type': 'event', ':event-type': 'PayloadPart',
                               ':content-type': 'application/octet-stream'}
            found.append(payload)
        return found
