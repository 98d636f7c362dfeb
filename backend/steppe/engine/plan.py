"""What would become of each step if the notebook ran now: a decision, made before anything is done. Executes nothing.

`plan` compares what a step's key would be made of, as far as that can be known, with what it was made of when the step
last had a result. Where something can't be known, the answer is Unknown, with the reason; never a Hit that would run.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from steppe.analysis.cell import Cell
from steppe.analysis.effects import ORDER, Act, Effect, acts_elsewhere
from steppe.analysis.options import Options
from steppe.engine.environment import Distributions
from steppe.engine.explain import changes
from steppe.engine.foresight import Bound, Foresight
from steppe.engine.gather import option_ingredients
from steppe.engine.lookup import DECODER, blobs_of, changed
from steppe.engine.modules import Modules
from steppe.engine.resolve import is_setup
from steppe.engine.setup_log import SetupLog
from steppe.engine.setup_notes import note_imports
from steppe.engine.setup_rules import settled
from steppe.errors import StoreError
from steppe.store.store import Store
from steppe.types import Digest, Entry, Ingredient, Observation, State, StepId, StepRun, Struct
from steppe.worker.observed import holds
from steppe.worker.places import Places

TRIES = 8
"""How many of a step's earlier results are looked at: an edit that was undone hits again."""

LIVE = frozenset({"ambient", "global", "sharing"})
"""Kinds of ingredients that only the kernel can tell."""


class Hit(Struct, frozen=True, kw_only=True):
    """Its result is there, and nothing that it depends on has changed.

    Attributes:
        step_run: the StepRun whose result it is.
        saves: seconds that its execution took.
    """

    step_run: str
    saves: float


class Run(Struct, frozen=True, kw_only=True):
    """It runs, for these reasons. `seconds`: how long it took before; None where it never ran."""

    reasons: tuple[str, ...]
    seconds: float | None = None


class Unknown(Struct, frozen=True, kw_only=True):
    """Whether it runs shows only in the kernel, for these reasons. `seconds`: as in Run."""

    reasons: tuple[str, ...]
    seconds: float | None = None


Decision: TypeAlias = Hit | Run | Unknown


class Planned:
    """A cell as the planner takes it.

    Attributes:
        name: the step's name.
        id: the cell's id.
        raw: as it is written.
        cell: its analysis; None where its syntax is wrong.
        options: what it asks for; None where `problem` says why that can't be known.
        problem: why its options can't be known, or are wrong; or empty.
        is_step: whether it is a step.
    """

    def __init__(
        self, name: str, id_: str, raw: str, cell: Cell | None, options: Options | None, problem: str, *, is_step: bool
    ) -> None:
        self.name = name
        self.id = id_
        self.raw = raw
        self.cell = cell
        self.options = options
        self.problem = problem
        self.is_step = is_step


class Surroundings:
    """What is asked while planning, beside the notebook itself.

    Attributes:
        catalog: the Catalog; None where nothing has been kept yet.
        store: the Store.
        notebook: the notebook's identity.
        places: which paths matter.
        environ: the environment's variables.
        env: the policy for packages.
        python: the version of the kernel's Python, such as `3.12`; empty where the kernel has another environment.
        refresh: steps that run although they would hit; `*` for all.
    """

    def __init__(
        self,
        catalog: Any,
        store: Store | None,
        notebook: str,
        places: Places,
        environ: Mapping[str, str],
        *,
        env: str = "imports",
        python: str = "",
        refresh: Iterable[str] = (),
        now: Callable[[], float] = time.time,
    ) -> None:
        self.catalog = catalog
        self.store = store
        self.notebook = notebook
        self.places = places
        self.environ = environ
        self.env = env
        self.python = python
        self.refresh = frozenset(refresh)
        self.now = now


class Outlook(Struct, frozen=True, kw_only=True):
    """A step and what would become of it.

    Attributes:
        name: the step's name.
        part: which of its cells.
        cell: the cell's id.
        decision: what would become of it.
        now: the StepRun as it would be, as far as that can be known.
        before: the StepRun that last had a result, or None.
    """

    name: str
    part: int
    cell: str
    decision: Decision
    now: StepRun
    before: StepRun | None


def plan(cells: Iterable[Planned], around: Surroundings) -> list[Outlook]:
    """Tell what would become of each step, from the notebook's first cell to its last."""
    return list(_Planner(around).follow(cells))


class _Noted:
    """What `note_imports` writes into, in the place of a session."""

    def __init__(self) -> None:
        self.setup = SetupLog()
        self.modules = Modules()
        self.imported: dict[str, str] = {}


