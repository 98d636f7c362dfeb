"""The folders of attempts."""

import os
import socket
import subprocess
import threading
from pathlib import Path

import msgspec
import pytest

from steppe.executors.executor import Launch
from steppe.executors.process import ProcessExecutor, child
from steppe.executors.process.capacity import capacity
from steppe.executors.process.flight import ProcessFlight
from steppe.executors.process.folders import AttemptFolder, ProcessId, attempts_folder
from steppe.executors.process.messages import Order
from steppe.types import Resources


@pytest.fixture
def process_ended():
    process = subprocess.Popen(["sleep", "60"])
    known = ProcessId.of(process.pid)
    process.kill()
    process.wait()
    return known


def _attempt(folder, name, launcher, worker=None, *, end=False):
    made = AttemptFolder(str(folder / name))
    made.make(launcher)
    if worker is not None:
        made.write("worker", worker)
    if end:
        made.write("end", launcher)
    return made


def test_folders_of_attempts_that_nothing_runs_in_are_swept_once_they_are_old(tmp_path, monkeypatch, process_ended):
    monkeypatch.setenv("STEPPE_MACHINE", str(tmp_path))
    here, folder = ProcessId.of(os.getpid()), Path(attempts_folder(os.environ))
    _attempt(folder, "killed with its server", process_ended, process_ended)
    _attempt(folder, "never forked", process_ended)
    _attempt(folder, "ended and not asked for", here, process_ended, end=True)
    _attempt(folder, "waiting", here)
    _attempt(folder, "running", process_ended, here)
    (folder / "other").mkdir()
    executor = ProcessExecutor()
    assert executor.sweep(3600.0) == 0
    assert executor.sweep(-1.0, dry=True) == 3
    assert executor.sweep(-1.0) == 3
    assert sorted(os.listdir(folder)) == ["other", "running", "waiting"]


def test_a_folder_is_removed_while_a_process_that_ends_still_writes_there(tmp_path):
    here = ProcessId.of(os.getpid())
    for number in range(20):
        folder = AttemptFolder(str(tmp_path / str(number)))
        folder.make(here)
        done = threading.Event()

        def write(folder=folder, done=done):
            while not done.is_set():
                try:
                    folder.write("worker", here)
                except FileNotFoundError:
                    return

        writer = threading.Thread(target=write)
        writer.start()
        folder.remove()
        done.set()
        writer.join()
        folder.remove()
        assert not folder.there


def test_a_worker_that_nobody_knew_of_when_its_server_died_does_not_begin(tmp_path):
    """Whoever follows takes the attempt for one that never began, and may try again."""
    folder = AttemptFolder(str(tmp_path / "attempt"))
    folder.make(ProcessId(pid=os.getpid(), started="before"))
    flight = ProcessFlight(folder)
    assert flight.follow(lambda _: None, timeout=5).how == "failed"
    launch = Launch(task="b3:none", attempt="attempt", store="", resources=Resources(), label="late")
    order = Order(launch=launch, environ=[], folder=folder.path, slots=str(tmp_path), capacity=capacity(os.environ))
    data = msgspec.msgpack.encode(order)
    ours, its = socket.socketpair()
    ours.sendall(len(data).to_bytes(4, "little") + data)
    if not (pid := os.fork()):
        os._exit(child.live(its, ()))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == child.STOPPED
    assert folder.process("worker").pid == pid
    assert not os.path.exists(folder.of("events"))
    ours.close()
    its.close()
