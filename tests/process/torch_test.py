"""The worker with LibTorch: models of every kind from file to answer."""
import json
import math
import os
import re
import shutil
import struct
import subprocess
import zipfile
from pathlib import Path

import pytest

from worker_client import Runtime, program

pytestmark = pytest.mark.skipif(not program("smhost-worker").exists(), reason="smhost-worker is not built: no torch")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """One launcher for all tests, and the models they ask for."""
    made = Workshop(tmp_path_factory.mktemp("torch"))
    yield made
    made.runtime.close()


class Workshop:
    def __init__(self, folder):
        self.folder = folder
        self.runtime = Runtime(folder / "home", "smhost-worker")

    def artifact(self, kind, number="1", name="model.pt"):
        folder = self.folder / f"{kind}-{number}-{name}"
        if not folder.exists():
            folder.mkdir()
            subprocess.run([program("make_models"), kind, folder / name, number], check=True)
        return folder

    def template(self, kind, environment=None, number="1"):
        template = self.runtime.template(self.artifact(kind, number), environment)
        assert template.report["ready"], template.report
        return template

    def serve(self, kind, environment=None, number="1", **order):
        return self.template(kind, environment, number).instance(**order).connect()

    def refused(self, folder, environment=None):
        report = self.runtime.template(folder, environment).report
        assert not report["ready"]
        return report["error"]


def pss_kb(pid):
    return int(re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M).group(1))


def test_json_csv_and_npy_reach_the_model_and_come_back(workshop):
    stream = workshop.serve("noop")
    assert stream.ask("[[1, 0.1], [3, 1e-8]]").body == b"[[1.0, 0.1], [3.0, 1e-08]]"
    assert stream.ask("1,2\n3,4\n", content_type="text/csv", accept="text/csv").body == b"1.0,2.0\n3.0,4.0\n"
    header = b"{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }"
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    npy = b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + struct.pack("<qq", 5, -7)
    assert stream.ask(npy, content_type="application/x-npy").body == b"[5, -7]"
    assert stream.ask(npy, content_type="application/x-npy", accept="application/x-npy").body.endswith(struct.pack("<qq", 5, -7))


def test_not_a_number_and_infinities_pass_through(workshop):
    answer = workshop.serve("noop").ask("[NaN, Infinity, -Infinity, null]")
    assert answer.body == b"[NaN, Infinity, -Infinity, NaN]"


def test_a_wanted_type_is_given_to_the_model(workshop):
    assert workshop.serve("noop", {"SMHOST_DTYPE": "int64"}).ask("[1, 2]").body == b"[1, 2]"
    assert workshop.serve("noop", {"SMHOST_DTYPE": "float16"}).ask("[0.5]").body == b"[0.5]"
    assert workshop.serve("noop", {"SMHOST_DTYPE": "bool"}).ask("[1, 0]").body == b"[true, false]"


def test_arguments_with_defaults_come_by_position_or_by_name(workshop):
    stream = workshop.serve("two")
    assert stream.ask("[1, 2]").json() == {"y": [2.0, 4.0]}
    assert stream.ask('{"inputs": [[1], 3]}').json() == {"y": [3.0]}
    assert stream.ask('{"inputs": {"shift": 7, "x": [1]}}').json() == {"y": [9.0]}
    assert stream.ask('{"inputs": {"x": [1], "shift": null}}').json() == {"y": [2.0]}
    wrong = stream.ask('{"inputs": {"x": [1], "shift": 1.5}}')
    assert wrong.status == 400 and b'inputs["shift"]: an integer is wanted' in wrong.body


def test_another_method_and_structured_answers(workshop):
    stream = workshop.serve("methods", {"SMHOST_METHOD": "score"})
    assert stream.ask('{"inputs": [[1, 2], "abc"]}').body == b'[3.0, "abc", [1, 2], {"a": 1.5}]'
    stream = workshop.serve("text")
    assert stream.ask('{"inputs": [["a", "b"], {"a": 1, "b": 0.1}]}').body == b'[["a", 1.0], ["b", 0.1]]'


def test_a_method_that_is_not_there_is_refused_with_those_that_are(workshop):
    assert "it has forward, score" in workshop.refused(workshop.artifact("methods"), {"SMHOST_METHOD": "predict"})


