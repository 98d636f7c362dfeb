"""A notebook planned, with what flows between its steps: the answer of `POST pipeline`.

Planning changes the process's working folder: `planner.py` does it in a process of its own.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from steppe.analysis import loops
from steppe.catalog import Catalog
from steppe.engine.explain import ORDER
from steppe.engine.outlook import Hit, Outlook, Planned, Unknown
from steppe.engine.resolve import is_setup
from steppe.notebooks.flows import Flows
from steppe.notebooks.marks import Steps
from steppe.notebooks.planning import plan_cells, planned_cells
from steppe.notebooks.source import of_document, read
from steppe.settings import load_project
from steppe.types import State, StepId, StepRun
from steppe_server.briefs import briefs, value
from steppe_server.looking import catalog_of
from steppe_server.parameters import parameters_of
from steppe_server.schemas.pipelines import Flow, Node, Part, Pipeline, Variable

KINDS = {
    **dict.fromkeys(("code", "function", "class", "module", "source", "option", "setup"), "code"),
    **dict.fromkeys(("input", "global", "sharing"), "data"),
    **dict.fromkeys(("ambient", "package", "python"), "environment"),
}
"""What a changed ingredient makes of a step that has run before."""


def pipeline(file: str, path: str, document: dict[str, Any] | None, steps: str) -> Pipeline:
    """Plan a notebook.

    Args:
        file: where it is, absolute.
        path: its contents path, for the answer.
        document: its JSON as it stands in an editor; None for the file.
        steps: which cells are steps; see `Steps`.

    Raises:
        UsageError: it is no notebook.
    """
    source = read(Path(file)) if document is None else of_document(Path(file), document)
    project = load_project(Path(file).parent, os.environ)
    cells = planned_cells(source, project, Steps(steps))
    catalog: Any = catalog_of(project)
    if source.language == "python":
        outlooks = plan_cells(cells, source, project, catalog=catalog)
        problems = [f"`{cell.name}`: {cell.mistake}" for cell in cells if cell.is_step and cell.mistake]
    else:
        cells, outlooks = [], []
        problems = [f"its language is {source.language}, and steps are written in Python"]
    known = _Known(outlooks, catalog, source.identity(project.root))
    return Pipeline(
        notebook=source.identity(project.root),
        path=path,
        steps=_nodes(cells, outlooks, known),
        edges=_edges(cells, outlooks, known),
        parameters=parameters_of(source),
        problems=problems,
    )


class _Known:
    """What the catalog knows of the steps: the latest StepRun of each part, by name and part."""

    def __init__(self, outlooks: list[Outlook], catalog: Catalog | None, notebook: str) -> None:
        self.catalog = catalog
        self.last: dict[tuple[str, int], StepRun] = {}
        for item in outlooks if catalog is not None else ():
            assert catalog is not None
            found = catalog.step_runs.last(StepId(notebook=notebook, name=item.name), part=item.part)
            if found is not None:
                self.last[item.name, item.part] = found
        shown = briefs(self.last.values(), catalog) if catalog is not None else []
        self.brief = dict(zip(self.last, shown, strict=True))


def _nodes(cells: list[Planned], outlooks: list[Outlook], known: _Known) -> list[Node]:
    by_cell = {cell.id: cell for cell in cells}
    parts: dict[str, list[tuple[Planned, Outlook]]] = {}
    for item in outlooks:
        parts.setdefault(item.name, []).append((by_cell[item.cell], item))
    return [_node(name, found, known) for name, found in parts.items()]


def _node(name: str, found: list[tuple[Planned, Outlook]], known: _Known) -> Node:
    options: dict[str, Any] = {}
    for cell, _ in found:
        if cell.options is not None:
            said = msgspec.to_builtins(cell.options)
            said["gather"] = loops.shown(cell.options.gather)
            options |= {key: each for key, each in said.items() if each is not None and each not in ("", [], {})}
    places = [(name, item.part) for _, item in found if (name, item.part) in known.last]
    runs = [known.last[place] for place in places]
    latest = max((known.brief[place] for place in places), key=lambda brief: brief.id, default=None)
    return Node(
        name=name,
        parts=[_part(cell, item, known) for cell, item in found],
        inputs=sorted({name for cell, _ in found if cell.cell is not None for name in cell.cell.names.reads}),
        options=options,
        executor=str(options.get("on") or (latest.executor if latest is not None else "")),
        setup=any(run.state is State.SETUP for run in runs)
        or any(_is_setup(cell) for cell, item in found if (name, item.part) not in known.last),
        last=latest,
        reads=sorted({item.name for run in runs for item in run.trace if item.kind in ("file", "listing", "glob")}),
        writes=sorted({file.path for run in runs for file in run.written}),
    )


def _is_setup(cell: Planned) -> bool:
    if cell.cell is None or cell.options is None:
        return False
    return is_setup(cell.options, cell.cell.effect(lambda _: None))


def _part(cell: Planned, item: Outlook, known: _Known) -> Part:
    decision = item.decision
    hit = isinstance(decision, Hit)
    word = "hit" if hit else "unknown" if isinstance(decision, Unknown) else "run"
    return Part(
        cell=item.cell,
        part=item.part,
        plan=word,  # type: ignore[arg-type]
        why=[] if isinstance(decision, Hit) else list(decision.reasons),
        stale=_stale(item) if word == "run" else "",  # type: ignore[arg-type]
        seconds=None if isinstance(decision, Hit) else decision.seconds,
        saves=decision.saves if isinstance(decision, Hit) else None,
        last=known.brief.get((item.name, item.part)),
        problem=cell.mistake,
    )


def _stale(item: Outlook) -> str:
    """Return what has changed, by the most telling ingredient."""
    if item.before is None:
        return "never"
    was = {(each.kind, each.name): each.version for each in item.before.ingredients}
    now = {(each.kind, each.name): each.version for each in item.now.ingredients}
    differ = {kind for kind, name in {*was, *now} if was.get((kind, name)) != now.get((kind, name))}
    for kind in ORDER:
        if kind in differ:
            return KINDS[kind]
    seen = {(each.kind, each.name): each.version for each in item.before.trace}
    return "data" if any(_names_a_file(why, seen) for why in getattr(item.decision, "reasons", ())) else "other"


def _names_a_file(why: str, trace: dict[tuple[str, str], str]) -> bool:
    return any(name in why for kind, name in trace if kind in ("file", "listing", "glob", "absent"))


def _edges(cells: list[Planned], outlooks: list[Outlook], known: _Known) -> list[Flow]:
    flows = Flows()
    part_of = {item.cell: item.part for item in outlooks}
    for cell in cells:
        if cell.cell is not None:
            last = known.last.get((cell.name, part_of.get(cell.id, 0))) if cell.is_step else None
            flows.cell(cell.name if cell.is_step else None, cell.cell, last.outputs if last is not None else ())
    made: dict[tuple[str, str], str] = {}
    for (name, _), run in known.last.items():
        made |= {(name, variable): version for variable, version in run.outputs.items()}
    return [
        Flow(
            source=source, target=target, variables=[_variable(name, made.get((source, name)), known) for name in names]
        )
        for (source, target), names in flows.edges.items()
    ]


def _variable(name: str, version: str | None, known: _Known) -> Variable:
    artifact = known.catalog.artifacts.get(version) if version and known.catalog is not None else None
    told = value(name, version or "", artifact)
    return Variable(name=name, version=told.version, type=told.type, bytes=told.bytes, preview=told.preview)
