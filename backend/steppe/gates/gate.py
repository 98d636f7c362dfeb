"""`steppe test`: a notebook is run, held against its baseline, and judged by its rules."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from steppe.catalog import open_catalog
from steppe.errors import SteppeError, UsageError
from steppe.gates.baseline import run_of
from steppe.gates.held import Held, differ
from steppe.gates.rules import Rule
from steppe.lineage.figures import Figure
from steppe.lineage.opened import catalog_place, store_of
from steppe.notebooks.outcome import Outcome
from steppe.notebooks.run import run_notebook
from steppe.notebooks.source import read
from steppe.settings import Project, load_project, make_state
from steppe.types import Struct

TABLES = ("pandas.", "polars.", "numpy.ndarray")


class Verdict(Struct, frozen=True, kw_only=True):
    """What came of a rule: whether it holds, and with which numbers, or why it could not be asked."""

    rule: str
    held: bool
    said: str


class Change(Struct, frozen=True, kw_only=True):
    """A number or a table that may have changed: what it was and what it is, in words; empty where there is none."""

    name: str
    before: str
    now: str

    @property
    def changed(self) -> bool:
        """Whether it has."""
        return self.before != self.now


class Drawn(Struct, frozen=True, kw_only=True):
    """A step's figures, before and now."""

    step: str
    before: tuple[Figure, ...]
    now: tuple[Figure, ...]

    @property
    def changed(self) -> bool:
        """Whether one of them looks another way, or is not there."""
        return [each.data for each in self.before] != [each.data for each in self.now]


