"""Which stored value is meant by a name or a version: `steppe.load`'s questions to the Catalog."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable
from typing import NamedTuple

from steppe.catalog import Catalog, RunFilter, StepRunFilter, every
from steppe.errors import UsageError
from steppe.types import StepRun

Kept = Callable[[StepRun], bool]
"""Tells whether what an execution left is still kept."""


def left_a_result(run: StepRun) -> bool:
    """Tell whether an execution once left something to be kept."""
    return run.result is not None


class Place(NamedTuple):
    """Where a value is: an execution, and the name that it bound."""

    run: StepRun
    name: str


def by_version(catalog: Catalog, version: str, kept: Kept = left_a_result) -> Place:
    """Return where a value of a version, or of one that begins so, was bound.

    Args:
        catalog: the Catalog.
        version: the version.
        kept: which executions will do.

    Raises:
        UsageError: there is none, or more than one.
    """
    digits = version.removeprefix("b3:").lower()
    if len(digits) < 4 or set(digits) - set("0123456789abcdef"):
        raise UsageError(f"`{version}` is no version: give b3: and at least 4 hexadecimal digits.")
    found = catalog.artifacts.beginning(f"b3:{digits}")
    if not found:
        raise UsageError(f"nothing is kept under {version}: `%steppe show NAME` tells a variable's version.")
    if len(found) > 1:
        raise UsageError(f"{version} is the beginning of {len(found)} or more versions, such as {found[0]}: give more.")
    for run in reversed(makers_of(catalog, found[0])):
        names = [name for name, its in run.outputs.items() if its == found[0]]
        if names and kept(run):
            return Place(run, min(names, key=lambda name: (not name.isidentifier(), name)))
    raise UsageError(f"{version} is known, but its bytes are no longer kept: run the step that made it again.")


def by_name(
    catalog: Catalog,
    what: str,
    notebook: str | None,
    run: str | None,
    here: str | None,
    kept: Kept = left_a_result,
) -> Place:
    """Return where the value called `step.variable`, `variable` or `step` was last bound; or what a name points at.

    Args:
        catalog: the Catalog.
        what: the name.
        notebook: the notebook's path, file name or id, where it was told.
        run: the run's id, or its beginning.
        here: the notebook that asks, if one does: it is looked through first.
        kept: which executions of a value that people have named will do.

    Raises:
        UsageError: there is none, or more than one.
    """
    named = catalog.names.get(what) if notebook is None and run is None else None
    if named is not None and named.version is not None:
        return by_version(catalog, named.version, kept)
    known = _of_run(catalog, run) if run is not None else _latest(catalog)
    if notebook is not None:
        known = _of_notebook(catalog, known, notebook)
    found = _called(known, what)
    mine = [place for place in found if place.run.step.notebook == here]
    return _only(catalog, what, mine if notebook is None and mine else found, known)


def places_called(catalog: Catalog, what: str) -> list[Place]:
    """Return all places that are called `step.variable`, `variable` or `step`, in any notebook."""
    return _called(_latest(catalog), what)


def _latest(catalog: Catalog) -> list[StepRun]:
    """Return the latest useful StepRun of each cell of each step."""
    found: list[StepRun] = []
    for item in every(lambda after: catalog.step_runs.steps(after=after, limit=500)):
        last: StepRun | None = item.last
        if not item.last.outputs or item.last.result is None:
            last = catalog.step_runs.last(item.id, part=item.part, useful=True)
        if last is not None and last.result is not None:
            found.append(last)
    return found


def _of_run(catalog: Catalog, run: str) -> list[StepRun]:
    ids = [run] if catalog.runs.get(run) is not None else _begun(catalog, run)
    if len(ids) != 1:
        told = f"there are {', '.join(ids[:3])}" if ids else "`steppe runs` lists them"
        raise UsageError(f"there is no single run `{run}`: {told}.")
    which = StepRunFilter(run=ids[0])
    steps = every(lambda after: catalog.step_runs.list(which, after=after, limit=500))
    return [item for item in steps if item.result is not None]


def _begun(catalog: Catalog, prefix: str) -> list[str]:
    runs = every(lambda after: catalog.runs.list(after=after, limit=500))
    return [item.id for item in runs if item.id.startswith(prefix)]


def _path(catalog: Catalog, notebook: str) -> str:
    """Return the path of a notebook by its identity, or that, where it has none."""
    page = catalog.runs.list(RunFilter(notebook=notebook), limit=1)
    return (page.items[0].path if page.items else "") or notebook


def _of_notebook(catalog: Catalog, known: list[StepRun], notebook: str) -> list[StepRun]:
    ids = dict.fromkeys(run.step.notebook for run in known)
    paths = {each: _path(catalog, each) for each in ids}
    wanted = os.fspath(notebook)

    def same(each: str) -> bool:
        path = paths[each]
        whole = wanted in (each, path) or os.path.abspath(wanted) == os.path.abspath(path)
        return whole or wanted in (os.path.basename(path), os.path.splitext(os.path.basename(path))[0])

    chosen = [each for each in ids if same(each)]
    if len(chosen) > 1:
        raise UsageError(f"{wanted} may be any of {_listed(paths[each] for each in chosen)}: give its path.")
    if not chosen:
        raise UsageError(f"no step of a notebook {wanted} has run{_hint(wanted, paths.values())}")
    return [run for run in known if run.step.notebook == chosen[0]]


def _called(known: Iterable[StepRun], what: str) -> list[Place]:
    """Return the places that a name fits: as `step.variable`; else as a variable; else as a step of one variable."""
    known = list(known)
    step, _, variable = what.rpartition(".")
    found = [Place(run, variable) for run in known if step and run.step.name == step and variable in run.outputs]
    found = found or [Place(run, what) for run in known if what in run.outputs]
    if not found:
        for run in (run for run in known if run.step.name == what):
            names = [name for name in run.outputs if name.isidentifier()] or list(run.outputs)
            found += [Place(run, name) for name in names]
    return found


def _only(catalog: Catalog, what: str, found: list[Place], known: list[StepRun]) -> Place:
    if not found:
        names = [f"{run.step.name}.{name}" for run in known for name in run.outputs if name.isidentifier()]
        short = [name.rpartition(".")[2] for name in names]
        raise UsageError(f"no step has bound `{what}`{_hint(what, [*names, *short])}")
    notebooks = dict.fromkeys(place.run.step.notebook for place in found)
    if len(notebooks) > 1:
        paths = _listed(_path(catalog, each) for each in notebooks)
        raise UsageError(f"`{what}` is bound in {paths}: say which with notebook=.")
    full = dict.fromkeys(f"{place.run.step.name}.{place.name}" for place in found)
    if len(full) > 1:
        raise UsageError(f"`{what}` may be any of {_listed(full)}: say which.")
    return max(found, key=lambda place: place.run.id)


def _listed(names: Iterable[str]) -> str:
    told = [f"`{name}`" for name in sorted(set(names))]
    return ", ".join(told[:6]) + (f" and {len(told) - 6} more" if len(told) > 6 else "")


def _hint(word: str, known: Iterable[str]) -> str:
    names = sorted(set(known))
    near = difflib.get_close_matches(word, names, n=2, cutoff=0.5)
    if near:
        return f": did you mean {' or '.join(f'`{name}`' for name in near)}?"
    return f": there are {_listed(names)}." if names else ": nothing is kept in this project yet."


def execution_of(catalog: Catalog, run: StepRun) -> StepRun:
    """Return the execution whose result a StepRun has: itself, or the one that it hit."""
    whole = catalog.step_runs.get(run.entry) if run.entry else None
    return whole or run


def maker_of(catalog: Catalog, version: str, kept: Kept = left_a_result) -> StepRun | None:
    """Return the latest execution that bound a value of this version and has a result."""
    return next((run for run in reversed(makers_of(catalog, version)) if kept(run)), None)


def makers_of(catalog: Catalog, version: str) -> list[StepRun]:
    """Return every execution that bound a value of this version, the oldest first."""
    return list(every(lambda after: catalog.lineage.makers(version, after=after, limit=1000)))
