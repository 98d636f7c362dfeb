"""Runs: as lists have them, whole, compared, and asked for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from steppe_server.schemas.pipelines import Parameter
from steppe_server.schemas.step_runs import Note, StepRunBrief, Value
from steppe_server.schemas.struct import Answer, Asked


class Run(Answer, frozen=True, kw_only=True):
    """A run as lists have it. `counts`: how many of its StepRuns are in each state."""

    id: str
    kind: str
    status: str
    notebook: str
    path: str
    owner: str
    host: str
    started: float
    ended: float | None
    parameters: dict[str, Any]
    commit: str
    tags: list[str]
    notes: list[Note]
    counts: dict[str, int]


class RunWhole(Answer, frozen=True, kw_only=True):
    """A run with its StepRuns, the first first."""

    run: Run
    steps: list[StepRunBrief]


class TagsAsked(Asked, frozen=True, kw_only=True):
    """The tags that something is to have from now on."""

    tags: list[str]


class NoteAsked(Asked, frozen=True, kw_only=True):
    """What to write down."""

    text: str


class RunAsked(Asked, frozen=True, kw_only=True):
    """A headless run to start: as `steppe run`, with the same words."""

    path: str
    parameters: dict[str, Any] = {}
    steps: Literal["magic", "tagged", "all"] = "tagged"
    on: str = ""
    jobs: Annotated[int, msgspec.Meta(ge=1, le=256)] = 1
    refresh: list[str] = []


class RunStarted(Answer, frozen=True, kw_only=True):
    """The run that was started, and where its notebook will be (a contents path)."""

    run: str
    output: str


class Parameters(Answer, frozen=True, kw_only=True):
    """The parameters of a notebook."""

    parameters: list[Parameter]


class Pair(Answer, frozen=True, kw_only=True):
    """One thing in two runs; null where a run does not have it. `same`: whether they are alike."""

    name: str
    a: str | None
    b: str | None
    same: bool


class ValuePair(Answer, frozen=True, kw_only=True):
    """A variable in two runs; null where a run does not have it. `same`: whether its values are alike."""

    name: str
    a: Value | None
    b: Value | None
    same: bool


class StepPair(Answer, frozen=True, kw_only=True):
    """A step in two runs: null where a run does not have it. `code` is the unified difference of its source."""

    name: str
    part: int
    a: StepRunBrief | None
    b: StepRunBrief | None
    code: str
    inputs: list[ValuePair]
    outputs: list[ValuePair]
    metrics: list[Pair]


class Comparison(Answer, frozen=True, kw_only=True):
    """Two runs side by side."""

    a: Run
    b: Run
    parameters: list[Pair]
    packages: list[Pair]
    steps: list[StepPair]
