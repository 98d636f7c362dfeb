"""Schedules: as lists have them, with what became of their times, and asked for."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from steppe_server.schemas.struct import Answer, Asked

Seconds = Annotated[float, msgspec.Meta(ge=0, le=31_536_000)]
Count = Annotated[int, msgspec.Meta(ge=0, le=100)]


class DueTime(Answer, frozen=True, kw_only=True):
    """One time at which a schedule was due, in its zone, and what has become of it.

    `opens` is the contents path of its executed notebook; null where there is none that Jupyter shows.
    """

    due: str
    state: str
    origin: str
    run: str
    tries: int
    output: str
    opens: str | None
    error: str
    started: float | None
    ended: float | None
    told: list[str]


class Schedule(Answer, frozen=True, kw_only=True):
    """A notebook that runs at set times; `next` are those to come, `dues` the latest that have.

    `path` is the notebook's contents path; null where Jupyter does not show it.
    """

    id: str
    name: str
    notebook: str
    path: str | None
    cron: str
    zone: str
    parameters: dict[str, str]
    catchup: str
    parallel: int
    retries: int
    retry_wait: float
    jitter: float
    late: float
    paused: bool
    alerts: int
    owner: str
    next: list[str]
    dues: list[DueTime]


class Schedules(Answer, frozen=True, kw_only=True):
    """A project's schedules by name, and whether a scheduler runs for it."""

    items: list[Schedule]
    scheduler: bool


class ScheduleAsked(Asked, frozen=True, kw_only=True):
    """A schedule to make: as `steppe schedule`, with the same words; no `zone` is the server's own."""

    path: str
    cron: str
    name: str = ""
    zone: str = ""
    parameters: dict[str, str] = {}
    catchup: Literal["latest", "all", "skip"] = "latest"
    parallel: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    retries: Count = 0
    retry_wait: Seconds = 60
    jitter: Seconds = 0
    late: Seconds = 900
    webhooks: list[str] = []
    slack: list[str] = []


class ScheduleChange(Asked, frozen=True, kw_only=True):
    """What is to be of a schedule from now on; what is null stays as it is."""

    paused: bool | None = None
    cron: str | None = None
    zone: str | None = None
    parameters: dict[str, str] | None = None
    catchup: Literal["latest", "all", "skip"] | None = None
    parallel: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    retries: Count | None = None
    retry_wait: Seconds | None = None
    jitter: Seconds | None = None
    late: Seconds | None = None
    webhooks: list[str] | None = None
    slack: list[str] | None = None


class BackfillAsked(Asked, frozen=True, kw_only=True):
    """Which times of the past are to run: dates or times such as 2026-05-03, in the schedule's zone, both ends in."""

    since: str
    until: str
    again: bool = False


class DueTimes(Answer, frozen=True, kw_only=True):
    """When a cron line is due next in a zone, or why it is not: `wrong` is the field that does not fit."""

    zone: str
    next: list[str]
    wrong: Literal["", "cron", "zone"]
    problem: str


class Removed(Answer, frozen=True, kw_only=True):
    """The name of what was removed."""

    removed: str
