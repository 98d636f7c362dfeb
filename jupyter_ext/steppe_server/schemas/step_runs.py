"""StepRuns as lists, badges and the details of a step show them."""

from __future__ import annotations

from typing import Any

from steppe_server.schemas.struct import Answer


class StepRunBrief(Answer, frozen=True, kw_only=True):
    """A StepRun as lists, badges and events have it.

    `started` and `ended` are seconds since 1970; `seconds` is how long the execution took (the original one, for a
    hit); `error` is the error's first line, where it failed. `made` is when its result was made: for a hit, long ago.
    """

    id: str
    run: str
    notebook: str
    name: str
    part: int
    cell: str
    state: str
    executor: str
    why: str
    started: float
    ended: float | None
    seconds: float
    key: str | None
    error: str
    made: float | None


class Value(Answer, frozen=True, kw_only=True):
    """A variable's value: `type` and `preview` are empty and `bytes` is 0 where nothing more is known of it."""

    name: str
    version: str
    type: str
    bytes: int
    preview: str


class Changed(Answer, frozen=True, kw_only=True):
    """An ingredient of a key that was another before: null where it was not there."""

    kind: str
    name: str
    old: str | None
    new: str | None


class Observed(Answer, frozen=True, kw_only=True):
    """Something that a step was seen to read, or a file that it wrote, with its version."""

    kind: str
    name: str
    version: str


class Try(Answer, frozen=True, kw_only=True):
    """One attempt at executing a StepRun, how it ended, and that in a sentence for people."""

    number: int
    state: str
    executor: str
    started: float
    ended: float | None
    end: str
    explained: str


class Note(Answer, frozen=True, kw_only=True):
    """What a person wrote about a run or a StepRun."""

    id: str
    text: str
    author: str
    time: float


class StepRun(Answer, frozen=True, kw_only=True):
    """All that is known of a StepRun.

    `cost` is what the execution has cost, `saved` the seconds and `saved_cost` the money that hits have saved: null
    where the project sets no prices.
    """

    brief: StepRunBrief
    source: str
    before: str | None
    changes: list[Changed]
    ingredients: list[Observed]
    inputs: list[Value]
    outputs: list[Value]
    trace: list[Observed]
    written: list[Observed]
    python: str
    packages: dict[str, str]
    commit: str
    host: str
    attempts: list[Try]
    asked: dict[str, Any]
    used: dict[str, float]
    seed: int | None
    result_of: str
    hits: int
    saved: float
    cost: float | None
    saved_cost: float | None
    currency: str
    tags: list[str]
    notes: list[Note]


class Line(Answer, frozen=True, kw_only=True):
    """A line that a step wrote; `stream` is `stdout`, `stderr`, or for what it showed `display` or `result`."""

    number: int
    stream: str
    text: str


class Log(Answer, frozen=True, kw_only=True):
    """Some lines of a step's log. `total` counts those that match; `live`: more may still come."""

    lines: list[Line]
    total: int
    live: bool


class Measurement(Answer, frozen=True, kw_only=True):
    """One number of a series; `value` is null where it is not finite."""

    step: int | None
    value: float | None
    time: float


class Metrics(Answer, frozen=True, kw_only=True):
    """What a step logged, by name."""

    series: dict[str, list[Measurement]]


class Difference(Answer, frozen=True, kw_only=True):
    """A step's code beside that of another StepRun of it; `old` is empty where there is no other.

    `changed` says in words what differs, which may be a function that the cell calls: `the cell`, `function fit`.
    """

    changed: list[str]
    old: str
    new: str
    old_id: str | None
    unified: str
