"""Kernels that stand still past their leases: suspended, or kept from renewing them by native code."""

import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest

from tests.integration.crash.kernels import Kernel, run, said

SHORT = "import steppe.engine.session as s, steppe.engine.resolve as r, ctypes, os, time\ns.LEASE = r.LEASE = 0.6"
STEP = """%%step slow
file = os.open(os.environ['NOTED'], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
os.write(file, b'began\\n')
os.close(file)
{sleep}
value = os.getpid()
value"""
SLOW = STEP.format(sleep="time.sleep(0.5)")
HELD = STEP.format(sleep="ctypes.PyDLL(None).usleep(2_000_000)")


@pytest.fixture
def noted():
    """A file outside of the project, named like what libraries keep: a step that writes elsewhere is no hit."""
    folder = Path(tempfile.mkdtemp(prefix="pymp-"))
    yield folder / "noted"
    shutil.rmtree(folder)


def began(noted, times=1):
    end = time.monotonic() + 30
    while not noted.exists() or len(noted.read_text().splitlines()) < times:
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_kernel_that_was_suspended_does_not_complete_over_the_claim_of_another(project, noted):
    first = Kernel(project, [SHORT, SLOW], NOTED=str(noted))
    began(noted)
    os.kill(first.pid, signal.SIGSTOP)
    second = run(project, [SHORT, SLOW], NOTED=str(noted))[1]
    os.kill(first.pid, signal.SIGCONT)
    late = first.rest()[1]
    assert second["states"] == ["succeeded"], said(project)
    assert (late["states"], late["value"], late["error"]) == (["succeeded"], first.pid, "")
    assert "another kernel has taken its work over" in late["why"]
    third = run(project, [SHORT, SLOW], NOTED=str(noted))[1]
    assert (third["states"], third["value"]) == (["hit"], second["value"])


def test_a_kernel_that_was_suspended_does_not_complete_while_another_is_at_the_work(project, noted):
    first = Kernel(project, [SHORT, SLOW], NOTED=str(noted))
    began(noted)
    os.kill(first.pid, signal.SIGSTOP)
    second = Kernel(project, [SHORT, SLOW], NOTED=str(noted))
    began(noted, 2)
    os.kill(second.pid, signal.SIGSTOP)
    os.kill(first.pid, signal.SIGCONT)
    assert "another kernel has taken its work over" in first.rest()[1]["why"]
    os.kill(second.pid, signal.SIGCONT)
    told = second.rest()[1]
    assert (told["states"], told["value"]) == (["succeeded"], second.pid)
    assert run(project, [SHORT, SLOW], NOTED=str(noted))[1]["value"] == second.pid


def test_native_code_that_keeps_a_kernel_from_renewing_its_claim_loses_nothing(project, noted):
    first = Kernel(project, [SHORT, HELD], NOTED=str(noted))
    began(noted)
    second = run(project, [SHORT, HELD], NOTED=str(noted))[1]
    assert first.rest()[1]["states"] == ["succeeded"]
    assert (second["states"], second["value"]) == (["hit"], first.pid)
    assert noted.read_text() == "began\n"
