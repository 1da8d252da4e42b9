"""R23: every way in which a download can fail ends in its own error, in bounded time, with nothing left behind; and S3 with
real signatures, against botocore's own signing code and against moto."""
import hashlib
import json
import os
import pathlib
import subprocess
import urllib.parse

import artifacts_corpus as corpus
import pytest
from artifacts_sandbox import BIN
from artifacts_servers import Faulty, Server, SigningStore, make_certificate, wait_until

pytestmark = pytest.mark.skipif(not (BIN / "smhostd").exists(), reason="needs smhostd in SMHOST_BIN")

PLAIN_ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS") if name in os.environ}
AWS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "correct horse", "AWS_REGION": "eu-central-1"}
TEMPORARY = {**AWS, "AWS_SESSION_TOKEN": "session/token+="}


class Fetcher:
    def __init__(self, home):
        self.home = home

    def start(self, url, *options, **environment):
        command = [BIN / "smhostd", "fetch", "--home", self.home, "--url", url, "--max-bytes", "1000000", *options]
        return subprocess.Popen(command, env={**PLAIN_ENVIRONMENT, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True)

    def finish(self, process):
        out, err = process.communicate(timeout=30)
        assert process.returncode in (0, 1), err
        return json.loads(out)

    def __call__(self, url, *options, **environment):
        return self.finish(self.start(url, *options, **environment))

    def fails(self, url, code, *words, options=(), **environment):
        result = self(url, *options, **environment)
        assert result.get("error", {}).get("code") == code, result
        message = result["error"]["message"]
        for word in words:
            assert word in message
        assert "secret" not in message
        assert self.left() == []
        return message

    def left(self):
        return os.listdir(self.home / "artifacts")


@pytest.fixture
def fetch(tmp_path):
    return Fetcher(tmp_path / "home")


@pytest.fixture(scope="module")
def faulty():
    class Handler(Faulty):
        archive = corpus.GOOD
    with Server(Handler) as server:
        yield server


def is_good(result):
    assert "error" not in result, result
    assert result["digest"] == "sha256:" + hashlib.sha256(corpus.GOOD).hexdigest()
    assert pathlib.Path(result["folder"], "model.pt").read_bytes() == b"weights" * 100
    return True


def test_a_download_becomes_a_snapshot(fetch, faulty):
    assert is_good(fetch(faulty.url + "/good/model.tar.gz"))


@pytest.mark.parametrize("status, code", [
    (404, "NotFound"), (410, "NotFound"), (401, "Denied"), (403, "Denied"), (400, "Invalid"), (204, "Invalid"),
    (408, "Unavailable"), (429, "Unavailable"), (500, "Unavailable"), (503, "Unavailable")])
def test_a_status_is_named_with_the_address_and_without_its_query(fetch, faulty, status, code):
    address = f"{faulty.url}/status/{status}/model.tar.gz"
    fetch.fails(address + "?X-Amz-Signature=secret", code, address, str(status))


def test_a_server_that_is_not_there_may_come_back(fetch):
    fetch.fails("https://127.0.0.1:1/x", "Unavailable", "https://127.0.0.1:1/x")
    fetch.fails("https://no-such-host.invalid/x", "Unavailable", "no-such-host.invalid")


@pytest.mark.parametrize("fault", ["stall", "silence"])
def test_a_stall_ends_the_download(fetch, faulty, fault):
    fetch.fails(f"{faulty.url}/{fault}/x", "Unavailable", "timed out", options=("--stall-seconds", "1"))


def test_a_trickle_ends_at_the_deadline(fetch, faulty):
    fetch.fails(f"{faulty.url}/trickle/x", "TimedOut", "deadline", options=("--timeout-seconds", "1"))


@pytest.mark.parametrize("fault", ["truncated", "truncated-chunks", "reset"])
def test_a_transfer_that_ends_early_is_tried_again_not_unpacked(fetch, faulty, fault):
    fetch.fails(f"{faulty.url}/{fault}/x", "Unavailable", "cannot download")


def test_a_cut_that_the_protocol_cannot_show_is_seen_by_the_archive(fetch, faulty):
    fetch.fails(f"{faulty.url}/truncated-without-length/x", "Invalid", "truncated")


def test_nonsense_instead_of_http_is_an_error(fetch, faulty):
    fetch.fails(f"{faulty.url}/nonsense/x", "Invalid", "cannot download")


def test_what_says_that_it_is_too_large_is_not_downloaded(fetch, faulty):
    fetch.fails(f"{faulty.url}/large/x", "TooLarge", "bytes allowed")


def test_what_never_ends_is_cut_at_the_limit(fetch, faulty):
    fetch.fails(f"{faulty.url}/endless/x", "TooLarge", "bytes allowed")


def test_redirects_are_followed_up_to_the_limit(fetch, faulty):
    assert is_good(fetch(f"{faulty.url}/hops/5"))


def test_one_redirect_too_many_and_a_loop_end(fetch, faulty):
    fetch.fails(f"{faulty.url}/hops/6", "Invalid", "redirected more than 5 times")
    before = len(faulty.requests)
    fetch.fails(f"{faulty.url}/loop/x?secret", "Invalid", "redirected more than 5 times", "/loop/x")
    assert len(faulty.requests) - before == 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://example.com/x", "s3://bucket/key",
                                    "https://user:word@example.com/x"])
