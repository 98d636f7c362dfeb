"""The folders of attempts."""

import os
import socket
import threading

import msgspec

from steppe.executors.executor import Launch
from steppe.executors.process import child
from steppe.executors.process.capacity import capacity
from steppe.executors.process.flight import ProcessFlight
from steppe.executors.process.folders import AttemptFolder, ProcessId
from steppe.executors.process.messages import Order
from steppe.types import Resources


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
