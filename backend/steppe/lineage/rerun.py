"""A past run, or a step of it, laid out to run again: which steps, with what each needs; or why it can't be."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from steppe.errors import UsageError
from steppe.lineage.change import Change, named
from steppe.lineage.laying import FAILED, Again, Laying, binds, of_line
from steppe.lineage.opened import Opened
from steppe.lineage.repeated import repeated, since
from steppe.lineage.unlike import packages_changed
from steppe.types import State, StepRun


def current(steps: Iterable[StepRun]) -> list[StepRun]:
    """Return the last StepRun of each cell of each step, in the order in which they began; setup and calls left out.

    Setup runs before each step that needs it. A cell that was run several times is run as it was the last time.
    """
    last: dict[tuple[str, int], StepRun] = {}
    for step in steps:
        if step.state is not State.SETUP and not step.parent and not is_call(step):
            last[step.step.name, step.part] = step
    return sorted(last.values(), key=lambda step: step.id)


CALL = "it is a call of a function: call that again, from its own code"
"""Why a call of a `@step` function can't run again by itself."""


def is_call(step: StepRun) -> bool:
    """Tell whether a StepRun is a call of a function, and no cell."""
    told = next((item.version for item in step.ingredients if (item.kind, item.name) == ("option", "outputs")), "")
    return not step.source.strip() or told == "('return',)"


def refusals(
    step: StepRun, here: Opened, doubt: Callable[[str], str] = lambda _: "", *, anyway: bool = False
) -> list[str]:
    """Say why a step can't run again by itself, a sentence each; nothing where it can."""
    if is_call(step):
        return [CALL]
    found = repeated(step, here.catalog, here.store, here.project, doubt=doubt)
    return found.missing or of_line(step, found) or ([] if anyway else since(found, here.project))


class Plan:
    """How a run, or one step, is run again.

    Attributes:
        steps: what is run, in order.
        warnings: what the user should know, a sentence each.
    """

    def __init__(self, steps: list[Again], warnings: list[str]) -> None:
        self.steps = steps
        self.warnings = warnings


def plan(recorded: list[StepRun], here: Opened, change: Change, doubt: Callable[[str], str] = lambda _: "") -> Plan:
    """Lay out the steps of a run, or one step of it, to run again.

    Args:
        recorded: the StepRuns, in order.
        here: the project.
        change: what is to be otherwise.
        doubt: says of a run why its code is not to be run.

    Raises:
        UsageError: something can't run again, or what is to be changed is not there; says what and why.
    """
    steps = current(recorded)
    if not steps and any(is_call(step) for step in recorded):
        raise UsageError(
            "not rerunnable, because its steps are calls of functions: call them again, from their own code."
        )
    named(change, list(dict.fromkeys(step.step.name for step in steps)))
    steps = _chosen(steps, change)
    laying = Laying(steps, here, change, doubt)
    found = [laying.lay(number) for number in range(len(steps))]
    if laying.refused:
        raise UsageError(f"not rerunnable, because {'; and '.join(laying.refused)}.")
    for name in change.parameters:
        if name not in laying.used:
            there = f"there are {', '.join(sorted(laying.plain))}" if laying.plain else "no step reads one"
            raise UsageError(f"-p {name}: no step reads a variable `{name}` that a plain cell has bound: {there}.")
    return Plan(found, [*laying.warnings(), *packages_changed(steps)])


def _chosen(steps: list[StepRun], change: Change) -> list[StepRun]:
    if change.start:
        first = next(number for number, step in enumerate(steps) if step.step.name == change.start)
        steps = steps[first:]
    if change.failed:
        chosen, bound = [], set[str]()
        for step in steps:
            if step.state in FAILED or bound.intersection(step.inputs):
                chosen.append(step)
                bound |= {*step.outputs, *binds(step.source)}
        steps = chosen
        if not steps:
            raise UsageError("no step of it has failed: there is nothing to repair.")
    return steps
