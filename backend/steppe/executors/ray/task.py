"""What runs as a Ray task: hands an order to a warm worker of its node, and yields what that tells, to its end.

Ray's own process keeps a fork server beside it: the worker is a forked process, isolated as those of `on=process` are.
It ends when Ray's process does, so that what Ray takes for free is free.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from steppe.errors import StoreError, UsageError
from steppe.executors.executor import End, Event, Flight
from steppe.executors.process.capacity import Capacity, memory
from steppe.executors.process.executor import ProcessExecutor
from steppe.executors.process.folders import attempts_folder
from steppe.executors.ray.messages import Batch, Order
from steppe.executors.ray.reaper import MARK
from steppe.store.local import LocalStore
from steppe.threads import OurThread
from steppe.worker.companions import FAMILY_FOLDER

LISTENS = 0.1
"""Seconds after which a task that runs begins to listen for being cancelled, and between two looks for an interrupt."""

RAYS_OWN = ("RAY_", "CUDA_VISIBLE_DEVICES", "NVIDIA_", "ROCR_", "HIP_", "TPU_")
"""Beginnings of the variables by which Ray tells a process where it is and what was given to it."""

HOOK = "__RAY_WORKER_PROCESS_SETUP_HOOK_ENV_VAR"
"""Ray's variable for what each of its processes does first."""

DEVICES = ("CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")
"""Which devices a step was given: what the kernel's environment says of them is not heeded then."""

FORGOTTEN = 86400.0
"""Seconds after which a node's copy of what a store elsewhere holds is removed: it can be brought again."""

WORKERS: dict[tuple[Any, ...], ProcessExecutor] = {}
"""The fork server of this process: one at a time."""


def run(data: bytes, cancelled: Callable[[str], None], address: Callable[[], str]) -> Iterator[bytes]:
    """Run an order; yield each Batch, encoded.

    Args:
        data: the Order.
        cancelled: waits until an attempt is to be cancelled, or is over; on this machine the desk tells the worker.
        address: tells the address of the cluster's head.
    """
    order = msgspec.msgpack.decode(data, type=Order)
    why = unseen_here(order)
    try:
        flight = None if why else begin(order, address() if order.raised else "")
    except (UsageError, OSError) as error:
        flight, why = None, f"its worker could not begin on its node: {error}"
    if flight is None:
        yield msgspec.msgpack.encode(Batch(end=End(how="failed", why=why)))
        return
    told: queue.SimpleQueue[Event | End] = queue.SimpleQueue()
    OurThread(target=_follow, args=(flight, told.put), name="steppe-follow", daemon=True).start()
    asks = None if order.here and not order.raised else lambda: cancelled(order.launch.attempt)
    try:
        yield from _batches(flight, told, asks)
    finally:
        flight.cancel()


def _batches(flight: Flight, told: queue.SimpleQueue[Event | End], wait: Callable[[], None] | None) -> Iterator[bytes]:
    """Yield what is told, as much at once as is there."""
    listening, raylet = wait is None, os.getppid()
    while True:
        if os.getppid() != raylet:  # the node is lost to the cluster: Ray itself would have this process go on
            os._exit(1)
        events: list[bytes] = []
        end: End | None = None
        try:
            item = told.get(timeout=LISTENS)
            while True:
                if isinstance(item, End):
                    end = item
                    break
                events.append(msgspec.msgpack.encode(item))
                item = told.get_nowait()
        except queue.Empty:
            if not events and not listening and wait is not None:
                listening = True
                OurThread(target=_listen, args=(flight, wait), name="steppe-listen", daemon=True).start()
        except KeyboardInterrupt:  # Ray's way to cancel
            flight.cancel()
        if events or end is not None:
            yield msgspec.msgpack.encode(Batch(events=tuple(events), end=end))
        if end is not None:
            return


