"""`steppe.stream`: its options, checked, and the stream that they mean."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any

from steppe.analysis.quantities import size
from steppe.errors import UsageError
from steppe.streaming.batches import ordered
from steppe.streaming.opened import opened
from steppe.streaming.rows import FORMS, Rows
from steppe.streaming.stream import Stream
from steppe.worker.trace import unseen

PREFETCH = 64 << 20
"""Bytes of batches that wait to be taken, unless it is said otherwise."""


def stream(
    artifact: Any,
    *,
    batch_size: int,
    prefetch: int | str | None,
    shuffle: bool | int,
    shard: tuple[int, int] | None,
    epochs: int | None,
    drop_last: bool,
    columns: Iterable[str] | None,
    as_: str | None,
    notebook: str | None,
    run: str | None,
) -> Stream:
    """See `steppe.stream`."""
    ahead = PREFETCH if prefetch is None else size(prefetch)
    if ahead is None:
        raise UsageError(f"stream(prefetch={prefetch!r}) takes bytes, such as 64_000_000 or '64MB'.")
    many = _whole("batch_size", batch_size, least=1)
    loops = None if epochs is None else _whole("epochs", epochs, least=1)
    place = _shard(shard)
    seed = _seed(shuffle)
    if as_ is not None and as_ not in FORMS:
        raise UsageError(f"stream(as_={as_!r}) takes {', '.join(map(repr, FORMS))} or nothing.")
    with unseen():  # what is imported and opened for it is no affair of the step that asks
        found = opened(artifact, notebook, run)
        try:
            rows, form = _asked(found.rows, columns, as_)
            order = ordered(rows, many, place, seed, drop_last=bool(drop_last))
        except BaseException:
            found.rows.close()
            raise
        told = {"name": found.name, "version": found.version}
        return Stream(rows, order, **told, form=form, prefetch=float(ahead), epochs=loops)


def _asked(rows: Rows, columns: Iterable[str] | None, as_: str | None) -> tuple[Rows, str]:
    """Return the rows with the columns that were asked for, and the form of their batches."""
    if columns is not None:
        if isinstance(columns, str):
            raise UsageError(f"stream(columns={columns!r}) takes a list of names, such as [{columns!r}].")
        rows = rows.chosen(list(columns))
    form = rows.form if as_ is None else as_
    if as_ is not None and (reason := rows.takes(as_)):
        raise UsageError(f"stream(as_={as_!r}): {reason}.")
    return rows, form


def _whole(name: str, value: Any, least: int) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        number = least - 1
    if isinstance(value, bool | str) or number != value or number < least:
        raise UsageError(f"stream({name}={value!r}) takes a whole number from {least} on.")
    return number


def _seed(shuffle: Any) -> int | None:
    if shuffle is False or shuffle is None:
        return None
    return 0 if shuffle is True else _whole("shuffle", shuffle, least=0)


def _shard(shard: Any) -> tuple[int, int]:
    """Return which shard of how many: as asked, else this process's among those that train together."""
    if shard is None:
        return _together()
    try:
        index, count = (_whole("shard", each, least=0) for each in shard)
    except (TypeError, ValueError):
        raise UsageError(
            f"stream(shard={shard!r}) takes two numbers: which shard, from 0 on, and of how many."
        ) from None
    if index >= count:
        raise UsageError(f"stream(shard={shard!r}): shards are counted from 0, so the last of {count} is {count - 1}.")
    return index, count


def _together() -> tuple[int, int]:
    distributed: Any = sys.modules.get("torch.distributed")
    if distributed is not None and distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    rank, world = os.environ.get("RANK", ""), os.environ.get("WORLD_SIZE", "")
    if rank.isdigit() and world.isdigit() and int(rank) < int(world):
        return int(rank), int(world)
    return 0, 1
