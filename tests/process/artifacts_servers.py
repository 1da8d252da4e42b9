"""Servers that `smhostd fetch` downloads from: one with every fault, one that checks AWS signatures with botocore's own code."""
import http.server
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


class Server:
    """A handler class on a loopback port; `certificate` (a PEM file) makes it HTTPS."""

    def __init__(self, handler, certificate=None):
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.http.block_on_close = False
        self.http.owner = self
        self.ending = threading.Event()
        self.requests = []
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
            self.scheme = "https"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.http.shutdown()
        self.http.server_close()

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.http.server_port}"


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def hang(self):
        self.server.owner.ending.wait(60)
        self.close_connection = True


class Faulty(Quiet):
    """GET /<fault>/…; `archive` is what a good answer holds."""

    archive = b""

    def do_GET(self):
        self.server.owner.requests.append(self.path)
        fault, _, rest = self.path[1:].partition("/")
        try:
            getattr(self, "give_" + fault.partition("?")[0].replace("-", "_"))(rest)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def give_good(self, _):
        self.answer(200, self.archive)

    def give_status(self, rest):
        self.answer(int(rest[:3]), b"<html>secret page</html>")

    def give_silence(self, _):
        self.hang()

    def begin(self, length, body):
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def give_stall(self, _):
        self.begin(len(self.archive), self.archive[:100])
        self.hang()

    def give_trickle(self, _):
        self.begin(1_000_000, b"\x1f\x8b\x08\x08" + b"\0" * 6)
        while not self.server.owner.ending.wait(0.05):
            self.wfile.write(b"name")

    def give_truncated(self, _):
        self.begin(len(self.archive), self.archive[:-10])
        self.close_connection = True

    def give_truncated_chunks(self, _):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(self.archive) - 10, self.archive[:-10]))
        self.close_connection = True

    def give_truncated_without_length(self, _):
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(self.archive[:-10])
        self.close_connection = True

    def give_reset(self, _):
        self.begin(len(self.archive), self.archive[:100])
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()
        self.close_connection = True

    def give_large(self, _):
        self.begin(1 << 40, b"\x1f\x8b")
        self.hang()

    def give_endless(self, _):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"a\r\n\x1f\x8b\x08\x08\0\0\0\0\0\0\r\n")
        while not self.server.owner.ending.is_set():
            self.wfile.write(b"10000\r\n" + b"n" * 65536 + b"\r\n")

    def give_nonsense(self, _):
        self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        self.close_connection = True

    def give_loop(self, _):
        self.answer(302, Location=self.path)

    def give_hops(self, rest):
        self.answer(301, b"moved", Location=f"/hops/{int(rest) - 1}" if int(rest) > 1 else "/good/model.tar.gz")

    def give_to(self, rest):
        self.answer(307, Location=urllib.parse.unquote(rest))

    def give_nowhere(self, _):
        self.answer(302)


class SigningStore(Quiet):
    """An S3 that takes nothing on trust: it signs the request anew with botocore and compares."""

    credentials = Credentials("AKIDEXAMPLE", "correct horse", "session/token+=")
    region = "eu-central-1"
    objects = {}

    def do_GET(self):
        self.server.owner.requests.append(self.path)
        if self.headers.get("Authorization", "").rpartition("Signature=")[2] != self.expected_signature():
            return self.refuse(403, "SignatureDoesNotMatch", "The request signature we calculated does not match")
        body = self.objects.get(urllib.parse.unquote(self.path))
        if body is None:
            return self.refuse(404, "NoSuchKey", "The specified key does not exist.")
        return self.answer(200, body)

    def expected_signature(self):
        signed = self.headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
        # What AWS wants signed at least: the host and every x-amz- header that is sent.
        needed = {"host", *(name.lower() for name in self.headers if name.lower().startswith("x-amz-"))}
        if not needed <= set(signed) or self.headers.get("X-Amz-Security-Token") != self.credentials.token:
            return "something that must be signed is not"
        request = AWSRequest("GET", f"http://{self.headers['Host']}{self.path}",
                             headers={name: self.headers[name] for name in signed})
        request.context["timestamp"] = self.headers["X-Amz-Date"]
        auth = S3SigV4Auth(self.credentials, "s3", self.region)
        return auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)

    def refuse(self, status, code, message):
        self.answer(status, f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode())


def make_certificate(folder, name):
    """A self-signed certificate and its key for `name` (IP:… or DNS:…), in one PEM file."""
    path = str(folder / (name.replace(":", "-") + ".pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=" + name, "-keyout", path, "-out", path + ".crt"],
                   check=True, capture_output=True)
    with open(path, "a") as both, open(path + ".crt") as certificate:
        both.write(certificate.read())
    return path


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
