"""Whether a session that holds a claim lives, told from its name alone."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from steppe.engine.holder import alive, new_holder

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere it can't be told")


@contextlib.contextmanager
def sleeper():
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process, new_holder(process.pid)
        process.kill()


def until(there):
    end = time.monotonic() + 10
    while not there():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_session_that_runs_lives():
    assert alive(new_holder(os.getpid())) is True


def test_one_that_has_ended_is_dead_though_its_parent_has_not_asked_for_its_end():
    with sleeper() as (process, holder):
        process.kill()
        until(lambda: alive(holder) is False)
        with open(f"/proc/{process.pid}/stat") as file:
            assert file.read().rpartition(")")[2].split()[0] == "Z"
        process.wait()
        assert alive(holder) is False


def test_one_that_is_suspended_may_lose_its_claims_until_it_goes_on():
    with sleeper() as (process, holder):
        process.send_signal(signal.SIGSTOP)
        until(lambda: alive(holder) is None)
        process.send_signal(signal.SIGCONT)
        until(lambda: alive(holder) is True)


def test_a_later_process_with_the_same_number_is_not_taken_for_it():
    machine, pid, started, nonce = new_holder(os.getpid()).rsplit(":", 3)
    assert alive(f"{machine}:{pid}:{int(started) - 1}:{nonce}") is False


def test_of_another_container_of_the_same_name_nothing_is_known():
    machine, rest = new_holder(os.getpid()).split(":", 1)
    name, boot, namespace = machine.split("/")
    for other in (
        f"{name}/{boot}/{int(namespace) + 1}",
        f"{name}/00000000/{namespace}",
        f"{name}-2/{boot}/{namespace}",
    ):
        assert alive(f"{other}:{rest}") is None


def test_of_a_process_that_proc_hides_nothing_is_known(monkeypatch):
    holder = new_holder(os.getpid())
    monkeypatch.setattr("steppe.engine.holder._process", lambda _: ("", "0"))
    assert alive(holder) is None
