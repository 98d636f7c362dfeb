"""A Catalog that remembers what it has answered, for as long as nobody writes to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from steppe.catalog.catalog import Catalog

MOST = 50_000
"""Answers that are remembered."""

QUESTIONS = {
    "step_runs": ("last", "get", "list"),
    "entries": ("find",),
    "artifacts": ("get",),
}
"""What is remembered, by noun. Everything else is asked each time."""


class Remembered:
    """A Catalog for looking at, again and again.

    Who looks begins with `begin`: what was answered before holds where the database says that nothing has been
    committed since. It is asked before anything is read, so what is read later is at least as new as that. What comes
    back may be shared: it is not to be changed.
    """

    def __init__(self, catalog: Catalog) -> None:
        """Look at an open Catalog."""
        self.catalog = catalog
        self._known: dict[Any, Any] = {}
        self._version: object = None
        for noun, names in QUESTIONS.items():
            setattr(self, noun, _Noun(getattr(catalog, noun), noun, names, self._known))

    def begin(self) -> None:
        """Forget what may no longer hold."""
        version = self.catalog.version()
        if version is None or version != self._version or len(self._known) > MOST:
            self._known.clear()
        self._version = version

    def __getattr__(self, name: str) -> Any:
        """Return what is asked each time."""
        return getattr(self.catalog, name)


class _Noun:
    def __init__(self, asked: Any, noun: str, names: tuple[str, ...], known: dict[Any, Any]) -> None:
        self._asked = asked
        for name in names:
            setattr(self, name, _remembering((noun, name), getattr(asked, name), known))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._asked, name)


def _remembering(question: tuple[str, str], ask: Callable[..., Any], known: dict[Any, Any]) -> Callable[..., Any]:
    def answer(*words: Any, **named: Any) -> Any:
        key = (question, words, tuple(named.items()))
        if key not in known:
            known[key] = ask(*words, **named)
        return known[key]

    return answer
