"""An error of the user's code as it goes home: its words, its traceback, and itself where it can be pickled."""

from __future__ import annotations

import io
import pickle

from steppe.worker.shell import WorkerShell
from steppe.worker.task import Failure


def failure_of(shell: WorkerShell, error: BaseException) -> Failure:
    """Return an error that the shell has just shown, as a record tells of it."""
    kind = type(error)
    lines = shell.failure[2] if shell.failure is not None else [f"{kind.__name__}: {error}"]
    buffer = io.BytesIO()
    try:
        pickle.Pickler(buffer, 5).dump(error)
        pickled: bytes | None = buffer.getvalue()
    except Exception:  # an error may hold anything
        pickled = None
    return Failure(
        kind=f"{kind.__module__}.{kind.__qualname__}", text=str(error), traceback=tuple(lines), pickled=pickled
    )
