"""Whether what was kept under a key could be returned, were its step reached now. Binds nothing."""

from __future__ import annotations

import msgspec

from steppe.engine.foresight import Foresight
from steppe.engine.lookup import blobs_of, changed, result_at
from steppe.engine.outlook import Surroundings
from steppe.errors import StoreError
from steppe.types import Entry, Observation, StepRun
from steppe.worker.observed import holds


class Kept:
    """The entries of keys, as they would be found at one cell of a notebook.

    Attributes:
        around: what is asked beside the notebook.
        ahead: what the cells before it would leave.
    """

    def __init__(self, around: Surroundings, ahead: Foresight) -> None:
        self.around = around
        self.ahead = ahead

    def of(self, candidate: StepRun) -> tuple[Entry | None, list[str], list[str]]:
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
                continue  # the Recipe has judged it
            if item.name in self.ahead.files:
                written = self.ahead.files[item.name]
                if not written:
                    doubts.append(f"the file {item.name} is written by a step that may run")
                elif item.kind == "file" and written != item.version:
                    return changed(item), []
                elif item.kind == "source":
                    doubts.append(f"the module {item.name} is written by a step before")
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
            result = result_at(store, entry)
            return all(store.has(blob) for blob in blobs_of(result))
        except (StoreError, msgspec.MsgspecError):
            return False
