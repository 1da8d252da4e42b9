"""The worker's processes for real: launcher, template, instance, with a scripted model in place of torch."""
import fcntl
import json
import os
import re
import signal
import time

import pytest

from worker_client import CANCEL, DRAIN, Runtime, alive, program, title, wait_until

pytestmark = pytest.mark.skipif(not program("scripted_worker").exists(), reason="scripted_worker is not built")


@pytest.fixture
def runtime(tmp_path):
    made = Runtime(tmp_path / "home", "scripted_worker")
    yield made
    made.close()


def held(path):
    with open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def one_instance(runtime, environment=None, **script):
    template = runtime.template(runtime.model(**script), environment)
    assert template.report["ready"], template.report
    return template, template.instance()


def test_a_request_travels_from_order_to_answer(runtime):
    template, instance = one_instance(runtime, echo=True)
    stream = instance.connect()
    assert stream.hello.meta["state"] == "ready"
    assert stream.hello.meta["id"] == instance.id
    assert stream.hello.meta["device"] == "cpu"
    answer = stream.ask("[[1, 2.5], [3, 4]]")
    assert answer.status == 200
    assert answer.body == b"[[1.0, 2.5], [3.0, 4.0]]"
    assert answer.meta["content-type"] == "application/json"
    assert {"queue-us", "batch-us", "model-us"} <= set(answer.meta) and answer.meta["batch-size"] == "1"


def test_a_ping_is_answered_while_the_model_works_and_says_for_how_long_it_does(runtime):
    _, instance = one_instance(runtime, echo=True, hang_on="hang")
    stream, asking = instance.connect(), instance.connect()
    assert asking.ping() == 0
    stream.ask("[1]")
    assert asking.ping() == 0
    stream.send('"hang"')
    wait_until(lambda: asking.ping() > 0)
    before = asking.ping()
    wait_until(lambda: asking.ping() > before)


def nice_of(pid, thread=None):
    path = f"/proc/{pid}/stat" if thread is None else f"/proc/{pid}/task/{thread}/stat"
    with open(path) as file:
        text = file.read()
    return int(text[text.rindex(")") + 2:].split()[16])


def test_a_model_is_loaded_at_low_priority_and_its_instances_have_the_normal_one(runtime):
    launcher = runtime.launcher.pid
    _, started = runtime.order_template(runtime.model("slow", echo=True, slow_load_ms=1500))
    pid = started["process"]["pid"]
    wait_until(lambda: len(os.listdir(f"/proc/{pid}/task")) == 2)
    loader = next(int(name) for name in os.listdir(f"/proc/{pid}/task") if int(name) != pid)
    wait_until(lambda: nice_of(pid, loader) == nice_of(launcher) + 10)
    assert nice_of(pid) == nice_of(launcher)
    template, instance = one_instance(runtime, reply=1)
    stream = instance.connect()
    for process in (template.pid, instance.pid):
        for thread in os.listdir(f"/proc/{process}/task"):
            assert nice_of(process, thread) == nice_of(launcher), thread
    assert len(os.listdir(f"/proc/{template.pid}/task")) == 1
    assert stream.ask("1").status == 200


def test_every_process_says_what_it_is(runtime):
    template, instance = one_instance(runtime, reply=1)
    instance.connect()
    home = runtime.home
    assert title(runtime.launcher.pid) == f"smhost-worker: launcher [{home}]"
    assert title(template.pid) == f"smhost-worker: template abababab [{home}]"
    assert title(instance.pid) == f"smhost-worker: instance vad/AllTraffic/0 [{home}]"


def test_a_record_is_written_before_the_reply_and_locked_as_long_as_its_process_lives(runtime):
    template, instance = one_instance(runtime, reply=1)
    record = json.loads(instance.record.read_text())
    assert record["process"] == instance.process
    assert record["order"]["scratch_folder"] == str(instance.scratch)
    assert held(instance.record)
    os.kill(instance.pid, signal.SIGKILL)
    wait_until(lambda: not held(instance.record))


def test_the_end_of_an_instance_is_told_and_logged(runtime):
    template, instance = one_instance(runtime, reply=1)
    instance.connect()
    os.kill(instance.pid, signal.SIGKILL)
    exited = template.control.receive()
    assert exited == {"op": "exited", "id": instance.id, "reason": "killed by signal 9 (Killed)"}
    wait_until(lambda: "killed by signal 9" in instance.log())


