"""What has to go along with a step to where this machine's disk is not: found, counted, and stored by digest."""

from __future__ import annotations

import glob
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from steppe.engine.session import Session
from steppe.engine.step import Step
from steppe.errors import UsageError
from steppe.types import Result
from steppe.wording import sized
from steppe.worker import contents
from steppe.worker.execution import Intent
from steppe.worker.here import here
from steppe.worker.luggage import Item, Luggage, archive
from steppe.worker.observed import holds

LIMIT = 2**30
"""Bytes of data files that go along unless the profile says otherwise."""

APART = frozenset({"variable", "random", "source", "status", "link"})
"""What a Trace tells of that is another in another place as a matter of course, or goes along by itself."""

ELSEWHERE = ".steppe/modules"
"""Where modules lie, in the worker's copy of the project, that are the project's own and outside of its folder."""


def pack(step: Step, intent: Intent, pod: dict[str, Any]) -> Luggage:
    """Store what goes along with a step.

    Args:
        step: the step.
        intent: what is known of its cell.
        pod: what is asked of the cluster: what is mounted, and how much may go along.

    Raises:
        UsageError: its data files are more than what goes along, or one that it was told to read is out of reach.
    """
    session = step.session
    sources = _sources(step)
    entries = [*_entries(session), *([ELSEWHERE] if any(name.startswith(ELSEWHERE) for name in sources) else [])]
    files = sorted({*_files(step, intent, pod.get("volumes", {})), *_missed(step)})
    _check_size(step, files, int(pod.get("files_limit", LIMIT)))
    return Luggage(
        modules=session.put([archive(sources)]) if sources else None,
        files=tuple(_item(session, path) for path in files),
        path=tuple(entries),
    )


def _sources(step: Step) -> dict[str, bytes]:
    """Return the sources of the project's modules that may be imported, by their paths relative to its root."""
    session, gathered = step.session, step.gathered
    assert gathered is not None
    setup = [cell.label for cell in session.setup.cells if cell.target == "import"]
    names = {name for name in (*gathered.project, *session.modules.loaded, *setup) if name != "__main__"}
    names |= {name[:i] for name in names for i, letter in enumerate(name) if letter == "."}
    found = {}
    for name, source in session.modules.closure(sorted(names)).project.items():
        path = _place(session, name, source.file)
        if path:
            with open(source.file, "rb") as file:
                found[path] = file.read()
    return found


def _place(session: Session, name: str, file: str) -> str:
    """Return where a module's file lies in the worker's copy of the project; nothing for what is no file of its own."""
    if not file.endswith(".py") or not os.path.isfile(file):
        return ""
    if session.places.inside(file):
        return session.places.name(file)
    parts = name.split(".")
    if os.path.basename(file) == "__init__.py":
        return "/".join((ELSEWHERE, *parts, "__init__.py"))
    return "/".join((ELSEWHERE, *parts[:-1], os.path.basename(file)))


def _entries(session: Session) -> Iterator[str]:
    """Yield the entries of `sys.path` inside the project, but for environments in it; relative to its root."""
    for entry in sys.path:
        path = os.path.abspath(entry or here())
        if path == session.places.root or (os.path.isdir(path) and session.places.inside(path)):
            yield session.places.name(path)


def _files(step: Step, intent: Intent, volumes: dict[str, Any]) -> Iterator[str]:
    """Yield the paths of the data files that a step is known to read."""
    places = step.session.places
    asked = set(step.request.options.files)
    for kind, path in intent.reach:
        if kind == "file":
            if places.inside(path):
                yield path
            elif path in {os.path.abspath(os.path.expanduser(each)) for each in asked}:
                _check_mounted(step, path, volumes)
        elif kind == "tree" and places.inside(path):
            yield from (each for each in contents.files_below(path) if places.inside(each))
    before = step.session.catalog.step_runs.last(step.record().step, part=step.request.part, useful=True)
    for seen in before.trace if before is not None else ():
        path = places.path(seen.name)
        if seen.kind == "file" and places.inside(path) and os.path.isfile(path):
            yield path


def _missed(step: Step) -> Iterator[str]:
    """Yield the files that a step has asked for where they were not: those of a folder or a pattern, too."""
    places = step.session.places
    for kind, name in step.missed:
        path = places.path(name)
        if kind == "glob":
            yield from (
                each for each in glob.iglob(path, recursive=True) if os.path.isfile(each) and places.inside(each)
            )
        elif os.path.isdir(path):
            yield from (each for each in contents.files_below(path) if places.inside(each))
        elif os.path.isfile(path):
            yield path


def lacked(step: Step, result: Result) -> set[tuple[str, str]]:
    """Return what of the project a step asked about that was otherwise where it ran: kinds and names of a Trace.

    What went along was as it is, though it may have been changed here since.
    """
    places, along = step.session.places, step.luggage.files if step.luggage is not None else ()
    same = {item.path: item.blob for item in along} | {file.path: "" for file in result.files}
    return {
        (item.kind, item.name)
        for item in result.trace
        if item.kind not in APART
        and not os.path.isabs(item.name)
        and same.get(item.name) not in (item.version, "")
        and not holds(item, places, os.environ)
    }


def _check_mounted(step: Step, path: str, volumes: dict[str, Any]) -> None:
    if not any(f"{path}/".startswith(folder.rstrip("/") + "/") for folder in volumes):
        raise UsageError(
            f"`{step.request.name}` can't run on {step.executor}: it reads {path}, which is outside of the project and "
            "so does not go along. Mount its folder there: `volumes` in the step's profile."
        )


def _check_size(step: Step, files: Iterable[str], limit: int) -> None:
    sizes = {path: os.path.getsize(path) for path in files}
    total = sum(sizes.values())
    if total > limit:
        largest = max(sizes, key=lambda path: sizes[path])
        raise UsageError(
            f"`{step.request.name}` can't run on {step.executor}: the files that it reads are {sized(total)}, and "
            f"{sized(limit)} go along at most; the largest is {step.session.places.name(largest)} "
            f"({sized(sizes[largest])}). Mount them with `volumes`, or raise `files-limit`, in the step's profile."
        )


def _item(session: Session, path: str) -> Item:
    """Store a file where it is not stored yet."""
    status = os.stat(path)
    digest = contents.file_version(path)
    if not session.store.has(digest):
        digest = session.put(_chunks(path))
    return Item(path=session.places.name(path), blob=digest, size=status.st_size, mode=stat.S_IMODE(status.st_mode))


def _chunks(path: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk
