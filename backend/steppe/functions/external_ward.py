"""The process that ends an external resource once its owner is gone without having done so: none is left behind."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import time
from typing import Any

import msgspec

from steppe.states import ENDED
from steppe.types import State, StepRun
from steppe.worker.owner import message, messages

PATIENCE = 10.0
"""Seconds for which it is waited for when all is done."""


class Ward:
    """Such a process, as its owner knows it."""

    def __init__(self, catalog: str) -> None:
        """Start it.

        Args:
            catalog: where it writes down what it has done; empty for nowhere.
        """
        path = [os.path.abspath(each) for each in sys.path]
        program = (
            f"import sys; sys.path[:] = {path!r}; "
            "from steppe.functions.external_ward import main; sys.exit(main(sys.argv[1]))"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", program, catalog],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def tell(self, resource: Any, record: StepRun | None, timeout: float) -> None:
        """Say what there is to end, in the place of what was said before.

        Raises:
            Exception: it can't be pickled.
        """
        import cloudpickle

        self._write(pickle.dumps((cloudpickle.dumps(resource), record, timeout)))

    def close(self, *, done: bool) -> None:
        """Let it go: there is nothing to be done any more, or it is to do it now."""
        if done:
            self._write(b"")
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(OSError):
            stdin.close()
        if done:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE)

    def _write(self, body: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(OSError):  # it was killed: nobody looks after the resource but its block of code
            stdin.write(message(body))
            stdin.flush()


def main(catalog: str) -> int:
    """Wait for the owner to be gone, and end what it has left."""
    last = b""
    for each in messages():
        last = each
    if not last:
        return 0
    pickled, record, timeout = pickle.loads(last)  # it is our owner's
    began, why = time.time(), ""
    try:
        resource = pickle.loads(pickled)  # likewise
        from steppe.functions.external_course import within

        within(timeout, resource.deactivate, "it is not ended")
    except BaseException as error:  # it is told, below
        why = f"{type(error).__name__}: {error}".partition("\n")[0]
    if catalog and record is not None:
        _write_down(catalog, record, began, why)
    os._exit(bool(why))  # what takes too long may still go on


def _write_down(catalog: str, record: StepRun, began: float, why: str) -> None:
    from steppe.catalog import open_catalog

    left = "its process was gone"
    stages = (*record.stages, ("deactivating", began, left))
    if not why:
        stages = (*stages, ("deactivated", time.time(), ""))
    with open_catalog(catalog) as found:
        known = found.step_runs.get(record.id)
        if known is not None and known.state in ENDED and known.state is not State.LOST:
            return
        state = State.FAILED if why else State.CANCELLED
        if known is not None and known.state is State.LOST:
            state = State.LOST
        told = f"an external resource, {stages[-1][0]}: {why or left}"
        more = {"stages": stages, "why": told, "state": state, "ended": time.time(), "error": why}
        found.step_runs.record(msgspec.structs.replace(record, **more))
