"""Functions of other modules that ours stand in for as long as a session lasts."""

from __future__ import annotations

from typing import Any


class Patches:
    """What was put in the place of what, so that it can be put back."""

    def __init__(self) -> None:
        self._put: list[tuple[Any, str, Any, Any]] = []

    def put(self, owner: Any, name: str, ours: Any) -> None:
        """Put a function into an owner, in the place of its own."""
        self._put.append((owner, name, ours, getattr(owner, name)))
        setattr(owner, name, ours)

    def undo(self) -> None:
        """Put back what was there, the last first; where somebody else has put theirs over ours, it is left alone."""
        while self._put:
            owner, name, ours, original = self._put.pop()
            if getattr(owner, name, None) is ours:
                setattr(owner, name, original)
