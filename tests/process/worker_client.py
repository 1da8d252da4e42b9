"""Speaks to a launcher, a template and an instance as the controller and the gateway do (wire/control.h, wire/frame.h)."""
import json
import os
import secrets
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

HELLO, REQUEST, RESPONSE, CANCEL, DRAIN, PING, PONG = 1, 2, 3, 4, 5, 6, 7
MAGIC = 0x31464D53
PATIENCE = 30.0


def program(name):
    root = Path(__file__).resolve().parents[2]
    return Path(os.environ.get("SMHOST_BIN", root / "build" / "bin")) / name


def connect(path, kind, patience=PATIENCE):
    """Waits until somebody listens: for tests only."""
    until = time.monotonic() + patience
    folder = os.open(os.path.dirname(path), os.O_PATH)  # a socket's whole path may have 107 bytes, this one has few
    try:
        while True:
            sock = socket.socket(socket.AF_UNIX, kind)
            sock.settimeout(patience)
            try:
                sock.connect(f"/proc/self/fd/{folder}/{os.path.basename(path)}")
                return sock
            except (FileNotFoundError, ConnectionRefusedError):
                sock.close()
                if time.monotonic() > until:
                    raise
                time.sleep(0.005)
    finally:
        os.close(folder)


class Control:
    def __init__(self, path):
        self.sock = connect(path, socket.SOCK_SEQPACKET)

    def send(self, **message):
        self.sock.sendall(json.dumps(message).encode())

    def receive(self):
        data = self.sock.recv(1 << 18)
        if not data:
            raise EOFError("the other side is gone")
        return json.loads(data)

    def close(self):
        self.sock.close()


class Answer:
    def __init__(self, kind, number, meta, body):
        self.kind, self.number, self.meta, self.body = kind, number, meta, body

    @property
    def status(self):
        return int(self.meta["status"])

    def json(self):
        return json.loads(self.body)


class Stream:
    """A connection of frames; `hello` is the instance's first one."""

    def __init__(self, path):
        self.sock = connect(path, socket.SOCK_STREAM)
        self.last = 0
        self.hello = self.receive()

    def send_frame(self, kind, number, meta=(), body=b""):
        packed = b"".join(struct.pack("<H", len(t)) + t for pair in meta for t in (p.encode() for p in pair))
        self.sock.sendall(struct.pack("<IB3xQII", MAGIC, kind, number, len(packed), len(body)) + packed + body)

    def send(self, body, content_type="application/json", accept=None, deadline_ms=60000):
        self.last += 1
        meta = [("content-type", content_type), ("deadline-ms", str(deadline_ms))]
        if accept:
            meta.append(("accept", accept))
        self.send_frame(REQUEST, self.last, meta, body if isinstance(body, bytes) else body.encode())
        return self.last

    def _exactly(self, size):
        data = bytearray()
        while len(data) < size:
            part = self.sock.recv(size - len(data))
            if not part:
                raise EOFError("the instance closed the connection")
            data += part
        return bytes(data)

    def receive(self):
        magic, kind, number, meta_bytes, body_bytes = struct.unpack("<IB3xQII", self._exactly(24))
        assert magic == MAGIC
        packed, body = self._exactly(meta_bytes), self._exactly(body_bytes)
        texts = []
        while packed:
            (size,) = struct.unpack("<H", packed[:2])
            texts.append(packed[2:2 + size].decode())
            packed = packed[2 + size:]
        return Answer(kind, number, dict(zip(texts[::2], texts[1::2])), body)

    def ask(self, body, **how):
        number = self.send(body, **how)
        answer = self.receive()
        assert (answer.kind, answer.number) == (RESPONSE, number)
        return answer

    def ping(self):
        """How long a call has been in the model, in milliseconds."""
        self.last += 1
        self.send_frame(PING, self.last)
        pong = self.receive()
        assert (pong.kind, pong.number) == (PONG, self.last)
        return int(pong.meta["busy-ms"])

    def close(self):
        self.sock.close()


def title(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()
    except OSError:
        return ""


def alive(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def wait_until(condition, patience=PATIENCE):
    until = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.005)


class Runtime:
    """A launcher on a home of its own. What it leaves behind is ended with it: by pid and title, nobody else's."""

    def __init__(self, home, worker):
        self.home = Path(home)
        (self.home / "run").mkdir(parents=True, exist_ok=True)
        self.pids = []
        self.streams = []
        self.launcher = subprocess.Popen([str(program(worker)), "launcher", "--home", str(self.home)],
                                         stdin=subprocess.DEVNULL, stdout=open(self.home / "launcher.log", "ab"),
                                         stderr=subprocess.STDOUT)
        self.control = Control(str(self.home / "run" / "launcher.sock"))

    def close(self):
        for stream in self.streams:
            stream.close()
        for pid in self.pids:
            if str(self.home) in title(pid):
                os.kill(pid, signal.SIGKILL)
        self.launcher.terminate()
        try:
            self.launcher.wait(10)
        finally:
            self.launcher.kill()

    def describe(self):
        return (self.home / "launcher.log").read_text()

    def model(self, name="m", **script):
        """A folder with a script for scripted_worker."""
        folder = self.home / "models" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.pt").write_text(json.dumps(script))
        return folder

    def order_template(self, folder, environment=None):
        order = {"op": "template", "id": "t-" + secrets.token_hex(6), "digest": "sha256:" + "ab" * 32,
                 "model_folder": str(folder), "environment": environment or {}}
        self.control.send(**order)
        started = self.control.receive()
        assert started["op"] == "started" and started["id"] == order["id"], started
        if "process" in started:
            self.pids.append(started["process"]["pid"])
        return order["id"], started

    def template(self, folder, environment=None):
        identity, started = self.order_template(folder, environment)
        assert "process" in started, started
        return Template(self, identity, started["process"])


class Template:
    def __init__(self, runtime, identity, process):
        self.runtime, self.id, self.process, self.pid = runtime, identity, process, process["pid"]
        self.control = Control(str(runtime.home / "run" / "templates" / f"{identity}.sock"))
        self.report = self.control.receive()

    def order(self, **changes):
        identity = "i-" + secrets.token_hex(6)
        home = self.runtime.home
        scratch, log = home / "scratch" / identity, home / "logs" / f"{identity}.log"
        scratch.mkdir(parents=True)
        log.parent.mkdir(exist_ok=True)
        return {"op": "instance", "id": identity, "account": "000000000000", "endpoint": "vad", "variant": "AllTraffic",
                "index": 0, "threads": 1, "memory_bytes": 0, "volume_bytes": 0, "scratch_folder": str(scratch),
                "log_path": str(log), **changes}

    def instance(self, **changes):
        order = self.order(**changes)
        self.control.send(**order)
        started = self.control.receive()
        assert started.get("op") == "started" and "process" in started, started
        self.runtime.pids.append(started["process"]["pid"])
        return Instance(self.runtime, order, started["process"])


class Instance:
    def __init__(self, runtime, order, process):
        self.runtime, self.order, self.id, self.process, self.pid = runtime, order, order["id"], process, process["pid"]
        self.record = runtime.home / "run" / "instances" / f"{self.id}.json"
        self.scratch = Path(order["scratch_folder"])

    def connect(self):
        stream = Stream(str(self.runtime.home / "run" / "instances" / f"{self.id}.sock"))
        self.runtime.streams.append(stream)
        return stream

    def log(self):
        path = Path(self.order["log_path"])
        return path.read_text() if path.exists() else ""