def test_instances_go_on_when_launcher_and_template_are_killed(runtime):
    template, instance = one_instance(runtime, echo=True, print="a line of the model")
    stream = instance.connect()
    assert stream.ask("1").status == 200
    os.kill(runtime.launcher.pid, signal.SIGKILL)
    runtime.launcher.wait()
    assert stream.ask("2").body == b"2.0"
    os.kill(template.pid, signal.SIGKILL)
    wait_until(lambda: not alive(template.pid))
    for number in range(50):
        assert stream.ask(str(number)).status == 200
    assert instance.connect().ask("3").body == b"3.0"
    wait_until(lambda: instance.log().count("a line of the model") == 53)
    assert "its template ended; it goes on without" in instance.log()


def test_a_template_outlives_its_launcher(runtime):
    template, _ = one_instance(runtime, reply=1)
    runtime.launcher.terminate()
    assert runtime.launcher.wait(10) == 0
    assert template.instance().connect().ask("0").status == 200


def test_a_template_ends_at_once_on_sigterm_and_its_instance_stays(runtime):
    template, instance = one_instance(runtime, reply=1)
    stream = instance.connect()
    os.kill(template.pid, signal.SIGTERM)
    wait_until(lambda: not alive(template.pid), 2)
    assert stream.ask("0").status == 200


def test_output_of_the_model_is_logged_with_times_and_long_lines_are_cut(runtime):
    template, instance = one_instance(runtime, reply=1, print="x" * 40000)
    instance.connect().ask("0")
    wait_until(lambda: instance.log().count("x") == 40000)
    lines = [line for line in instance.log().splitlines() if "x" * 10 in line]
    assert [len(line) - 25 for line in lines] == [16384, 16384, 7232]
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ", line) for line in instance.log().splitlines())


def test_a_log_that_grows_past_its_bound_keeps_one_older_file(runtime):
    template, instance = one_instance(runtime, reply=1, print="y" * 16000)
    stream = instance.connect()
    for _ in range(1100):
        stream.send("0")
    for _ in range(256):  # the queue is bounded: some were refused, all were answered
        stream.receive()
    for _ in range(1100 - 256):
        stream.receive()
    os.kill(instance.pid, signal.SIGTERM)
    wait_until(lambda: not alive(instance.pid))
    wait_until(lambda: "ended with exit code 0" in instance.log())
    assert os.path.getsize(instance.order["log_path"]) <= 8 << 20


def test_a_failed_load_is_reported_and_the_template_goes(runtime):
    template = runtime.template(runtime.model(fail_load="the weights are torn"))
    assert template.report["ready"] is False
    assert template.report["error"] == "the weights are torn"
    template.control.send(**template.order())
    assert "has no model" in template.control.receive()["error"]
    wait_until(lambda: not alive(template.pid), 10)


def test_a_folder_without_a_model_is_named_with_what_it_holds(runtime):
    folder = runtime.home / "models" / "none"
    (folder / "code").mkdir(parents=True)
    (folder / "weights.bin").write_text("")
    error = runtime.template(folder).report["error"]
    assert "holds no model" in error and "code/, weights.bin" in error


def test_a_load_that_starts_threads_is_refused(runtime):
    report = runtime.template(runtime.model(thread_on_load=True)).report
    assert report["ready"] is False and "threads" in report["error"]


def test_a_connection_may_wait_while_the_model_loads(runtime):
    template = runtime.template(runtime.model(slow_load_ms=300, prepare_ms=300, reply=5))
    assert template.report["ready"] and template.report["load_ms"] >= 300
    assert template.instance().connect().ask("0").body == b"5"


def test_an_instance_that_cannot_prepare_says_why(runtime):
    template, instance = one_instance(runtime, fail_prepare="no such device")
    hello = instance.connect().hello
    assert hello.meta["state"] == "failed" and hello.meta["error"] == "no such device"
    assert template.control.receive()["reason"] == "ended with exit code 1"


def test_a_warm_up_request_runs_before_anything_is_answered(runtime):
    folder = runtime.model(count=True)
    (folder / "warm.json").write_text("[1]")
    stream = runtime.template(folder, {"SMHOST_WARMUP": "warm.json"}).instance().connect()
    assert stream.ask("0").body == b"3"


