"""What an execution left behind, read for those who ask about it."""

from __future__ import annotations

import msgspec

from steppe.engine.lookup import DECODER
from steppe.errors import CorruptArtifact, MissingArtifact, StoreError
from steppe.store.store import Store
from steppe.types import Result, StepRun


def result_of(step: StepRun, store: Store) -> Result | None:
    """Return the Result of a StepRun; None where it has none, or where it is no longer kept or can't be read."""
    if step.result is None:
        return None
    try:
        found: Result = DECODER.decode(store.get(step.result))
    except (StoreError, msgspec.MsgspecError):
        return None
    return found


def is_kept(step: StepRun, store: Store) -> bool:
    """Tell whether the values that an execution left are all in the Store.

    Raises:
        StoreUnavailable: the Store is out of reach.
    """
    if step.result is None:
        return False
    try:
        found: Result = DECODER.decode(store.get(step.result))
    except (MissingArtifact, CorruptArtifact, msgspec.MsgspecError):
        return False
    return all(part.blob is None or store.has(part.blob) for part in found.parts)