def test_a_redirect_leads_to_no_other_kind_of_address(fetch, faulty, target):
    fetch.fails(f"{faulty.url}/to/{urllib.parse.quote(target, safe='')}", "Invalid", "redirected")


def test_a_redirect_to_nowhere_is_an_error(fetch, faulty):
    fetch.fails(f"{faulty.url}/nowhere", "Invalid", "302")


# ---- HTTPS

@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")

    class Handler(Faulty):
        archive = corpus.GOOD
    with Server(Handler, make_certificate(folder, "IP:127.0.0.1")) as server:
        server.certificate = str(folder / "IP-127.0.0.1.pem.crt")
        yield server


@pytest.mark.parametrize("variable", ["CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_certificate_that_the_environment_trusts_is_taken(fetch, secure, variable):
    assert is_good(fetch(secure.url + "/good/x", **{variable: secure.certificate}))


def test_a_certificate_that_nobody_trusts_is_refused(fetch, secure):
    fetch.fails(secure.url + "/good/x", "Denied", "certificate", "CURL_CA_BUNDLE")


def test_a_certificate_of_another_host_is_refused(fetch, tmp_path):
    class Handler(Faulty):
        archive = corpus.GOOD
    with Server(Handler, make_certificate(tmp_path, "DNS:other.example")) as server:
        trusted = str(tmp_path / "DNS-other.example.pem.crt")
        fetch.fails(server.url + "/good/x", "Denied", "certificate", CURL_CA_BUNDLE=trusted)
        assert server.requests == []


def test_https_is_not_led_down_to_http(fetch, secure, faulty):
    target = urllib.parse.quote(faulty.url + "/good/x", safe="")
    fetch.fails(f"{secure.url}/to/{target}", "Invalid", "only https:// may follow", CURL_CA_BUNDLE=secure.certificate)


def test_http_of_this_machine_may_lead_to_https(fetch, secure, faulty):
    target = urllib.parse.quote(secure.url + "/good/x", safe="")
    assert is_good(fetch(f"{faulty.url}/to/{target}", CURL_CA_BUNDLE=secure.certificate))


# ---- S3

@pytest.fixture(scope="module")
def signing():
    class Handler(SigningStore):
        objects = {f"/models/{key}": corpus.GOOD for key in ("model.tar.gz", "a b/c+d=e&f~g(1)'*!/ü.tar.gz", "a/../b//c.tar.gz")}
    with Server(Handler) as server:
        yield server


@pytest.mark.parametrize("key", ["model.tar.gz", "a b/c+d=e&f~g(1)'*!/ü.tar.gz", "a/../b//c.tar.gz"])
def test_a_signature_is_the_one_that_botocore_computes(fetch, signing, key):
    assert is_good(fetch(f"s3://models/{key}", SMHOST_S3_ENDPOINT=signing.url, **TEMPORARY))


def test_a_wrong_secret_is_denied_with_the_stores_words(fetch, signing):
    wrong = {**TEMPORARY, "AWS_SECRET_ACCESS_KEY": "wrong"}
    message = fetch.fails("s3://models/model.tar.gz", "Denied", "SignatureDoesNotMatch", "s3://models/model.tar.gz",
                          "AWS_SECRET_ACCESS_KEY", SMHOST_S3_ENDPOINT=signing.url, **wrong)
    assert "wrong" not in message


def test_a_key_that_is_not_there_is_not_found(fetch, signing):
    fetch.fails("s3://models/none.tar.gz", "NotFound", "NoSuchKey", SMHOST_S3_ENDPOINT=signing.url, **TEMPORARY)


def test_a_store_that_redirects_gets_no_second_signature(fetch, signing):
    class Moved(Faulty):
        def do_GET(self):
            self.server.owner.requests.append(self.path)
            self.answer(301, b"<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>",
                        Location=signing.url + self.path, x_amz_bucket_region="eu-west-3")
    before = len(signing.requests)
    with Server(Moved) as store:
        fetch.fails("s3://models/model.tar.gz", "Invalid", "301", "PermanentRedirect", "region 'eu-west-3': set AWS_REGION",
                    SMHOST_S3_ENDPOINT=store.url, **TEMPORARY)
        assert len(store.requests) == 1 and len(signing.requests) == before


@pytest.fixture(scope="module")
def moto():
    server = pytest.importorskip("moto.server").ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_an_object_comes_out_of_moto_as_boto3_put_it_in(fetch, moto, monkeypatch):
    boto3 = pytest.importorskip("boto3")
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=moto, region_name="eu-central-1")
    client.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    key = "team a/v1+2/model.tar.gz"
    client.put_object(Bucket="models", Key=key, Body=corpus.GOOD)
    fetch.fails("s3://models/none", "NotFound", "NoSuchKey", SMHOST_S3_ENDPOINT=moto, **AWS)
    fetch.fails("s3://no-such-bucket/none", "NotFound", "NoSuchBucket", SMHOST_S3_ENDPOINT=moto, **AWS)
    assert is_good(fetch(f"s3://models/{key}", SMHOST_S3_ENDPOINT=moto, **AWS))
    presigned = client.generate_presigned_url("get_object", Params={"Bucket": "models", "Key": key})
    assert is_good(fetch(presigned))


# ---- the process

def test_fetches_of_one_artifact_at_once_agree_on_one_snapshot(fetch, faulty):
    running = [fetch.start(faulty.url + "/good/x") for _ in range(6)]
    folders = {result["folder"] for result in map(fetch.finish, running) if is_good(result)}
    assert [pathlib.Path(folder).name for folder in folders] == fetch.left()


def test_a_killed_fetch_leaves_no_snapshot_and_hinders_none(fetch, faulty):
    process = fetch.start(faulty.url + "/stall/x")
    wait_until(lambda: (fetch.home / "artifacts").exists() and fetch.left())
    process.kill()
    process.communicate()
    assert all(name.startswith(f"tmp-{process.pid}-") for name in fetch.left())
    assert is_good(fetch(faulty.url + "/good/x"))


def test_the_fetch_process_shows_no_secret_and_gains_no_privilege(fetch, faulty):
    before = len(faulty.requests)
    process = fetch.start(faulty.url + "/stall/x?X-Amz-Signature=secret")
    wait_until(lambda: len(faulty.requests) > before)
    try:
        command_line = pathlib.Path(f"/proc/{process.pid}/cmdline").read_text()
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    finally:
        process.kill()
        process.communicate()
    assert command_line.startswith("smhostd: fetch [") and "secret" not in command_line
    assert "NoNewPrivs:\t1" in status


def test_a_file_that_is_unpacked_already_is_read_but_not_unpacked_again(fetch, tmp_path):
    path, artifacts = tmp_path / "model.tar.gz", fetch.home / "artifacts"
    path.write_bytes(corpus.GOOD)
    first = fetch(path.as_uri())
    assert is_good(first) and not first["reused"]
    snapshot = pathlib.Path(first["folder"]).name
    assert set(fetch.left()) == {snapshot, "known-" + snapshot.removeprefix("sha256-") + ".json"}
    # Whoever unpacks makes a folder in this one and renames or removes it: that changes its time.
    long_ago = (1, 1)
    os.utime(artifacts, ns=long_ago)
    second = fetch(path.as_uri())
    assert second == {**first, "reused": True}
    assert os.stat(artifacts).st_mtime_ns == 1
    # Its bytes are looked at, not its size and its time.
    was = os.stat(path)
    changed = bytearray(corpus.GOOD)
    changed[len(changed) // 2] ^= 1
    path.write_bytes(changed)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert fetch(path.as_uri())["error"]["code"] == "Invalid"
    assert os.stat(artifacts).st_mtime_ns != 1


def test_a_download_is_unpacked_each_time(fetch, faulty):
    assert is_good(fetch(faulty.url + "/good/x"))
    os.utime(fetch.home / "artifacts", ns=(1, 1))
    again = fetch(faulty.url + "/good/x")
    assert is_good(again) and not again["reused"]
    assert os.stat(fetch.home / "artifacts").st_mtime_ns != 1


def test_wrong_arguments_are_named(fetch):
    for options, word in [(["--max-bytes", "many"], "many"), (["--colour", "red"], "--colour"), (["--digest"], "--digest")]:
        process = fetch.start("file:///x", *options)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 2 and word in err and "usage:" in err


def test_another_digest_than_the_expected_one_fails(fetch, faulty):
    fetch.fails(faulty.url + "/good/x", "Conflict", "sha256:" + "0" * 64, options=("--digest", "sha256:" + "0" * 64))
