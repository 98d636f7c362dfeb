"""A lineage graph as a Mermaid flowchart, which GitHub and JupyterLab draw. Knows nothing but the graph."""

from __future__ import annotations

from steppe.lineage.graph import Graph, Node

SHAPES = {"step": ("([", "])"), "artifact": ("[", "]"), "file": ("[/", "/]")}
OTHERS = ("{{", "}}")
LONGEST = 60


def mermaid(graph: Graph) -> str:
    """Return the flowchart: steps are rounded, values are boxes, files lean, what was asked for stands out."""
    ids = {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    for node in graph.nodes:
        begin, end = SHAPES.get(node.kind, OTHERS)
        lines.append(f'  {ids[node.id]}{begin}"{_label(node)}"{end}')
    known = {node.id: node.name for node in graph.nodes}
    for edge in graph.edges:
        names = ", ".join(name for name in edge.names if name not in (known[edge.source], known[edge.target]))
        label = f'|"{_text(names)}"|' if names else ""
        lines.append(f"  {ids[edge.source]} -->{label} {ids[edge.target]}")
    lines.append("  classDef asked stroke:#b8860b,stroke-width:3px")
    if graph.root in ids:
        lines.append(f"  class {ids[graph.root]} asked")
    return "\n".join(lines) + "\n"


def _label(node: Node) -> str:
    if node.kind == "step":
        said = f"{node.name} [{node.part + 1}]" if node.part else node.name
        return _text(said) + (f"<br/>{_text(node.state)}" if node.state not in ("", "succeeded") else "")
    preview = node.preview or node.type.rpartition(".")[2] if node.kind == "artifact" else ""
    return "<br/>".join(_text(part) for part in (node.name or "a value", preview) if part)


def _text(text: str) -> str:
    """Return a text as a quoted label can hold it: Mermaid writes characters as `#35;`, and has no other way."""
    line = "".join(c if c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF else " " for c in text)
    line = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
    return "".join(c if c.isalnum() or c in " .,_-=/()…" else f"#{ord(c)};" for c in line)
