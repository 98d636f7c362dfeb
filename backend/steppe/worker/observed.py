"""From what a step was seen to do to the Trace that is kept with it, and whether a kept Trace still holds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from blake3 import blake3

from steppe.types import Buffer, Digest, FileOutput, Observation
from steppe.worker import contents
from steppe.worker.made import only_makes
from steppe.worker.places import Places
from steppe.worker.probes import is_secret
from steppe.worker.trace import Trace, unseen


class Observed:
    """What a step read and wrote, settled.

    Attributes:
        trace: what must still hold for its result to be valid.
        files: what it wrote inside the project.
        reasons: why it can't be cached, in words, or empty.
        outside: how it reached outside of what can be known, in words, or empty.
    """

    def __init__(self) -> None:
        self.trace: list[Observation] = []
        self.files: list[FileOutput] = []
        self.reasons: list[str] = []
        self.outside: list[str] = []


def settle(trace: Trace, places: Places, put: Callable[[Iterable[Buffer]], Digest], keep: bool = True) -> Observed:
    """Turn a finished trace into observations and stored files.

    Args:
        trace: what was seen.
        places: which paths matter.
        put: stores bytes.
        keep: False where the files written need not be stored, since nothing will be cached.
    """
    found = Observed()
    with unseen():  # copies are looked at: a thread that the step has left running may still add to the trace
        trace.hears()
        _unseen_writes(trace)
        written = _written(trace, places, found, put, keep)
        _read(trace, places, found)
        _imported(trace, places, found)
        _probed(trace, places, found, written)
        for (kind, path), version in list(trace.listings.items()):
            if places.matters(path):
                found.trace.append(Observation(kind=kind, name=places.name(path), version=version))
    for name, value in list(trace.variables.items()):
        found.trace.append(Observation(kind="variable", name=name, version=variable_version(name, value)))
    found.outside += trace.outside
    known = {(item.kind, item.name) for item in found.trace}
    found.trace += [item for item in trace.earlier if (item.kind, item.name) not in known]
    found.reasons += trace.spoilt
    return found


def _unseen_writes(trace: Trace) -> None:
    """Find what native code wrote: suspects that changed, and paths that were not there when they were asked about."""
    for path, before in list(trace.suspects.items()):
        _unseen_write(trace, path, before)
    for path, (_, answer) in list(trace.probed.items()):
        if answer == "absent" and path not in trace.written and contents.presence(path) != "absent":
            trace.written[path] = None
            trace.existed[path] = "absent"
    for folder, files in list(trace.below.items()):
        for path in {**files, **dict.fromkeys(contents.files_below(folder))}:
            _unseen_write(trace, path, files.get(path, "absent"))
    for folder, seen in list(trace.unfilled.items()):
        if os.path.isdir(folder) and set(os.listdir(folder)) - seen:
            trace.probed[folder] = "first", "absent"
    for path in list(trace.written):  # in a folder that was not there all is the step's own
        if trace.existed.get(path) == "absent" and os.path.isdir(path) and not os.path.islink(path):
            for folder, folders, names in os.walk(path):
                for name in (*folders, *names):
                    below = os.path.join(folder, name)
                    trace.written.setdefault(below, None)
                    trace.existed.setdefault(below, "absent")


def _unseen_write(trace: Trace, path: str, before: str) -> None:
    there = contents.presence(path)
    after = contents.file_version(path) if there == "file" else there
    if after != before and path not in trace.written:
        trace.written[path] = None
        trace.existed[path] = "file" if before.startswith("b3:") else before
        if before.startswith("b3:"):
            trace.before[path] = before


def _written(trace: Trace, places: Places, found: Observed, put: Any, keep: bool) -> dict[str, str]:
    """Store the files that were written; return the version of each path, or what else is there now."""
    versions: dict[str, str] = {}
    for path in list(trace.written):
        if not places.matters(path):
            continue
        now = contents.presence(path)
        versions[path] = contents.file_version(path) if now == "file" else now
        was, existed = trace.before.get(path, ""), trace.existed.get(path, "absent")
        if os.path.islink(path):
            found.reasons.append(f"it writes {places.name(path)}, which is a symbolic link: that is not put back")
        elif not places.inside(path):
            found.reasons += _outside(path, now, existed, places)
        else:
            if existed not in ("absent", now):
                found.files.append(FileOutput(path=places.name(path), blob=None, was=was))
            if now == "file" and keep:
                found.files.append(_stored(path, places, put, was))
            elif now == "folder" and existed != "folder":
                mode = os.stat(path).st_mode & 0o777
                found.files.append(FileOutput(path=places.name(path) + "/", blob=None, mode=mode))
    for path in list(trace.marked):
        if path not in trace.written and places.matters(path) and not places.temporary(path):
            found.reasons.append(f"it sets the times or the mode of {places.name(path)}")
    return versions


def _scratch(path: str, places: Places) -> bool:
    """Tell whether a path is named like what libraries make for a while, where such things are."""
    return places.temporary(path) and places.passing(path)


def _outside(path: str, now: str, existed: str, places: Places) -> Iterable[str]:
    """Yield why a step that leaves something else outside of the project can't be cached."""
    if _scratch(path, places):
        return
    if now == "file" or (now == "folder" and existed != "folder"):
        yield f"it writes {path}, which is outside of the project"
    elif now == "absent" and existed != "absent":
        yield f"it removes {path}, which is outside of the project"


