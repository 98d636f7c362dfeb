"""A Task executed beside all that is kept: by a worker of its own, whose result nobody enters anywhere."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from steppe.engine.tasks import encode
from steppe.errors import StepFailed
from steppe.ids import new_id
from steppe.lineage.opened import Opened
from steppe.types import FileOutput, Result
from steppe.worker.descriptors import Captured
from steppe.worker.task import AttemptRecord, Task, record_name

INLINE = "module://matplotlib_inline.backend_inline"
"""Where a kernel has pyplot draw, by this variable, when a cell imports it."""

LAST = 1 << 16
"""Bytes at the end of what a worker wrote that are read for its last words."""

RESULTS = msgspec.msgpack.Decoder(Result)
RECORDS = msgspec.msgpack.Decoder(AttemptRecord)


class Executed:
    """One execution: its record, and its Result where there is one."""

    def __init__(self, record: AttemptRecord, result: Result | None) -> None:
        self.record = record
        self.result = result


def execute(task: Task, here: Opened, *, hash_seed: int = 0, python: str = sys.executable) -> Executed:
    """Run a Task in a process of its own, without its key.

    Args:
        task: the Task.
        here: the project.
        hash_seed: the seed of text's hashes there.
        python: the interpreter.

    Raises:
        StepFailed: the process ended without a word of what became of the Task.
    """
    project, store = here.project, here.store
    digest = store.put([encode(msgspec.structs.replace(task, key=None, checkpoints="", returns=False))])
    attempt = new_id(time.time(), secrets.randbits)
    start = task.start if os.path.isdir(task.start) else project.root
    place = project.settings.store or str(project.state / "store")
    words = [python, "-m", "steppe.worker", digest, "--attempt", attempt, "--store", place]
    if project.settings.store:
        words += ["--tier", str(project.state / "store")]
    environ = os.environ | {"PYTHONHASHSEED": str(hash_seed)}
    if task.likeness.startswith("ipykernel"):
        environ.setdefault("MPLBACKEND", INLINE)
    environ["PYTHONPATH"] = os.pathsep.join(filter(None, (start, environ.get("PYTHONPATH", ""))))
    code, told = _run(words, start, environ)
    try:
        data = store.read_record(record_name(attempt))
        if data is None:
            said = told.strip().rpartition("\n")[2] or f"exit code {code}"
            raise StepFailed(f"`{task.label}` could not be run: its worker ended without a result ({said}).")
        record = RECORDS.decode(data)
    finally:
        store.delete_record(record_name(attempt))
    return Executed(record, RESULTS.decode(store.get(record.result)) if record.result is not None else None)


def _run(words: list[str], start: str, environ: dict[str, str]) -> tuple[int, str]:
    """Run a worker; return its exit code, and the end of what it wrote to stderr.

    What C code and child processes write is shown as the step's, as where it ran before.
    """
    captured = [Captured.make(number) for number in (1, 2)]
    out, err = captured
    words = [*words, "--captured", ",".join(f"{each.number}:{each.reader}" for each in captured)]
    try:
        done = subprocess.run(
            words,
            cwd=start,
            env=environ,
            stdout=out.writer,
            stderr=err.writer,
            pass_fds=[each.reader for each in captured],
            check=False,
        )
        last = os.pread(err.reader, LAST, max(0, os.fstat(err.reader).st_size - LAST))
        return done.returncode, last.decode(errors="replace")
    finally:
        for each in captured:
            os.close(each.writer)
            os.close(each.reader)


@contextmanager
def files_kept(root: str, known: tuple[FileOutput, ...]) -> Iterator[list[FileOutput]]:
    """Put files of the project back as they were; what is written meanwhile is appended to the list that is given."""
    written: list[FileOutput] = list(known)
    with tempfile.TemporaryDirectory(prefix="steppe-verify-") as folder:
        held = {}
        for number, file in enumerate(known):
            path = Path(root, file.path)
            if path.is_file():
                held[file.path] = Path(folder, str(number))
                shutil.copy2(path, held[file.path])
        try:
            yield written
        finally:
            for file in written:
                path = Path(root, file.path)
                if file.path in held:
                    shutil.copy2(held[file.path], path)
                elif not file.was and path.is_file():
                    path.unlink()
