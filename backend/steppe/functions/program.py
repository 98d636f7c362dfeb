"""How the program was called, for steps whose code asks for it: its command line, and what is piped into it."""

from __future__ import annotations

import functools
import sys
import types
from typing import Any

from steppe.functions.script import text_of
from steppe.types import Ingredient
from steppe.values.code import parts_of

ASKING = frozenset({"argv", "orig_argv", "parse_args", "parse_known_args", "parse_intermixed_args", "getopt"})
"""Names of attributes and functions by which code comes to the command line."""


INPUT = "stdin"

HANDLED = frozenset({"exc_info", "exception", "format_exc", "print_exc"})
"""Names by which code comes to the error that is being handled: `sys.exc_info`, `log.exception`."""


def ask_of_the_call(gathered: Any) -> None:
    """Add the command line to a key where code that a step reaches asks for it; what comes in is new each time."""
    asked: set[str] = set()
    for root in gathered.walk.roots.values():
        for node in (root.value, *root.nodes):
            if isinstance(node, types.FunctionType):
                parts = _parts(node.__code__)
                asked |= parts
                if INPUT in parts:
                    gathered.reasons.append(f"{node.__qualname__}() reads what comes in by sys.stdin")
    if asked & ASKING or any(
        _names_it(str(getattr(sys.modules.get(name), "__file__", "")), ASKING) for name in gathered.project
    ):
        gathered.ingredients.append(Ingredient(kind="global", name="sys.argv", version=repr(sys.argv)))


def ask_of_the_error(gathered: Any) -> None:
    """Say that a call has no key where an error is handled around it that code which the step reaches may ask for."""
    error = sys.exc_info()[1]
    if error is None:
        return
    nodes = [node for root in gathered.walk.roots.values() for node in (root.value, *root.nodes)]
    if any(isinstance(node, types.FunctionType) and _parts(node.__code__) & HANDLED for node in nodes) or any(
        _names_it(str(getattr(sys.modules.get(name), "__file__", "")), HANDLED) for name in gathered.project
    ):
        gathered.reasons.append(f"its code may ask for the {type(error).__name__} that is being handled around it")


@functools.lru_cache(4096)
def _parts(code: types.CodeType) -> frozenset[str]:
    return frozenset(parts_of(code)) & (ASKING | HANDLED | {INPUT})


@functools.lru_cache(1024)
def _names_it(file: str, names: frozenset[str]) -> bool:
    text = text_of(file)
    return any(name in text for name in names)
