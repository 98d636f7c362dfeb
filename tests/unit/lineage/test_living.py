"""Whether the process of a run lives."""

import os
import socket
import subprocess
import sys

import msgspec

from steppe.engine.holder import new_holder
from steppe.lineage.living import lives, status_of
from steppe.types import Run


def begun(pid):
    return Run(id="r", host=socket.gethostname(), pid=pid, holder=new_holder(pid))


def test_a_run_of_this_process_lives():
    assert lives(begun(os.getpid())) is True


def test_a_run_whose_process_is_gone_is_lost():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    run = begun(gone.pid)
    gone.wait()
    assert status_of(run) == "lost"


def test_a_run_is_lost_though_another_process_has_got_its_pid():
    mine = begun(os.getpid())
    machine, pid, started, nonce = mine.holder.rsplit(":", 3)
    earlier = msgspec.structs.replace(mine, holder=f"{machine}:{pid}:{int(started) - 1}:{nonce}")
    assert status_of(mine) == "running"
    assert status_of(earlier) == "lost"


def test_a_run_of_before_the_holder_was_written_down_goes_by_its_pid():
    assert lives(msgspec.structs.replace(begun(os.getpid()), holder="")) is True
