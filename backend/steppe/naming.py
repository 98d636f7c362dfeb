"""Names that people give to values, such as `production`: which value is meant, and which words are no names."""

from __future__ import annotations

import re

from steppe.catalog import Catalog
from steppe.errors import UsageError
from steppe.finding import Kept, Place, by_name, by_version, execution_of, places_called
from steppe.lineage.shown import named
from steppe.loading import is_kept
from steppe.store.store import Store
from steppe.types import Digest, StepRun

SHAPE = re.compile(r"[^\W\d_][\w-]{0,99}")
"""What a name looks like. A dot stands between a step and its variable, a colon between a step run and its own."""


def value_meant(catalog: Catalog, what: str, kept: Kept) -> tuple[Place, Digest]:
    """Return where a value is, and its version.

    Args:
        catalog: the Catalog.
        what: a version or its beginning, a name, `step.variable`, `STEPRUN:variable` or `notebook:step:variable`.
        kept: which executions will do.

    Raises:
        UsageError: there is none, or more than one, or its bytes are no longer kept.
    """
    what = what.strip()
    if what.startswith("b3:"):
        place = by_version(catalog, what, kept)
    elif what.count(":") > 1:
        notebook, step, name = what.rsplit(":", 2)
        place = by_name(catalog, f"{step}.{name}", notebook, None, None, kept)
    elif ":" in what:
        place = _of_step_run(catalog, *what.split(":"))
    else:
        place = by_name(catalog, what, None, None, None, kept)
    run = execution_of(catalog, place.run)
    if not kept(run):
        raise UsageError(f"what `{run.step.name}` has left is no longer kept: run it again.")
    return Place(run, place.name), place.run.outputs[place.name]


def _of_step_run(catalog: Catalog, id_: str, name: str) -> Place:
    ids = catalog.step_runs.beginning(id_.lower()) if len(id_) >= 4 else []
    if len(ids) != 1:
        told = "more than one begins so" if ids else "`steppe show RUN` lists a run's"
        raise UsageError(f"there is no single step run `{id_}`: {told}.")
    found: StepRun | None = catalog.step_runs.get(ids[0])
    assert found is not None, "it was found by its id"
    run = execution_of(catalog, found)
    if name not in run.outputs:
        there = ", ".join(f"`{each}`" for each in run.outputs if each.isidentifier()) or "nothing"
        raise UsageError(f"`{run.step.name}` has not bound `{name}`: it has bound {there}.")
    return Place(run, name)


def check_name(catalog: Catalog, name: str) -> None:
    """Refuse a word that can't be a name, or that means something else already.

    Raises:
        UsageError: says why.
    """
    if not SHAPE.fullmatch(name):
        raise UsageError(f"`{name}` is no name: begin with a letter, and go on with letters, digits, - and _.")
    if re.fullmatch(r"[0-9a-f]{4,}", name.lower()):
        raise UsageError(f"`{name}` looks like the beginning of a version: give another name.")
    if catalog.names.get(name) is not None:
        return  # it moves: whoever loads it means the name, whatever steps have bound since
    taken = places_called(catalog, name)
    if taken:
        place = taken[0]
        bound = f"{place.run.step.name}.{place.name}"
        raise UsageError(f"`{name}` is what `{bound}` is called already, and would hide it: give another name.")


def thing_meant(catalog: Catalog, store: Store, what: str) -> tuple[str, str]:
    """Return what is to be pinned: `run`, `step_run` or `artifact`, and its id or version.

    Raises:
        UsageError: there is none, or more than one, or a value's bytes are no longer kept.
    """

    def kept(run: StepRun) -> bool:
        return is_kept(run, store)

    try:
        return "artifact", value_meant(catalog, what, kept)[1]
    except UsageError as error:
        try:
            found = named(catalog, what)
        except UsageError:
            raise error from None
    if found.kind == "artifact":
        return "artifact", value_meant(catalog, found.id, kept)[1]
    if found.kind == "key":
        raise UsageError(f"`{what}` is a key: pin the step run that it belongs to, or its value.")
    return found.kind, found.id
