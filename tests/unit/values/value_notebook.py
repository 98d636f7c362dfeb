"""A notebook's namespace without a shell: cells run in `__main__`, and values go to a real Store."""

import sys
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from steppe.store import open_store
from steppe.store.store import Store
from steppe.types import Part
from steppe.values import rebuild
from steppe.values.changes import changed_roots, places
from steppe.values.codes import CodeTable
from steppe.values.pack import Packing
from steppe.values.unpack import Anchors, Unpacking
from steppe.values.walk import Walk
from steppe.worker.sources import Sources


class Notebook:
    """One kernel's worth of code and values."""

    def __init__(self) -> None:
        self.sources = Sources()
        self.table = CodeTable(self.sources.locate)
        self.main = types.ModuleType("__main__")
        self.names: dict[str, Any] = self.main.__dict__
        self._cells = 0

    def run(self, cell: str, **values: Any) -> dict[str, Any]:
        """Run a cell and return the namespace."""
        self._cells += 1
        filename = f"/tmp/ipykernel_test/{id(self)}_{self._cells}.py"
        self.sources.add(filename, cell)
        self.names.update(values)
        exec(compile(cell, filename, "exec"), self.names)
        return self.names

    def walk(self, **values: Any) -> Walk:
        """Return a walk over values."""
        walk = Walk(self.sources)
        for name, value in values.items():
            walk.walk(name, value)
        return walk

    def version(self, value: Any) -> str:
        """Return a value's data version."""
        return Walk(self.sources).walk("value", value).version


def version(value: Any) -> str:
    """Return the data version of a value that holds no code of a notebook."""
    return Notebook().version(value)


def store_in(folder: Path) -> Store:
    """Return a Store in a folder."""
    return open_store(str(folder), folder)


def pack(notebook: Notebook, store: Store, before: Walk | None = None, **values: Any) -> list[Part]:
    """Store values as a step does, and the changes to the inputs that `before` has walked."""
    after = Walk(notebook.sources)
    changed = changed_roots(before, after) if before is not None else {}
    for name, value in values.items():
        after.walk(name, value)
        for cls in after.classes:
            notebook.table.note(after.version_of(cls), cls)
    known = places(before) if before is not None else {}
    return Packing(before, after, known, notebook.table, store.put).pack(values, changed)


def unpack(notebook: Notebook, store: Store, parts: Iterable[Part], inputs: Walk | None = None) -> dict[str, Any]:
    """Load values as a hit does; changes are written into the live `inputs`."""
    parts = sorted(parts, key=lambda part: "own" not in part.meta)
    unpacking = Unpacking(
        store.get,
        notebook.table,
        Anchors(parts, *([inputs] if inputs is not None else [])),
        lambda: Walk(notebook.sources),
    )
    found: dict[str, Any] = {}
    for part in parts:
        found.update(unpacking.values(part))
    return found


def as_main(notebook: Notebook) -> None:
    """Let a notebook's namespace be this process's `__main__` and know the sources of code that is made again."""
    sys.modules["__main__"] = notebook.main

    def register(source: str, filename: str) -> str:
        notebook.sources.add(filename, source)
        return filename

    rebuild.SOURCES[:] = [register]
    rebuild._codes.cache_clear()
