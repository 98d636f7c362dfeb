"""What a driver's own Catalog has of its run so far, left in the Store after each step: a driver may be lost."""

from __future__ import annotations

import contextlib
import sqlite3
import time
import zlib
from pathlib import Path
from typing import Any

from steppe.catalog import travel
from steppe.errors import StoreError
from steppe.states import ENDED
from steppe.store.store import Store
from steppe.types import State

WRITTEN = 3.0
"""Seconds within which what a kernel tells of a step is in its Catalog."""


def name_of(run: str) -> str:
    """Return the name of the record."""
    return f"runs/{run}/so-far"


class Leaving:
    """Leaves what a run has written, over what it had left before."""

    def __init__(self, store: Store, run: str, catalog: Path) -> None:
        """Begin, with the driver's own Catalog as the run finds it."""
        self._store = store
        self._run = run
        self._catalog = catalog
        self._since = travel.marks(catalog)

    def after(self, line: dict[str, Any]) -> None:
        """Leave what there is, where this tells of a step that has come to its end by running."""
        state = State(line["state"])
        if state not in ENDED or state is State.HIT:
            return
        with contextlib.suppress(StoreError, sqlite3.Error):  # it is for a driver that is lost; this one goes on
            until = time.monotonic() + WRITTEN
            while not travel.has(self._catalog, line["id"], state) and time.monotonic() < until:
                time.sleep(0.02)
            part = travel.part(self._catalog, self._run, self._since)
            self._store.replace_record(name_of(self._run), zlib.compress(part))


def left(store: Store, run: str) -> bytes | None:
    """Return what a lost driver has left, as a catalog's file; None where it has left nothing."""
    data = store.read_record(name_of(run))
    return None if data is None else zlib.decompress(data)
