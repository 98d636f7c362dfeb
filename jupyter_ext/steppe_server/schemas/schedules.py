"""Schedules: as lists have them, with what became of their times, and asked for."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from steppe_server.schemas.struct import Answer, Asked

Seconds = Annotated[float, msgspec.Meta(ge=0, le=31_536_000)]
Count = Annotated[int, msgspec.Meta(ge=0, le=100)]


class DueTime(Answer, frozen=True, kw_only=True):
    """One time at which a schedule was due, in its zone, and what has become of it."""

    due: str
    state: str
    origin: str
    run: str
    tries: int
    output: str
    error: str
    started: float | None
    ended: float | None
    told: list[str]


class Schedule(Answer, frozen=True, kw_only=True):
    """A notebook that runs at set times; `next` are those to come, `dues` the latest that have."""

    id: str
    name: str
    notebook: str
    cron: str
    zone: str
    parameters: dict[str, str]
    catchup: str
    parallel: int
    retries: int
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
    jitter: Seconds = 0
    webhooks: list[str] = []
    slack: list[str] = []


class ScheduleChange(Asked, frozen=True, kw_only=True):
    """What is to be of a schedule from now on."""

    paused: bool


class Removed(Answer, frozen=True, kw_only=True):
    """The name of what was removed."""

    removed: str
