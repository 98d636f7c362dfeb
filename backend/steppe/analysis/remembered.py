"""Judgements of code that depend on what its names are bound to: made again only where such a binding is another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Answers = Callable[[str], Any]
"""Tells something of a name: the path of the module that it is bound to, whether it is a class."""

_Result = TypeVar("_Result")

MOST = 4096
"""How many judgements are remembered."""

_Known = tuple[object, list[tuple[int, str, Any]], Any]
_KNOWN: dict[tuple[Callable[..., Any], int], _Known] = {}


def remembered(judge: Callable[..., _Result], node: object, *answers: Answers) -> _Result:
    """Return `judge(node, *answers)`; what it was before, where the same questions have the same answers.

    Args:
        judge: depends on the code, which nobody changes, and on the answers alone.
        node: the code's tree, or what was found in it.
        answers: what the judgement may ask.
    """
    mark = judge, id(node)
    known = _KNOWN.get(mark)
    if known is not None and known[0] is node and all(answers[at](name) == was for at, name, was in known[1]):
        return known[2]  # type: ignore[no-any-return]  # what the same `judge` has returned
    asked: dict[tuple[int, str], Any] = {}

    def noting(at: int, answer: Answers) -> Answers:
        def ask(name: str) -> Any:
            found = asked[at, name] = answer(name)
            return found

        return ask

    found = judge(node, *(noting(at, answer) for at, answer in enumerate(answers)))
    if len(_KNOWN) >= MOST:
        _KNOWN.clear()
    _KNOWN[mark] = node, [(at, name, was) for (at, name), was in asked.items()], found
    return found
