"""The complete lock that runs record: Python's version, and all that was installed."""

from __future__ import annotations

from collections.abc import Iterator

from steppe.catalog import Catalog, RunFilter
from steppe.engine.machine import requirements
from steppe.errors import StoreError
from steppe.store.store import Store
from steppe.types import Run, Struct

RUNS = 50
"""How many of the newest runs are looked at: one that is under way, or was cut short, has recorded none."""


class Lock(Struct, frozen=True, kw_only=True):
    """What was installed.

    Attributes:
        python: Python's version, as `3.12.1`.
        packages: versions by the distributions' names.
        run: the run that has recorded it; empty for what is installed here now.
    """

    python: str
    packages: dict[str, str]
    run: str = ""


def read(text: str, run: str = "") -> Lock:
    """Read a lock as runs write it."""
    lines = text.splitlines()
    python = next((line.removeprefix("# Python ") for line in lines if line.startswith("# Python ")), "")
    pairs = (line.partition("==") for line in lines if not line.startswith("#"))
    return Lock(python=python, packages={name: version for name, _, version in pairs if version}, run=run)


def of_run(run: Run, store: Store) -> Lock | None:
    """Return the lock of a run; None where it has recorded none, or it is not kept any more."""
    if run.lock is None:
        return None
    try:
        return read(bytes(store.get(run.lock)).decode("utf-8", "replace"), run.id)
    except StoreError:
        return None


def latest(catalog: Catalog, store: Store, notebook: str | None = None) -> Lock | None:
    """Return the lock of the newest run that has one: of a notebook, by its identity, or of any."""
    found: Iterator[Lock | None] = (
        of_run(run, store) for run in catalog.runs.list(RunFilter(notebook=notebook), limit=RUNS).items
    )
    return next((lock for lock in found if lock is not None), None)


def here() -> Lock:
    """Return what is installed where this process runs."""
    return read(requirements().decode())
