"""A step made into a Task: its code, its inputs as stored Parts, and the state of the kernel around it."""

from __future__ import annotations

import os
import sys
import types
from typing import Any

import msgspec

from steppe.engine.checkpoints import owner_of
from steppe.engine.gather import Gathered
from steppe.engine.materialise import only_streamed
from steppe.engine.session import Session
from steppe.engine.step import Step
from steppe.errors import CannotMove, Unversionable
from steppe.types import Part
from steppe.values.lazy import is_lazy, real
from steppe.values.pack import Packing, replace
from steppe.values.walk import Put, Walk
from steppe.worker.execution import Intent
from steppe.worker.luggage import Luggage
from steppe.worker.packages import Packages
from steppe.worker.task import SetupCell, Task

OPEN_FORMATS = frozenset({"npy", "arrow", "arrow-table", "tensor", "json", "onnx", "safetensors", "parquet"})
"""Formats whose stored bytes hold one value and nothing else, so that they serve under any name."""


class TaskMaker:
    """Makes the Task of one step.

    Attributes:
        session: the kernel's session.
        gathered: what the step depends on.
        where: the executor's name, for messages.
        put: stores bytes.
    """

    def __init__(self, session: Session, gathered: Gathered, where: str) -> None:
        self.session = session
        self.gathered = gathered
        self.where = where
        self.put: Put = session.put
        self._parts: list[Part] = []
        self._modules: dict[str, str] = {}

    def make(self, step: Step, intent: Intent, *, returns: bool, luggage: Luggage | None = None) -> Task:
        """Make a step's Task; its inputs are in the Store when this returns.

        Args:
            step: the step.
            intent: what is known of its cell.
            returns: whether the kernel takes it over where what it leaves can't come back.
            luggage: what goes along.

        Raises:
            CannotMove: an input can't leave the kernel; names the variable and the path inside it.
        """
        session, shell, request = self.session, self.session.setting.shell, step.request
        number = max(shell.execution_count - 1, 1)
        if self.gathered.unmovable:
            raise CannotMove(self._refusal(self.gathered.unmovable))
        names = set(self.gathered.names) | self._setup_names()
        self._pack(sorted(names))
        return Task(
            label=f"{request.name} in {session.path}" if session.path else request.name,
            key=step.key,
            source=request.cell.source,
            number=number,
            filename=shell.compile.get_code_name(request.source, request.cell.source, number),
            filenames=_pattern(shell.compile),
            interactivity=request.interactivity,
            intent=intent,
            inputs=tuple(self._parts),
            versions={name: version for name, version in self.gathered.versions.items() if name not in self._modules},
            modules=self._modules,
            imports=(*self._with_generators(), *(c.label for c in session.setup.cells if c.target == "import")),
            setup=tuple(SetupCell(source=c.source) for c in session.setup.cells if c.target != "import" and c.source),
            state=self._state(),
            seeded=tuple(sorted(session.randomness.seeded)),
            flags=getattr(shell.compile, "flags", 0) & ~0x200,
            root=session.places.root,
            start=session.ambient.start,
            formats=tuple(getattr(shell.display_formatter, "active_types", ())),
            colors=str(getattr(shell, "colors", "neutral")),
            figures=_figure_formats(shell),
            likeness=f"{type(shell).__module__}.{type(shell).__name__}",
            renderer=_renderer(),
            returns=returns,
            luggage=luggage,
            packages=packages_of(self.gathered, session) if luggage is not None else None,
            checkpoints=owner_of(step),
            streamed=tuple(sorted(only_streamed(request.cell, names, session.setting.namespace))),
        )

    def _with_generators(self) -> list[str]:
        """Return the modules with generators that the kernel has and the step may draw from.

        A worker that would import them only as the step runs could not seed them before.
        """
        tops = {name.partition(".")[0] for name in self.gathered.modules}
        return [name for name in ("numpy", "torch") if name in sys.modules and (name == "numpy" or name in tops)]

    def _setup_names(self) -> set[str]:
        """Return the variables that the setup reads; they must be what they were when it ran."""
        names: set[str] = set()
        for cell in self.session.setup.cells:
            for name, version in cell.inputs:
                namespace = self.session.setting.namespace
                if name not in namespace:
                    continue
                if isinstance(real(namespace[name]), types.ModuleType):
                    names.add(name)
                    continue
                try:
                    now = Walk(self.session.sources).version_of(real(namespace[name]))
                except Unversionable as error:
                    raise CannotMove(self._refusal(str(error.under(name)))) from error
                if now != version:
                    raise CannotMove(
                        f"`{cell.label}` was run with another `{name}` than there is now, so it can't be run again on "
                        f"{self.where}. Run that cell again, or keep this step in the kernel with on=inline."
                    )
                names.add(name)
        return names

    def _refusal(self, what: str) -> str:
        return (
            f"this step can't run on {self.where}: {what}. Keep it in the kernel with on=inline, or make it inside "
            "the cell."
        )

    def _pack(self, names: list[str]) -> None:
        """Turn the inputs into Parts; what is stored already is not stored again."""
        namespace = self.session.setting.namespace
        live: list[str] = []
        seen: set[int] = set()
        for name in names:
            value = namespace.get(name)
            if name not in namespace:
                continue
            part = _stored_part(value)
            if part is not None:
                if id(part) not in seen:
                    seen.add(id(part))
                    self._parts.append(part)
                continue
            value = namespace[name] = real(value)
            if isinstance(value, types.ModuleType):
                self._modules[name] = value.__name__
            else:
                live.append(name)
        self._pack_live([*live, *self.gathered.module_state])

    def _pack_live(self, names: list[str]) -> None:
        walk = self.gathered.walk
        fresh = []
        for name in names:
            if name not in walk.roots:
                walk.walk(name, self.session.setting.namespace[name])
            part = self._known_part(name, walk)
            if part is not None:
                self._parts.append(part)
            else:
                fresh.append(name)
        try:
            self._parts += Packing(None, walk, {}, self.session.setting.table, self.put).pack(fresh)
        except CannotMove as error:
            raise CannotMove(self._refusal(str(error))) from error

    def _known_part(self, name: str, walk: Walk) -> Part | None:
        """Return the Part that an earlier step stored this very value in, where it has one to itself."""
        root = walk.roots[name]
        if len(root.nodes) != 1:
            return None
        artifact = self.session.catalog.artifacts.get(root.version)
        part = artifact.part if artifact is not None else None
        if (
            part is None
            or part.format not in OPEN_FORMATS
            or part.blob is None
            or not self.session.store.has(part.blob)
        ):
            return None
        return replace(part, names=(name,))

    def _state(self) -> Part | None:
        """Return the ambient state and the states of the seeded generators as one Part."""
        session = self.session
        state = {"ambient": session.ambient.read(), "random": session.seeded_states()}
        if not state["ambient"] and not state["random"]:
            return None
        walk = Walk(session.sources)
        walk.walk("state", state)
        return Packing(None, walk, {}, session.setting.table, self.put).pack(["state"])[0]