class _Planner:
    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.ahead = Foresight()
        self.noted = _Noted()
        self.distributions = Distributions()
        self._parts: dict[str, set[int]] = {}
        self._part = 0
        self._sets = False  # whether a plain cell so far changes settings or sets a library up

    def follow(self, cells: Iterable[Planned]) -> Iterator[Outlook]:
        for planned in cells:
            if planned.is_step:
                yield self._step(planned)
                continue
            self.ahead.plain(planned.raw, planned.cell)
            if planned.cell is not None:
                effect = self._effect(planned.cell)
                self._sets = self._sets or (effect is not None and effect.act is not Act.IMPORTS)
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
            ingredients, doubts = self._ingredients(candidate, cell, options)
            would = msgspec.structs.replace(now, ingredients=tuple(ingredients), trace=candidate.trace)
            self._would = self._would or would
            differ = changes(candidate, would)
            if not differ and not doubts:
                kept, differ, doubts = self._kept(candidate)
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

    def _ingredients(self, was: StepRun, cell: Cell, options: Options) -> tuple[list[Ingredient], list[str]]:
        """Return what the key would be made of now, and why what can't be known of it can't."""
        found: list[Ingredient] = []
        doubts: list[str] = []
        for item in was.ingredients:
            if item.kind == "code":
                found.append(msgspec.structs.replace(item, version=cell.digest))
            elif item.kind in ("input", "function", "class"):
                self._variable(item, was, found, doubts)
            elif item.kind in LIVE or (item.kind == "option" and item.name == "interactivity"):
                found.append(item)
            elif item.kind == "source":
                found.append(item)
                doubts.append(f"only the kernel can tell what source={item.name} gives")
        known = {item.name for item in was.ingredients if item.kind in ("input", "function", "class")}
        if options.inputs is None:
            found += self._newly_read(cell, known, doubts)
        found += option_ingredients(options)
        self._live(was, doubts)
        self._setup_of(was, found, doubts)
        self._modules(was, found, doubts)
        self._packages(was, options.env or self.around.env, found, doubts)
        return found, doubts

    def _variable(self, item: Ingredient, was: StepRun, found: list[Ingredient], doubts: list[str]) -> None:
        bound = self.ahead.names.get(item.name)
        if bound is None:
            if item.version == "not bound" or not self.ahead.unbounded:
                found.append(msgspec.structs.replace(item, version="not bound"))
            else:
                found.append(item)
                doubts.append(self.ahead.unbounded)
            return
        version = self._version(bound, item, was)
        if not version:
            found.append(item)
            doubts.append(bound.doubt or f"`{item.name}` is imported otherwise than before")
            return
        detail = item.detail
        if version != item.version and self.around.catalog is not None:
            artifact = self.around.catalog.artifacts.get(version)
            detail = artifact.detail if artifact is not None else {}
        found.append(msgspec.structs.replace(item, version=version, detail=detail))

    def _version(self, bound: Bound, item: Ingredient, was: StepRun) -> Digest:
        if self.ahead.unbounded:
            return ""
        if bound.version:
            return bound.version
        if bound.imported and was.imported.get(item.name) == bound.imported:
            return item.version
        return ""

    def _newly_read(self, cell: Cell, known: set[str], doubts: list[str]) -> Iterator[Ingredient]:
        """Yield what the cell reads now and did not before: its text differs, or something is bound that was not."""
        for name in sorted((cell.names.reads | cell.names.mentions) - known):
            bound = self.ahead.names.get(name)
            if bound is not None:
                yield Ingredient(kind="input", name=name, version=bound.version or "?")
        if cell.names.unbounded_reads:
            doubts.append("it may read any variable")

    def _live(self, was: StepRun, doubts: list[str]) -> None:
        kinds = {item.kind for item in was.ingredients} & LIVE
        random = any(item.kind == "random" for item in was.trace)
        if self.ahead.state:
            doubts.append(self.ahead.state)
        elif (kinds or random or self._sets) and was.around != self.ahead.around:
            doubts.append("a cell that is no step has changed, and what it sets shows only in the kernel")

    def _setup_of(self, was: StepRun, found: list[Ingredient], doubts: list[str]) -> None:
        found += [item for item in self.noted.setup.ingredients() if item.name == "import"]
        others = [item for item in was.ingredients if item.kind == "setup" and item.name != "import"]
        found += others
        if self.ahead.setup:
            doubts.append(self.ahead.setup)
        elif (others or self._sets) and was.around != self.ahead.around:
            doubts.append("a cell that is no step has changed, and what it sets up shows only in the kernel")
        elif others or self.ahead.setup_runs:
            for (name, part), digest in self.ahead.setup_runs.items():
                if not self._ran_in(was.run, name, part, digest):
                    doubts.append(f"the setup of `{name}` is not what it was")

    def _ran_in(self, run: str, name: str, part: int, digest: Digest) -> bool:
        from steppe.catalog import StepRunFilter

        asked = StepRunFilter(run=run, notebook=self.around.notebook, step=name, part=part)
        for item in self.around.catalog.step_runs.list(asked, limit=3).items:
            whole = self.around.catalog.step_runs.get(item.id)
            if whole is not None and whole.state is State.SETUP and _digest(whole.source) == digest:
                return True
        return False

    def _modules(self, was: StepRun, found: list[Ingredient], doubts: list[str]) -> None:
        roots = [item.name for item in was.ingredients if item.kind == "module"]
        if not self.around.python:
            found += [item for item in was.ingredients if item.kind == "module"]
            if roots:
                doubts.append("the kernel runs another Python, whose modules can't be seen from here")
            return
        closure = self.noted.modules.closure(roots)
        found += closure.ingredients()

    def _packages(self, was: StepRun, env: str, found: list[Ingredient], doubts: list[str]) -> None:
        if env == "ignore":
            return
        if not self.around.python:
            found += [item for item in was.ingredients if item.kind in ("python", "package")]
            doubts.append("the kernel runs another Python, whose packages can't be seen from here")
            return
        found.append(Ingredient(kind="python", name="python", version=self.around.python))
        if env == "lock":
            found += [
                Ingredient(kind="package", name=name, version=version)
                for name, version in self.distributions.everything().items()
            ]
            return
        recorded = {item.name: item for item in was.ingredients if item.kind == "package"}
        now = {item.name: item for item in self.distributions.installed(recorded)}
        found += now.values()
        for name, item in recorded.items():
            if name not in now and " " in item.version:  # a module of no distribution, known by its files
                found.append(item)
                doubts.append(f"the version of {name}, which belongs to no package, shows only when it is imported")

    def _kept(self, candidate: StepRun) -> tuple[Entry | None, list[str], list[str]]:
        """Return the entry under the very key that can be returned; else why none can, or why that can't be known."""
        assert candidate.key is not None
        reasons: list[str] = []
        for entry in self.around.catalog.entries.find(candidate.key):
            differ, doubts = self._holds(entry)
            if not differ and doubts:
                return None, [], doubts
            if not differ and self._whole(entry):
                return entry, [], []
            reasons.append(differ or "a stored value of it was removed from the store")
        return None, reasons[:1] or ["its result is no longer kept"], []

    def _holds(self, entry: Entry) -> tuple[str, list[str]]:
        if entry.expires is not None and entry.expires <= self.around.now():
            return "what was kept has expired", []
        doubts = []
        for item in entry.trace:
            if item.kind == "random":
                continue  # `_live` has judged it
            if item.name in self.ahead.files:
                written = self.ahead.files[item.name]
                if not written:
                    doubts.append(f"the file {item.name} is written by a step that may run")
                elif item.kind == "file" and written != item.version:
                    return changed(item), []
            elif not holds(item, self.around.places, self.around.environ):
                return changed(item), []
            elif self._may_change(item):
                doubts.append(f"{item.name} may be written to by a step that may run")
        return "", doubts

    def _may_change(self, item: Observation) -> bool:
        """Tell whether a step that may run has written into a folder whose names or files were read."""
        inside = f"{item.name.rstrip('/')}/"
        return item.kind in ("listing", "tree", "glob") and any(
            not version and (path.startswith(inside) or item.kind == "glob" or item.name == ".")
            for path, version in self.ahead.files.items()
        )

    def _whole(self, entry: Entry) -> bool:
        store = self.around.store
        assert store is not None
        try:
            result = DECODER.decode(store.get(entry.result))
            return all(store.has(blob) for blob in blobs_of(result))
        except (StoreError, msgspec.MsgspecError):
            return False


def _took(before: StepRun | None) -> float | None:
    return None if before is None else before.seconds or max((before.ended or before.started) - before.started, 0.0)


def _digest(source: str) -> Digest:
    from steppe.analysis.cell import analyse
    from steppe.analysis.transform import split_step

    split = split_step(source)
    try:
        return analyse(source, split[1] if split is not None else None).digest
    except SyntaxError:
        return ""
