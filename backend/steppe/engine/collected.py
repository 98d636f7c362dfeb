"""What a fan-out brings back: lists and frames in the elements' order, and the table of a grid."""

from __future__ import annotations

import html
import numbers
import sys
from collections.abc import Iterable
from typing import Any

from steppe.analysis.loops import Gathering
from steppe.errors import StepFailed
from steppe.types import Measured, Shown

ROWS = 1000
"""Rows of a grid's table that are shown."""


class Collected:
    """What the elements have left so far.

    Attributes:
        gather: the names that come back, and how.
    """

    def __init__(self, gather: Iterable[Gathering]) -> None:
        self.gather = tuple(gather)
        self._values: dict[str, dict[int, Any]] = {each.name: {} for each in self.gather}

    def take(self, index: int, values: dict[str, Any]) -> None:
        """Take what one element has left."""
        for name, found in self._values.items():
            found[index] = values[name]

    def values(self) -> dict[str, Any]:
        """Return what comes back, by name.

        Raises:
            StepFailed: what should be one frame is not made of frames.
        """
        found = {}
        for each in self.gather:
            by_index = self._values[each.name]
            items = [by_index[index] for index in sorted(by_index)]
            found[each.name] = _frame(each.name, items) if each.how == "frame" else items
        return found

    def scalars(self, index: int) -> dict[str, Any]:
        """Return what one element has left that fits into a cell of a table."""
        found = {each.name: self._values[each.name].get(index) for each in self.gather}
        return {name: value for name, value in found.items() if _is_scalar(value)}


def _frame(name: str, items: list[Any]) -> Any:
    """Return frames as one, in order; where there is none, an empty one of pandas'."""
    if not items:
        import pandas as pd

        return pd.DataFrame()
    for library in ("pandas", "polars"):
        module: Any = sys.modules.get(library)
        if module is not None and all(isinstance(item, module.DataFrame) for item in items):
            return module.concat(items)
    kind = next((type(item) for item in items if type(item).__name__ != "DataFrame"), type(items[0]))
    raise StepFailed(
        f"gather={name}:frame needs a DataFrame of each element, of pandas or polars alike, and one has left a "
        f"{kind.__name__}. Give gather={name} for a list."
    )


def _is_scalar(value: Any) -> bool:
    if isinstance(value, bool | str):
        return not isinstance(value, str) or len(value) <= 60
    return isinstance(value, numbers.Number) or (type(value).__module__ == "numpy" and getattr(value, "shape", 1) == ())


class Grid:
    """The table of a grid: its parameters beside what came of them, a row for each element.

    Attributes:
        names: the parameters.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self._rows: dict[int, dict[str, Any]] = {}

    def take(self, index: int, values: dict[str, Any], metrics: Iterable[Measured], scalars: dict[str, Any]) -> None:
        """Take a row: its parameters, the last of each number that it has logged, and what it has left."""
        last = {each.name: each.value for each in metrics}
        self._rows[index] = {**{name: values[name] for name in self.names}, **scalars, **last}

    def shown(self) -> Shown:
        """Return it as HTML and as plain text."""
        rows = [self._rows[index] for index in sorted(self._rows)][:ROWS]
        columns = list(dict.fromkeys([*self.names, *(name for row in rows for name in row)]))
        cells = [[_cell(row.get(name)) for name in columns] for row in rows]
        more = len(self._rows) - len(rows)
        return Shown(
            kind="display", data={"text/plain": _text(columns, cells, more), "text/html": _html(columns, cells, more)}
        )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _text(columns: list[str], cells: list[list[str]], more: int) -> str:
    table = [columns, *cells]
    widths = [max(len(row[at]) for row in table) for at in range(len(columns))]
    lines = ["  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) for row in table]
    return "\n".join([*lines, f"… and {more} more"] if more else lines)


def _html(columns: list[str], cells: list[list[str]], more: int) -> str:
    def row(texts: Iterable[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in texts) + "</tr>"

    body = "".join(row(texts, "td") for texts in cells)
    note = f"<p>… and {more} more</p>" if more else ""
    return f"<table><thead>{row(columns, 'th')}</thead><tbody>{body}</tbody></table>{note}"
