"""How steps in local workers end before their time: timeouts, retries, cancelling, interrupts, memory."""

import os
import re
import signal
import threading
import time

import pytest

from steppe.executors.process import ProcessExecutor


def plain(text):
    """Return a text without its colours."""
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def gone(pid, seconds=10):
    """Tell whether a process ends soon."""
    end = time.monotonic() + seconds
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < end:
        time.sleep(0.02)
    return not os.path.exists(f"/proc/{pid}")


@pytest.fixture
def noted(tmp_path_factory, monkeypatch):
    """A file outside of the project, where steps note their process."""
    path = tmp_path_factory.mktemp("noted") / "pids"
    monkeypatch.setenv("NOTED", str(path))
    return path


NOTE = """
import os, time
file = os.open(os.environ['NOTED'], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
os.write(file, b'%d %f\\n' % (os.getpid(), time.monotonic()))
os.close(file)
"""


def pids(noted):
    return [int(line.split()[0]) for line in noted.read_text().splitlines()] if noted.exists() else []


def when(condition, act):
    """Do something in another thread once a condition holds."""

    def wait():
        while not condition():
            time.sleep(0.01)
        time.sleep(0.2)
        act()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def test_a_step_that_runs_longer_than_its_timeout_is_ended_at_its_line(kernel, noted):
    shell = kernel()
    began = time.monotonic()
    result = shell.step("slow", f"{NOTE}\nbefore = 1\ntime.sleep(30)", "on=process timeout=4")
    assert time.monotonic() - began < 30
    assert type(result.error_in_exec).__name__ == "StepTimedOut"
    assert str(result.error_in_exec) == "`slow`: it ran longer than its timeout of 4 s."
    assert str(shell.last.state) == "failed"
    assert "time.sleep(30)" in plain(shell.out)
    assert shell["before"] == 1
    assert gone(pids(noted)[0])


def test_code_that_hears_no_interrupt_is_ended_all_the_same(kernel, noted):
    shell = kernel()
    deaf = "import signal\nfor each in (signal.SIGINT, signal.SIGTERM):\n    signal.signal(each, signal.SIG_IGN)"
    began = time.monotonic()
    result = shell.step("deaf", f"{NOTE}\n{deaf}\ntime.sleep(40)", "on=process timeout=6 setup=false")
    assert time.monotonic() - began < 35
    assert str(result.error_in_exec) == "`deaf`: it ran longer than its timeout of 6 s."
    assert gone(pids(noted)[0])


def test_a_step_is_tried_again_after_a_pause_that_doubles(kernel, noted):
    shell = kernel()
    source = f"{NOTE}\ntries = len(open(os.environ['NOTED']).readlines())\nassert tries == 3, tries\ntries"
    assert shell.step("shaky", source, "on=process retries=2 cache=false").success
    assert shell["tries"] == 3
    times = [float(line.split()[1]) for line in noted.read_text().splitlines()]
    assert 1 <= times[1] - times[0] < times[2] - times[1]
    assert times[2] - times[1] >= 2
    tried = shell.session.catalog.attempts.of(shell.last.id)
    assert [attempt.number for attempt in tried] == [1, 2, 3]


def test_an_error_that_every_try_meets_is_the_code_s_own(kernel, noted):
    shell = kernel()
    result = shell.step("bad", f"{NOTE}\n1 / 0", "on=process retries=1")
    assert isinstance(result.error_in_exec, ZeroDivisionError)
    assert len(pids(noted)) == 2
    assert "1 / 0" in plain(shell.out)


def test_an_interrupt_ends_the_step_and_shows_where_it_was(kernel, noted):
    shell = kernel()
    thread = when(lambda: pids(noted), lambda: os.kill(os.getpid(), signal.SIGINT))
    result = shell.step("slow", f"{NOTE}\nbefore = 1\ntime.sleep(20)\nafter = 2")
    thread.join()
    assert isinstance(result.error_in_exec, KeyboardInterrupt)
    assert "time.sleep(20)" in plain(shell.out)
    assert str(shell.last.state) == "cancelled"
    assert shell["before"] == 1
    assert "after" not in shell.shell.user_ns
    assert gone(pids(noted)[0])
    assert shell.step("next", "x = 1").success