def test_a_warm_up_that_fails_keeps_the_instance_from_being_ready(runtime):
    folder = runtime.model(raise_on="")
    (folder / "warm.json").write_text("[1]")
    hello = runtime.template(folder, {"SMHOST_WARMUP": "warm.json"}).instance().connect().hello
    assert hello.meta["state"] == "failed" and "SMHOST_WARMUP=warm.json" in hello.meta["error"]


@pytest.mark.parametrize("body,how,status,text", [
    ("[1, 2", {}, 400, "not valid JSON"),
    ("[[1, 2], [3]]", {}, 400, "the request[1]: 1 elements where its neighbours have 2"),
    ("1", {"content_type": "application/json; charset=utf-8"}, 415, "without parameters"),
    ("1", {"content_type": "image/png"}, 415, "application/x-npy"),
    ("1", {"accept": "text/html"}, 406, "text/html"),
    ('"raise"', {}, 500, "the script raises"),
    ('"refuse"', {}, 400, "refuses these arguments"),
])
def test_what_the_caller_does_wrong_is_an_answer_and_the_instance_stays(runtime, body, how, status, text):
    _, instance = one_instance(runtime, echo=True, raise_on="raise", refuse_on="refuse")
    stream = instance.connect()
    answer = stream.ask(body, **how)
    assert answer.status == status and text in answer.body.decode()
    assert stream.ask("7").body == b"7.0"


def test_a_frame_that_makes_no_sense_ends_its_connection_only(runtime):
    _, instance = one_instance(runtime, reply=1)
    good, bad = instance.connect(), instance.connect()
    bad.sock.sendall(b"GET / HTTP/1.1\r\n\r\n" + b"x" * 100)
    with pytest.raises((EOFError, ConnectionResetError)):
        bad.receive()
    assert good.ask("0").status == 200


def test_a_cancelled_request_is_not_run_and_gets_no_answer(runtime):
    _, instance = one_instance(runtime, count=True, sleep_ms=200)
    stream = instance.connect()
    first, second, third = stream.send("1"), stream.send("2"), stream.send("3")
    stream.send_frame(CANCEL, second)
    assert [stream.receive().number, stream.receive().number] == [first, third]
    assert stream.ask("4").body == b"3"


def test_requests_of_a_closed_connection_are_not_run(runtime):
    _, instance = one_instance(runtime, count=True, sleep_ms=100)
    leaving = instance.connect()
    for number in range(20):
        leaving.send(str(number))
    leaving.close()
    time.sleep(0.05)
    assert int(instance.connect().ask("0").body) < 5


def test_a_request_whose_time_is_over_is_not_run(runtime):
    _, instance = one_instance(runtime, count=True, sleep_ms=100)
    stream = instance.connect()
    stream.send("1")
    stream.send("2", deadline_ms=10)
    assert stream.receive().body == b"1"
    late = stream.receive()
    assert late.status == 504 and b"time was over" in late.body
    assert stream.ask("3").body == b"2"


@pytest.mark.parametrize("how", ["SIGTERM", "drain"])
def test_what_is_owed_is_answered_before_the_end(runtime, how):
    template, instance = one_instance(runtime, count=True, sleep_ms=30)
    stream = instance.connect()
    for number in range(10):
        stream.send(str(number))
    if how == "drain":
        stream.send_frame(DRAIN, 0)
    else:
        time.sleep(0.02)
        os.kill(instance.pid, signal.SIGTERM)
    assert [stream.receive().status for _ in range(10)] == [200] * 10
    assert template.control.receive()["reason"] == "ended with exit code 0"


def test_an_idle_instance_ends_at_once_when_asked(runtime):
    template, instance = one_instance(runtime, reply=1)
    instance.connect()
    begin = time.monotonic()
    os.kill(instance.pid, signal.SIGTERM)
    template.control.receive()
    assert time.monotonic() - begin < 2


def test_a_crash_is_told_with_its_signal(runtime):
    template, instance = one_instance(runtime, echo=True, crash_on="boom")
    stream = instance.connect()
    stream.send('"boom"')
    with pytest.raises((EOFError, ConnectionResetError)):
        stream.receive()
    assert "signal 6" in template.control.receive()["reason"]


