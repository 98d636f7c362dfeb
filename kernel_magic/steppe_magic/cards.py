"""The cards that `%steppe show` and `%steppe lineage` show: what `about` says, with ids and a graph for front ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from steppe.types import StepRun
from steppe_magic import about
from steppe_magic.past import Past

if TYPE_CHECKING:
    from steppe.lineage.card import Card


def step(run: StepRun, past: Past) -> Card:
    """Return the card of a step's latest resolution."""
    from steppe.lineage.card import Card

    told = {
        "step_run": run.id,
        "name": run.step.name,
        "notebook": run.step.notebook,
        "cell": run.cell,
        "state": str(run.state),
        "started": run.started,
    }
    return Card("step", run.step.name, about.show_step(run, past), told, path=past.path)


def variable(name: str, run: StepRun, past: Past) -> Card:
    """Return the card of a variable that a step has bound."""
    from steppe.lineage.card import Card

    told = {"version": run.outputs[name], "name": name, "step_run": run.id}
    return Card("artifact", name, about.show_variable(name, run, past), told, path=past.path)


def lineage(name: str, run: StepRun, past: Past) -> Card:
    """Return the card of what led to a variable, and of what was made from it."""
    from steppe.lineage.card import Card
    from steppe.lineage.graph import graph

    version = run.outputs[name]
    found = graph(past.catalog, version)
    text = about.lineage(name, run, past)
    return Card(
        "lineage", name, text, {"version": version, "name": name, "notebook": past.notebook}, found, path=past.path
    )