@pytest.mark.parametrize("options", ["on=process", "on=process cache=false", "on=process wait=False"])
def test_an_interrupt_while_a_step_is_launched_leaves_nothing_running(kernel, noted, monkeypatch, options):
    shell = kernel()
    assert shell.step("warm", "x = 1").success
    source = f"{NOTE}\nif len(open(os.environ['NOTED']).readlines()) < 2:\n    time.sleep(20)"
    launch = ProcessExecutor.launch

    def interrupted(*args):
        launch(*args)
        while not pids(noted):
            time.sleep(0.01)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ProcessExecutor, "launch", interrupted)
        assert isinstance(shell.step("slow", source, options).error_before_exec, KeyboardInterrupt)
    assert gone(pids(noted)[0])
    assert shell.session.catalog.claims.all() == []
    assert shell.step("slow", source).success


def test_a_background_step_is_cancelled_by_name(kernel, noted):
    shell = kernel()
    began = time.monotonic()
    assert shell.step("slow", f"{NOTE}\ntime.sleep(20)\nmade = 1", "on=process wait=false").success
    assert time.monotonic() - began < 10
    while not pids(noted):
        time.sleep(0.01)
    shell.run("%steppe cancel slow")
    assert "slow: cancelled" in plain(shell.out)
    assert gone(pids(noted)[0])
    result = shell.run("made")
    assert "the step `slow` failed: KeyboardInterrupt" in str(result.error_before_exec)
    shell.run("del made")


def test_a_background_step_is_waited_for_by_who_reads_its_names_alone(kernel, noted):
    shell = kernel()
    assert shell.step("slow", f"{NOTE}\ntime.sleep(1.5)\nmade = 41", "on=process wait=false").success
    assert shell.run("other = 7").success
    assert str(shell.last.state) in ("queued", "running")
    assert shell.run("made + 1").result == 42
    assert str(shell.last.state) == "succeeded"


def test_reading_a_name_of_a_failed_step_raises_with_its_traceback(kernel):
    shell = kernel()
    assert shell.step("bad", "nothing = {}\nmade = nothing['key']", "on=process wait=false").success
    result = shell.run("print(made)")
    error = result.error_in_exec
    assert str(error) == "the step `bad` failed: KeyError: 'key'"
    assert isinstance(error.__cause__, KeyError)
    assert "made = nothing['key']" in plain("\n".join(error.__notes__))
    assert "made = nothing['key']" in plain(shell.out)


def test_a_step_that_uses_more_memory_than_it_asked_for_is_ended_with_both_numbers(kernel):
    shell = kernel()
    source = "import time\nheld = bytearray(400 << 20)\nheld[::4096] = b'1' * (len(held) // 4096)\ntime.sleep(20)"
    result = shell.step("big", source, "on=process memory=200Mi")
    sentence = r"`big`: it used \d+\.\d MiB of the 200\.0 MiB that it asked for, and was ended\."
    assert re.fullmatch(sentence, str(result.error_in_exec)), result.error_in_exec
    assert str(shell.last.state) == "failed"


def test_more_than_the_machine_has_is_refused_before_anything_is_launched(kernel):
    shell = kernel()
    result = shell.step("huge", "x = 1", "on=process memory=900000Gi")
    assert "of memory to use, and 900000.0 GiB was asked for" in str(result.error_before_exec)
    assert "x" not in shell.shell.user_ns


def test_a_worker_that_crashes_in_native_code_is_told_of(kernel):
    shell = kernel()
    result = shell.step("crash", "import ctypes\nprint('so far', flush=True)\nctypes.string_at(0)")
    assert "its worker was killed by signal 11 (SIGSEGV): native code crashed" in str(result.error_in_exec)
    assert "so far" in plain(shell.out)
