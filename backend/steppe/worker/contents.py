"""Versions of what lies on the disk: files by content, folders by their names, paths by whether they are there."""

from __future__ import annotations

import ast
import glob
import os
import stat
import time
from collections.abc import Iterator
from typing import NamedTuple

from blake3 import blake3

CHUNK = 1 << 22
REMEMBER_FROM = 1 << 16
"""Smaller files are read again each time: that costs no more than looking up what is remembered, and is surer."""

SETTLED = 2.0
"""Seconds after its last change from when a file's times can be trusted to tell a further change."""

HIDDEN = frozenset({".steppe", "__pycache__", ".ipynb_checkpoints", ".git"})
"""Names in a folder that do not count: they come and go by themselves."""


class Status(NamedTuple):
    """What tells, without reading a file, that it is still the same."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int


_remembered: dict[str, tuple[Status, float, str]] = {}


def status(path: str) -> Status | None:
    """Return a path's status, or None where nothing is there."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return Status(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


_forked: list[bool] = []


def forked() -> None:
    """Note that this process is a forked child: the threads that digests are made with have stayed behind."""
    _forked.append(True)


def file_version(path: str) -> str:
    """Return the digest of a file's content.

    Raises:
        OSError: it can't be read.
    """
    now = status(path)
    if now is not None and now.size >= REMEMBER_FROM:
        known = _remembered.get(path)
        if known is not None and known[0] == now and known[1] - now.changed / 1e9 > SETTLED:
            return known[2]
    began = time.time()
    with open(path, "rb", buffering=0) as file:  # the trace must not see it, and this is the hot path
        digest = blake3(max_threads=blake3.AUTO if now and now.size > CHUNK and not _forked else 1)
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    version = f"b3:{digest.hexdigest()}"
    if now is not None and now == status(path):
        _remembered[path] = now, began, version
    return version


def source_version(path: str) -> str:
    """Return the version of a module's code, whatever its comments and its layout; of its bytes where it is none.

    Raises:
        OSError: it can't be read.
    """
    from steppe.analysis.canonical import digest_of

    version = file_version(path)
    known = _sources.get(path)
    if known is None or known[0] != version:
        with open(path, "rb", buffering=0) as file:
            text = file.read()
        try:
            known = version, f"source:{digest_of(ast.parse(text))}"
        except (SyntaxError, ValueError, RecursionError):
            known = version, version
        _sources[path] = known
    return known[1]


_sources: dict[str, tuple[str, str]] = {}


def listing_version(path: str, without: frozenset[str] = frozenset()) -> str:
    """Return the digest of the names in a folder and of their kinds; hidden ones and those of `without` left out."""
    digest = blake3()
    with os.scandir(path) as entries:
        names = sorted((entry.name, entry.is_dir()) for entry in entries if entry.name not in HIDDEN)
    for name, is_folder in names:
        if os.path.join(path, name) not in without:
            digest.update(f"{len(name)}:{name}{'/' if is_folder else ''}".encode("utf-8", "surrogatepass"))
    return f"b3:{digest.hexdigest()}"


def glob_version(pattern: str, without: frozenset[str] = frozenset()) -> str:
    """Return the digest of the paths that match a pattern; hidden ones and those of `without` left out."""
    found = sorted(path for path in glob.iglob(pattern, recursive=True) if path not in without)
    kept = [path for path in found if not HIDDEN & set(path.split(os.sep))]
    return f"b3:{blake3(chr(0).join(kept).encode('utf-8', 'surrogatepass')).hexdigest()}"


def tree_version(path: str) -> str:
    """Return the digest of all files below a folder: names and contents, or sizes and times where they are too much."""
    files = list(files_below(path))
    whole = len(files) <= 2000 and sum(os.path.getsize(file) for file in files) <= 1 << 28
    digest = blake3(b"whole" if whole else b"times")
    for file in files:
        now = status(file)
        said = file_version(file) if whole else f"{now and (now.size, now.modified)}"
        digest.update(f"{len(file)}:{os.path.relpath(file, path)}={said}".encode("utf-8", "surrogatepass"))
    return f"b3:{digest.hexdigest()}"


def files_below(path: str) -> Iterator[str]:
    """Iterate over the regular files below a folder, in the order of their names."""
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name not in HIDDEN)
        for name in sorted(names):
            file = os.path.join(folder, name)
            if os.path.isfile(file):
                yield file


def presence(path: str) -> str:
    """Return what is at a path: `absent`, `file`, `folder` or `other`."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return "absent"
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"


def times_version(path: str) -> str:
    """Return what a file's status tells of it: its size and its last change; for anything else, what it is."""
    there = presence(path)
    now = status(path)
    if there != "file" or now is None:
        return there
    return f"{now.size} bytes, {now.modified}, {os.stat(path).st_mode & 0o777:o}"


def link_version(path: str) -> str:
    """Return where a link leads, or that a path is none."""
    return f"link to {os.readlink(path)}" if os.path.islink(path) else "no link"
