"""A past step made ready to run again without its notebook: its Task, or why there is none."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection

import msgspec

from steppe.analysis.cell import analyse
from steppe.analysis.transform import split_step
from steppe.catalog import Catalog
from steppe.engine.inline import seed_of
from steppe.engine.lookup import changed
from steppe.engine.tasks import OPEN_FORMATS
from steppe.errors import StoreError
from steppe.finding import execution_of, maker_of
from steppe.lineage.results import result_of
from steppe.loading import Loading, is_kept
from steppe.settings import Project
from steppe.store.store import Store
from steppe.types import Part, Result, State, StepRun
from steppe.values.codes import CodeTable
from steppe.values.pack import Packing, replace
from steppe.values.walk import Walk
from steppe.worker.execution import Intent
from steppe.worker.observed import holds
from steppe.worker.places import Places
from steppe.worker.sources import Sources
from steppe.worker.task import Task

KERNEL = "ipykernel.zmqshell.ZMQInteractiveShell"
"""The shell of a cell whose own is not known: what libraries show depends on it."""

TASKS = msgspec.msgpack.Decoder(Task)


class Repeated:
    """What is kept of an execution.

    Attributes:
        run: the execution: of a hit, the one whose result it has.
        result: what it left, where that is still kept.
        task: all that is needed to run it again; None where something is missing.
        missing: what is missing, a sentence each.
    """

    def __init__(self, run: StepRun, result: Result | None, task: Task | None, missing: list[str]) -> None:
        self.run = run
        self.result = result
        self.task = task if not missing else None
        self.missing = missing


def repeated(
    step: StepRun,
    catalog: Catalog,
    store: Store,
    project: Project,
    *,
    live: Collection[str] = (),
    doubt: Callable[[str], str] = lambda _: "",
) -> Repeated:
    """Return what is kept of a StepRun's execution.

    Args:
        step: the StepRun.
        catalog: the Catalog.
        store: the Store.
        project: the project.
        live: inputs that need not be had from the Store: steps that are run before it bind them.
        doubt: says of a run, by its id, why its code is not to be run.
    """
    run = execution_of(catalog, step)
    result = result_of(run, store)
    if said := doubt(run.run):
        return Repeated(run, result, None, [said])
    if run.state is State.SETUP:
        return Repeated(run, result, None, ["it is a setup cell, which runs before the steps that need it"])
    if run.elements:
        return Repeated(run, result, None, ["it is a fan-out, whose elements can't be run again one by one yet"])
    missing: list[str] = []
    task = _sent(run, catalog, store)
    if task is None and result is not None and result.task:
        task = TASKS.decode(result.task)
    if task is None:
        task = _written_anew(run, project, missing)
    if task is not None:
        task = _with_inputs(task, run, catalog, store, missing, live)
    return Repeated(run, result, task, missing)


def _sent(run: StepRun, catalog: Catalog, store: Store) -> Task | None:
    """Return the Task that an executor was given."""
    for attempt in reversed(catalog.attempts.of(run.id)):
        if attempt.task is not None:
            try:
                return TASKS.decode(store.get(attempt.task))
            except (StoreError, msgspec.MsgspecError):
                continue
    return None


def _written_anew(run: StepRun, project: Project, missing: list[str]) -> Task | None:
    """Make the Task of a step that ran in the kernel and has no result: from its code, and what is stored."""
    if any(item.kind in ("setup", "ambient", "global") and item.name != "import" for item in run.ingredients):
        missing.append("it depends on setup in its kernel, which is kept only with a result")
        return None
    split = split_step(run.source)
    try:
        cell = analyse(run.source, split[1] if split else None)
    except SyntaxError:
        missing.append("its code can't be read without its kernel")
        return None
    names = cell.names
    return Task(
        label=run.step.name,
        source=cell.source,
        intent=Intent(
            binds=names.binds,
            surely=names.surely,
            reads=frozenset(run.inputs) | names.reads,
            deletes=names.deletes,
            imports=tuple(dict.fromkeys(made.module for made in names.imports if not made.level)),
            everything=bool(names.unbounded_binds),
            seed=seed_of(run.key) if run.key else None,
        ),
        modules={name: what.partition(":")[0] for name, what in run.imported.items() if what.endswith(":")},
        root=project.root,
        start=project.root,
        likeness=KERNEL if run.cell else "",
    )


def _with_inputs(
    task: Task, run: StepRun, catalog: Catalog, store: Store, missing: list[str], live: Collection[str]
) -> Task:
    """Add the inputs that steps have stored."""
    there = {name for part in task.inputs for name in part.names} | set(task.modules) | set(live)
    parts: list[Part] = list(task.inputs)
    for name, version in run.inputs.items():
        if name in there:
            continue
        maker = maker_of(catalog, version, lambda each: is_kept(each, store)) or maker_of(catalog, version)
        if maker is None:
            missing.append(f"its input `{name}` was not stored: no step has bound it, and it is not small")
            continue
        its = next(each for each, made in maker.outputs.items() if made == version)
        try:
            part = _stored(maker, its, name, run, store) or _loaded(maker, its, name, catalog, store)
        except Exception as error:  # a value's own code, or that of a library that has changed, may raise anything
            missing.append(f"its input `{name}` can't be had from what `{maker.step.name}` has left: {error}")
            continue
        parts.append(part)
        there |= set(part.names)
    missing += [
        f"its input `{', '.join(part.names)}` was removed from the store"
        for part in parts
        if part.blob is not None and not set(part.names) <= set(live) and not store.has(part.blob)
    ]
    return msgspec.structs.replace(task, inputs=tuple(parts))


def since(found: Repeated, project: Project) -> list[str]:
    """Say which files and variables that an execution read, known by their digests alone, have changed since."""
    places = Places(project.root)
    trace = found.result.trace if found.result is not None else found.run.trace
    return [changed(item) for item in trace if item.kind != "random" and not holds(item, places, os.environ)]


def _stored(maker: StepRun, its: str, name: str, run: StepRun, store: Store) -> Part | None:
    """Return the Part that holds a value, where it can be read under the name that a step had for it."""
    result = result_of(maker, store)
    part = next((part for part in result.parts if its in part.names), None) if result is not None else None
    if part is None or part.anchored:
        return None
    if its == name and all(run.inputs.get(each) in (None, maker.outputs.get(each)) for each in part.names):
        return part
    return replace(part, names=(name,)) if len(part.names) == 1 and part.format in OPEN_FORMATS else None


def _loaded(maker: StepRun, its: str, name: str, catalog: Catalog, store: Store) -> Part:
    """Read a value that belongs to others, and store it by itself."""
    sources = Sources()
    table = CodeTable(sources.locate)
    walk = Walk(sources)
    walk.walk(name, Loading(catalog, store, sources, table, None).value(maker, its))
    return Packing(None, walk, {}, table, store.put).pack([name])[0]
