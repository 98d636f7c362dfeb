"""What the processes that read values do, each a function of plain data. Errors that leave are `Unreadable`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from steppe.lineage.views.columns import Summary, summary, summary_of
from steppe.lineage.views.content import Content, content, of_bundle
from steppe.lineage.views.firsts import first_rows
from steppe.lineage.views.orders import find_order, give_up, order_of, progress_of, rows_at
from steppe.lineage.views.source import Source, Unreadable
from steppe.lineage.views.tables import ArrayTable, Table, open_table
from steppe_server.schemas import artifacts as schemas

FIRST = 2000
"""Rows that are found before the order is known."""

SMALL = 200_000
"""Rows that are sorted at once."""


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    """Make every error that bytes may cause a sentence."""
    try:
        yield
    except Unreadable as error:
        raise Unreadable(str(error)) from None
    except MemoryError:
        raise Unreadable("it needs more memory than a process that reads values may have.") from None
    except Exception as error:
        said = str(error).partition("\n")[0][:200] or type(error).__name__
        raise Unreadable(f"its bytes can't be read ({said}): `steppe doctor` checks the store.") from None


def page(
    source: Source,
    folder: Path,
    at: tuple[int, ...],
    span: tuple[int, int],
    columns: tuple[int, int],
    sort: int | None,
    descending: bool,
) -> schemas.Table:
    """Return a page.

    Args:
        source: the table's bytes.
        folder: where orders are kept.
        at: where to cut through an array.
        span: the first row, and how many.
        columns: the first column, and how many.
        sort: the column to sort by, or None.
        descending: the largest first.
    """
    with _bounded():
        table = open_table(source, at)
        begin = min(span[0], table.noted)
        end = min(begin + span[1], table.noted)
        place = (begin, columns[0])
        if sort is None:
            return _page(table, table.page(slice(begin, end), *columns), place)
        if sort >= len(table.columns):
            raise Unreadable(f"it has no column {sort} to sort by.")
        name = order_name(source, at, sort)
        if find_order(folder, name) is None and table.noted <= SMALL:
            order_of(table, sort, folder, name)
        file = find_order(folder, name)
        if file is None:
            first = first_rows(table.column(sort), end, descending=descending) if end <= FIRST else None
            rows = table.page(first[begin:end], *columns) if first is not None else []
            progress = progress_of(folder, name)
            return _page(table, rows, place, sorting=True, progress=progress)
        numbers = rows_at(file, table.noted, begin, end - begin, descending=descending)
        return _page(table, table.page(numbers, *columns), place)


def order(source: Source, folder: Path, at: tuple[int, ...], sort: int) -> None:
    """Compute an order."""
    with _bounded():
        order_of(open_table(source, at), sort, folder, order_name(source, at, sort))


def forget(source: Source, folder: Path, at: tuple[int, ...], sort: int) -> None:
    """Remove what is left of an order whose computing was ended."""
    with _bounded():
        give_up(folder, order_name(source, at, sort))


def order_name(source: Source, at: tuple[int, ...], sort: int) -> str:
    """Return an order's name."""
    return "-".join([source.version.removeprefix("b3:"), *map(str, at), str(sort)])


def known(source: Source, folder: Path, columns: tuple[int, int]) -> tuple[schemas.Summaries, list[int]]:
    """Return what is known of columns, and the places of those of which nothing is known yet."""
    with _bounded():
        count = 1 if source.format == "npy" else len(open_table(source).columns)
        items, missing = [], []
        for at in range(count)[columns[0] : columns[0] + columns[1]]:
            try:
                items.append(_told(at, msgspec.json.decode(_place(source, folder, at).read_bytes(), type=Summary)))
            except (OSError, msgspec.MsgspecError):
                missing.append(at)
        return schemas.Summaries(items=items, pending=bool(missing)), missing


def _told(at: int, found: Summary) -> schemas.Summary:
    spread = schemas.Histogram(edges=list(found.edges), counts=list(found.counts)) if found.edges else None
    return schemas.Summary(
        column=at,
        name=found.name,
        type=found.type,
        nulls=found.nulls,
        distinct=found.distinct,
        min=found.min,
        max=found.max,
        mean=found.mean,
        histogram=spread,
        top=[schemas.Top(value=value, count=count) for value, count in found.top],
        rows=found.rows,
    )


def summarise(source: Source, folder: Path, at: int) -> None:
    """Look through a column, and keep what is found."""
    with _bounded():
        table = open_table(source)
        if isinstance(table, ArrayTable) and not table.whole.dtype.names:
            found = summary_of(table.whole, "values", str(table.whole.dtype))
        else:
            found = summary(table, at)
        place = _place(source, folder, at)
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(msgspec.json.encode(found))
        fresh.replace(place)


def drawn(source: Source, kind: str) -> schemas.Content:
    """Return what is drawn of a value."""
    with _bounded():
        return _content(content(source, kind))


def shown(data: dict[str, Any]) -> schemas.Content:
    """Return what a cell showed of a value."""
    with _bounded():
        return _content(of_bundle(data))


def _content(found: Content) -> schemas.Content:
    def facts(pairs: tuple[tuple[str, str], ...]) -> list[schemas.Fact]:
        return [schemas.Fact(name=name, value=value) for name, value in pairs]

    return schemas.Content(
        data=found.data,
        tree=found.tree,
        text=found.text,
        facts=facts(found.facts),
        parameters=facts(found.parameters),
        parts=facts(found.parts),
        more=found.more,
    )


def _place(source: Source, folder: Path, at: int) -> Path:
    return folder / source.version.removeprefix("b3:") / f"{at}.json"


def _page(
    table: Table,
    rows: list[list[Any]],
    place: tuple[int, int],
    *,
    sorting: bool = False,
    progress: float | None = None,
) -> schemas.Table:
    return schemas.Table(
        columns=[schemas.TableColumn(name=each.name, type=each.type) for each in table.columns],
        rows=rows,
        offset=place[0],
        left=place[1],
        total=table.total,
        shown=table.noted,
        sorting=sorting,
        progress=progress,
    )
