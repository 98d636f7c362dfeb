"""Steps executed again and compared with what is kept: what comes out otherwise, and why. Nothing kept is touched."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from steppe.errors import SteppeError
from steppe.lineage import chance, displays
from steppe.lineage.chance import Chance
from steppe.lineage.closeness import Tolerance, close
from steppe.lineage.execute import Executed, execute, files_kept
from steppe.lineage.opened import Opened
from steppe.lineage.rebuilt import changed
from steppe.lineage.repeated import Repeated, repeated, since
from steppe.types import Result, State, StepRun, Struct
from steppe.values.codes import CodeTable
from steppe.values.unpack import Anchors, Unpacking
from steppe.values.walk import Walk
from steppe.worker.execution import VALUE
from steppe.worker.randomness import UNSEEDED
from steppe.worker.sources import Sources
from steppe.worker.task import Task

UNTOLD = frozenset({"__warningregistry__"})
"""Names that the interpreter binds where it has warned."""


class Verdict(Struct, frozen=True, kw_only=True):
    """What came of one step.

    Attributes:
        id: the StepRun.
        step: the step's name.
        status: `same`, `differs`, `failed` (its code raised this time) or `skipped` (it can't be run again).
        differ: the names whose values differ, files, and what of it is shown otherwise.
        how: of what is shown: how it differs, in words.
        why: the sources of chance, or why it could not be compared.
        against: `kept` where it was compared with what is stored, `itself` where with another execution.
    """

    id: str
    step: str
    status: str
    differ: tuple[str, ...] = ()
    how: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    against: str = "kept"


def verify(
    steps: list[StepRun],
    here: Opened,
    tolerance: Tolerance,
    *,
    python: str = sys.executable,
    doubt: Callable[[str], str] = lambda _: "",
) -> Iterator[Verdict]:
    """Execute each step again, and yield what came of it.

    Args:
        steps: the StepRuns.
        here: the project.
        tolerance: how far floats may lie apart.
        python: the interpreter to execute them with.
        doubt: says of a run, by its id, why its code is not to be run.
    """
    for step in steps:
        if step.state is State.SETUP:
            continue
        found = repeated(step, here.catalog, here.store, here.project, doubt=doubt)
        if found.task is None:
            yield Verdict(id=step.id, step=step.step.name, status="skipped", why=tuple(found.missing))
            continue
        try:
            yield _Comparison(step, found, found.task, here, tolerance, python).verdict()
        except SteppeError as error:
            yield Verdict(id=step.id, step=step.step.name, status="failed", why=(str(error),))


class _Comparison:
    """One step under examination."""

    def __init__(
        self, step: StepRun, found: Repeated, task: Task, here: Opened, tolerance: Tolerance, python: str
    ) -> None:
        self.python = python
        self.step, self.found, self.task, self.here, self.tolerance = step, found, task, here, tolerance
        self.mentions = chance.mentions(task.source)

    def verdict(self) -> Verdict:
        known = (*self.step.written, *(self.found.result.files if self.found.result is not None else ()))
        with files_kept(self.here.project.root, known) as written:
            self.written = written
            return self._verdict()

    def _run(self, hash_seed: int, source: str = "") -> Executed:
        task = msgspec.structs.replace(self.task, source=source) if source else self.task
        done = execute(task, self.here, hash_seed=hash_seed, python=self.python)
        self.written += done.result.files if done.result is not None else ()
        return done

    def _verdict(self) -> Verdict:
        first = self._run(1)
        begun = Verdict(id=self.step.id, step=self.step.step.name, status="same")
        if first.record.failure is not None:
            failure = first.record.failure
            return msgspec.structs.replace(begun, status="failed", why=(f"{failure.kind}: {failure.text}",))
        if first.result is None:
            return msgspec.structs.replace(begun, status="skipped", why=first.record.reasons)
        against = "kept" if self.found.result is not None else "itself"
        second: Result | None = None
        if self.found.result is None or self._mentions(chance.HASHES):
            second = self._run(2).result
        kept = self.found.result or second
        if kept is None:
            reason = "it left no result when it ran, and none the second time that it was run again"
            return msgspec.structs.replace(begun, status="skipped", why=(reason,))
        differ = self._differ(kept, first.result)
        why: list[str] = []
        if second is not None and self._mentions(chance.HASHES):
            differ = self._proved(chance.HASHES, first.result, second, self._run(1).result, differ, why)
        if self._mentions(chance.LISTINGS):
            ways = [chance.listed(self.task.source, backwards=flag) for flag in (False, True, False)]
            one, other, again = (self._run(1, way).result for way in ways)
            if one is not None:
                differ = self._proved(chance.LISTINGS, one, other, again, differ, why)
        if not differ:
            return msgspec.structs.replace(begun, status="same", against=against)
        why += self._causes(first)
        why = why or ["no source of chance was seen in its code: it may lie in a function or a library that it calls"]
        return msgspec.structs.replace(
            begun,
            status="differs",
            differ=tuple(differ),
            how=tuple(f"{what} {how}" for what, how in differ.items() if how),
            why=tuple(dict.fromkeys(why)),
            against=against,
        )

    def _proved(
        self, what: str, one: Result, other: Result | None, again: Result | None, differ: dict[str, str], why: list[str]
    ) -> dict[str, str]:
        """Name a source where a value differs under another condition, and not under the same one."""
        if other is None or again is None:
            return differ
        restless = self._differ(again, one)
        apart = {name: how for name, how in self._differ(other, one).items() if name not in restless}
        if apart:
            why.append(self._said(what))
        return apart | differ

    def _mentions(self, what: str) -> bool:
        return any(item.what == what for item in self.mentions)

    def _said(self, what: str) -> str:
        return said(next((item for item in self.mentions if item.what == what), Chance(what=what)))

    def _causes(self, first: Executed) -> list[str]:
        """Name what made it differ: what its code mentions, what it drew from, and what has changed since."""
        assert first.result is not None
        why = [said(item) for item in self.mentions if item.what not in chance.PROVED]
        drawn = first.result.trace if first.result.seed is None else ()
        why += [
            f"the generator of {item.name}, which nobody has seeded"
            for item in drawn
            if item.kind == "random" and item.version == UNSEEDED
        ]
        why += since(self.found, self.here.project)
        why += changed([self.found.run]) if self.python == sys.executable else []
        why += [reason for reason in first.record.reasons if "connect" in reason or "network" in reason]
        return why

    def _differ(self, kept: Result, now: Result) -> dict[str, str]:
        """Return what differs: names of values, files, what is shown; and how, where there is more to say."""
        names = [
            name
            for name in dict.fromkeys([*kept.outputs, *now.outputs])
            if name not in UNTOLD and not self._same(name, kept, now)
        ]
        files = [{file.path: file.blob for file in result.files} for result in (kept, now)]
        names += sorted(path for path in {*files[0], *files[1]} if files[0].get(path) != files[1].get(path))
        found = dict.fromkeys(("the value shown" if name == VALUE else name for name in names), "")
        return found | displays.apart(kept.shown, now.shown, self.tolerance, value_too=VALUE not in names)

    def _same(self, name: str, kept: Result, now: Result) -> bool:
        one, other = kept.outputs.get(name), now.outputs.get(name)
        if one is None or other is None:
            return False
        if one.version == other.version:
            return True
        if not self.tolerance.given:
            return False
        sources = Sources()
        table = CodeTable(sources.locate)  # one for both: a class of the notebook is to be the same class in each
        try:
            was, new = (self._value(name, result, sources, table) for result in (kept, now))
        except Exception:  # reading a value runs code of libraries and of the notebook; what belongs to inputs has none
            return False
        return close(was, new, self.tolerance)

    def _value(self, name: str, result: Result, sources: Sources, table: CodeTable) -> Any:
        """Read a value that is stored by itself."""
        part = next(part for part in result.parts if name in part.names and not part.anchored)
        return Unpacking(self.here.store.get, table, Anchors([part]), lambda: Walk(sources)).values(part)[name]


def said(item: Chance) -> str:
    """Say a source of chance with the place that mentions it."""
    return f"{item.what}: `{item.where}` in line {item.line}" if item.where else item.what
