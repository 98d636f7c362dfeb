"""What all schemas have in common."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a route answers: every field is always there."""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a route is asked, in the query or the body: a field that is not known is refused."""


class Page(Answer, Generic[T], frozen=True, kw_only=True):
    """Some of a list; `next` is what to give as `after` for the next ones, null at the end."""

    items: list[T]
    next: str | None


class Refusal(Answer, frozen=True, kw_only=True):
    """Why something could not be answered, in one sentence."""

    message: str