@pytest.mark.parametrize("kind,body,status,text", [
    ("mlp", "[[1, 2, 3]]", 400, "shapes cannot be multiplied"),
    ("mlp", '["a"]', 400, 'the string "a"'),
    ("raising", "1", 400, "AssertionError: x is not to my taste"),
    ("text", '{"inputs": [["c"], {}]}', 400, "KeyError: c"),
    ("conv", "[[[[1]]]]", 400, "expected input"),
])
def test_torchs_refusals_are_answers_and_the_instance_stays(workshop, kind, body, status, text):
    stream = workshop.serve(kind)
    for _ in range(2):
        answer = stream.ask(body)
        assert answer.status == status and text in answer.body.decode()
        assert "Traceback" not in answer.body.decode() and len(answer.body) < 2100


def test_a_request_beyond_the_memory_limit_is_an_answer_and_the_instance_stays(workshop):
    stream = workshop.serve("hungry", number="2000", memory_bytes=128 << 20)
    for _ in range(2):
        answer = stream.ask("1")
        assert answer.status == 500 and b"out of memory" in answer.body


def test_state_is_kept_between_calls_and_apart_between_instances(workshop):
    template = workshop.template("counting")
    first, second = template.instance().connect(), template.instance().connect()
    assert [first.ask("0").body, first.ask("0").body, second.ask("0").body] == [b"1", b"2", b"1"]


def test_instances_of_one_template_draw_different_random_numbers(workshop):
    template = workshop.template("dropout")
    bodies = {template.instance().connect().ask("[0, 0, 0]").body for _ in range(3)}
    assert len(bodies) == 3


def test_a_frozen_model_answers_as_it_did_with_any_batch(workshop):
    image = [[[0.1 * x for x in range(6)]] * 6] * 3
    stream = workshop.serve("conv")
    one, two = stream.ask(json.dumps([image])).json(), stream.ask(json.dumps([image, image])).json()
    assert all(math.isclose(a, b, rel_tol=1e-4, abs_tol=1e-6) for a, b in zip(one[0], two[1]))


def test_joined_requests_get_what_each_gets_alone(workshop):
    alone = workshop.serve("mlp")
    joined = workshop.serve("mlp", {"SMHOST_MAX_BATCH_SIZE": "4", "SMHOST_MAX_BATCH_DELAY_US": "300000"})
    bodies = [json.dumps([[0.001 * (n + 1) * (i % 7) for i in range(784)]]) for n in range(4)]
    for body in bodies:
        joined.send(body)
    for body in bodies:
        got, wanted = joined.receive(), alone.ask(body)
        assert got.meta["batch-size"] == "4"
        assert all(math.isclose(a, b, rel_tol=1e-4, abs_tol=1e-5) for a, b in zip(got.json()[0], wanted.json()[0]))


def test_template_and_launcher_keep_one_thread_and_instances_take_theirs(workshop):
    template = workshop.template("mlp")
    instance = template.instance(threads=2)
    instance.connect().ask(json.dumps([[0.1] * 784] * 256))
    assert len(os.listdir(f"/proc/{workshop.runtime.launcher.pid}/task")) == 1
    assert len(os.listdir(f"/proc/{template.pid}/task")) == 1
    assert len(os.listdir(f"/proc/{instance.pid}/task")) >= 2


def test_a_further_instance_shares_the_weights(workshop):
    template = workshop.template("big45")
    body = json.dumps([[0.1] * 1024])

    def all_pss(instances):
        return sum(pss_kb(pid) for pid in [template.pid] + [instance.pid for instance in instances])

    def one_more():
        instance = template.instance()
        stream = instance.connect()
        for _ in range(5):
            assert stream.ask(body).status == 200
        return instance

    instances = [one_more()]
    first = all_pss(instances)
    assert first > 45_000 * 0.9
    instances.append(one_more())
    assert all_pss(instances) - first < 0.15 * first


def test_what_is_no_torchscript_is_refused_with_the_remedy(workshop, tmp_path):
    (tmp_path / "model.pt").write_bytes(b"PK not really")
    error = workshop.refused(tmp_path)
    assert "not TorchScript" in error and "torch.jit.script" in error


def test_a_gpu_that_is_not_there_is_refused_and_auto_takes_the_cpu(workshop):
    if os.path.exists("/dev/nvidiactl"):
        pytest.skip("this machine has a GPU")
    assert "no NVIDIA GPU" in workshop.refused(workshop.artifact("noop"), {"SMHOST_DEVICE": "cuda"})
    assert workshop.serve("noop", {"SMHOST_DEVICE": "auto"}).hello.meta["device"] == "cpu"


