"""Whose checkpoints a step's are, and when they go: once it has succeeded, and where it is to begin without them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from steppe.engine.session import Session
from steppe.engine.step import Step
from steppe.worker import saved
from steppe.worker.trace import unseen

if TYPE_CHECKING:
    from steppe.engine.elements import Element


def owner_of(step: Step) -> str:
    """Return under which name all tries of a step find its checkpoints; those that it must not find are dropped.

    Those of a step with a key are its key's, whoever tries it next; those of another are for its own tries alone.
    """
    if step.key is None:
        return step.id
    owner = saved.owner_of(step.key)
    _drop_outdated(step, owner)
    return owner


def owner_of_element(step: Step, element: Element) -> str:
    """Return under which name all tries of an element of a fan-out find its checkpoints."""
    if element.key is None:
        return f"{step.id}-{element.index}"
    owner = saved.owner_of(element.key)
    if not element.tries:
        _drop_outdated(step, owner)
    return owner


def _drop_outdated(step: Step, owner: str) -> None:
    """Remove the checkpoints that a step must not find: it is to begin anew, or they have expired."""
    expires = step.request.options.expires
    if step.refreshed or isinstance(expires, float | int):
        before = time.time() - expires if isinstance(expires, float | int) and not step.refreshed else float("inf")
        store = step.session.store
        for name in list(saved.all_records(store, owner)):
            record = saved.read(store, name)
            if record is None or min(each.time for each in record.both) < before:
                saved.drop(store, name)


def drop(session: Session, records: Iterable[str]) -> None:
    """Remove the checkpoints of a step that has succeeded."""
    with unseen(), session.forgiving("checkpoints of steps that have succeeded are not removed"):
        for name in records:
            saved.drop(session.store, name)
