"""What would become of each step if the notebook ran now: a decision, made before anything is done. Executes nothing.

`plan` compares what a step's key would be made of, as far as that can be known, with what it was made of when the step
last had a result. Where something can't be known, the answer is Unknown, with the reason; never a Hit that would run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import msgspec

from steppe.analysis.cell import Cell
from steppe.analysis.effects import ORDER, Act, Effect, acts_elsewhere
from steppe.analysis.loop_cells import LoopCell
from steppe.analysis.options import Options
from steppe.engine.explain import changes
from steppe.engine.foresight import Foresight
from steppe.engine.kept import Kept
from steppe.engine.outlook import Decision, Hit, Outlook, Planned, Run, Surroundings, Unknown
from steppe.engine.recipe import Noted, Recipe
from steppe.engine.resolve import is_setup
from steppe.engine.setup_notes import note_imports
from steppe.engine.setup_rules import settled
from steppe.types import Digest, State, StepId, StepRun

TRIES = 8
"""How many of a step's earlier results are looked at: an edit that was undone hits again."""


def plan(cells: Iterable[Planned], around: Surroundings) -> list[Outlook]:
    """Tell what would become of each step, from the notebook's first cell to its last."""
    return list(_Planner(around).follow(cells))


class _Planner:
    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.ahead = Foresight()
        self.noted = Noted()
        self.recipe = Recipe(around, self.ahead, self.noted)
        self.kept = Kept(around, self.ahead)
        self._parts: dict[str, set[int]] = {}
        self._part = 0

    def follow(self, cells: Iterable[Planned]) -> Iterator[Outlook]:
        for planned in cells:
            if planned.is_step:
                yield self._step(planned)
                continue
            self.ahead.plain(planned.raw, planned.cell)
            if planned.cell is not None:
                effect = self._effect(planned.cell)
                self.noted.sets = self.noted.sets or (effect is not None and effect.act is not Act.IMPORTS)
                note_imports(self.noted, planned.cell)  # type: ignore[arg-type]  # all that it uses of a session

    # One step

    def _step(self, planned: Planned) -> Outlook:
        history = self._history(planned)
        before = history[0] if history else None
        last = self._last(planned.name, self._part)
        now = self._as_it_would_be(planned, before)
        self._would: StepRun | None = None
        found: StepRun | None = None
        cell = planned.cell
        if cell is None:
            decision: Decision = Run(reasons=("it has an error in its syntax, so it fails",))
            self.ahead.unbounded = "a cell before it has an error in its syntax"
        elif planned.options is None:
            decision = Unknown(reasons=(planned.problem,), seconds=_took(before))
            self.ahead.runs(cell, planned.name, before)
        elif self._is_setup(planned.options, cell, last):
            decision = self._setup(planned, cell, last)
        else:
            decision, found = self._decide(planned, cell, planned.options, history, last, now)
            if found is not None:
                self.ahead.hits(cell, found)
            else:
                self._will_run(cell, planned.name, before)
        if cell is not None:
            note_imports(self.noted, cell)  # type: ignore[arg-type]  # all that it uses of a session
        return Outlook(
            name=planned.name,
            part=self._part,
            cell=planned.id,
            decision=decision,
            now=self._would or now,
            before=found or before,
        )

    def _history(self, planned: Planned) -> list[StepRun]:
        """Return the step's earlier results, the newest first; sets which part of its step the cell is."""
        self._part = self._part_of(planned)
        catalog = self.around.catalog
        if catalog is None:
            return []
        step = StepId(notebook=self.around.notebook, name=planned.name)
        found: list[StepRun] = []
        seen: set[tuple[Digest | None, str]] = set()
        before: str | None = None
        while len(found) < TRIES:
            one = catalog.step_runs.last(step, part=self._part, before=before, useful=True)
            if one is None:
                break
            before = one.id
            if (one.key, one.entry or one.id) not in seen:
                seen.add((one.key, one.entry or one.id))
                found.append(one)
        return found

    def _last(self, name: str, part: int) -> StepRun | None:
        if self.around.catalog is None:
            return None
        found: StepRun | None = self.around.catalog.step_runs.last(
            StepId(notebook=self.around.notebook, name=name), part=part
        )
        return found

    def _part_of(self, planned: Planned) -> int:
        """Return which cell of its step this is: the one that was recorded with its id, or its text, else the next."""
        taken = self._parts.setdefault(planned.name, set())
        number = 0
        free = -1
        while (known := self._last(planned.name, number)) is not None:
            if number not in taken:
                if known.cell == planned.id or known.source == planned.raw:
                    break
                free = number if free < 0 and not known.cell else free
            number += 1
        else:
            number = free if free >= 0 else max([number, *(part + 1 for part in taken)])
        taken.add(number)
        return number

    def _as_it_would_be(self, planned: Planned, before: StepRun | None) -> StepRun:
        made = StepRun(
            id="",
            run="",
            step=StepId(notebook=self.around.notebook, name=planned.name),
            part=self._part,
            cell=planned.id,
            source=planned.raw,
        )
        return made if before is None else msgspec.structs.replace(made, ingredients=before.ingredients)

    # Setup

    def _is_setup(self, options: Options, cell: Cell, last: StepRun | None) -> bool:
        if options.setup is not None:
            return options.setup
        if isinstance(cell, LoopCell):
            return False
        if last is not None and last.source and self._same_code(last, cell):
            return last.state is State.SETUP
        return is_setup(options, self._effect(cell))

    def _effect(self, cell: Cell) -> Effect | None:
        """Return how a cell acts elsewhere, by its code and that of the notebook's functions that it reaches."""
        found = [cell.effect(self._path)]
        todo, seen = sorted(cell.names.reads), set[str]()
        while todo:
            name = todo.pop()
            node = self.ahead.functions.get(name)
            if node is None or name in seen:
                continue
            seen.add(name)
            inner = acts_elsewhere(node, self._path)
            found.append(inner if inner is not None and inner.act is not Act.IMPORTS else None)
            todo += [each.id for each in ast.walk(node) if isinstance(each, ast.Name)]
        effects = [settled(effect) for effect in found if effect is not None and effect.path != "%load_ext"]
        return max(effects, key=lambda effect: ORDER.index(effect.act), default=None)

    def _same_code(self, run: StepRun, cell: Cell) -> bool:
        return any(item.kind == "code" and item.version == cell.digest for item in run.ingredients) or (
            run.source == cell.raw
        )

    def _path(self, name: str) -> str | None:
        bound = self.ahead.names.get(name)
        if bound is None or not bound.imported:
            return None
        module, _, inside = bound.imported.partition(":")
        return f"{module}.{inside}" if inside else module

    def _setup(self, planned: Planned, cell: Cell, last: StepRun | None) -> Decision:
        effect = self._effect(cell)
        alone = effect is not None and effect.act is Act.IMPORTS
        self.ahead.runs(cell, planned.name, None)
        if not alone:
            same = last is not None and last.state is State.SETUP and self._same_code(last, cell)
            if not same:
                self.ahead.setup = f"the setup of `{planned.name}` is not what it was"
            self.ahead.setup_runs[planned.name, self._part] = cell.digest
        why = last.why if last is not None and last.state is State.SETUP and last.why else "setup: it always runs"
        took = None if last is None or last.ended is None else last.ended - last.started
        return Run(reasons=(why,), seconds=took)

    def _will_run(self, cell: Cell, name: str, before: StepRun | None) -> None:
        self.ahead.runs(cell, name, before)
        effect = self._effect(cell)
        if effect is not None and effect.act is Act.AMBIENT:
            self.ahead.state = f"the step `{name}`, which may run, changes {effect.what}"

    # Other steps

    def _decide(
        self,
        planned: Planned,
        cell: Cell,
        options: Options,
        history: list[StepRun],
        last: StepRun | None,
        now: StepRun,
    ) -> tuple[Decision, StepRun | None]:
        if not history:
            return Run(reasons=("it has not run before",)), None
        newest = history[0]
        took = _took(newest)
        if "*" in self.around.refresh or planned.name in self.around.refresh:
            return Run(reasons=("--refresh",), seconds=took), None
        if options.cache is False:
            return Run(reasons=("cache=false",), seconds=took), None
        if (
            last is not None
            and last.state in (State.SUCCEEDED, State.FAILED)
            and last.key is None
            and self._same_code(last, cell)
        ):
            return Run(reasons=(last.why or "it could not be cached",), seconds=took), None
        runs: tuple[str, ...] | None = None
        unknown: tuple[str, ...] | None = None
        for candidate in history:
            if candidate.key is None:
                runs = runs or tuple(changes(candidate, now)) or (candidate.why,)
                continue
            ingredients, doubts = self.recipe.of(candidate, cell, options)
            would = msgspec.structs.replace(now, ingredients=tuple(ingredients), trace=candidate.trace)
            self._would = self._would or would
            differ = changes(candidate, would)
            if not differ and not doubts:
                kept, differ, doubts = self.kept.of(candidate)
                if kept is not None:
                    made = self.around.catalog.step_runs.get(kept.step_run) or candidate
                    return Hit(step_run=kept.step_run, saves=kept.seconds), made
            if differ:
                runs = runs or tuple(differ)
            else:
                unknown = unknown or tuple(doubts)
        if unknown is not None:
            return Unknown(reasons=unknown, seconds=took), None
        return Run(reasons=runs or ("its result is no longer kept",), seconds=took), None


def _took(before: StepRun | None) -> float | None:
    return None if before is None else before.seconds or max((before.ended or before.started) - before.started, 0.0)
