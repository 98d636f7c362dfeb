"""A call of a step that is only traced: when it began and ended, how, and inside of which. No keys, no versions."""

from __future__ import annotations

import itertools
import os
import time
from typing import Any

from steppe.functions.recorder import RECORDER
from steppe.ids import new_id
from steppe.types import Span, State, StepId, StepRun

_COUNT = itertools.count()
_SALT = int.from_bytes(os.urandom(4), "big")


class Live:
    """One call that is under way.

    Attributes:
        name: the step's.
        session: the session that it belongs to; its run is the call's.
        outer: what it runs inside of, or None.
        started: seconds since 1970.
        ended: likewise, or 0.
        error: how it failed, or None.
        why: one sentence for people.
    """

    __slots__ = ("_id", "_number", "ended", "error", "name", "outer", "session", "started", "why")

    key = None
    attempt = ""
    executor = "inline"

    def __init__(self, name: str, session: Any, outer: Any) -> None:
        self.name = name
        self.session = session
        self.outer = outer
        self.started = time.time()
        self.ended = 0.0
        self.error: BaseException | None = None
        self.why = "cache=false"
        self._number = next(_COUNT)
        self._id = ""

    @property
    def id(self) -> str:
        """The StepRun's id: made when somebody asks, and the same whoever does."""
        if not self._id:
            self._id = new_id(self.started, self._bits)
        return self._id

    def _bits(self, bits: int) -> int:
        """Return what tells this call from others of its microsecond: their order, process and chance."""
        return (self._number & 0xFFFFFFFFFF) << (bits - 40) | (_SALT & 0xFFFFFFFF)

    def begin(self) -> None:
        """Have it written down while it lasts: for one that may take long."""
        self.why = "a pipeline runs each time; its steps need not"
        self.session.follow(self._now)

    def _now(self) -> StepRun | None:
        if self.ended:
            return None
        span = self.span()
        known = {name: getattr(span, name) for name in ("id", "run", "step", "started", "parent", "why")}
        return StepRun(**known, state=State.RUNNING)

    def end(self, error: BaseException | None = None) -> None:
        """End it, and have it written down."""
        self.ended = time.time()
        self.error = error
        RECORDER.put(self)

    def span(self) -> Span:
        """Return what is written down of it."""
        error, outer = self.error, self.outer
        return Span(
            id=self.id,
            run=self.session.run.id,
            step=StepId(notebook=self.session.notebook, name=self.name),
            state=state_of(error),
            started=self.started,
            ended=self.ended,
            error=f"{type(error).__name__}: {error}".partition("\n")[0] if error is not None else "",
            parent=outer.id if outer is not None else "",
            why=self.why,
        )


def state_of(error: BaseException | None) -> State:
    """Return how a call has ended."""
    if error is None:
        return State.SUCCEEDED
    return State.FAILED if isinstance(error, Exception) else State.CANCELLED


def _anew() -> None:
    global _SALT  # noqa: PLW0603  # a child of this process has the same count
    _SALT = int.from_bytes(os.urandom(4), "big")


os.register_at_fork(after_in_child=_anew)
