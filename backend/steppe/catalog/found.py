"""What the Catalog hands out beside the glossary's own structs. Plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


def every(ask: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """Yield what stands on all pages of a list.

    Args:
        ask: gives the page that begins after the last one: `lambda after: catalog.runs.list(after=after, limit=500)`.
    """
    after: str | None = None
    while True:
        page = ask(after)
        yield from page.items
        after = page.next
        if after is None:
            return


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
        step_run: the StepRun that executed it.
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
    step_run: str = ""
    held: bool


class Schedule(Struct, frozen=True, kw_only=True):
    """A notebook that runs at set times.

    Attributes:
        id: a time-ordered unique id: one that is removed and made again under its name is another.
        name: what people call it, once in a project.
        root: the project's folder; a scheduler serves those of its own.
        revision: how often it has been changed.
        notebook: its path, relative to the root.
        cron: when it is due: five fields, or six, of which the first is seconds.
        zone: the IANA name of the time zone that `cron` is read in.
        parameters: texts, in which `{scheduled}` is the due time.
        jitter: seconds over which starts are spread, by the schedule and the due time.
        catchup: what becomes of times that were missed: `all` are run, the `latest` is, or all are left out (`skip`).
        parallel: how many of its runs may go on at once.
        retries: how often a run that failed is tried again.
        retry_wait: seconds before the first retry; twice that before the next, and so on, up to a day.
        late: seconds after its due time from which a run that has not begun is told to be late.
        webhooks: where failures, lateness and recoveries are told, as JSON.
        slack: likewise, in Slack's form.
        paused: no time is due while it is.
        cursor: the time up to which due times have been entered.
        steps: which cells are steps.
        on: the executor for steps that name none.
        jobs: how many steps may run side by side.
        kernel: the kernel's name; empty for the notebook's own.
        where: `kubernetes` where a CronJob makes its runs, and no scheduler; else empty.
        namespace: that of the CronJob.
        owner: who made it.
        created: when.
    """

    id: str
    name: str
    root: str
    revision: int = 0
    notebook: str = ""
    cron: str = ""
    zone: str = "UTC"
    parameters: dict[str, str] = {}
    jitter: float = 0.0
    catchup: str = "latest"
    parallel: int = 1
    retries: int = 0
    retry_wait: float = 60.0
    late: float = 900.0
    webhooks: tuple[str, ...] = ()
    slack: tuple[str, ...] = ()
    paused: bool = False
    cursor: float = 0.0
    steps: str = "tagged"
    on: str = ""
    jobs: int = 1
    kernel: str = ""
    where: str = ""
    namespace: str = ""
    owner: str = ""
    created: float = 0.0


class Due(Struct, frozen=True, kw_only=True):
    """One time at which a schedule is due, and what has become of it.

    Attributes:
        schedule: the Schedule's id.
        due: the time, in whole seconds since 1970.
        state: `waiting`, `started`, `running`, `succeeded`, `failed` or `skipped`.
        token: names the one process that may go on with it; another for each try.
        after: not before this time.
        expires: until when the process that has it is believed to live, unless it says so again.
        run: the Run's id of the last try.
        open: 1 where a scheduler has something to do yet.
        origin: `cron`, `backfill` or `now`.
        tries: how many tries have begun.
        lost: how many of them ended without a word.
        holder: the process of the last try; see `steppe.engine.holder`.
        output: the executed notebook's path.
        error: the last try's.
        started: when the first try began; 0 where none has.
        ended: when it came to its end; 0 where it has not.
        told: the alerts that were sent.
    """

    schedule: str
    due: int
    state: str = "waiting"
    token: str = ""
    after: float = 0.0
    expires: float = 0.0
    run: str = ""
    open: int = 1
    origin: str = "cron"
    tries: int = 0
    lost: int = 0
    holder: str = ""
    output: str = ""
    error: str = ""
    started: float = 0.0
    ended: float = 0.0
    told: tuple[str, ...] = ()
