"""The figures of a step: shown, or kept as variables."""

from __future__ import annotations

from typing import Any

from steppe_server.schemas.struct import Answer


class Figure(Answer, frozen=True, kw_only=True):
    """A figure that a step showed (`data`, a MIME bundle), or a variable that is one (`version`: ask for its content).

    `name` is the variable's name or the figure's title, where it has one.
    """

    name: str
    version: str
    data: dict[str, Any]


class Figures(Answer, frozen=True, kw_only=True):
    """The figures of a step, those that it showed first."""

    items: list[Figure]
