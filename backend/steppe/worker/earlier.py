"""What an earlier try of a step has seen and done until a checkpoint: kept with it, and taken over by who goes on.

A result that was made from a checkpoint depends on all that the tries before had read, though they are gone: else it
would be a hit where that has changed since. So a checkpoint is used only while its own Trace holds, and that becomes
part of the step's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from steppe.types import Buffer, Digest, FileOutput, Measured, Observation, Struct
from steppe.worker import contents
from steppe.worker.generators import state_version
from steppe.worker.observed import holds
from steppe.worker.randomness import UNSEEDED

if TYPE_CHECKING:
    from steppe.worker.execution import Execution

Put = Callable[[Iterable[Buffer]], Digest]
Stored = dict[str, tuple[contents.Status | None, FileOutput]]
"""Files that are stored with a checkpoint already, by path, and their status then."""


class Earlier(Struct, frozen=True, kw_only=True):
    """What a step has seen and done.

    Attributes:
        trace: what it was seen to read.
        reasons: why its result can't be cached, in words.
        outside: how it reached outside of what can be known, in words.
        wrote: the files that it wrote inside the project.
        metrics: the numbers that it logged, in order.
    """

    trace: tuple[Observation, ...] = ()
    reasons: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    wrote: tuple[FileOutput, ...] = ()
    metrics: tuple[Measured, ...] = ()


def noted(execution: Execution, put: Put, stored: Stored) -> Earlier:
    """Return what a step has seen and done so far; what it wrote is stored."""
    trace, use, places = execution.trace, execution.use, execution.setting.places
    for name, state in execution.setting.randomness.states().items():
        if state != use.given.get(name):
            use.reads(name)
    settled = execution.settle(put, keep=False)
    wrote = list(settled.files)
    wrote += (
        _stored(path, places.name(path), trace.before.get(path, ""), put, stored)
        for path in list(trace.written)
        if places.inside(path) and contents.presence(path) == "file" and not os.path.islink(path)
    )
    return Earlier(
        trace=tuple(settled.trace),
        reasons=tuple(settled.reasons),
        outside=tuple(settled.outside),
        wrote=tuple(wrote),
        metrics=tuple(execution.metrics),
    )


def _stored(path: str, name: str, was: str, put: Put, stored: Stored) -> FileOutput:
    """Store a file, where it is not stored already as it is."""
    now = contents.status(path)
    known = stored.get(path)
    if known is not None and known[0] == now:
        return known[1]
    made = file_output(path, name, put, was)
    stored[path] = now, made
    return made


def file_output(path: str, name: str, put: Put, was: str = "") -> FileOutput:
    """Store a file."""

    def chunks() -> Iterable[bytes]:
        with open(path, "rb", buffering=0) as file:
            while chunk := file.read(contents.CHUNK):
                yield chunk

    now = os.stat(path)
    return FileOutput(path=name, blob=put(chunks()), size=now.st_size, mode=now.st_mode & 0o777, was=was)


def unfit(execution: Execution, earlier: Earlier) -> str:
    """Say what has changed since a checkpoint was saved, so that it can't be gone on from; nothing where all holds."""
    places = execution.setting.places
    own = {places.path(file.path.rstrip("/")): file.was for file in earlier.wrote}
    for item in earlier.trace:
        if item.kind == "random":
            if not _given(execution, item):
                return f"the random generator of {item.name} has another state"
        elif not _still(execution, item, own):
            what = f"the environment variable {item.name}" if item.kind == "variable" else item.name
            return f"{what} has changed"
    return ""


def _given(execution: Execution, item: Observation) -> bool:
    """Tell whether a generator was given to this try as to the earlier one."""
    use = execution.use
    if item.version == UNSEEDED:
        return item.name not in use.seeded
    return item.name in use.seeded and item.name in use.given and state_version(use.given[item.name]) == item.version


def _still(execution: Execution, item: Observation, own: dict[str, str]) -> bool:
    """Tell whether what was observed is still so, but for what the step itself has written, or added to a file."""
    places = execution.setting.places
    path = places.path(item.name) if item.kind != "variable" else ""
    if path in own and (item.kind not in ("file", "source") or item.version == own[path]):
        return True
    try:
        if own and item.kind == "listing":
            return contents.listing_version(path, frozenset(own)) == item.version
        if own and item.kind == "glob":
            return contents.glob_version(path, frozenset(own)) == item.version
    except OSError:
        return False
    return holds(item, places, os.environ)


def take_over(execution: Execution, earlier: Earlier, get: Callable[[Digest], memoryview]) -> None:
    """Let a step go on from there: what was seen is its own, and so are the files, made again where they are not."""
    trace, places = execution.trace, execution.setting.places
    for item in earlier.trace:
        if item.kind == "random":
            execution.use.read.add(item.name)
        elif item.version.startswith("absent or "):  # it has written there itself
            trace.probed.setdefault(places.path(item.name), ("presence", "absent"))
        elif item not in trace.earlier:
            trace.earlier.append(item)
    trace.spoilt += [reason for reason in earlier.reasons if reason not in trace.spoilt]
    for reason in earlier.outside:
        trace.leaves(reason)
    for file in earlier.wrote:
        path = places.path(file.path.rstrip("/"))
        _make_again(file, path, get)
        trace.written.setdefault(path)
        trace.existed.setdefault(path, "file" if file.was else "absent")
        if file.was:
            trace.before.setdefault(path, file.was)
    known = {(each.name, each.step, each.time) for each in execution.metrics}
    execution.metrics[:0] = [each for each in earlier.metrics if (each.name, each.step, each.time) not in known]


def _make_again(file: FileOutput, path: str, get: Callable[[Digest], memoryview]) -> None:
    """Put a file there where it is not, in another pod say; one that is there is this step's own, or newer."""
    if file.path.endswith("/"):
        os.makedirs(path, exist_ok=True)
    elif file.blob is None:
        if file.was and contents.presence(path) == "file" and contents.file_version(path) == file.was:
            os.unlink(path)
    elif contents.presence(path) == "absent":
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write(file, path, get)


def write(file: FileOutput, path: str, get: Callable[[Digest], memoryview]) -> None:
    """Write a stored file: whole, or not at all."""
    assert file.blob is not None
    fresh = f"{path}.part"
    with open(fresh, "wb") as out:
        out.write(get(file.blob))
    os.chmod(fresh, file.mode)
    os.replace(fresh, path)