def test_an_instance_whose_device_is_lost_answers_and_ends(runtime):
    template, instance = one_instance(runtime, echo=True, lose_on="lose")
    answer = instance.connect().ask('"lose"')
    assert answer.status == 500 and b"lost its device" in answer.body
    assert template.control.receive()["reason"] == "ended with exit code 1"


def test_a_full_queue_refuses_what_comes_on_top(runtime):
    _, instance = one_instance(runtime, reply=1, hang_on="hang")
    stream = instance.connect()
    stream.send('"hang"')
    for number in range(300):
        stream.send(str(number))
    refused = stream.receive()
    assert refused.status == 503 and b"queue is full" in refused.body


def test_waiting_requests_are_joined_where_the_settings_say_so(runtime):
    _, instance = one_instance(runtime, {"SMHOST_MAX_BATCH_SIZE": "8", "SMHOST_MAX_BATCH_DELAY_US": "200000"}, echo=True)
    stream = instance.connect()
    for number in range(8):
        stream.send(f"[[{number}, 1]]")
    answers = [stream.receive() for _ in range(8)]
    assert {answer.meta["batch-size"] for answer in answers} == {"8"}
    assert [answer.json() for answer in answers] == [[[number, 1]] for number in range(8)]


def test_a_slow_reader_gets_all_its_answers(runtime):
    _, instance = one_instance(runtime, echo=True)
    stream = instance.connect()
    body = json.dumps([float(n) for n in range(100000)])
    for _ in range(20):
        stream.send(body)
    time.sleep(0.2)
    assert {len(stream.receive().body) for _ in range(20)} == {len(body)}


def test_scratch_folder_and_limits_are_set(runtime):
    template, _ = one_instance(runtime, reply=1)
    instance = template.instance(volume_bytes=1 << 30, memory_bytes=256 << 20)
    instance.connect()
    assert os.readlink(f"/proc/{instance.pid}/cwd") == str(instance.scratch)
    limits = open(f"/proc/{instance.pid}/limits").read()
    assert re.search(r"Max file size +1073741824 ", limits)
    assert re.search(r"Max core file size +0 ", limits)
    assert int(re.search(r"Max data size +(\d+) ", limits).group(1)) > 256 << 20
    assert open(f"/proc/{instance.pid}/oom_score_adj").read().strip() == "500"


def sanitized():
    return any(word in program("scripted_worker").read_bytes() for word in (b"libtsan.so", b"libasan.so"))


def test_running_out_of_memory_is_an_answer_first(runtime):
    if sanitized():
        pytest.skip("a sanitizer's own memory does not keep to limits")
    template, _ = one_instance(runtime, reply=1, leak_mb=40)
    instance = template.instance(memory_bytes=64 << 20)
    stream = instance.connect()
    statuses = [stream.ask("0") for _ in range(6)]
    assert statuses[0].status == 200
    assert statuses[-1].status == 500 and b"out of memory" in statuses[-1].body


def test_orders_that_make_no_sense_are_refused_and_the_launcher_stays(runtime):
    runtime.control.sock.sendall(b"{ not json")
    runtime.control.send(op="template", id="../../etc", model_folder="/")
    runtime.control.send(op="instance", id="i-000000000000", threads=1)
    template, instance = one_instance(runtime, reply=1)
    assert instance.connect().ask("0").status == 200


def test_the_same_template_is_not_started_twice(runtime):
    template, _ = one_instance(runtime, reply=1)
    runtime.control.send(op="template", id=template.id, digest="sha256:00", model_folder=str(runtime.home), environment={})
    started = runtime.control.receive()
    assert "process" not in started and "locked by another process" in started["error"]
    assert template.instance().connect().ask("0").status == 200


def test_two_launchers_do_not_share_a_home(runtime):
    import subprocess
    second = subprocess.run([str(program("scripted_worker")), "launcher", "--home", str(runtime.home)],
                            capture_output=True, text=True, timeout=30)
    assert second.returncode == 1 and "locked by another process" in second.stderr
    assert one_instance(runtime, reply=1)[1].connect().ask("0").status == 200


def test_wrong_usage_is_exit_code_two():
    import subprocess
    for arguments in ([], ["launcher"], ["gateway", "--home", "/tmp"], ["launcher", "--home", "relative"], ["--nonsense"]):
        run = subprocess.run([str(program("scripted_worker")), *arguments], capture_output=True, text=True, timeout=30)
        assert run.returncode == 2 and "usage:" in run.stderr
