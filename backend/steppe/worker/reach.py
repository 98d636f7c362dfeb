"""The third net: texts within a step's reach that name files, folders or globs, for reads that nothing else can see."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from steppe.worker import contents
from steppe.worker.places import Places

QUOTED = re.compile(r"'([^'\n]{1,300})'|\"([^\"\n]{1,300})\"")
MOST_MATCHES = 10_000


class Reach(NamedTuple):
    """Something on the disk that a text names.

    Attributes:
        kind: `file` or `tree`.
        path: absolute.
    """

    kind: str
    path: str


def named(texts: Iterable[str], places: Places) -> list[Reach]:
    """Return what the texts name on the disk, without what can't be an input.

    A folder counts with all that is in it, unless it holds the project itself.
    """
    found: dict[Reach, None] = {}
    for text in set(_candidates(texts)):
        there = contents.presence(text)
        path = os.path.normpath(os.path.join(os.getcwd(), text))
        if not places.matters(path):
            continue
        if there == "file":
            found[Reach("file", path)] = None
        elif there == "folder" and path != places.root and not places.above(path):
            found[Reach("tree", path)] = None
    return sorted(found)


def _candidates(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if not text or "\0" in text:
            continue
        if len(text) <= 300 and "\n" not in text:
            yield from _expanded(text)
        if "'" in text or '"' in text:
            for one, two in QUOTED.findall(text[:20_000]):
                yield from _expanded(one or two)


def _expanded(text: str) -> Iterator[str]:
    """Yield a text as a path, and what it matches as a glob; a text without a dot or a slash is no glob."""
    if "://" in text:
        if not text.startswith("file://"):
            return
        text = text[7:]
    text = os.path.expanduser(text)
    if text in (".", "..", "/"):
        return
    if not glob.has_magic(text):
        yield text
    elif ("/" in text or "." in text) and not text.startswith(("*", "[", "^", "(")):
        for i, match in enumerate(glob.iglob(text, recursive=True)):
            if i == MOST_MATCHES:
                return
            yield match
