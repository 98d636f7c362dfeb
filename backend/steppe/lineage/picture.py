"""A lineage graph as an SVG picture, in layers from left to right. Knows nothing but the graph."""

from __future__ import annotations

import html
from collections import defaultdict

from steppe.lineage.graph import Graph, Node

WIDTH, HEIGHT, ACROSS, DOWN, EDGE = 156, 40, 46, 16, 8
"""Of a box, between boxes, and around all, in pixels."""

FILLS = {"failed": "#fbe3e1", "cancelled": "#f3f0e6", "lost": "#f3f0e6", "running": "#e3eefb", "queued": "#e3eefb"}
STEP, VALUE, ROOT = "#e4f1e7", "#f6f6f4", "#fdf3d0"


def picture(graph: Graph) -> str:
    """Return the picture: steps are rounded boxes, values are boxes, and what was asked for stands out."""
    places = _places(graph)
    wide = max(x for x, _ in places.values()) + WIDTH + EDGE
    high = max(y for _, y in places.values()) + HEIGHT + EDGE
    lines = []
    for edge in graph.edges:
        (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
        x1, y1, y2 = x1 + WIDTH, y1 + HEIGHT // 2, y2 + HEIGHT // 2
        middle = (x1 + x2) // 2
        lines.append(f'<path d="M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}" fill="none" stroke="#8a8f98"/>')
    boxes = [_box(node, *places[node.id], root=node.id == graph.root) for node in graph.nodes]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" '
        'font-family="sans-serif" font-size="12">'
        f'<rect width="{wide}" height="{high}" rx="6" fill="#ffffff"/>{"".join(lines)}{"".join(boxes)}</svg>'
    )


def _places(graph: Graph) -> dict[str, tuple[int, int]]:
    """Return where each node's box begins: its column by its level, its row near those that it is tied to."""
    columns: dict[int, list[Node]] = defaultdict(list)
    for node in graph.nodes:
        columns[_column(node)].append(node)
    near: dict[str, list[str]] = defaultdict(list)
    for edge in graph.edges:
        near[edge.source].append(edge.target)
        near[edge.target].append(edge.source)
    rows: dict[str, float] = {}
    for column in sorted(columns, key=abs):  # from what was asked for, outwards
        members = columns[column]
        wanted = {node.id: _mean([rows[other] for other in near[node.id] if other in rows]) for node in members}
        for row, node in enumerate(sorted(members, key=lambda node: wanted[node.id])):
            rows[node.id] = row - (len(members) - 1) / 2
    first, top = min(columns), min(rows.values())
    return {
        node.id: (
            EDGE + (_column(node) - first) * (WIDTH + ACROSS),
            EDGE + round((rows[node.id] - top) * (HEIGHT + DOWN)),
        )
        for node in graph.nodes
    }


def _column(node: Node) -> int:
    """Return the column of a node: values in even ones, steps between those that they read and those that they bind."""
    if node.kind != "step" or node.level == 0:
        return 2 * node.level
    return 2 * node.level + (1 if node.level < 0 else -1)


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0


def _box(node: Node, x: int, y: int, *, root: bool) -> str:
    step = node.kind == "step"
    fill = FILLS.get(node.state, STEP) if step else ROOT if root else VALUE
    said = node.state if step else node.preview or node.type.rpartition(".")[2]
    name = node.name or ("a value" if not step else "a step")
    return (
        f"<g><title>{_text(f'{name}: {said}', 200)}</title>"
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="{HEIGHT // 2 if step else 3}" fill="{fill}" '
        f'stroke="{"#b8860b" if root else "#8a8f98"}"/>'
        f'<text x="{x + WIDTH // 2}" y="{y + 17}" text-anchor="middle" font-weight="bold" fill="#222222">'
        f"{_text(name, 20)}</text>"
        f'<text x="{x + WIDTH // 2}" y="{y + 32}" text-anchor="middle" font-size="10" fill="#555555">'
        f"{_text(said, 25)}</text></g>"
    )


def _text(text: str, most: int) -> str:
    """Return a text as XML can hold it: no markup, no characters that XML has no way to write."""
    line = "".join(c if c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF else " " for c in text)
    return html.escape(line if len(line) <= most else line[: most - 1] + "…")