def packages_of(gathered: Gathered, session: Session) -> Packages:
    """Return what the key says of packages, but for those that no index has: edited in place, or of no distribution."""
    named = {kind: [item for item in gathered.ingredients if item.kind == kind] for kind in ("python", "package")}
    return Packages(
        python=next((item.version for item in named["python"]), ""),
        versions={item.name: item.version for item in named["package"] if session.distributions.is_released(item)},
    )


def _pattern(compiler: Any) -> str:
    """Return how the kernel names the files of its cells, with `{}` for the digest of their text, or nothing."""
    folder, _, name = compiler.get_code_name("", "", 1).rpartition(os.sep)
    number, _, suffix = name.partition(".")
    return f"{folder}{os.sep}{{}}.{suffix}" if folder and number.isdigit() and suffix == "py" else ""


def _figure_formats(shell: Any) -> tuple[str, ...]:
    """Return the formats in which the inline backend shows figures, where it is in use."""
    for configurable in getattr(shell, "configurables", ()):
        if type(configurable).__module__ == "matplotlib_inline.config":
            return tuple(sorted(configurable.figure_formats))
    return ()


def _renderer() -> str:
    """Return how Plotly shows figures here: it decides when it is imported, and a fork server has no shell then."""
    plotly = sys.modules.get("plotly.io")
    return str(plotly.renderers.default or "") if plotly is not None and hasattr(plotly, "renderers") else ""


def _stored_part(value: Any) -> Part | None:
    """Return the Part of a placeholder that is not loaded, where the Part stands on its own."""
    if not is_lazy(value):
        return None
    artifact = object.__getattribute__(value, "lazy_artifact")
    return artifact.part if artifact.part is not None and not artifact.part.anchored else None


def encode(task: Task) -> bytes:
    """Encode a Task for the Store."""
    return msgspec.msgpack.encode(task)
