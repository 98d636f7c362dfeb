"""Texts without what is another in each process and that no reader looks at: addresses in memory, drawn identifiers."""

from __future__ import annotations

import json
import re
from typing import Any

ADDRESS = re.compile(r"((?:\bat |\baddress=)0x)[0-9a-fA-F]+")
"""In what Python shows of an object that has no words of its own."""

KERNEL = re.compile(r"(?<=/ipykernel_)\d+(?=/)")
"""The kernel's process in the name of a cell's file."""

DATE = re.compile(r"(?<=<dc:date>)[^<]*(?=</dc:date>)")
"""When matplotlib drew an SVG."""

NAMED = re.compile(r"""(?i)id(?:\\?["']|&quot;)?\s*[=:(]\s*(?:\\?["']|&quot;)([^"'<>&\\]+)""")
"""Where markup, scripts and JSON name an element: `data-root-id="…"`, `"docid": "…"`, `getElementById("…")`."""

DRAWN = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"  # Plotly's, Bokeh's documents
    r"|T_[0-9a-f]{5,}"  # those of pandas' Styler
    r"|[0-9a-f]{8,}"  # Altair's, folium's, matplotlib's in SVG
    r"|sk-[a-z-]+-id-\d+"  # scikit-learn counts what it has shown
    r"|\bp\d{4,}\b"  # as Bokeh does
)
"""The part of an element's name that was drawn, or counted up in its process."""


def masked(text: str) -> str:
    """Return a text without addresses of objects and the kernel's process."""
    return KERNEL.sub("", ADDRESS.sub(r"\1…", text)) if "0x" in text or "/ipykernel_" in text else text


def markup(text: str) -> str:
    """Return HTML, SVG, a script or JSON, with drawn names of elements numbered as they come up."""
    text = DATE.sub("", masked(text))
    drawn = {part for name in NAMED.findall(text) for part in DRAWN.findall(name)}
    if not drawn:
        return text
    numbers: dict[str, str] = {}
    either = re.compile("|".join(sorted(drawn, key=lambda part: (-len(part), part))))
    return either.sub(lambda found: numbers.setdefault(found[0], f"id-{len(numbers)}"), text)


def document(value: Any) -> Any:
    """Return data as JSON has it, with drawn names of elements numbered as they come up."""
    return json.loads(markup(json.dumps(value, sort_keys=True, ensure_ascii=False, default=repr)))
