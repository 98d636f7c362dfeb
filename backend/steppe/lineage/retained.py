"""What a project's rules of retention hold: the last runs of each notebook, and runs with certain tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from steppe.catalog import Catalog, RunFilter, every
from steppe.lineage.holding import Holding
from steppe.settings import Retention
from steppe.types import Run

DAY = 86400.0


def hold_retained(holding: Holding, catalog: Catalog, rules: Retention) -> None:
    """Hold what rules ask for: all that led to a tagged run, and what the last runs of each notebook bound or hit."""
    for tag in rules.tags:
        for run in _runs(catalog, RunFilter(tag=tag)):
            holding.run(run.id, f"run {run.id[:10]} is tagged {tag}", ancestors=True)
    if not rules.runs:
        return
    seen: Counter[str] = Counter()
    for run in sorted(_runs(catalog, RunFilter()), key=lambda run: run.id, reverse=True):
        place = run.notebook or run.path
        if place and seen[place] < rules.runs and holding.run(run.id, _one_of(rules.runs, run)):
            seen[place] += 1


def _one_of(number: int, run: Run) -> str:
    which = "the last run" if number == 1 else f"one of the last {number} runs"
    return f"{which} of {run.path or run.notebook}"


def _runs(catalog: Catalog, which: RunFilter) -> Iterable[Run]:
    return every(lambda after: catalog.runs.list(which, after=after, limit=500))
