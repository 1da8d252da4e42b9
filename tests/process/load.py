"""An open-loop load: requests leave at their times, answered or not the ones before, and each one's fate is kept.

Bounded: loopback only, MAX_RATE, MAX_SECONDS and MAX_SENDERS.
"""

import http.client
import threading
import time
from dataclasses import dataclass

from http_client import connection_to, exchange

MAX_RATE = 1000
MAX_SECONDS = 120
MAX_SENDERS = 64


@dataclass
class Sent:
    index: int
    due: float  # when it should leave, time.monotonic()
    left: float
    ended: float
    status: int  # 0: no answer
    error: str  # where there was no answer: why
    body: bytes
    headers: dict


class Load:
    """with Load(target, 'POST', path, body, headers, rate=200, seconds=5) as load: …; then load.results.

    body: bytes, or a function of the request's index. headers: likewise, of the body. keep_alive: each sender keeps its connection, and opens another
    one where the kept one was closed while it was idle, as every HTTP client does; such a request counts once.
    """

    def __init__(self, target, method, path, body=None, headers=None, rate=100, seconds=5.0, senders=16,
                 keep_alive=False, timeout=30.0):
        assert 0 < rate <= MAX_RATE and 0 < seconds <= MAX_SECONDS and 0 < senders <= MAX_SENDERS
        self.results = []
        self._target, self._method, self._path = target, method, path
        self._body, self._headers = body, headers or {}
        self._rate, self._count = rate, int(rate * seconds)
        self._keep_alive, self._timeout = keep_alive, timeout
        self._next = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(senders)]

    def start(self):
        self._started = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def join(self):
        """Waits until all are sent and answered; the results in the order in which they were due."""
        for thread in self._threads:
            thread.join(MAX_SECONDS + self._timeout)
            assert not thread.is_alive(), 'a sender hangs'
        self.results.sort(key=lambda sent: sent.index)
        return self.results

    def stop(self):
        self._stop.set()
        return self.join()

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        if kind is not None:
            self._stop.set()
        self.join()

    def failed(self, good=(200,)):
        return [sent for sent in self.results if sent.status not in good]

    def describe_failures(self, good=(200,)):
        """A few lines for an assertion's message."""
        bad = self.failed(good)
        lines = [f'{len(bad)} of {len(self.results)} failed']
        for sent in bad[:10]:
            at = sent.due - self._started
            lines.append(f'  #{sent.index} after {at:.3f} s: status {sent.status} {sent.error} {sent.body[:200]!r}')
        return '\n'.join(lines)

    def percentile(self, share):
        """Seconds from due to answered, of those that were answered."""
        times = sorted(sent.ended - sent.due for sent in self.results if sent.status)
        return times[min(len(times) - 1, int(share * len(times)))] if times else float('nan')

    def _take(self):
        with self._lock:
            if self._next >= self._count or self._stop.is_set():
                return None
            self._next += 1
            return self._next - 1

    def _run(self):
        connection = None
        while (index := self._take()) is not None:
            due = self._started + index / self._rate
            if self._stop.wait(max(0.0, due - time.monotonic())):
                break
            connection = self._send(index, due, connection)
        if connection:
            connection.close()

    def _send(self, index, due, connection):
        body = self._body(index) if callable(self._body) else self._body
        headers = self._headers(body) if callable(self._headers) else self._headers
        left = time.monotonic()
        kept = connection is not None
        while True:
            connection = connection or connection_to(self._target, self._timeout)
            try:
                answer = exchange(connection, self._method, self._path, body, headers)
                fate = (answer.status, '', answer.body, answer.headers)
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                connection = None
                stale = isinstance(error, (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError))
                if kept and stale:
                    kept = False
                    continue
                fate = (0, f'{type(error).__name__}: {error}', b'', {})
            break
        with self._lock:
            self.results.append(Sent(index, due, left, time.monotonic(), *fate))
        if connection and not self._keep_alive:
            connection.close()
            connection = None
        return connection