def _follow(flight: Flight, tell: Callable[[Event | End], None]) -> None:
    try:
        end = flight.follow(tell)
        assert end is not None
    except Exception as error:  # whoever waits is to know
        end = End(how="failed", why=f"it could not be followed on its node: {error}", again=True)
    tell(end)


def _listen(flight: Flight, wait: Callable[[], None]) -> None:
    with contextlib.suppress(Exception):  # the desk is gone: Ray ends this process
        wait()
        flight.cancel()


def unseen_here(order: Order) -> str:
    """Say what of the project and the store this node does not see; nothing where it sees them."""
    launch, node = order.launch, os.uname().nodename
    if not order.here and order.inode and not _same_folder(launch.root, order.inode):
        return (
            f"the node {node} does not see the project's folder {launch.root}: let the cluster's nodes mount it at "
            "this path, or give on=kubernetes, where it goes along"
        )
    within = order.here or f"{launch.store}/".startswith(f"{launch.root}/")  # where it may not have been made yet
    if "://" not in launch.store and not within and not os.path.isdir(launch.store):
        return (
            f"the node {node} does not see the store {launch.store}: set one that all nodes reach, "
            '[tool.steppe] store = "s3://…", or mount its folder there'
        )
    return ""


def _same_folder(path: str, inode: int) -> bool:
    try:
        return os.stat(path).st_ino == inode
    except OSError:
        return False


def begin(order: Order, address: str = "") -> Flight:
    """Hand an order to a worker that waits.

    Args:
        order: what was ordered.
        address: of the cluster that was raised for it, which its code is to find.
    """
    launch = order.launch
    environ, given = environment(order, dict(os.environ))
    if address:
        ours = {name: os.environ[name] for name in (MARK, FAMILY_FOLDER)} | {"RAY_ADDRESS": address}
        environ, given = environ | ours, (*given, *ours)
        environ.pop(HOOK, None)  # it is for Ray's own processes
    if not order.here:  # the project's own is on a shared disk there, and a node's copies are to be its own
        launch = msgspec.structs.replace(launch, tier=f"{attempts_folder(os.environ)}/tier")
    there = Capacity(memory=launch.resources.memory or memory())
    return _workers(order).hand_over(launch, environ, "", there, given)


def environment(order: Order, here: dict[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return a worker's environment, and which of its variables Ray alone has set: those are no inputs of the step.

    Args:
        order: what was ordered, with the kernel's variables.
        here: the environment of Ray's process.
    """
    own = {name: value for name, value in here.items() if name.startswith(RAYS_OWN)}
    devices = {name: value for name, value in own.items() if order.launch.resources.gpu and name in DEVICES}
    environ = dict(own) if order.here else dict(here)
    environ |= {name: value for name, value in order.environ.items() if value is not None}
    for name in (name for name, value in order.environ.items() if value is None):
        environ.pop(name, None)
    given = tuple(name for name in own if name in devices or name not in order.environ)
    return environ | devices, given


def _workers(order: Order) -> ProcessExecutor:
    """Return the fork server for an order; one for other imports takes its place."""
    key = (order.path, order.argv, order.preload, order.ours, order.grace)
    found = WORKERS.get(key)
    if found is None:
        for other in WORKERS.values():
            threading.Thread(target=other.close, daemon=True).start()
        WORKERS.clear()
        if not order.here:
            OurThread(target=_forget, args=(f"{attempts_folder(os.environ)}/tier", time.time() - FORGOTTEN)).start()
        found = WORKERS[key] = ProcessExecutor(
            order.preload, order.ours, order.grace, path=order.path, argv=order.argv, lasts=False
        )
    return found


def _forget(tier: str, before: float) -> None:
    """Remove a node's copies that are old; who has them mapped keeps them."""
    for folder in os.listdir(tier) if os.path.isdir(tier) else ():
        with contextlib.suppress(StoreError):
            store = LocalStore(f"{tier}/{folder}")
            for blob in store.blobs():
                if blob.modified < before:
                    store.delete(blob.digest, before=before)
