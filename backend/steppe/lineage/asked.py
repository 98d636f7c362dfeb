"""`steppe.lineage(x)`: what made a value, and what was made from it."""

from __future__ import annotations

from typing import Any

from steppe.engine.current import current
from steppe.errors import Unversionable, UsageError
from steppe.lineage.card import Card
from steppe.lineage.graph import Graph, Node, graph
from steppe.values.lazy import is_lazy
from steppe.values.walk import Walk
from steppe.wording import short
from steppe.worker.trace import unseen


def lineage(value: Any, *, up: int = 5, down: int = 2) -> Card:
    """See `steppe.lineage`."""
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
    return "  ".join(part for part in (node.name, node.preview or node.type, short(node.id)) if part)


def _version(value: Any, sources: Any) -> str:
    if is_lazy(value):
        known: str = object.__getattribute__(value, "lazy_artifact").version
        return known
    try:
        return Walk(sources).root_of(value).version
    except Unversionable as error:
        raise UsageError(f"this value has no version, and so no lineage: {error}.") from error
