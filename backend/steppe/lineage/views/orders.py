"""The order of a table by one of its columns: computed once, kept as a file that is mapped for each page.

A file holds the rows' numbers, those with a value first, rising; its name says how many have none. So both directions
are read from it, and rows without a value come last in either. Files that were not used for longest go when there are
too many.
"""

from __future__ import annotations

import contextlib
import glob
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from steppe.lineage.views.buckets import write_order
from steppe.lineage.views.keys import keys_of
from steppe.lineage.views.source import Unreadable
from steppe.lineage.views.tables import Table

MOST_ROWS = 200_000_000
ROOM = 2 << 30
"""Bytes of all files in a folder."""


def order_of(table: Table, at: int, folder: Path, name: str) -> None:
    """Compute the order by a column and keep it.

    Args:
        table: the table.
        at: which column.
        folder: where orders are kept; made where it is not there.
        name: the order's own.

    Raises:
        Unreadable: it is too long to be sorted, or of a type that has no order.
    """
    if find_order(folder, name) is not None:
        return
    if table.noted > MOST_ROWS:
        raise Unreadable(f"it has more than the {MOST_ROWS:,} rows that can be sorted here.")
    fresh = folder / f".{secrets.token_hex(8)}.fresh"
    told = _told_in(folder, name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _make_room(folder, 4 * table.noted)
        missing = _write(table.column(at), fresh, lambda part: _tell(told, part))
        fresh.replace(folder / f"{name}-{missing}.u32")
    except (pa.ArrowException, TypeError) as error:
        raise Unreadable(f"values of the type {table.columns[at].type} have no order.") from error
    except MemoryError as error:
        raise Unreadable("there is not memory enough to sort it.") from error
    except OSError as error:
        raise Unreadable(f"its order can't be kept in {folder}: {error.strerror}.") from error
    finally:
        fresh.unlink(missing_ok=True)
        told.unlink(missing_ok=True)


def progress_of(folder: Path, name: str) -> float | None:
    """Return how far an order is that is being computed, from 0 to 1; None where that is not known."""
    try:
        return float(_told_in(folder, name).read_text())
    except (OSError, ValueError):
        return None


def give_up(folder: Path, name: str) -> None:
    """Remove what is left of an order whose computing was ended."""
    _told_in(folder, name).unlink(missing_ok=True)
    for left in folder.glob(".*.fresh"):
        left.unlink(missing_ok=True)


def _told_in(folder: Path, name: str) -> Path:
    return folder / f".{name}.progress"


def _tell(file: Path, part: float) -> None:
    with contextlib.suppress(OSError):
        file.write_text(f"{part:.3f}")


def _write(column: Any, file: Path, tell: Callable[[float], object]) -> int:
    """Write the order of a column to a file; return how many rows have no value."""
    keys = keys_of(column)
    if keys is not None:
        return write_order(keys, file, tell)
    rows, missing = _sorted(column)
    with file.open("wb") as out:
        rows.tofile(out)
    return missing


def find_order(folder: Path, name: str) -> Path | None:
    """Return the file of an order that was computed before, or None."""
    return next((Path(found) for found in glob.glob(f"{glob.escape(str(folder / name))}-*.u32")), None)


def rows_at(file: Path, total: int, offset: int, limit: int, *, descending: bool) -> np.ndarray:
    """Return the numbers of the rows at some places of an order.

    Raises:
        Unreadable: the file is damaged, or has just been removed.
    """
    try:
        missing = int(file.stem.rpartition("-")[2])
        order = np.memmap(file, dtype=np.uint32, mode="r") if total else np.empty(0, np.uint32)
        os.utime(file)
    except (OSError, ValueError) as error:
        raise Unreadable("its order has just been removed: sort it again.") from error
    if len(order) != total or not 0 <= missing <= total:
        file.unlink(missing_ok=True)
        raise Unreadable("its order was damaged and has been removed: sort it again.")
    places = np.arange(offset, min(offset + limit, total))
    if descending:
        values = total - missing
        places = np.where(places < values, values - 1 - places, places)
    found: np.ndarray = np.asarray(order[places], dtype=np.int64)
    if len(found) and int(found.max()) >= total:
        file.unlink(missing_ok=True)
        raise Unreadable("its order was damaged and has been removed: sort it again.")
    return found


def _sorted(column: Any) -> tuple[np.ndarray, int]:
    """Return the order of a column whose values are no numbers."""
    if isinstance(column, np.ndarray):
        order = np.argsort(column, kind="stable").astype(np.uint32)
        missing = int(np.count_nonzero(column != column)) if column.dtype.kind in "fcmM" else 0  # noqa: PLR0124
        return order, missing
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    order = pc.sort_indices(column).to_numpy().astype(np.uint32)
    nan = pc.sum(pc.is_nan(column)).as_py() if pa.types.is_floating(column.type) else 0
    return order, column.null_count + int(nan or 0)


def _make_room(folder: Path, size: int) -> None:
    found = []
    for file in folder.glob("*.u32"):
        with contextlib.suppress(OSError):
            status = file.stat()
            found.append((status.st_mtime, status.st_size, file))
    total = sum(each for _, each, _ in found) + size
    for _, each, file in sorted(found):
        if total <= ROOM:
            return
        file.unlink(missing_ok=True)
        total -= each
