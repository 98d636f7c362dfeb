"""The options of a step: which there are, what a cell gives, and how that is changed."""

from __future__ import annotations

from typing import Any, Literal

from steppe_server.schemas.struct import Answer, Asked


class OptionKind(Answer, frozen=True, kw_only=True):
    """An option that a step may be given.

    `about` says what it does, `wanted` what fits, `example` how it is written. `choices`: all that fits where `kind`
    is `switch` or `choice`; what is likely where it is `text`.
    """

    name: str
    about: str
    wanted: str
    example: str
    kind: Literal["text", "switch", "choice"]
    choices: list[str]


class OptionKinds(Answer, frozen=True, kw_only=True):
    """All options, in the order in which help shows them."""

    options: list[OptionKind]


class OptionsAsked(Asked, frozen=True, kw_only=True):
    """What a cell gives, and what is to become of it.

    `line` is what stands after `%%step`; null for a cell that is a step by its tag, whose options are `given`: what
    its metadata `steppe` holds. `changes`: the new text of each option, null to take it away; `name` likewise.
    """

    path: str = ""
    line: str | None = None
    given: dict[str, Any] = {}
    changes: dict[str, str | None] = {}
    name: str | None = None


class OptionGiven(Answer, frozen=True, kw_only=True):
    """An option that a cell gives, as text. `problem`: why it does not fit, or empty."""

    name: str
    value: str
    problem: str


class OptionsGiven(Answer, frozen=True, kw_only=True):
    """What a cell gives after the changes. `problem`: what is wrong with the whole, or empty."""

    line: str | None
    given: dict[str, Any]
    name: str
    settings: list[OptionGiven]
    problem: str
