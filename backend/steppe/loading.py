"""`steppe.load`: a stored value, in any process of its project, as the step left it."""

from __future__ import annotations

import os
import types
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from steppe.catalog import Catalog, open_catalog
from steppe.engine.current import current
from steppe.engine.lookup import DECODER
from steppe.engine.session import Session
from steppe.errors import CorruptArtifact, MissingArtifact, Unversionable, UsageError
from steppe.finding import by_name, by_version, execution_of, maker_of
from steppe.settings import load_project
from steppe.store import open_store
from steppe.store.store import Store
from steppe.types import Part, Result, StepRun
from steppe.values import families as families  # registers the encoders
from steppe.values.codes import CodeTable
from steppe.values.library_objects import find_again
from steppe.values.pack import PATCHES
from steppe.values.unpack import Anchors, Unpacking
from steppe.values.walk import Walk
from steppe.worker.sources import Sources
from steppe.worker.trace import note_outside, unseen


def is_kept(run: StepRun, store: Store) -> bool:
    """Tell whether the values that an execution left are all in the Store.

    Raises:
        StoreUnavailable: the Store is out of reach.
    """
    if run.result is None:
        return False
    try:
        left: Result = DECODER.decode(store.get(run.result))
    except (MissingArtifact, CorruptArtifact, msgspec.MsgspecError):
        return False
    return all(part.blob is None or store.has(part.blob) for part in left.parts)


def belongs_to(left: Result, run: StepRun) -> list[str]:
    """Return the inputs of an execution without which what it left can't be loaded."""
    read = [root for part in left.parts for root, _ in part.meta.get("places", ())]
    stored = {name for part in left.parts for name in part.names} | set(left.modules)
    return [name for name in dict.fromkeys([*read, *sorted(set(run.outputs) - stored)]) if name in run.inputs]


DEEP = 200
"""Executions that may be gone back to, where a value was changed in place again and again."""


def load(what: str, notebook: str | None, run: str | None) -> Any:
    """See `steppe.load`."""
    with found(what, notebook, run) as (loading, execution, name):
        return loading.value(execution, name)


@contextmanager
def found(what: str, notebook: str | None, run: str | None) -> Iterator[tuple[Loading, StepRun, str]]:
    """Find the execution that bound a value, and the name that it bound.

    A step that asks for a value by its name depends on which one that is: its version is noted in its Trace.

    Raises:
        UsageError: nothing is called so, or more than one thing.
    """
    if not isinstance(what, str) or not what.strip():
        raise UsageError(f"load takes a name such as 'train.model', or a version such as 'b3:12ab34', not {what!r}.")
    what = what.strip()
    if what.startswith("b3:") and (notebook or run):
        raise UsageError("a version says all: give no notebook= and no run= beside it.")
    if not what.startswith("b3:"):
        note_outside(f"it loads `{what}` by its name, which may come to mean another value: load it by its version")
    with unseen(), reading() as loading:
        catalog = loading.catalog
        if what.startswith("b3:"):
            place = by_version(catalog, what, loading.keeps)
        else:
            place = by_name(catalog, what, notebook, run, loading.here, loading.keeps)
        yield loading, execution_of(catalog, place.run), place.name


@contextmanager
def reading() -> Iterator[Loading]:
    """Use what the kernel's session has open; else open the project around the working directory, and close it."""
    session = current()
    if session is not None and session.pid == os.getpid():
        _note_what_lives(session)
        yield Loading(session.catalog, session.store, session.sources, session.setting.table, session.notebook)
        return
    project = load_project(Path.cwd(), os.environ)
    settings, state = project.settings, project.state
    place = settings.catalog or str(state / "catalog.db")
    if not settings.catalog and not os.path.exists(place):
        raise UsageError(f"nothing is kept in {project.root} yet: no step has run there.")
    with open_catalog(place) as catalog:
        store = open_store(settings.store or str(state / "store"), state / "store")
        yield Loading(catalog, store, _SOURCES, _TABLE, None)


def _note_what_lives(session: Session) -> None:
    """Let values be of the notebook's classes that live, where these are what the values were made with."""
    walk = Walk(session.sources)
    for value in list(session.setting.namespace.values()):
        if isinstance(value, type | types.FunctionType) and walk.is_code(value):
            with suppress(Unversionable):
                session.setting.table.note(walk.version_of(value), value)


_SOURCES = Sources()
_TABLE = CodeTable(_SOURCES.locate)
"""One for the process: a class that two stored values are of is made once."""


class Loading:
    """Values on their way back, each with what it belongs to.

    Attributes:
        catalog: the Catalog.
        store: the Store.
        sources: the notebook's code that lives here.
        table: the same, by version.
        here: the notebook that asks, or None.
    """

    def __init__(self, catalog: Catalog, store: Store, sources: Sources, table: CodeTable, here: str | None) -> None:
        self.catalog = catalog
        self.store = store
        self.sources = sources
        self.table = table
        self.here = here

    def keeps(self, run: StepRun) -> bool:
        """Tell whether the values that an execution left are all in the Store."""
        return is_kept(run, self.store)

    def part_of(self, run: StepRun, name: str) -> Part | None:
        """Return the Part that holds what an execution bound to a name, where it stands on its own.

        Raises:
            StoreError: what the execution left is not there.
        """
        assert run.result is not None, "only executions with a result are found"
        result: Result = DECODER.decode(self.store.get(run.result))
        return next((part for part in result.parts if name in part.names and not part.anchored), None)

    def value(self, run: StepRun, name: str, depth: int = DEEP) -> Any:
        """Return what an execution bound to a name, or changed in place under it.

        Raises:
            StoreError: its bytes are not there.
            UsageError: it belongs to a value that no step has bound.
        """
        assert run.result is not None, "only executions with a result are found"
        result: Result = DECODER.decode(self.store.get(run.result))
        part = next((part for part in result.parts if name in part.names), None)
        if part is not None:
            return self._values(part, run, depth)[name]
        if name in result.modules:
            raise UsageError(f"`{name}` is a module: import {result.modules[name]}.")
        changes = [part for part in result.parts if PATCHES in part.names]
        if not changes:
            raise UsageError(f"`{run.step.name}` has not kept `{name}`: run it again.")
        inputs = Walk(self.sources)
        inputs.walk(name, self._input(run, name, depth))
        for each in changes:
            self._values(each, run, depth, inputs)
        return inputs.roots[name].value

    def _input(self, run: StepRun, name: str, depth: int) -> Any:
        """Return a value that an execution read."""
        version = run.inputs.get(name)
        maker = maker_of(self.catalog, version, self.keeps) if version is not None and depth else None
        if maker is None or version is None:
            raise UsageError(
                f"what `{run.step.name}` left belongs to its input `{name}`, which no step has bound: make the cell "
                f"that binds `{name}` a step too."
            )
        its = next(each for each, made in maker.outputs.items() if made == version)
        return self.value(execution_of(self.catalog, maker), its, depth - 1)

    def _values(self, part: Part, run: StepRun, depth: int, inputs: Walk | None = None) -> dict[str, Any]:
        """Read a Part, after the inputs that it refers to."""
        inputs = Walk(self.sources) if inputs is None else inputs
        libraries = Walk(self.sources)
        find_again(part, libraries)
        for root, _ in part.meta.get("places", ()):
            if root not in inputs.roots and root not in libraries.roots:
                inputs.walk(root, self._input(run, root, depth))
        anchors = Anchors([part], inputs, libraries)
        unpacking = Unpacking(self.store.get, self.table, anchors, lambda: Walk(self.sources))
        return unpacking.values(part)