@pytest.mark.parametrize("device", ["auto", "cuda", "cuda:0"])
def test_a_gpu_is_used_where_there_is_one(workshop, device):
    library = Path(subprocess.run([Path(__file__).resolve().parents[2] / "scripts" / "setup", "--print-torch"],
                                  capture_output=True, text=True).stdout.strip()) / "lib" / "libtorch_cuda.so"
    if not os.path.exists("/dev/nvidiactl") or not library.exists():
        pytest.skip("no GPU, or LibTorch without its GPU part")
    stream = workshop.serve("mlp", {"SMHOST_DEVICE": device})
    assert stream.hello.meta["device"] == "cuda:0"
    assert stream.ask(json.dumps([[0.1] * 784])).status == 200
    assert stream.ask("[[1]]").status == 400


def package(path, name="model"):
    """A .pt2 as torch writes it, around a library written by hand."""
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in (("archive_format", "pt2"), ("archive_version", "0"), ("byteorder", "little"),
                           ("data/aotinductor/model/m.wrapper_metadata.json", '{"AOTI_DEVICE_KEY": "cpu"}')):
            archive.writestr(f"{name}/{file}", text)
        archive.write(program("package_model.so"), f"{name}/data/aotinductor/model/m.wrapper.so")


@pytest.fixture
def packaged(tmp_path):
    if not program("package_model.so").exists():
        pytest.skip("package_model is not built")
    package(tmp_path / "net.pt2")
    return tmp_path


def test_native_code_runs_only_where_the_document_allows_it(workshop, packaged):
    assert "SMHOST_ALLOW_NATIVE=true" in workshop.refused(packaged)
    (packaged / "smhost.json").write_text('{"SMHOST_ALLOW_NATIVE": true}')
    assert "SMHOST_ALLOW_NATIVE=true" in workshop.refused(packaged)


def test_a_compiled_package_answers_in_the_shape_of_its_call_spec(workshop, packaged):
    template = workshop.runtime.template(packaged, {"SMHOST_ALLOW_NATIVE": "true"})
    assert template.report["ready"], template.report
    stream = template.instance().connect()
    assert stream.ask('{"inputs": [[1, 2], [3, 4]]}').body == b'{"sum": [4.0, 6.0], "first": [[1.0, 2.0]]}'
    assert stream.ask('{"inputs": [[1, 2]]}').status == 400
    assert stream.ask('{"inputs": [[1, 2, 3], [3, 4]]}').status >= 400
    assert stream.ask('{"inputs": [[1], [3]]}').json()["sum"] == [4.0]


def test_a_package_leaves_no_unpacked_files_behind(workshop, packaged, monkeypatch):
    before = set(os.listdir("/tmp"))
    template = workshop.runtime.template(packaged, {"SMHOST_ALLOW_NATIVE": "true"})
    assert template.report["ready"]
    left = {name for name in set(os.listdir("/tmp")) - before if name.startswith(("smhost-package", "aotinductor"))}
    assert not left


def test_a_damaged_package_is_refused(workshop, tmp_path):
    (tmp_path / "net.pt2").write_bytes(b"PK\3\4 and nothing more")
    assert "no AOTInductor package" in workshop.refused(tmp_path, {"SMHOST_ALLOW_NATIVE": "true"})


def test_a_real_speech_model_tells_silence(workshop, tmp_path):
    found = subprocess.run([Path(__file__).resolve().parents[2] / "scripts" / "setup", "--print-model"], capture_output=True, text=True)
    if found.returncode != 0:
        pytest.skip("scripts/setup has not fetched the speech model")
    shutil.copy(found.stdout.strip(), tmp_path / "silero_vad.jit")
    template = workshop.runtime.template(tmp_path)
    assert template.report["ready"] and template.report["model_file"] == "silero_vad.jit"
    stream = template.instance().connect()
    answer = stream.ask(json.dumps({"inputs": {"x": [[0.0] * 512], "sr": 16000}}))
    assert answer.status == 200 and 0 <= answer.json()[0][0] < 0.1
    wrong = stream.ask(json.dumps({"inputs": {"x": [[0.0] * 512], "sr": 44100}}))
    assert wrong.status == 400 and b"ValueError: Supported sampling rates" in wrong.body
