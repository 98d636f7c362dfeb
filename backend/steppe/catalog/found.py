"""What the Catalog hands out beside the glossary's own structs. Plain data."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from steppe.types import Digest, State, StepId, StepRun, Struct

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some of a list, and where it goes on.

    Attributes:
        items: at most as many as were asked for.
        next: what to give as `after` for the next page; None at the end.
    """

    items: tuple[T, ...]
    next: str | None = None


class RunFilter(Struct, frozen=True, kw_only=True):
    """Which runs to list; what is None is not asked. `since` and `until` are when the run's id was made.

    `search` is a part of the notebook's path or id, of a step's name in it, of a tag or of a note, in small or large
    letters.
    """

    kind: str | None = None
    notebook: str | None = None
    owner: str | None = None
    status: str | None = None
    commit: str | None = None
    tag: str | None = None
    search: str | None = None
    since: float | None = None
    until: float | None = None


class StepRunFilter(Struct, frozen=True, kw_only=True):
    """Which StepRuns to list; what is None is not asked. `since` and `until` are when the StepRun's id was made."""

    run: str | None = None
    notebook: str | None = None
    step: str | None = None
    part: int | None = None
    states: tuple[State, ...] | None = None
    executor: str | None = None
    key: Digest | None = None
    entry: str | None = None
    tag: str | None = None
    since: float | None = None
    until: float | None = None


class Step(Struct, frozen=True, kw_only=True):
    """A step's cell that has been resolved at least once, with its first and its latest StepRun.

    Attributes:
        id: the step's identity.
        part: which of its cells.
        first: id of the first StepRun.
        last: the latest, without source, ingredients and trace.
    """

    id: StepId
    part: int
    first: str
    last: StepRun


class Use(Struct, frozen=True, kw_only=True):
    """A step that was seen to use something: a file, a listing, a package, a module, a git commit ….

    Attributes:
        kind: an Ingredient's or an Observation's kind; `written` for a file that it wrote; `commit`.
        name: the path, the package, the module; of a commit its hash.
        version: the version used; of a commit the hash, with `+` where the tree differed from it.
        step: the step's identity.
        part: which of its cells.
        step_run: the StepRun that last brought it to the Catalog.
        current: whether the step's latest StepRun uses it.
    """

    kind: str
    name: str
    version: str
    step: StepId
    part: int
    step_run: str
    current: bool


class Edge(Struct, frozen=True, kw_only=True):
    """A variable that a StepRun read or bound, with its data version."""

    step_run: str
    name: str
    version: Digest


class Metric(Struct, frozen=True, kw_only=True):
    """One measurement: `step` counts epochs or batches, where there are such; `id` orders them."""

    id: str
    name: str
    value: float
    step: int | None = None
    time: float = 0.0


class Note(Struct, frozen=True, kw_only=True):
    """What a person wrote about a run or a StepRun."""

    id: str
    kind: str
    subject: str
    text: str
    author: str = ""
    time: float = 0.0


class Name(Struct, frozen=True, kw_only=True):
    """Where a name such as `production` points, or pointed from `time` on; version None: it was dropped then."""

    name: str
    version: Digest | None
    author: str = ""
    time: float = 0.0
    note: str = ""


class Pin(Struct, frozen=True, kw_only=True):
    """Something that `steppe gc` must keep: kind `artifact`, `step_run` or `run`, and its version or id."""

    kind: str
    target: str
    reason: str = ""
    time: float = 0.0


class Hazard(Struct, frozen=True, kw_only=True):
    """A file that one step writes and another reads: they are not to run side by side."""

    writer: StepId
    reader: StepId
    path: str
    seen: float = 0.0


class EntryUse(Struct, frozen=True, kw_only=True):
    """What `steppe gc` has to know of an entry.

    Attributes:
        id: names it for `upkeep.remove`.
        key: its CacheKey.
        result: the blob of its Result.
        size: bytes of all its parts.
        seconds: what it took to compute.
        created: when it was kept.
        used: when it was last kept or hit.
        expires: when it stops being a hit, or None.
        held: whether a pin, a name or a lease holds it.
    """

    id: int
    key: Digest
    result: Digest
    size: int
    seconds: float
    created: float
    used: float
    expires: float | None
    held: bool
