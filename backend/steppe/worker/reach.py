"""The third net: texts within a step's reach that name files, folders or globs, for reads that nothing else can see."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from steppe.worker import contents
from steppe.worker.here import here
from steppe.worker.places import Places

QUOTED = re.compile(r"'([^'\n]{1,300})'|\"([^\"\n]{1,300})\"")
MOST_MATCHES = 10_000


class Reach(NamedTuple):
    """Something on the disk that a text names.

    Attributes:
        kind: `file`, `tree`, or `glob`.
        path: absolute; of a glob, its pattern.
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
        path = os.path.normpath(os.path.join(here(), text))
        if not places.matters(path):
            continue
        if there == "file":
            found[Reach("file", path)] = None
        elif there == "folder" and path != places.root and not places.above(path):
            found[Reach("tree", path)] = None
    for pattern in set(_patterns(texts)):
        path = os.path.normpath(os.path.join(here(), pattern))
        if places.matters(path):
            found[Reach("glob", path)] = None
    return sorted(found)


def _patterns(texts: Iterable[str]) -> Iterator[str]:
    """Yield the texts that are globs: which files match one is an input, though none may as yet."""
    for text in _whole(texts):
        if is_glob(text) and not any(character.isspace() for character in text):
            yield os.path.expanduser(text)


def _candidates(texts: Iterable[str]) -> Iterator[str]:
    for text in _whole(texts):
        yield from _expanded(text)


def _whole(texts: Iterable[str]) -> Iterator[str]:
    """Yield each text that may be a path, and each that stands in quotes inside another."""
    for text in texts:
        if not _can_be_a_path(text):
            continue
        if len(text) <= 300 and "\n" not in text:
            yield text
        if "'" in text or '"' in text:
            for one, two in QUOTED.findall(text[:20_000]):
                yield one or two


def is_glob(text: str) -> bool:
    """Tell whether a text reads like a glob of paths: one without a dot or a slash does not."""
    return (
        glob.has_magic(text)
        and ("/" in text or "." in text)
        and not text.startswith(("*", "[", "^", "("))
        and ("://" not in text)
    )


def _can_be_a_path(text: str) -> bool:
    """Tell whether a file could have this name: a text with a lone surrogate has no bytes."""
    try:
        return bool(text) and b"\0" not in os.fsencode(text[:20_000])
    except UnicodeEncodeError:
        return False


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
    elif is_glob(text):
        for i, match in enumerate(glob.iglob(text, recursive=True)):
            if i == MOST_MATCHES:
                return
            yield match
