"""What routes are asked in the query. `path` is a contents path: the notebook or folder that decides the project."""

from __future__ import annotations

from typing import Annotated

import msgspec

from steppe_server.schemas.struct import Asked

Limit = Annotated[int, msgspec.Meta(ge=1, le=500)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Part = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
"""Every number has an end: databases, and JavaScript, have one."""


class Place(Asked, frozen=True, kw_only=True):
    """Which project."""

    path: str = ""


class CronLine(Asked, frozen=True, kw_only=True):
    """A cron line and its zone; no `zone` is the server's own."""

    cron: str = ""
    zone: str = ""


class Events(Asked, frozen=True, kw_only=True):
    """What to follow: a project; `last` is the event that was heard last.

    `logs` names StepRuns whose lines are told too, each with how many of them are known: `ID:120,ID:0`.
    """

    path: str = ""
    logs: str | None = None
    last: str | None = None


class Runs(Asked, frozen=True, kw_only=True):
    """Which runs; `notebook` is an identity as `Pipeline.notebook` has it; `since` and `until` are when they began.

    `search` is a part of the notebook's path, of a step's name in it, of a tag or of a note.
    """

    path: str = ""
    search: str = ""
    notebook: str | None = None
    status: str | None = None
    owner: str | None = None
    tag: str | None = None
    kind: str | None = None
    since: float | None = None
    until: float | None = None
    after: str | None = None
    limit: Limit = 50


class StepRuns(Asked, frozen=True, kw_only=True):
    """Which StepRuns."""

    path: str = ""
    run: str | None = None
    notebook: str | None = None
    step: str | None = None
    part: Part | None = None
    state: str | None = None
    tag: str | None = None
    after: str | None = None
    limit: Limit = 50


class Logs(Asked, frozen=True, kw_only=True):
    """Which lines: from `offset` on, of those that hold the text `search`; a negative number counts from the end."""

    path: str = ""
    offset: Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=5000)] = 500
    search: str = ""


class EarlierCode(Asked, frozen=True, kw_only=True):
    """How many at most."""

    path: str = ""
    most: Annotated[int, msgspec.Meta(ge=1, le=5000)] = 50


class Diff(Asked, frozen=True, kw_only=True):
    """Beside which other StepRun; the one before where it is not given."""

    path: str = ""
    other: str | None = None


class Compare(Asked, frozen=True, kw_only=True):
    """Which two runs."""

    path: str = ""
    a: str = ""
    b: str = ""


class Around(Asked, frozen=True, kw_only=True):
    """How many levels of a lineage graph, and how many knots at most."""

    path: str = ""
    up: Annotated[int, msgspec.Meta(ge=0, le=20)] = 3
    down: Annotated[int, msgspec.Meta(ge=0, le=20)] = 3
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 200


class TablePage(Asked, frozen=True, kw_only=True):
    """Which rows and columns of a table.

    `sort` is the place of the column that they are sorted by; `at` cuts through the first dimensions of an array that
    has more than two: `3,0`.
    """

    path: str = ""
    offset: Offset = 0
    limit: Limit = 100
    left: Offset = 0
    width: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    sort: Offset | None = None
    descending: bool = False
    at: str = ""


class TableOrder(Asked, frozen=True, kw_only=True):
    """Which order of a table: that by the column at the place `sort`; `at` as for a page."""

    sort: Offset
    path: str = ""
    at: str = ""


class TableColumns(Asked, frozen=True, kw_only=True):
    """Which columns are to be told in short."""

    path: str = ""
    left: Offset = 0
    width: Annotated[int, msgspec.Meta(ge=1, le=50)] = 12
