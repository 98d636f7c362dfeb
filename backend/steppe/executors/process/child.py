"""What a forked process does: wait for an order, become as the order says, take its slots, and run the task."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import os
import random
import signal
import socket
import sys
import time
from typing import Any

import msgspec

from steppe.executors.process.folders import AttemptFolder, ProcessId
from steppe.executors.process.messages import RUNS, Order, receive
from steppe.executors.process.slots import Ledger
from steppe.worker.deaths import STOPPED
from steppe.worker.descriptors import Captured, Descriptors
from steppe.worker.events import Event, Sender
from steppe.worker.main import main
from steppe.worker.native import ADAPTERS
from steppe.worker.probes import GIVEN
from steppe.worker.rehearsal import rehearse


def live(orders: socket.socket, captured: tuple[Captured, ...]) -> int:
    """Wait for an order and carry it out; return the exit status."""
    os.setsid()
    ADAPTERS.begin()  # for good, and while nobody waits
    with contextlib.suppress(Exception):  # then the first task does without
        rehearse()
    descriptors = Descriptors(captured)
    descriptors.prepare()
    data = receive(orders)
    if data is None:
        return 0
    signal.signal(signal.SIGINT, signal.default_int_handler)
    order = msgspec.msgpack.decode(data, type=Order)
    folder = AttemptFolder(order.folder)
    folder.write("worker", ProcessId.of(os.getpid()))
    if folder.cancelled:  # also by a kernel that could not know of this worker, and took the attempt for one that died
        return STOPPED
    sender = Sender(folder.open_events(), folder.open_wake())
    try:
        _become(order, captured)
        if order.slots:
            _take_slots(order, sender)
        with contextlib.suppress(OSError):  # the server is gone: nobody counts the time
            orders.send(RUNS)
        launch = order.launch
        return main(
            launch.task,
            launch.attempt,
            launch.store,
            sender,
            tier=launch.tier,
            descriptors=descriptors,
            body=launch.body,
        )
    except KeyboardInterrupt:
        return STOPPED
    except Exception as error:  # the folder to begin in is gone, say: whoever waits is to know
        why = f"its worker could not begin: {error}"
        sender.send(Event(kind="done", at=time.time(), data={"status": "broken", "why": why}))
        return 1


def die_with_parent() -> None:
    """Have this process killed when its server is, where the system can do that: nobody else would end it."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


PR_SET_PDEATHSIG = 1
"""Linux's number for it."""


def _become(order: Order, captured: tuple[Captured, ...]) -> None:
    """Make this process what the kernel's own child would be: its folder, environment, streams and random numbers."""
    gc.unfreeze()
    gc.enable()
    os.chdir(order.launch.folder or "/")
    wanted = dict(order.environ)
    for name in set(os.environb) - set(wanted):
        del os.environb[name]
    for name, value in wanted.items():
        if os.environb.get(name) != value:
            os.environb[name] = value
    GIVEN.update(order.given)
    time.tzset()
    for each in captured:
        each.install()
    faulthandler.enable(file=2)
    random.seed()
    _reseed()


def _reseed() -> None:
    """Draw new seeds for generators that were made before the fork: no two workers may draw the same numbers."""
    numpy: Any = sys.modules.get("numpy.random")
    if numpy is not None:
        numpy.seed()
    torch: Any = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "default_generator"):
        torch.default_generator.seed()


def _take_slots(order: Order, sender: Sender) -> None:
    """Wait for what the step asked for; the lease lasts as long as this process."""
    launch = order.launch

    def tell(why: str) -> None:
        sender.send(Event(kind="queued", at=time.time(), data={"for": why}))

    lease = Ledger(order.slots, order.capacity).take(launch.resources, launch.label, tell)
    KEPT.append(lease)
    if order.capacity.gpus:  # one that asked for none sees none: what others hold is not for it
        os.environ[DEVICES] = ",".join(lease.holder.gpus)
        GIVEN.add(DEVICES)


DEVICES = "CUDA_VISIBLE_DEVICES"

KEPT: list[Any] = []
"""What lives as long as this process."""
