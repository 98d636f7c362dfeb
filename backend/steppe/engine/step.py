"""A step on its way: what was asked, what was found, and the StepRun that tells of it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from steppe.analysis.cell import Cell
from steppe.analysis.options import Options
from steppe.engine.gather import Gathered
from steppe.engine.sampling import Samples, sample_here
from steppe.engine.session import Session, log_metric
from steppe.ids import new_id
from steppe.states import ENDED, LIVE
from steppe.states import step as transition
from steppe.types import Digest, Entry, FileOutput, Ingredient, Measured, Result, Shown, State, StepId, StepRun
from steppe.worker.events import Event
from steppe.worker.luggage import Luggage

if TYPE_CHECKING:
    from steppe.engine.elements import Each

RunBody = Callable[[], Awaitable[tuple[BaseException | None, bool, Any]]]
"""Runs the cell's code on IPython's own path: what it raised, whether it showed a value, and that value."""


class Request:
    """One cell that is to be resolved as a step.

    Attributes:
        name: the step's name.
        part: which of the step's cells this is, from 0.
        cell_id: the cell's id in its notebook, or empty.
        source: the cell as the user wrote it.
        cell: its analysis.
        options: what the user asked for.
        interactivity: which expressions show their values, as IPython calls it.
        extra: ingredients beside what the cell itself gives: `source=`'s value, the shell's modes.
        each: what its body is run for, or None where it is run once, as it is.
        parent: the StepRun that it runs inside of, or empty.
        hints: what a function says that it takes and returns.
        again: tells whether an error of its code is worth another try; None where any is.
    """

    def __init__(
        self,
        name: str,
        cell: Cell,
        options: Options,
        *,
        source: str,
        part: int = 0,
        cell_id: str = "",
        interactivity: str = "last_expr",
        extra: tuple[Ingredient, ...] = (),
        each: Each | None = None,
        parent: str = "",
        hints: dict[str, str] | None = None,
        again: Callable[[BaseException], bool] | None = None,
    ) -> None:
        self.each = each
        self.parent = parent
        self.hints = hints or {}
        self.again = again
        self.name = name
        self.cell = cell
        self.options = options
        self.source = source
        self.part = part
        self.cell_id = cell_id
        self.interactivity = interactivity
        self.extra = extra


class Step:
    """A Request on its way through its states, and the StepRun that tells of it.

    Attributes:
        session: where it runs.
        request: what was asked.
        state: see `states.py`.
        waits_for: what it waits for, in words, while it is queued or between two attempts.
        why: why it hit, ran, or was not cached, most telling first.
        executor: where it runs.
        attempt: the id of its first attempt, where it is to run out of the kernel.
        used: what it used at the peak, where an executor has measured it.
        ended: when it reached its last state.
        refreshed: whether it runs although it would hit.
        elements: of a fan-out, how many elements there were, by what became of them.
        unkept: why what it made elsewhere could not be kept, in words.
        files: what it wrote, where it ran here and has no Result.
        tasks: what its code has run on a Ray cluster of its own: how many tasks of each name, by their state.
    """

    def __init__(self, session: Session, request: Request) -> None:
        self.session = session
        self.request = request
        self.id = new_id(time.time(), secrets.randbits)
        self.state = State.PENDING
        self.around = session.plain.hexdigest()[:32]
        self.imported = dict(session.imported)
        self.why: list[str] = []
        self.waits_for = ""
        self._following = False
        self._samples = Samples()
        self._sampled = False
        self.started = time.time()
        self.ended: float | None = None
        self.key: Digest | None = None
        self.gathered: Gathered | None = None
        self.result: Result | None = None
        self.result_digest: Digest | None = None
        self.entry: Entry | None = None
        self.files: tuple[FileOutput, ...] = ()
        self.error = ""
        self.executor = "inline"
        self.attempt = ""
        self.luggage: Luggage | None = None
        self.missed: set[tuple[str, str]] = set()
        self.used: dict[str, float] = {}
        self.binding: Any = None
        self.refreshed = False
        self.elements: dict[str, int] = {}
        self.unkept: list[str] = []
        self.tasks: dict[str, dict[str, int]] = {}

    def measured(self, measured: Measured) -> None:
        """Keep a number that the step's code has just logged in this process."""
        log_metric(self.session, self.id, measured)

    def shows(self, shown: Shown) -> None:
        """Let readers elsewhere see what the step's code has just shown in this process."""
        self.session.live.tell(self.id, Event(kind="shown", at=time.time(), shown=shown))

    def tells(self, event: Event) -> None:
        """Let readers elsewhere see what the step tells of itself, and remember what it uses."""
        if event.kind == "usage":
            self._samples.add(event.at, event.usage)
        elif event.kind == "tasks":
            self.tasks = event.data["tasks"]
        self.session.live.tell(self.id, event)

    def become(self, state: State) -> None:
        """Change the state, by the one table, and tell whoever follows."""
        self.state = transition(self.state, state)
        if state in ENDED:
            self.ended = time.time()
            self.session.live.end(self.id, keep=self.result_digest is None)
        elif state in LIVE:
            self._follow()
        if self.session.headless is not None:
            self.session.tell(self.record())

    def wait_for(self, what: str) -> None:
        """Say what it waits for: for those who look from elsewhere."""
        if what == self.waits_for:
            return
        self.waits_for = what
        if self.state is State.PENDING:
            self.become(State.QUEUED)
        elif self.state in LIVE:
            self._follow()

    def begin(self) -> None:
        """Run from now on."""
        self.waits_for = ""
        if self.state in (State.PENDING, State.RETRYING):
            self.become(State.QUEUED)
        if self.state is State.QUEUED:
            self.become(State.RUNNING)

    def hear(self, event: Event) -> None:
        """Take what an executor tells of it."""
        if event.kind == "started":
            self.begin()
        elif event.kind == "queued" and self.state in (State.QUEUED, State.RETRYING):
            self.wait_for(str(event.data.get("for", "")))
            if self.state is State.RETRYING:
                self.become(State.QUEUED)
        elif event.kind == "retrying" and self.state is State.RUNNING:
            self.waits_for = str(event.data.get("for", ""))
            self.become(State.RETRYING)

    def fail(self, error: BaseException) -> None:
        """End as its code ended: with an error, or interrupted by a person."""
        self.error = f"{type(error).__name__}: {error}".partition("\n")[0]
        self.become(State.CANCELLED if isinstance(error, KeyboardInterrupt) else State.FAILED)

    def abandon(self, error: BaseException) -> None:
        """End a step that was told to wait or run, or was interrupted before, and whose resolution was given up."""
        interrupted = isinstance(error, KeyboardInterrupt)
        if self.state not in LIVE and not (interrupted and self.state is State.PENDING):
            return
        cancelled = interrupted or self.state is State.RETRYING
        self.error = self.error or f"{type(error).__name__}: {error}".partition("\n")[0]
        self.become(State.CANCELLED if cancelled else State.FAILED)
        self.session.note(self.record())

    def _follow(self) -> None:
        """Have its state written down, unless it has ended by then; several changes in a row are one."""
        if not self._following:
            self._following = True
            self.session.follow(self._now)

    def _now(self) -> StepRun | None:
        self._following = False
        state = self.state
        if state is State.RUNNING and self.executor == "inline" and not self._sampled:
            self._sampled = True
            sample_here(lambda: self.state is State.RUNNING, self.tells)
        return self.record_as(state) if state in LIVE else None

    def let_go(self) -> None:
        """Hold no value of the notebook any longer, once it has ended."""
        if self.gathered is not None:
            self.gathered.walk.let_go()
            self.gathered.module_state = {}
        self.binding = None

    def record(self) -> StepRun:
        """Return the StepRun as it stands."""
        return self.record_as(self.state)

    def record_as(self, state: State) -> StepRun:
        """Return the StepRun as it will stand in a state that is about to be reached."""
        gathered, result, request = self.gathered, self.result, self.request
        return StepRun(
            id=self.id,
            run=self.session.run.id,
            step=StepId(notebook=self.session.notebook, name=request.name),
            part=request.part,
            cell=request.cell_id,
            state=state,
            key=self.key,
            why=self._said(state),
            source=request.source,
            ingredients=tuple(gathered.ingredients) if gathered else (),
            inputs=dict(gathered.versions) if gathered else {},
            outputs={name: item.version for name, item in result.outputs.items()} if result else {},
            trace=result.trace if result else (),
            written=result.files if result else (),
            result=self.result_digest,
            executor=self.executor,
            started=self.started,
            ended=None if state in LIVE else self.ended or time.time(),
            seconds=self.entry.seconds if self.entry else 0.0,
            asked=request.options.resources,
            used={**(result.used if result else {}), **self.used},
            error=self.error,
            entry=self.entry.step_run if self.entry and state is State.HIT else "",
            around=self.around,
            samples=self._samples.rows(),
            elements=dict(self.elements),
            tasks=self.tasks,
            parent=request.parent,
            hints=request.hints,
            imported={name: self.imported[name] for name in gathered.names if name in self.imported}
            if gathered
            else {},
        )

    def _said(self, state: State) -> str:
        if self.waits_for and state in (State.QUEUED, State.RETRYING):
            return self.waits_for
        return "; ".join(dict.fromkeys(self.why))
