"""`steppe.lineage(x)`: what made a value, and what was made from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from steppe.catalog import Catalog
from steppe.engine.current import current
from steppe.errors import Unversionable, UsageError
from steppe.lineage import questions
from steppe.lineage.card import Card
from steppe.lineage.graph import Graph, Node, Root, graph, graph_of
from steppe.lineage.opened import opened
from steppe.types import Digest
from steppe.values.lazy import is_lazy
from steppe.values.walk import Walk
from steppe.wording import short
from steppe.worker.trace import note_outside, unseen

NOTHING: Any = object()
"""What stands for no value: None is one."""


def lineage(
    value: Any = NOTHING, *, up: int | None = None, down: int | None = None, what: str | None = None, **sources: Any
) -> Card:
    """See `steppe.lineage`."""
    if value is NOTHING:
        return _of_thing(what, 5 if up is None else up, 5 if down is None else down, sources)
    if what is not None or any(each is not None for each in sources.values()):
        raise UsageError("steppe.lineage() takes a value, or one of what=, file=, commit=, package=, parameter=.")
    return _of_value(value, 5 if up is None else up, 2 if down is None else down)


def _of_value(value: Any, up: int, down: int) -> Card:
    session = current()
    if session is None:
        raise UsageError("steppe.lineage(x) needs a notebook with Steppe on: run `%load_ext steppe` first.")
    with unseen():
        version = _version(value, session.sources)
        catalog = session.catalog
        version = catalog.artifacts.stored(version) or version
        found = graph(catalog, version, up=up, down=down)
        if len(found.nodes) == 1:
            raise UsageError("no step has made or read this value, as it is now: `%steppe lineage NAME` takes a name.")
        return card_of(found, path=session.path, notebook=session.notebook)


def _of_thing(what: str | None, up: int, down: int, sources: dict[str, Any]) -> Card:
    """Return the card of what is no value at hand: also outside of notebooks."""
    note_outside("it asks for a lineage, which grows with each run")
    with unseen(), opened(Path.cwd()) as here:
        if here is None:
            raise UsageError("nothing is kept here yet: no step has run in this project.")
        found = graph_of(
            here.catalog, asked_of(here.catalog, Path(here.project.root), what, **sources), up=up, down=down
        )
        return card_of(found, path="", notebook="")


def asked_of(
    catalog: Catalog,
    project: Path,
    what: str | None,
    *,
    file: str | None = None,
    commit: str | None = None,
    package: str | None = None,
    parameter: dict[str, Any] | None = None,
) -> Root | Digest:
    """Return what one question means: see `steppe lineage`.

    Raises:
        UsageError: nothing is asked, or more than one thing; or nothing is found.
    """
    asked = [each for each in (what, file, commit, package, parameter) if each is not None]
    if len(asked) != 1 or (parameter is not None and len(parameter) != 1):
        raise UsageError("ask a lineage of one thing: a file, a value, a step run, a commit, a package or a parameter.")
    if what is not None:
        return questions.root_of(catalog, what, project)
    if file is not None:
        return questions.of_file(catalog, file, project)
    if commit is not None:
        return questions.of_commit(catalog, commit, project)
    if package is not None:
        return questions.of_package(catalog, package)
    assert parameter is not None
    return questions.of_parameter(catalog, *next(iter(parameter.items())))


def card_of(found: Graph, *, path: str, notebook: str) -> Card:
    """Return the card of a graph."""
    root = found.nodes[0]
    told = {"version": found.root, "name": root.name, "notebook": notebook}
    return Card("lineage", root.name or short(found.root), as_text(found), told, found, path=path)


def as_text(found: Graph) -> str:
    """Return a graph as a tree: what led to the value below it, then what was made from it."""
    nodes = {node.id: node for node in found.nodes}
    lines = [_said(nodes[found.root])]
    for title, backwards in (("made by", True), ("read by", False)):
        ways: dict[str, list[str]] = {}
        for edge in found.edges:
            near, far = (edge.target, edge.source) if backwards else (edge.source, edge.target)
            if (nodes[far].level < 0) == backwards and nodes[far].level != 0:
                ways.setdefault(near, []).append(far)
        if found.root in ways:
            lines.append(title)
            lines += _tree(found.root, nodes, ways, {found.root})
    if found.more:
        lines.append("and more")
    return "\n".join(lines)


def _tree(at: str, nodes: dict[str, Node], ways: dict[str, list[str]], seen: set[str]) -> list[str]:
    lines = []
    beyond = list(dict.fromkeys(ways.get(at, [])))
    for number, other in enumerate(beyond):
        last = number == len(beyond) - 1
        again = other in seen
        lines.append(f"{'└─' if last else '├─'} {_said(nodes[other])}{' (see above)' if again else ''}")
        if not again:
            seen.add(other)
            lines += [f"{'   ' if last else '│  '}{line}" for line in _tree(other, nodes, ways, seen)]
    return lines


def _said(node: Node) -> str:
    if node.kind == "step":
        return f"{node.name}{f' [{node.part + 1}]' if node.part else ''} ({node.state})"
    if node.kind != "artifact":
        return f"{node.kind} {node.name}"
    return "  ".join(part for part in (node.name, node.preview or node.type, short(node.id)) if part)


def _version(value: Any, sources: Any) -> str:
    if is_lazy(value):
        known: str = object.__getattribute__(value, "lazy_artifact").version
        return known
    try:
        return Walk(sources).root_of(value).version
    except Unversionable as error:
        raise UsageError(f"this value has no version, and so no lineage: {error}.") from error
