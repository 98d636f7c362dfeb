"""Slots under fire: holders of one device in many processes, killed at any moment."""

import os
import random
import signal
import time

from steppe.executors.process.capacity import Capacity
from steppe.executors.process.slots import Ledger
from steppe.types import Resources

ONE_DEVICE = Capacity(cpu=2.0, memory=1 << 30, gpus=("0",))
ASKED = Resources(cpu=0.0, gpu=1)


def hold(folder, seconds):
    """Fork a process that takes the device, keeps it for a while, and ends."""
    pid = os.fork()
    if pid:
        return pid
    try:
        Ledger(str(folder), ONE_DEVICE).take(ASKED, "step", lambda _: None)
        time.sleep(seconds)
    finally:
        os._exit(0)


def test_a_device_is_never_held_twice_though_holders_are_killed(tmp_path):
    chance = random.Random(7)
    ledger = Ledger(str(tmp_path), ONE_DEVICE)
    going = set()
    for _ in range(40):
        going.add(hold(tmp_path, 0.003))
        if chance.random() < 0.4:
            os.kill(chance.choice(sorted(going)), signal.SIGKILL)
        assert len([holder for holder in ledger.holders() if holder.gpus]) <= 1
        going -= {pid for pid in going if os.waitpid(pid, os.WNOHANG)[0]}
    until = time.monotonic() + 30
    while going and time.monotonic() < until:
        assert len([holder for holder in ledger.holders() if holder.gpus]) <= 1
        going -= {pid for pid in going if os.waitpid(pid, os.WNOHANG)[0]}
    assert not going, "some wait for ever"
    assert ledger.holders() == []


def test_who_waits_is_told_who_holds_the_device(tmp_path):
    ledger = Ledger(str(tmp_path), ONE_DEVICE)
    lease = ledger.take(ASKED, "train", lambda _: None)
    assert ledger._take_gpus(lease, 1) == f"a free GPU: held by `train` (pid {os.getpid()})"
    lease.release()


def test_what_is_missing_is_said():
    assert Capacity().missing(ASKED) == "this machine has no GPU, and gpu=1 was asked for"


def test_several_nodes_are_no_matter_of_one_machine():
    said = Capacity(cpu=8.0).missing(Resources(nodes=4))
    assert said == "nodes=4 was asked for, and this machine is one: several nodes need on=kubernetes"


def test_what_is_taken_only_where_it_is_free_leaves_nothing_behind_where_it_is_not(tmp_path):
    ledger = Ledger(str(tmp_path), ONE_DEVICE)
    first = ledger.take_if_free(Resources(cpu=1.5, gpu=1), "first")
    assert first is not None
    assert (first.holder.cpu, first.holder.gpus) == (1.5, ("0",))
    assert ledger.take_if_free(Resources(cpu=1.0), "second") is None
    assert ledger.take_if_free(Resources(cpu=0.5, gpu=1), "second") is None
    assert ledger.take_if_free(Resources(cpu=0.5), "third").holder.cpu == 0.5
    assert len(ledger.holders()) == 2
