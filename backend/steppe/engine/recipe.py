"""What a step's key would be made of now, as far as that can be known without a kernel, and why the rest can't be."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from steppe.analysis.cell import Cell
from steppe.analysis.loop_cells import loop_ingredients, loops
from steppe.analysis.options import Options
from steppe.engine.environment import Distributions
from steppe.engine.foresight import Bound, Foresight
from steppe.engine.gather import option_ingredients
from steppe.engine.import_variables import ENVIRON, of_variables
from steppe.engine.modules import Modules
from steppe.engine.outlook import Surroundings
from steppe.engine.setup_log import SetupLog
from steppe.types import Digest, Ingredient, State, StepRun

LIVE = frozenset({"ambient", "global", "sharing"})
"""Kinds of ingredients that only the kernel can tell."""


class Noted:
    """What the cells so far have imported and set up; `note_imports` writes into it, in the place of a session.

    Attributes:
        sets: whether a plain cell so far changes settings or sets a library up.
    """

    def __init__(self) -> None:
        self.setup = SetupLog()
        self.modules = Modules()
        self.imported: dict[str, str] = {}
        self.sets = False


class Recipe:
    """The ingredients of keys, as they would be at one cell of a notebook.

    Attributes:
        around: what is asked beside the notebook.
        ahead: what the cells before it would leave.
        noted: what they have imported and set up.
    """

    def __init__(self, around: Surroundings, ahead: Foresight, noted: Noted) -> None:
        self.around = around
        self.ahead = ahead
        self.noted = noted
        self.distributions = Distributions()
        self._installed: dict[frozenset[str], list[Ingredient]] = {}

    def of(self, was: StepRun, cell: Cell, options: Options) -> tuple[list[Ingredient], list[str]]:
        """Return what the key would be made of now, and why what can't be known of it can't."""
        found: list[Ingredient] = []
        doubts: list[str] = []
        for item in was.ingredients:
            if item.kind == "code":
                found.append(msgspec.structs.replace(item, version=cell.digest))
            elif item.kind in ("input", "function", "class"):
                self._variable(item, was, found, doubts)
            elif item.kind == "global" and item.name.startswith(ENVIRON):
                found += of_variables([item.name.removeprefix(ENVIRON)])
            elif item.kind in LIVE or (item.kind == "option" and item.name == "interactivity"):
                found.append(item)
            elif item.kind == "source":
                found.append(item)
                doubts.append(f"only the kernel can tell what source={item.name} gives")
        known = {item.name for item in was.ingredients if item.kind in ("input", "function", "class")}
        if options.inputs is None:
            found += self._newly_read(cell, known, doubts)
        found += option_ingredients(options)
        found += loop_ingredients(cell, options)
        doubts += [
            f"only the kernel can tell which elements `{loop.iterable}` gives"
            for loop in loops(options)
            if not loop.sure
        ]
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
        kinds = {item.kind for item in was.ingredients if not item.name.startswith(ENVIRON)} & LIVE
        random = any(item.kind == "random" for item in was.trace)
        if self.ahead.state:
            doubts.append(self.ahead.state)
        elif (kinds or random or self.noted.sets) and was.around != self.ahead.around:
            doubts.append("a cell that is no step has changed, and what it sets shows only in the kernel")

    def _setup_of(self, was: StepRun, found: list[Ingredient], doubts: list[str]) -> None:
        found += [item for item in self.noted.setup.ingredients() if item.name == "import"]
        others = [item for item in was.ingredients if item.kind == "setup" and item.name != "import"]
        found += others
        if self.ahead.setup:
            doubts.append(self.ahead.setup)
        elif (others or self.noted.sets) and was.around != self.ahead.around:
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
        asked = frozenset(recorded)
        if asked not in self._installed:
            self._installed[asked] = self.distributions.installed(recorded)
        now = {item.name: item for item in self._installed[asked]}
        found += now.values()
        for name, item in recorded.items():
            if name not in now and " " in item.version:  # a module of no distribution, known by its files
                found.append(item)
                doubts.append(f"the version of {name}, which belongs to no package, shows only when it is imported")


def _digest(source: str) -> Digest:
    from steppe.analysis.cell import analyse
    from steppe.analysis.transform import split_step

    split = split_step(source)
    try:
        return analyse(source, split[1] if split is not None else None).digest
    except SyntaxError:
        return ""
