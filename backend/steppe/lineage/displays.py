"""What two executions of a step have shown, compared as a reader of the notebook sees it in the end.

Of displays that were updated or cleared, what is left counts. What differs in each process and for no reader is left
out: see `masks` and `streams`. Of one display that differs, only the best representation is named.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from typing import Any

from steppe.lineage import pixels
from steppe.lineage.closeness import Tolerance, close, texts_close
from steppe.lineage.figures import PLOTLY
from steppe.lineage.masks import document, markup, masked
from steppe.lineage.streams import left, warned_otherwise, without_warnings
from steppe.types import Shown

STREAMS = {"stdout": "what it printed", "stderr": "what it wrote to stderr"}

BEST = (
    PLOTLY,
    "image/png",
    "image/jpeg",
    "image/svg+xml",
    "application/pdf",
    "text/html",
    "text/latex",
    "text/markdown",
    "application/json",
)
"""MIME types, the one that a notebook shows first; `text/plain` comes after all others."""

PIXELS = ("image/png", "image/jpeg", "image/webp")
MADE = re.compile(rb"/CreationDate ?\([^)]*\)")
"""When a PDF was made."""

MARKUP = ("text/html", "image/svg+xml", "application/javascript")

UNSEEN = re.compile(r"(?s)<(script|style)\b.*?</\1\s*>|<link\b[^>]*>|<!--.*?-->")
"""What of HTML no reader sees by itself."""

EXCERPT = 50
"""Characters that are told of a text that differs."""


class Page:
    """What is left of what a step showed.

    Attributes:
        texts: what was written to each stream.
        items: displays and the cell's value, in order.
    """

    def __init__(self, shown: tuple[Shown, ...]) -> None:
        self.texts: dict[str, str] = dict.fromkeys(STREAMS, "")
        self._items: dict[object, Shown] = {}
        self._goes = False
        for number, item in enumerate(shown):
            if item.kind == "clear" and item.wait:
                self._goes = True
            elif item.kind == "clear":
                self._clear()
            else:
                if self._goes:
                    self._clear()
                if item.kind == "stream":
                    self.texts[item.name] = self.texts.get(item.name, "") + item.text
                else:
                    self._items[item.display_id or number] = item
        self.items = list(self._items.values())

    def _clear(self) -> None:
        """Take away all that was shown so far."""
        self._goes = False
        self.texts = dict.fromkeys(STREAMS, "")
        self._items.clear()


def apart(
    was: tuple[Shown, ...], now: tuple[Shown, ...], tolerance: Tolerance, *, value_too: bool = True
) -> dict[str, str]:
    """Return what of two showings differs, in words, and how, where there is more to say.

    Args:
        was: what was shown.
        now: what is shown now.
        tolerance: how far numbers may lie apart.
        value_too: whether the cell's value is to be looked at.
    """
    first, second = Page(was), Page(now)
    found: dict[str, str] = {}
    for name, what in STREAMS.items():
        if how := _streams_apart(first.texts[name], second.texts[name], tolerance):
            found[what] = how
    before, after = first.items, second.items
    if len(before) != len(after):  # a library loads its script with the first that it shows in a process
        before, after = ([item for item in page.items if not _loads_only(item)] for page in (first, second))
    if len(before) != len(after):
        found["the number of its outputs"] = f"is {len(after)}, and was {len(before)}"
    for number, (one, other) in enumerate(zip(before, after, strict=False), 1):
        if (one.kind == "result" or other.kind == "result") and not value_too:
            continue
        for mime in _representations(one, other):
            if how := _data_apart(mime, one.data.get(mime), other.data.get(mime), tolerance):
                found[_called(mime, number if len(before) > 1 else 0)] = how
                break
    return found


def _loads_only(item: Shown) -> bool:
    """Tell whether a display holds scripts and styles and nothing to be read."""
    text = item.data.get("text/html")
    return item.data.keys() == {"text/html"} and isinstance(text, str) and not UNSEEN.sub("", text).strip()


def _representations(one: Shown, other: Shown) -> list[str]:
    """Return the MIME types to compare, the best first; of a figure of Plotly, all others are made from its data."""
    return [PLOTLY] if PLOTLY in one.data and PLOTLY in other.data else sorted({*one.data, *other.data}, key=_rank)


def _rank(mime: str) -> tuple[int, str]:
    known = BEST.index(mime) if mime in BEST else len(BEST)
    return (len(BEST) + 1 if mime == "text/plain" else known), mime


def _called(mime: str, number: int) -> str:
    """Name a display: by its MIME type, and by which of several it is."""
    what = "picture" if mime.startswith("image/") else "figure" if mime == PLOTLY else ""
    place = f"output {number}, {mime}" if number else mime
    return f"the {what} that it shows ({place})" if what else f"what it shows ({place})"


def _streams_apart(was: str, now: str, tolerance: Tolerance) -> str:
    (one, warned), (other, warns) = (without_warnings(masked(left(text))) for text in (was, now))
    if not texts_close(one, other, tolerance):
        return _texts(one, other)
    if said := warned_otherwise(warned, warns):
        line, _, _ = said.partition("\n")
        return f"has another warning: `{_excerpt(line, 0)}`"
    return ""


def _data_apart(mime: str, was: Any, now: Any, tolerance: Tolerance) -> str:
    """Say how two representations of one type differ; nothing where they do not, or not for a reader."""
    if was is None or now is None:
        return "is there only this time" if was is None else "is not there this time"
    if was == now:
        return ""
    if mime in PIXELS:
        return pixels.apart(_bytes(was), _bytes(now))
    if mime == "application/pdf":
        return "" if MADE.sub(b"", _bytes(was)) == MADE.sub(b"", _bytes(now)) else "differs in its bytes"
    if isinstance(was, str) and isinstance(now, str):
        one, other = (markup(text) if mime in MARKUP else masked(text) for text in (was, now))
        return "" if texts_close(one, other, tolerance) else _texts(one, other)
    if isinstance(was, bytes) or isinstance(now, bytes):
        return "differs in its bytes"
    before, after = document(was), document(now)
    if before == after or (tolerance.given and close(_arrays(before), _arrays(after), tolerance)):
        return ""
    return f"differs at {_place(before, after).removesuffix('.bdata').lstrip('.') or 'its top'}"


def _bytes(data: Any) -> bytes:
    """Return a file's bytes: displays hold them as they are or in base64."""
    if isinstance(data, bytes):
        return data
    try:
        return base64.b64decode(data)
    except (binascii.Error, TypeError, ValueError):
        return str(data).encode()