def _stored(path: str, places: Places, put: Any, was: str) -> FileOutput:
    def chunks() -> Iterable[bytes]:
        with open(path, "rb", buffering=0) as file:  # as in contents
            while chunk := file.read(contents.CHUNK):
                yield chunk

    now = os.stat(path)
    return FileOutput(path=places.name(path), blob=put(chunks()), size=now.st_size, mode=now.st_mode & 0o777, was=was)


def _read(trace: Trace, places: Places, found: Observed) -> None:
    for path, was in list(trace.read.items()):
        if not places.matters(path) or (path in trace.written and _scratch(path, places)):
            continue
        name = places.name(path)
        version = trace.before.get(path)
        if version is None:
            now = contents.presence(path)
            if now == "folder":
                continue
            if now != "file":
                if path not in trace.written:
                    found.reasons.append(f"{name} was removed while it was being read")
                continue
            if contents.status(path) != was and path not in trace.written:
                found.reasons.append(f"{name} changed while it was being read")
                continue
            version = contents.file_version(path)
        found.trace.append(Observation(kind="file", name=name, version=version))


def _imported(trace: Trace, places: Places, found: Observed) -> None:
    for path, was in list(trace.sources.items()):
        if not places.matters(path) or path in trace.written or contents.presence(path) != "file":
            continue
        if contents.status(path) != was:
            found.reasons.append(f"{places.name(path)} changed while it was being read")
            continue
        found.trace.append(Observation(kind="source", name=places.name(path), version=contents.source_version(path)))


def _probed(trace: Trace, places: Places, found: Observed, written: dict[str, str]) -> None:
    seen = {item.name for item in found.trace}
    for path, (kind, version) in list(trace.probed.items()):
        if path in written and _scratch(path, places):
            continue
        name = places.name(path)
        if (
            (name in seen and kind != "times")
            or not places.matters(path)
            or (version == "folder" and places.above(path))
        ):
            continue
        own = written.get(path, "") if version == "absent" else ""
        if own and not _decides(trace, path, kind, own):
            version = f"absent or {own}"  # noqa: PLW2901  # the step's own work does not count against it
        told = {"times": "status", "link": "presence", "missed": "presence", "first": "presence"}.get(kind, kind)
        found.trace.append(Observation(kind=told, name=name, version=version))
    for path, version in list(trace.links.items()):
        if places.inside(path) and path not in written:
            found.trace.append(Observation(kind="link", name=places.name(path), version=version))


def _decides(trace: Trace, path: str, kind: str, own: str) -> bool:
    """Tell whether a step goes by that something was not there that is now its own work."""
    if kind == "first":
        return True
    return kind == "missed" and not (own == "folder" and only_makes(trace.asked.get(path, ())))


def variable_version(name: str, value: str | None) -> str:
    """Return the version of an environment variable's value; the value itself is not kept.

    Of a secret only sixteen bits are kept: enough that a changed one is seen, too few to find out what it is.
    """
    if value is None:
        return "unset"
    data = value.encode("utf-8", "surrogateescape")
    if is_secret(name):
        return f"secret:{blake3(data, derive_key_context=f'steppe 2026 secret variable {name}').hexdigest(2)}"
    return f"b3:{blake3(data).hexdigest()}"


def now(kind: str, name: str, places: Places, environ: dict[str, str] | Any) -> str:
    """Return the version of something observed as it is now; `absent` for a file or folder that is gone."""
    if kind == "variable":
        return variable_version(name, environ.get(name))
    path = places.path(name)
    try:
        if kind == "file":
            return contents.file_version(path) if contents.presence(path) == "file" else contents.presence(path)
        if kind == "source":
            return contents.source_version(path) if contents.presence(path) == "file" else contents.presence(path)
        if kind == "listing":
            return contents.listing_version(path)
        if kind == "tree":
            return contents.tree_version(path)
        if kind == "glob":
            return contents.glob_version(path)
        if kind == "link":
            return contents.link_version(path)
        if kind == "status":
            return contents.times_version(path)
    except OSError as error:
        return "absent" if isinstance(error, FileNotFoundError) else f"unreadable ({error.strerror})"
    return contents.presence(path)


def holds(item: Observation, places: Places, environ: Any) -> bool:
    """Tell whether what was observed is still so."""
    with unseen():
        if item.version.startswith("absent or "):
            path = places.path(item.name)
            there = contents.presence(path)
            if there == "file":
                there = now("file", item.name, places, environ)
            return there in ("absent", item.version.removeprefix("absent or "))
        return now(item.kind, item.name, places, environ) == item.version
