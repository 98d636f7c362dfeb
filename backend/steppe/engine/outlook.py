"""What a plan is asked and what it answers: cells and their surroundings, decisions and outlooks. Decides nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from steppe.analysis.cell import Cell
from steppe.analysis.options import Options
from steppe.store.store import Store
from steppe.types import StepRun, Struct
from steppe.worker.places import Places


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
        mistake: `problem`, where the cell would be refused for it; or empty.
        is_step: whether it is a step.
    """

    def __init__(
        self,
        name: str,
        id_: str,
        raw: str,
        cell: Cell | None,
        options: Options | None,
        problem: str,
        *,
        wrong: bool,
        is_step: bool,
    ) -> None:
        self.name = name
        self.id = id_
        self.raw = raw
        self.cell = cell
        self.options = options
        self.problem = problem
        self.mistake = problem if wrong else ""
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
