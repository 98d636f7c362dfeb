"""Metrics: numbers that a step logged while it ran."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from steppe.catalog.database import Database, Journal, Transaction
from steppe.catalog.found import Metric, Page
from steppe.ids import new_id
from steppe.types import Measured


class Metrics:
    """Series of numbers by StepRun and name."""

    def __init__(self, database: Database, journal: Journal, random: Callable[[int], int]) -> None:
        """Use the catalog's database and journal; `random` gives bits for ids."""
        self._database = database
        self._journal = journal
        self._random = random

    def repeat(self, step_run: str, measured: Iterable[Measured]) -> None:
        """Note for a hit what its result logged: the last number of each series. The series are the execution's."""
        latest = [
            {
                "step_run": step_run,
                "name": item.name,
                "step": item.step,
                "value": _stored(item.value),
                "time": item.time,
            }
            for item in {item.name: item for item in measured}.values()
        ]
        self._journal.put(lambda tx: tx.run_each("metrics.put_latest", latest), about=step_run)

    def log(self, step_run: str, name: str, value: float, *, step: int | None = None, now: float) -> None:
        """Add a measurement to a series; written a moment later."""
        row = {
            "step_run": step_run,
            "name": name,
            "id": new_id(now, self._random),
            "step": step,
            "value": _stored(value),
            "time": now,
        }
        latest = {column: row[column] for column in row if column != "id"}

        def write(tx: Transaction) -> None:
            tx.run("metrics.add", row)
            tx.run("metrics.put_latest", latest)

        self._journal.put(write, about=step_run)

    def bring(self, step_run: str, metrics: Iterable[Metric], latest: Iterable[Metric]) -> None:
        """Enter measurements from another catalog, under their ids: twice comes to the same as once."""

        def row(metric: Metric) -> dict[str, object]:
            return {
                "step_run": step_run,
                "name": metric.name,
                "id": metric.id,
                "step": metric.step,
                "value": _stored(metric.value),
                "time": metric.time,
            }

        rows = [row(metric) for metric in metrics]
        last = [{name: value for name, value in row(metric).items() if name != "id"} for metric in latest]

        def write(tx: Transaction) -> None:
            tx.run_each("metrics.add", rows)
            tx.run_each("metrics.put_latest", last)

        self._database.write(write)

    def series(self, step_run: str, name: str, *, after: str | None = None, limit: int = 10_000) -> Page[Metric]:
        """Return a series in the order in which it was logged."""
        self._journal.settle()
        asked = {"step_run": step_run, "name": name, "after": after or "", "limit": limit + 1}
        rows = self._database.rows("metrics.series", asked)
        items = tuple(
            Metric(id=id_, name=name, step=step, value=_number(value), time=time)
            for id_, name, step, value, time in rows[:limit]
        )
        return Page(items, items[-1].id if len(rows) > limit else None)

    def latest(self, step_runs: Iterable[str]) -> dict[str, list[Metric]]:
        """Return, for each StepRun, the last measurement of each of its series, in the order of their names."""
        self._journal.settle()
        found: dict[str, list[Metric]] = {step_run: [] for step_run in step_runs}
        asked = {"step_runs": self._database.list_of(found)}
        for step_run, name, step, value, time in self._database.rows("metrics.latest", asked):
            found[step_run].append(Metric(id="", name=name, step=step, value=_number(value), time=time))
        return found


def _stored(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _number(value: float | None) -> float:
    return math.nan if value is None else value