class Judged(Struct, frozen=True, kw_only=True):
    """All that came of a test.

    Attributes:
        notebook: its path, as it was given.
        against: what it was held against, as it was given.
        baseline: that run's id.
        run: the run's id.
        output: the executed notebook.
        seconds: how long the run took.
        error: why the notebook did not run to its end, or empty.
        hits: steps that had not changed.
        ran: steps that had.
        verdicts: one for each rule.
        numbers: what was logged, and variables that are numbers.
        tables: frames and arrays.
        figures: of steps.
    """

    notebook: str
    against: str
    baseline: str
    run: str
    output: str
    seconds: float
    error: str = ""
    hits: tuple[str, ...] = ()
    ran: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    numbers: tuple[Change, ...] = ()
    tables: tuple[Change, ...] = ()
    figures: tuple[Drawn, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the notebook ran, and each rule holds."""
        return not self.error and all(verdict.held for verdict in self.verdicts)


def rules_of(notebook: Path, file: Path | None = None) -> list[Rule]:
    """Return a notebook's rules: of a TOML file, of its metadata (`steppe.gates`), and of the project's settings.

    Raises:
        UsageError: one can't be read.
    """
    project = load_project(notebook.resolve().parent, os.environ)
    found: list[str] = []
    if file is not None:
        found += _of_file(file, notebook)
    metadata = read(notebook).raw.get("metadata", {}).get("steppe", {})
    found += _texts(metadata.get("gates", []) if isinstance(metadata, dict) else [], str(notebook))
    path = os.path.relpath(notebook.resolve(), project.root)
    for name, texts in project.settings.gates.items():
        if name in (path, notebook.name, "*"):
            found += texts
    return [Rule(text) for text in dict.fromkeys(found)]


def judge(notebook: Path, against: str, rules: list[Rule], output: Path | None = None, **asked: Any) -> Judged:
    """Run a notebook and hold it against its baseline.

    Args:
        notebook: which one; it is never written to.
        against: a run's id or its beginning, or a git commit.
        rules: what has to hold.
        output: where the executed notebook goes.
        asked: as for `run_notebook`.

    Raises:
        UsageError: there is no such baseline, or the notebook can't be run.
    """
    project = load_project(notebook.resolve().parent, os.environ)
    make_state(project)
    with open_catalog(catalog_place(project)) as catalog:
        baseline = run_of(project, catalog, against, notebook, asked)
    outcome = run_notebook(notebook, output, **asked)
    return _judged(project, notebook, against, baseline, outcome, rules)


def _judged(
    project: Project, notebook: Path, against: str, baseline: str, outcome: Outcome, rules: list[Rule]
) -> Judged:
    with open_catalog(catalog_place(project)) as catalog:
        store = store_of(project)
        before, now = Held(catalog, store, baseline), Held(catalog, store, outcome.run)
        error = "" if outcome.status == "succeeded" else outcome.error or outcome.status
        facts = _Facts(before, now)
        return Judged(
            notebook=str(notebook),
            against=against,
            baseline=baseline,
            run=outcome.run,
            output=outcome.output,
            seconds=outcome.seconds,
            error=error,
            hits=tuple(name for name, step in now.steps.items() if step.state == "hit"),
            ran=tuple(name for name, step in now.steps.items() if step.state != "hit"),
            verdicts=tuple(_verdict(rule, facts) for rule in rules) if not error else (),
            numbers=tuple(_numbers(before, now)),
            tables=tuple(_tables(before, now)),
            figures=tuple(_figures(before, now)),
        )


class _Facts:
    """What rules are asked of: see `rules.Facts`."""

    def __init__(self, before: Held, now: Held) -> None:
        self._before, self._now = before, now

    def number(self, name: str, *, before: bool) -> float:
        return (self._before if before else self._now).number(name)

    def rows(self, name: str, *, before: bool) -> float:
        value = (self._before if before else self._now).value(name)
        try:
            return float(len(value))
        except TypeError as error:
            raise UsageError(f"`{name}` has no rows: it is a {type(value).__name__}.") from error

    def same(self, name: str, tolerance: float) -> bool:
        if name in self._now.values and name in self._before.values:
            if self._now.version(name) == self._before.version(name):
                return True
            return not differ(self._before.value(name), self._now.value(name), tolerance)
        if name in self._now.steps or name in self._before.steps:
            step = Drawn(step=name, before=tuple(self._before.figures(name)), now=tuple(self._now.figures(name)))
            if not step.before and not step.now:
                raise UsageError(f"the step `{name}` has shown no figure.")
            return not step.changed
        return not differ(self._before.number(name), self._now.number(name), tolerance)


def _verdict(rule: Rule, facts: _Facts) -> Verdict:
    try:
        held, said = rule.holds(facts)
    except SteppeError as error:
        return Verdict(rule=rule.text, held=False, said=str(error))
    return Verdict(rule=rule.text, held=held, said=said)


def _numbers(before: Held, now: Held) -> Iterable[Change]:
    """Yield the numbers that were logged, and then the variables that are numbers, each by its shortest name."""
    for name in dict.fromkeys((*now.metrics, *before.metrics)):
        if "." not in name:
            yield Change(name=name, before=_told(before.metrics.get(name)), now=_told(now.metrics.get(name)))
    for name in _values(before, now, ("int", "float")):
        if name.partition(".")[2] not in now.metrics:
            said = [_preview(held, name) for held in (before, now)]
            yield Change(name=name, before=said[0], now=said[1])


def _tables(before: Held, now: Held) -> Iterable[Change]:
    for name in _values(before, now, TABLES):
        said = [_preview(held, name) for held in (before, now)]
        if said[0] == said[1] and before.version(name) != now.version(name):
            said[1] += ", other values"
        yield Change(name=name, before=said[0], now=said[1])


def _values(before: Held, now: Held, kinds: tuple[str, ...]) -> list[str]:
    found = []
    for name in dict.fromkeys((*now.values, *before.values)):
        held = now if name in now.values else before
        artifact = held.artifact(name) if "." in name else None
        if artifact is not None and (artifact.type in kinds or artifact.type.startswith(kinds[:2])):
            found.append(name)
    return found


def _preview(held: Held, name: str) -> str:
    artifact = held.artifact(name) if name in held.values else None
    return (artifact.preview or artifact.type) if artifact is not None else ""


def _figures(before: Held, now: Held) -> Iterable[Drawn]:
    for name in dict.fromkeys((*before.steps, *now.steps)):
        drawn = Drawn(step=name, before=tuple(before.figures(name)), now=tuple(now.figures(name)))
        if drawn.before or drawn.now:
            yield drawn


def _told(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _of_file(file: Path, notebook: Path) -> list[str]:
    """Return the rules of a TOML file: `rules = […]` for all notebooks, or a table of lists by notebook."""
    import tomllib

    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file} can't be read as TOML: {error}.") from error
    found = _texts(table.pop("rules", []), str(file))
    for name, texts in table.items():
        if name in (notebook.name, str(notebook)):
            found += _texts(texts, str(file))
    return found


def _texts(given: Any, where: str) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise UsageError(f'{where}: rules are a list of texts, such as ["accuracy >= baseline - 0.01"].')
    return list(given)
