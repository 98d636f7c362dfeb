"""A notebook's pipeline: its steps, what would become of each, and what flows between them."""

from __future__ import annotations

from typing import Any, Literal

from steppe_server.schemas.step_runs import StepRunBrief
from steppe_server.schemas.struct import Answer, Asked


class PipelineAsked(Asked, frozen=True, kw_only=True):
    """Which notebook to plan.

    `notebook` is its JSON as it stands in the editor; null for the file as it is saved. `steps` says which cells are
    steps: those with the magic, also those with a tag, or all.
    """

    path: str
    notebook: dict[str, Any] | None = None
    steps: Literal["magic", "tagged", "all"] = "tagged"


class Variable(Answer, frozen=True, kw_only=True):
    """A variable that flows from one step to another; as `Value`, and its version is empty before it was first made."""

    name: str
    version: str
    type: str
    bytes: int
    preview: str


class Flow(Answer, frozen=True, kw_only=True):
    """What a step (`target`, by name) reads of another (`source`)."""

    source: str
    target: str
    variables: list[Variable]


class Part(Answer, frozen=True, kw_only=True):
    """A cell of a step, and what would become of it if it ran now.

    `stale` is what has changed where it would run: `code`, `data`, `environment`, `other`, `never` (it never ran), or
    empty where it would hit or where that can't be known. `seconds`: how long it took before; `saves`: what a hit
    saves. `last`: its latest StepRun. `problem`: what is wrong with its `%%step` line, or empty.
    """

    cell: str
    part: int
    plan: Literal["hit", "run", "unknown"]
    why: list[str]
    stale: Literal["", "code", "data", "environment", "other", "never"]
    seconds: float | None
    saves: float | None
    last: StepRunBrief | None
    problem: str


class Node(Answer, frozen=True, kw_only=True):
    """A step: its cells, options as they are written, and the files that its latest execution read and wrote.

    `inputs`: names of variables that its text reads, whoever binds them.
    """

    name: str
    parts: list[Part]
    inputs: list[str]
    options: dict[str, Any]
    executor: str
    setup: bool
    last: StepRunBrief | None
    reads: list[str]
    writes: list[str]


class Parameter(Answer, frozen=True, kw_only=True):
    """A parameter of a notebook: papermill's, from the cell tagged `parameters`."""

    name: str
    value: str
    type: str
    help: str


class Pipeline(Answer, frozen=True, kw_only=True):
    """A notebook's pipeline; `notebook` is the identity under which its history is kept."""

    notebook: str
    path: str
    steps: list[Node]
    edges: list[Flow]
    parameters: list[Parameter]
    problems: list[str]
