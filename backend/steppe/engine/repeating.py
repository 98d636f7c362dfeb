"""What is kept of a step that ran in the kernel, so that it can run again without its notebook: its Task.

Inputs that steps have bound are in the Store already, and known by their versions. The rest (a parameter, a function of
a plain cell) goes along where it is small. A step never fails, nor is it less cached, for want of it.
"""

from __future__ import annotations

import secrets
import time
import traceback
import types
from collections.abc import Iterable
from contextlib import suppress

from steppe.engine.session import Session
from steppe.engine.step import Step
from steppe.engine.tasks import TaskMaker, encode
from steppe.errors import CannotMove
from steppe.ids import new_id
from steppe.types import Attempt, Buffer, Digest, Part
from steppe.values.lazy import is_lazy
from steppe.values.pack import INLINE, Packing
from steppe.values.walk import Root
from steppe.worker.execution import Intent
from steppe.worker.probes import is_secret

MOST = 1 << 18
"""Bytes that a Task may have."""


def _refuse(chunks: Iterable[Buffer]) -> Digest:
    """Store nothing: what does not travel inside its record is too large to go along."""
    del chunks
    raise CannotMove("it is too large to be kept for a rerun")


class _Repeated(TaskMaker):
    """Makes the Task of a step that is about to run in the kernel; nothing of it is stored by itself."""

    def _pack(self, names: list[str]) -> None:
        namespace = self.session.setting.namespace
        fresh = []
        for name in names:
            value = namespace.get(name)
            if name not in namespace or is_lazy(value):
                continue
            if isinstance(value, types.ModuleType):
                self._modules[name] = value.__name__
            elif self._goes_along(name):
                fresh.append(name)
        try:
            self._parts += self._packed(fresh)
        except CannotMove:
            for name in fresh:
                with suppress(CannotMove):
                    self._parts += self._packed([name])

    def _goes_along(self, name: str) -> bool:
        """Tell whether a value is small, not stored by a step, and by its name no secret."""
        root = self.gathered.walk.roots.get(name)
        if root is None or _size(root) > INLINE or is_secret(name):
            return False
        artifact = self.session.catalog.artifacts.get(root.version)
        return artifact is None or artifact.part is None or artifact.part.anchored

    def _packed(self, names: list[str]) -> list[Part]:
        return Packing(None, self.gathered.walk, {}, self.session.setting.table, self.put).pack(names)


def _size(root: Root) -> int:
    return len(root.stream) + sum(high - low for _, low, high in root.extents)


def kept_task(step: Step, intent: Intent) -> bytes:
    """Return the Task of a step that is about to run in the kernel, for its Result; empty where there can be none."""
    session: Session = step.session
    assert step.gathered is not None
    maker = _Repeated(session, step.gathered, "a rerun")
    maker.put = _refuse
    try:
        data = encode(maker.make(step, intent, returns=False))
    except CannotMove:
        return b""
    except Exception as error:  # the step itself is well: whatever its values' own code raises is told by a rerun
        session.warn_once("steps can't be run again without their notebook", error)
        return b""
    return data if len(data) <= MOST else b""


def keep_task(step: Step, task: bytes, error: BaseException) -> None:
    """Keep the Task of a step that failed in the kernel and so left no Result: as that of its only attempt."""
    if not task:
        return
    session: Session = step.session
    with session.forgiving("steps that have failed can't be run again without their notebook"):
        attempt = Attempt(
            id=new_id(time.time(), secrets.randbits),
            step_run=step.id,
            task=session.put([task]),
            started=step.started,
            ended=step.ended,
            state=step.state,
            end=step.error,
            traceback=_traceback(error, session),
        )
        session.catalog.attempts.record(attempt)


def _traceback(error: BaseException, session: Session) -> str:
    """Return an error's traceback as plain text, from the first line of a cell on."""
    found = error.__traceback__
    while found is not None and session.sources.text(found.tb_frame.f_code.co_filename) is None:
        found = found.tb_next
    return "".join(traceback.format_exception(type(error), error, found or error.__traceback__))[-LONGEST:]


LONGEST = 20_000
"""Characters of a traceback that are kept, its last ones."""
