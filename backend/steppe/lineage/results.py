"""What an execution left behind, read for those who ask about it."""

from __future__ import annotations

import msgspec

from steppe.engine.lookup import DECODER
from steppe.errors import StoreError
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
