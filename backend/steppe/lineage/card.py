"""Cards: one step, one value or one lineage to be shown in a cell's output, on request alone.

A card is a bundle of three: data for JupyterLab's extension, HTML without script for other front ends, and plain text.
"""

from __future__ import annotations

import base64
import html
from typing import Any

import msgspec

from steppe.lineage.graph import Graph, Node
from steppe.lineage.mermaid import mermaid
from steppe.lineage.picture import picture

MIME = "application/vnd.steppe.card+json"
"""What JupyterLab's extension shows; see docs/lab.md."""

FRAME = (
    "border:1px solid #c9ccd1;border-radius:6px;padding:8px 12px;margin:2px 0;max-width:100%;overflow:auto;"
    "background:#ffffff;color:#222222"
)


class Card:
    """What is shown.

    Attributes:
        kind: `lineage`, `step` or `artifact`.
        title: its first line.
        text: all that it says, as plain text.
        told: data for the front end: ids, and where they belong.
        graph: the lineage, where it has one.
    """

    def __init__(
        self, kind: str, title: str, text: str, told: dict[str, Any], graph: Graph | None = None, *, path: str = ""
    ) -> None:
        self.kind = kind
        self.title = title
        self.text = text
        self.path = path
        self.told = told
        self.graph = graph

    def up(self, kind: str = "", *, type: str = "") -> list[Node]:  # noqa: A002 (the word that people look for)
        """Return what led to it, the nearest first: all, or one kind (`step`, `artifact`, `file`), or one class."""
        return _of_type(self.graph.up(kind) if self.graph is not None else [], type)

    def down(self, kind: str = "", *, type: str = "") -> list[Node]:  # noqa: A002
        """Return what was made from it, the nearest first: all, or one kind, or values whose class has this name."""
        return _of_type(self.graph.down(kind) if self.graph is not None else [], type)

    def mermaid(self) -> str:
        """Return the graph as a Mermaid flowchart."""
        return mermaid(self.graph) if self.graph is not None else ""

    def bundle(self) -> dict[str, Any]:
        """Return the MIME bundle."""
        told = {"kind": self.kind, "path": self.path, **self.told}
        if self.graph is not None:
            told["graph"] = msgspec.to_builtins(self.graph)
        return {MIME: told, "text/html": self.html(), "text/plain": self.text}

    def html(self) -> str:
        """Return it as HTML that runs nothing: the text, and a picture of the graph."""
        drawn = ""
        if self.graph is not None and self.graph.edges:
            code = base64.b64encode(picture(self.graph).encode()).decode()
            alt = html.escape(f"The lineage of {self.title}")
            drawn = f'<img alt="{alt}" style="max-width:none;display:block" src="data:image/svg+xml;base64,{code}">'
        said = (
            f'<pre style="margin:0;background:none;color:inherit;white-space:pre-wrap">{html.escape(self.text)}</pre>'
        )
        if drawn:
            said = f'{drawn}<details><summary style="cursor:pointer">As text</summary>{said}</details>'
        return f'<div style="{FRAME}">{said}</div>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        del include, exclude
        return self.bundle()

    def __repr__(self) -> str:
        return self.text


def _of_type(nodes: list[Node], type_: str) -> list[Node]:
    return [node for node in nodes if not type_ or (node.kind == "artifact" and type_.lower() in node.type.lower())]
