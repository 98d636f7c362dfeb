"""Steps of a past run laid out one after another: what each needs, where it comes from, or why it can't run again."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from steppe.analysis.cell import analyse
from steppe.analysis.magicline import parse_line
from steppe.analysis.transform import split_step
from steppe.engine.restore import Restoring
from steppe.errors import UsageError
from steppe.lineage.change import Change
from steppe.lineage.opened import Opened
from steppe.lineage.repeated import Repeated, repeated
from steppe.lineage.unlike import unlike
from steppe.types import Part, State, StepRun
from steppe.worker.execution import Intent
from steppe.worker.task import Task

FAILED = frozenset({State.FAILED, State.CANCELLED, State.LOST})
"""States of steps that a repair runs again."""

OPTIONS = frozenset({"inputs", "outputs", "seed", "files"})
"""Options that are in the key, and so recorded with each step."""

SCALARS = frozenset(f"builtins.{name}" for name in ("int", "float", "bool", "str", "bytes", "NoneType", "complex"))
"""Types of which equal values may have nothing to do with each other."""


class Again:
    """One step that is to run again.

    Attributes:
        step: the StepRun.
        source: its cell.
        metadata: what the cell's metadata say to Steppe.
        restoring: what the kernel has to be made like before.
        found: what is kept of it.
    """

    def __init__(
        self, step: StepRun, source: str, metadata: dict[str, Any], restoring: Restoring, found: Repeated
    ) -> None:
        self.step = step
        self.source = source
        self.metadata = metadata
        self.restoring = restoring
        self.found = found


class Laying:
    """Steps laid out one after another, with what is known of those before."""

    def __init__(self, steps: list[StepRun], here: Opened, change: Change, doubt: Callable[[str], str]) -> None:
        self.steps, self.here, self.change, self.doubt = steps, here, change, doubt
        self.refused: list[str] = []
        self.used: set[str] = set()
        self.plain: dict[str, Part | None] = {}
        self._touched: set[int] = set()
        self._kept: set[str] = set()

    def lay(self, number: int) -> Again:
        """Lay out one step."""
        step = self.steps[number]
        live, makers = self._live(number)
        found = repeated(step, self.here.catalog, self.here.store, self.here.project, live=live, doubt=self.doubt)
        task = found.task
        reasons = found.missing or of_line(step, found)
        if not reasons and not self.change.anyway and not self.change.failed:
            reasons = unlike(number, self.steps, found, self.here)
        if reasons or task is None:
            self.refused.append(f"`{step.step.name}`: {', '.join(reasons)}")
            task = Task(label="", source="", intent=Intent())
        source = self.change.code.get(step.step.name)
        if source is not None:
            task = msgspec.structs.replace(task, inputs=(*task.inputs, *self._more(source, task, live)))
        given = self._given(task, live)
        fresh = not (self._touched or self.change.parameters or self.change.code or self.change.failed)
        if given or source is not None or makers & self._touched:
            self._touched.add(number)
            self._note(step, task, live, given)
        restoring = Restoring(
            task=task,
            live=live,
            given=given,
            imports=tuple(
                name
                for item in step.ingredients
                if (item.kind, item.name) == ("setup", "import")
                for name in item.detail
            ),
            imported=dict(step.imported),
            fresh=fresh or number == 0,
        )
        return Again(step, *_cell(step, source), restoring, found)

    def _live(self, number: int) -> tuple[dict[str, str], set[int]]:
        """Return the inputs that steps before it bind, each with the name that it is bound to; and those steps."""
        step, live, makers = self.steps[number], dict[str, str](), set[int]()
        for name, version in step.inputs.items():
            for other in range(number - 1, -1, -1):
                before = self.steps[other]
                if self.change.failed and before.state in FAILED and name in binds(before.source):
                    live[name] = name
                elif name in before.outputs:
                    if before.outputs[name] != version:
                        break  # a plain cell, or an earlier try of that step, has bound it anew
                    live[name] = name
                else:
                    same = [its for its, made in before.outputs.items() if made == version and its.isidentifier()]
                    artifact = self.here.catalog.artifacts.get(version) if same else None
                    if artifact is None or artifact.type in SCALARS:
                        continue
                    live[name] = same[0]
                makers.add(other)
                break
        return live, makers

    def _more(self, source: str, task: Task, live: Mapping[str, str]) -> Iterator[Part]:
        """Yield what new code reads, and the step did not: what other steps have of plain cells."""
        cell = _analysed(source)
        there = {name for part in task.inputs for name in part.names} | set(live)
        for name in sorted(cell.names.reads - there) if cell is not None else ():
            part = self.plain.get(name)
            if part is not None:
                yield part

    def _given(self, task: Task, live: Mapping[str, str]) -> dict[str, Any]:
        for part in task.inputs:
            for name in part.names:
                if name not in live and ":" not in name:
                    self.plain[name] = part
        given = {name: value for name, value in self.change.parameters.items() if name in self.plain}
        self.used |= set(given)
        reads = {name for part in task.inputs for name in part.names}
        return {name: value for name, value in given.items() if name in reads and name not in live}

    def _note(self, step: StepRun, task: Task, live: Mapping[str, str], given: Mapping[str, Any]) -> None:
        """Note the values of plain cells that a step gets as they were although something before it has changed."""
        values = {item.name for item in step.ingredients if item.kind == "input"}
        bound = {name for part in task.inputs for name in part.names}
        self._kept |= (bound & values) - set(live) - set(given) - set(self.change.parameters)

    def warnings(self) -> list[str]:
        """Say what the user should know of it."""
        if not self._kept:
            return []
        names = ", ".join(f"`{name}`" for name in sorted(self._kept))
        said = f"{names}: no step that is run again binds it, so it is as it was then."
        return [f"{said} Where it follows from what you have changed, give it with -p, or run the notebook."]


def of_line(step: StepRun, found: Repeated) -> list[str]:
    """Say which variables its `%%step` line reads that are not among what the step itself reads."""
    split = split_step(step.source)
    if split is None or found.task is None:
        return []
    try:
        reads = parse_line(split[0]).reads
    except UsageError:
        return []
    there = {name for part in found.task.inputs for name in part.names} | set(found.task.modules)
    return [f"its %%step line reads `{name}`, which is not kept" for name in sorted(reads - there - BUILTINS)]


BUILTINS = frozenset(dir(builtins))


def binds(source: str) -> frozenset[str]:
    """Return the names that a cell binds; none where its code is no Python."""
    cell = _analysed(source)
    return cell.names.binds if cell is not None else frozenset()


def _analysed(source: str) -> Any:
    split = split_step(source)
    try:
        return analyse(source, split[1] if split else None)
    except SyntaxError:
        return None


def _cell(step: StepRun, source: str | None) -> tuple[str, dict[str, Any]]:
    """Return a step's cell, and what its metadata say: its name; and its options, where no `%%step` line has them."""
    told: dict[str, Any] = {"name": step.step.name}
    text = step.source if source is None else source
    split = split_step(step.source)
    if source is not None and split_step(source) is None and split is not None:
        head = step.source.lstrip("\n").partition("\n")[0]
        return f"{head}\n{source}", told
    if split_step(text) is None:
        told["step"] = True
        told |= {
            item.name: _literal(item.version)
            for item in step.ingredients
            if item.kind == "option" and item.name in OPTIONS
        }
        if step.executor != "inline":
            told["on"] = step.executor
    return text, told


def _literal(text: str) -> Any:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    return list(value) if isinstance(value, tuple) else value