def _texts(one: str, other: str) -> str:
    """Say where two texts begin to differ, and what they say there."""
    rows = itertools.zip_longest(one.splitlines(), other.splitlines(), fillvalue="")
    for number, (was, now) in enumerate(rows, 1):
        if was != now:
            pairs = enumerate(zip(was, now, strict=False))
            start = next((at for at, (a, b) in pairs if a != b), min(len(was), len(now)))
            return f"differs first in line {number}: `{_excerpt(now, start)}`, and was `{_excerpt(was, start)}`"
    return "differs in how its lines end"


def _excerpt(line: str, start: int) -> str:
    first = max(0, start - EXCERPT // 2) if len(line) > EXCERPT else 0
    return f"{'…' if first else ''}{line[first : first + EXCERPT]}{'…' if first + EXCERPT < len(line) else ''}"


def _place(one: Any, other: Any) -> str:
    """Return the first place at which two documents differ: `data[0].y`."""
    if isinstance(one, dict) and isinstance(other, dict):
        key = next(key for key in {**one, **other} if key not in one or key not in other or one[key] != other[key])
        return f".{key}{_place(one.get(key), other.get(key))}"
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        number = next(number for number, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
        return f"[{number}]{_place(one[number], other[number])}"
    return ""


def _arrays(value: Any) -> Any:
    """Return a document with the arrays that Plotly packs into text as arrays."""
    if isinstance(value, list):
        return [_arrays(each) for each in value]
    if not isinstance(value, dict):
        return value
    if {"dtype", "bdata"} <= value.keys():
        import numpy as np

        packed = np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"])
        return {**value, "bdata": packed}
    return {key: _arrays(each) for key, each in value.items()}
