"""Tracebacks without frames of ours: an error in a step looks as it does without Steppe."""

from __future__ import annotations

import types
from typing import Any

from steppe.worker.adapters import NAME

_OURS = ("steppe", "steppe_magic")


def _is_ours(traceback: types.TracebackType) -> bool:
    frame = traceback.tb_frame
    return str(frame.f_globals.get("__name__")).partition(".")[0] in _OURS or frame.f_code.co_name == NAME


def prune(traceback: types.TracebackType | None) -> types.TracebackType | None:
    """Take frames of Steppe's own code out of a traceback; one of nothing else is left as it is."""
    kept = []
    at = traceback
    while at is not None:
        if not _is_ours(at):
            kept.append(at)
        at = at.tb_next
    if not kept or len(kept) == _length(traceback):
        return traceback
    for here, below in zip(kept, [*kept[1:], None], strict=True):
        here.tb_next = below
    return kept[0]


def _length(traceback: types.TracebackType | None) -> int:
    length = 0
    while traceback is not None:
        length += 1
        traceback = traceback.tb_next
    return length


def prune_all(error: BaseException | None) -> None:
    """Prune an error's traceback and those of the errors behind it."""
    seen: set[int] = set()
    todo = [error]
    while todo:
        current = todo.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        if current.__traceback__ is not None:
            current.__traceback__ = prune(current.__traceback__)
        todo += [current.__cause__, current.__context__]


def pruning(get_exc_info: Any) -> Any:
    """Return a shell's `_get_exc_info` with its tracebacks pruned."""

    def pruned(exc_tuple: Any = None) -> Any:
        kind, value, traceback = get_exc_info(exc_tuple)
        prune_all(value)
        return kind, value, prune(traceback)

    return pruned
