"""A row of the benchmarks' table: what was measured, beside what, and what it is to reach."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Row:
    """One measured number.

    Attributes:
        name: what was measured.
        measured: in the unit.
        unit: `ms`, `s`, `/s`, `x`, `runs` or `lines`.
        beside: the floor or peer measured in the same run, in words.
        floor: its number in the same unit, or None.
        target: what is to be reached, in words; empty where the row only reports.
        met: whether it is, or None.
    """

    name: str
    measured: float
    unit: str = "ms"
    beside: str = ""
    floor: float | None = None
    target: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """Return the row as texts."""
        floor = "" if self.floor is None else _number(self.floor, self.unit)
        beside = f"{self.beside} {floor}".strip()
        ratio = f"{self.measured / self.floor:.2f}" if self.floor else ""
        met = "" if self.met is None else "yes" if self.met else "NO"
        return self.name, _number(self.measured, self.unit), beside, ratio, self.target, met


HEAD = ("row", "measured", "floor or peer", "ratio", "target", "met?")


def _number(value: float, unit: str) -> str:
    if unit in ("x", "runs", "lines"):
        return f"{value:.2f} x" if unit == "x" else f"{value:.0f} {unit}"
    digits = 3 if abs(value) < 1 else 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:.{digits}f} {unit}"


WIDTHS = (72, 10, 36, 6, 10, 4)


def line(cells: Iterable[str]) -> str:
    """Return a line of the Markdown table; its columns have the same widths in every line, so it can grow."""
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)) + " |"


def head() -> str:
    """Return the lines above the first row."""
    return line(HEAD) + "\n|" + "|".join("-" * (width + 2) for width in WIDTHS) + "|"


def written(rows: Iterable[Row]) -> str:
    """Return rows as JSON."""
    return json.dumps([asdict(row) for row in rows])


def read(text: str) -> list[Row]:
    """Return rows that were written as JSON."""
    return [Row(**fields) for fields in json.loads(text)]


def milliseconds(work: Callable[[], Any]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def interleaved(rounds: int, **works: Callable[[int], Any]) -> dict[str, float]:
    """Time several pieces of work in turn, so that what slows the machine slows all; return their medians in ms.

    Args:
        rounds: how often each is done.
        works: what to do, given the number of the round; where it returns a number, that is the time it took in ms.
    """
    times: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds):
        for name, work in works.items():
            start = time.perf_counter()
            told = work(number)
            took = (time.perf_counter() - start) * 1e3
            times[name].append(told if isinstance(told, float) else took)
    return {name: statistics.median(found) for name, found in times.items()}
