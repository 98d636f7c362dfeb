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
from steppe.worker.task import AttemptRecord, Task, record_name

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
    environ["PYTHONPATH"] = os.pathsep.join(filter(None, (start, environ.get("PYTHONPATH", ""))))
    done = subprocess.run(words, cwd=start, env=environ, capture_output=True, text=True, check=False)
    try:
        data = store.read_record(record_name(attempt))
        if data is None:
            said = done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}"
            raise StepFailed(f"`{task.label}` could not be run: its worker ended without a result ({said}).")
        record = RECORDS.decode(data)
    finally:
        store.delete_record(record_name(attempt))
    return Executed(record, RESULTS.decode(store.get(record.result)) if record.result is not None else None)


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
