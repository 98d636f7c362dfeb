"""Artifacts: what is known of one, and what is shown of its value."""

from __future__ import annotations

from typing import Any, Literal

from steppe_server.schemas.struct import Answer


class Execution(Answer, frozen=True, kw_only=True):
    """An execution that made or read a value, and under which names.

    `notebook` is the notebook's identity, `path` its contents path or null where it is out of reach.
    """

    step_run: str
    run: str
    step: str
    cell: str
    notebook: str
    path: str | None
    names: list[str]
    started: float


class Artifact(Answer, frozen=True, kw_only=True):
    """What is known of a value.

    `view` is how it can be shown; `load` the line of code that loads it; `kept`: whether its bytes are in the store.
    """

    version: str
    name: str
    type: str
    bytes: int
    format: str
    preview: str
    kept: bool
    view: Literal["table", "array", "image", "figure", "tree", "text", "model", "none"]
    load: str
    makers: list[Execution]
    users: list[Execution]


class TableColumn(Answer, frozen=True, kw_only=True):
    """A column's name and type."""

    name: str
    type: str


class Table(Answer, frozen=True, kw_only=True):
    """A page of a table.

    `rows` begin at `offset`, and each has the values of the columns from `left` on: null, a truth, a number or a text.
    `total` rows exist, `shown` of them can be asked for. `sorting`: the order is still being computed; `rows` are then
    right where there are any, and the page is to be asked for again where there are none. `progress` is then how far
    it is, from 0 to 1, where that is known.
    """

    columns: list[TableColumn]
    rows: list[list[Any]]
    offset: int
    left: int
    total: int
    shown: int
    sorting: bool
    progress: float | None


class GivenUp(Answer, frozen=True, kw_only=True):
    """Whether something was under way that has been ended."""

    ended: bool


class Top(Answer, frozen=True, kw_only=True):
    """A value that is frequent, and how often it occurs."""

    value: Any
    count: int


class Histogram(Answer, frozen=True, kw_only=True):
    """How values are spread: one edge more than counts."""

    edges: list[float]
    counts: list[int]


class Summary(Answer, frozen=True, kw_only=True):
    """A column in short; `distinct` is null where the values that differ are too many to count."""

    column: int
    name: str
    type: str
    nulls: int
    distinct: int | None
    min: Any
    max: Any
    mean: float | None
    histogram: Histogram | None
    top: list[Top]
    rows: int


class Summaries(Answer, frozen=True, kw_only=True):
    """Columns in short, as far as they are known; `pending`: more will be, ask again."""

    items: list[Summary]
    pending: bool


class Fact(Answer, frozen=True, kw_only=True):
    """A name and a value."""

    name: str
    value: str


class Content(Answer, frozen=True, kw_only=True):
    """What is drawn of a value.

    `data` is a MIME bundle. A node of `tree` is `{"type", "items": [[name, node], ...], "more"}`, a leaf is
    `[type, text]`. `more`: only the beginning is told.
    """

    data: dict[str, Any]
    tree: Any
    text: str
    facts: list[Fact]
    parameters: list[Fact]
    parts: list[Fact]
    more: bool
