"""`smhostd golden`: stored requests to one instance with a scripted model, and what it says of the answers."""
import json
import subprocess

import pytest

from worker_client import Runtime, program

pytestmark = pytest.mark.skipif(not program("scripted_worker").exists(), reason="scripted_worker is not built")


@pytest.fixture
def runtime(tmp_path):
    made = Runtime(tmp_path / "home", "scripted_worker")
    yield made
    made.close()


def one_instance(runtime, **script):
    template = runtime.template(runtime.model(**script))
    assert template.report["ready"], template.report
    instance = template.instance()
    instance.connect().close()
    return instance


def golden(runtime, instance, document=None, folder=None):
    """(exit status, the line that it prints)"""
    socket = runtime.home / "run" / "instances" / f"{getattr(instance, 'id', instance)}.sock"
    words = [program("smhostd"), "golden", "--home", runtime.home, "--socket", socket]
    if document is not None:
        path = runtime.home / "set.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        words += ["--set", path]
    if folder is not None:
        words += ["--folder", folder]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=90)
    assert done.stdout.count(b"\n") == 1, done
    return done.returncode, json.loads(done.stdout)


def test_answers_within_the_tolerance_pass(runtime):
    instance = one_instance(runtime, echo=True)
    status, line = golden(runtime, instance, {"GoldenSetName": "g", "Tolerance": 0.01, "Requests": [
        {"Body": [[1, 2.5]], "Expected": [[1, 2.505]]},
        {"Body": "1,2\n", "ContentType": "text/csv", "Accept": "text/csv"},
        {"BodyBase64": "WzFd", "Expected": "[1.0]", "ExpectedContentType": "application/json"},
        {"Name": "no JSON", "Body": "oops", "ExpectedStatus": 400}]})
    assert (status, line["passed"], line["requests"]) == (0, True, 4), line
    assert line["slowest_ms"] > 0


def test_the_first_difference_is_told_with_its_place_and_request(runtime):
    instance = one_instance(runtime, reply={"predictions": [0.7, 9]})
    status, line = golden(runtime, instance, {"Tolerance": 0.01, "Requests": [
        {"Body": [1], "Expected": {"predictions": [0.7, 9]}},
        {"Name": "second", "Body": [1], "Expected": {"predictions": [0.5, 0]}}]})
    assert (status, line["passed"], line["requests"]) == (1, False, 2)
    assert line["failure"].startswith("request 2 (second): at $.predictions[0] expected 0.5, got 0.7"), line
    assert "more than 0.01" in line["failure"]


def test_another_status_or_type_is_a_failure_with_the_model_s_words(runtime):
    instance = one_instance(runtime, echo=True, raise_on="13")
    status, line = golden(runtime, instance, {"Requests": [{"Body": [13]}]})
    assert status == 1 and "request 1: expected status 200, got 500" in line["failure"]
    assert "the script raises" in line["failure"]
    status, line = golden(runtime, instance, {"Requests": [{"Body": [1], "Expected": "1", "ExpectedContentType": "text/csv"}]})
    assert status == 1 and "content type text/csv" in line["failure"]


def test_an_answer_slower_than_its_budget_is_a_failure(runtime):
    instance = one_instance(runtime, echo=True, sleep_ms=60)
    status, line = golden(runtime, instance, {"LatencyBudgetInMilliseconds": 20, "Requests": [{"Body": [1]}]})
    assert status == 1 and "LatencyBudgetInMilliseconds" in line["failure"]
    assert line["slowest_ms"] >= 60
    assert golden(runtime, instance, {"LatencyBudgetInMilliseconds": 30000, "Requests": [{"Body": [1]}]})[0] == 0


def test_an_instance_that_dies_or_is_not_there_is_a_failure_that_says_so(runtime):
    instance = one_instance(runtime, echo=True, crash_on="13")
    status, line = golden(runtime, instance, {"Requests": [{"Body": [1]}, {"Body": [13]}]})
    assert status == 1 and line["failure"] == "request 2: the instance ended"
    status, line = golden(runtime, "i-none", {"Requests": [{"Body": [1]}]})
    assert status == 1 and "i-none.sock" in line["failure"]


def test_an_artifact_s_own_set_reads_its_files_and_both_sets_must_pass(runtime, tmp_path):
    folder = tmp_path / "golden"
    folder.mkdir()
    (folder / "body.json").write_text("[1, 2]")
    (folder / "answer.json").write_text("[1, 2]")
    (folder / "golden.json").write_text(json.dumps({"Requests": [{"BodyFile": "body.json", "ExpectedFile": "answer.json"}]}))
    instance = one_instance(runtime, echo=True)
    assert golden(runtime, instance, folder=folder) == (0, {"passed": True, "requests": 1, "slowest_ms": pytest.approx(0, abs=1e6)})
    status, line = golden(runtime, instance, {"Requests": [{"Body": [1], "Expected": [2]}]}, folder)
    assert status == 1 and "expected 2, got 1" in line["failure"]
    (folder / "answer.json").unlink()
    status, line = golden(runtime, instance, folder=folder)
    assert status == 1 and "answer.json" in line["failure"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"Requests": []}', '{"Requests": [{"Expected": 1}]}',
                                  '{"Requests": [{"Body": 1, "BodyFile": "/etc/passwd"}]}'])
def test_a_malformed_set_is_a_failure_that_names_the_set(runtime, text):
    status, line = golden(runtime, "i-none", text)
    assert status == 1 and line["failure"].startswith("the golden set: "), line
    assert line["requests"] == 0
