"""What cells show as HTML that asks nothing of a network and runs nothing of theirs."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Any

from steppe.sharing.harmless import is_plain_html
from steppe.types import Shown

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
PLOTLY = "application/vnd.plotly.v1+json"


def output_of(output: dict[str, Any]) -> str:
    """Return an output of a notebook."""
    kind = output.get("output_type")
    if kind == "stream":
        return text(_joined(output.get("text", "")))
    if kind == "error":
        return text("\n".join(output.get("traceback", ())) or f"{output.get('ename')}: {output.get('evalue')}")
    return bundle(output.get("data", {}))


def shown(item: Shown) -> str:
    """Return one thing that a step has shown."""
    if item.kind == "stream":
        return text(item.text)
    return bundle(item.data) if item.data else ""


def bundle(data: dict[str, Any]) -> str:
    """Return a MIME bundle: of what it holds, the best that a page without scripts can show."""
    for mime in ("image/png", "image/jpeg"):
        if mime in data:
            given = data[mime]
            code = base64.b64encode(given).decode() if isinstance(given, bytes) else "".join(_joined(given).split())
            if re.fullmatch(r"[A-Za-z0-9+/=]+", code):
                return _output(f'<img alt="{_alt(data)}" src="data:{mime};base64,{code}">')
    if "image/svg+xml" in data:
        code = base64.b64encode(_joined(data["image/svg+xml"]).encode("utf-8", "replace")).decode()
        return _output(f'<img alt="{_alt(data)}" src="data:image/svg+xml;base64,{code}">')
    if PLOTLY in data:
        told = json.dumps(data[PLOTLY]).replace("<", "\\u003c")
        return _output(f'<div class="plotly"><script type="application/json">{told}</script></div>')
    if "text/html" in data:
        page = _joined(data["text/html"])
        if is_plain_html(page):
            return _output(page)
        return _output(f'<iframe sandbox="" title="output" srcdoc="{html.escape(page)}"></iframe>')
    if "text/markdown" in data:
        return _output(markdown(_joined(data["text/markdown"])))
    return text(_joined(data.get("text/plain", ""))) if data.get("text/plain") else ""


def markdown(source: str) -> str:
    """Return Markdown as HTML; HTML in it is text, and pictures that are not in it are their words."""
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False}).enable("table").render(source)
    return re.sub(r'<img src="(?!data:image/)[^"]*" alt="([^"]*)"[^>]*>', r"[\1]", made)


def code(source: str) -> str:
    """Return Python with its words coloured."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    made: str = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
    return f"<pre>{made.rstrip()}</pre>"


def text(said: str) -> str:
    """Return plain text; of a bar that was drawn again and again, the last."""
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in ANSI.sub("", said).split("\n")]
    return _output(f"<pre>{html.escape(chr(10).join(lines).rstrip())}</pre>")


def _alt(data: dict[str, Any]) -> str:
    return html.escape(_joined(data.get("text/plain", "a picture"))[:200])


def _joined(value: Any) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _output(inner: str) -> str:
    return f'<div class="output">{inner}</div>'
