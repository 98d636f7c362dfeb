"""`python -m steppe.worker`."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable

from steppe.worker.descriptors import Captured, Descriptors
from steppe.worker.events import Event, Sender


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m steppe.worker", description="Run one task of a Steppe pipeline.")
    parser.add_argument("task", help="the task's blob in the store")
    parser.add_argument("--attempt", required=True, help="the attempt's id")
    parser.add_argument("--store", required=True, help="the store's URL or path")
    parser.add_argument("--tier", default="", help="a folder for copies of what a store elsewhere holds")
    parser.add_argument("--events", type=int, default=None, help="a descriptor to write events to")
    parser.add_argument("--watched", action="store_true", help="keep watch over the task, and write events as lines")
    parser.add_argument("--root", default="", help="the project's folder, which is made, where it does not go along")
    parser.add_argument("--folder", default="", help="the folder to begin in")
    parser.add_argument("--timeout", type=float, default=None, help="seconds for which the task may run, if watched")
    parser.add_argument("--environments", default="", help="a folder for environments with packages that it needs")
    parser.add_argument("--captured", default="", help="descriptors that read what 1 and 2 write, where they are files")
    parser.add_argument("--memory", type=int, default=None, help="bytes that it may use, for words")
    parser.add_argument("--gpu", type=int, default=0, help="how many GPUs it has for itself, if watched")
    parser.add_argument("--nodes", type=int, default=1, help="how many workers run the task together")
    parser.add_argument("--rank", type=int, default=0, help="which of them this is")
    parser.add_argument("--address", default="", help="where the others reach this one")
    return parser.parse_args()


def work(given: argparse.Namespace, sender: Sender, captured: tuple[Captured, ...]) -> int:
    """Run the task in this process."""
    try:
        _begin_in(given.folder, given.root)
    except OSError as error:
        why = f"its worker could not begin: {error}"
        sender.send(Event(kind="done", at=time.time(), data={"status": "broken", "why": why}))
        return 1
    from steppe.worker.group import Place
    from steppe.worker.main import main

    descriptors = Descriptors(captured)
    descriptors.prepare()  # before the step begins: a thread that began with it would be one that it leaves running
    return main(
        given.task,
        given.attempt,
        given.store,
        sender,
        tier=given.tier,
        descriptors=descriptors,
        environments=given.environments,
        restart=lambda python: _restart(python, given, sender, captured),
        place=Place(rank=given.rank, size=given.nodes, address=given.address) if given.nodes > 1 else None,
    )


def _restart(python: str, given: argparse.Namespace, sender: Sender, captured: tuple[Captured, ...]) -> None:
    """Run the task in this process with another interpreter: whoever keeps or follows it goes on as before."""
    kept = {"attempt", "store", "tier", "root", "folder", "environments", "nodes", "rank", "address"}
    told = [part for name in sorted(kept) if (value := getattr(given, name)) for part in (f"--{name}", str(value))]
    for descriptor in (sender.descriptor, *(each.reader for each in captured)):
        if descriptor is not None:
            os.set_inheritable(descriptor, True)
    if sender.descriptor is not None:
        told += ["--events", str(sender.descriptor)]
    if captured:
        told += ["--captured", ",".join(f"{each.number}:{each.reader}" for each in captured)]
    os.chdir(BEGAN)
    os.environ["PATH"] = os.pathsep.join(filter(None, (os.path.dirname(python), os.environ.get("PATH"))))
    os.execv(python, [python, "-m", "steppe.worker", given.task, *told])


def _devices(given: argparse.Namespace) -> Callable[[], dict[str, float]] | None:
    """Return what tells what its GPUs do, where it has some."""
    if not given.gpu:
        return None
    from steppe.worker.devices import Attached

    return Attached().latest


BEGAN = os.getcwd()
"""The folder that this process began in."""


def _begin_in(folder: str, root: str) -> None:
    """Make this the process's folder; one inside the project is made where the project does not go along by itself."""
    if root:
        os.makedirs(root, exist_ok=True)
        if f"{folder}/".startswith(root.rstrip("/") + "/"):
            os.makedirs(folder, exist_ok=True)
    if folder or root:
        os.chdir(folder or root)


def run() -> int:
    """Run what the command line says."""
    given = arguments()
    if given.watched:
        from steppe.worker.keeper import Keeper
        from steppe.worker.lines import LineWriter

        with contextlib.suppress(OSError):  # an image may have a home that nobody can write to
            os.makedirs(os.path.expanduser("~"), exist_ok=True)
        keeper = Keeper(LineWriter(os.dup(1)), timeout=given.timeout, memory=given.memory, devices=_devices(given))
        return keeper.keep(lambda tells, captured: work(given, Sender(tells), captured))
    if given.captured:
        pairs = (map(int, each.split(":")) for each in given.captured.split(","))
        return work(given, Sender(given.events), tuple(Captured(number, -1, reader) for number, reader in pairs))
    captured = tuple(Captured.make(number) for number in (1, 2)) if given.events is not None else ()
    for each in captured:
        each.install()
    return work(given, Sender(given.events), captured)


sys.exit(run())
