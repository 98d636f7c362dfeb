"""A task of no consequence, run by a process that waits for its first: what every task uses is then loaded and its own.

A forked process shares its parent's memory until it writes there, and counting a reference is writing: a worker's first
task copies some 1,500 pages, one fault each, and that takes longer than all else that an empty task does. So a worker
that waits does it while nobody waits for it. What a rehearsal changed in the process is put back: the task that comes
finds it as it would have without one. Knows nothing of executors.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import linecache
import os
import random
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from steppe.store.digest import digest_of
from steppe.types import Buffer, Digest, Shown
from steppe.values import rebuild
from steppe.worker.descriptors import Descriptors
from steppe.worker.events import Sender
from steppe.worker.execution import Intent
from steppe.worker.main import MSGPACK, Work
from steppe.worker.shell import WorkerShell, make_shell
from steppe.worker.task import AttemptRecord, Task

NAME = "steppe_rehearsal"
"""What the cell binds."""

CELL = f"{NAME} = [1]"


class Passing:
    """Keeps bytes for as long as one rehearsal."""

    def __init__(self) -> None:
        self._held: dict[Digest, bytes] = {}

    def put(self, chunks: Iterable[Buffer]) -> Digest:
        """Hold bytes."""
        data = b"".join(bytes(chunk) for chunk in chunks)
        digest = digest_of([data])
        self._held[digest] = data
        return digest

    def get(self, digest: Digest) -> memoryview:
        """Return what is held."""
        return memoryview(self._held[digest])


def rehearse() -> AttemptRecord:
    """Run the task, and leave this process as it was."""
    task = Task(label="rehearsal", source=CELL, intent=Intent(binds=frozenset({NAME}), seed=1), root=os.getcwd())
    task = msgspec.msgpack.decode(MSGPACK.encode(task), type=Task)
    with _as_it_was():
        work = Work(task, Passing(), Sender(None), Descriptors(()))
        try:
            record = work.run()
        finally:
            work.undo()
        return msgspec.msgpack.decode(MSGPACK.encode(record), type=AttemptRecord)


@contextlib.contextmanager
def _as_it_was() -> Iterator[None]:
    """Put back what a worker, whose process ends with its task, has no need to put back."""
    streams, state = (sys.stdout, sys.stderr), random.getstate()
    sources, files = list(rebuild.SOURCES), set(linecache.cache)
    loader: Any = importlib.machinery.SourceFileLoader
    exec_module = loader.exec_module
    try:
        with _shell_as_it_was(make_shell(WorkerShell.instance().tell if WorkerShell.initialized() else _unheard)):
            yield
    finally:
        sys.stdout, sys.stderr = streams
        random.setstate(state)
        rebuild.SOURCES[:] = sources
        loader.exec_module = exec_module
        for name in set(linecache.cache) - files:
            del linecache.cache[name]


def _unheard(shown: Shown) -> None:
    """Tell nobody."""


@contextlib.contextmanager
def _shell_as_it_was(shell: Any) -> Iterator[None]:
    """Put back what the shell knows of its last cell."""
    own, traits, variables = dict(vars(shell)), dict(shell._trait_values), dict(shell.user_ns)  # noqa: SLF001
    names = shell.compile._filename_map  # noqa: SLF001  # of cells' files, to their numbers
    known = dict(names)
    try:
        yield
    finally:
        for name in set(vars(shell)) - set(own) - {"_logger"}:
            delattr(shell, name)
        vars(shell).update(own)
        shell._trait_values.update(traits)  # noqa: SLF001  # as traitlets keeps them
        shell._trait_values.pop("last_execution_result", None)  # noqa: SLF001
        shell.user_ns.clear()
        shell.user_ns.update(variables)
        names.clear()
        names.update(known)
