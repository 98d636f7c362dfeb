"""Doubts: what is done to a value that may change it, and on which path; and which are settled by the value's type."""

from __future__ import annotations

from typing import TypeAlias

from steppe.analysis.flow import Key
from steppe.analysis.published import IMPURE_FUNCTIONS, PURE_FUNCTIONS, PURE_METHODS

Value: TypeAlias = tuple[tuple[Key, str], ...]
"""The names that a value may share parts with, each with the path on which it does."""

LONG = 4
"""How many steps a path may have before it only says that there is one."""

DERIVED = "~"
"""The path of what arithmetic makes of a value: it shares nothing where arithmetic gives fresh values."""

DELICATE = ("item", "iter")
"""Doubts that matter to rare types alone."""

CLOSED = ("ndarray", "pandas", "polars", "tensor")
"""Families in which what is reached from a value is of the family too, or can't change."""


def settled(doubt: str, family: str, path: str | None = None) -> bool:
    """Tell whether a doubt about a value is settled by its type: what is done surely does not change it.

    All doubts about a name have to be settled: one that stands for a longer path relies on those for its beginning.

    Args:
        doubt: one doubt about its name.
        family: `immutable`, `list`, `dict`, `set`; or, closed in that what is reached from it is of the same kind,
            `ndarray` (of plain numbers), `pandas` (without objects inside that can change), `polars` or `tensor`.
        path: the dotted path of the function that the doubt names, where it is known: `numpy.mean` for `np.mean(…)`.
    """
    if family == "immutable":
        return True
    steps, _, action = doubt.rpartition(" ") if doubt.endswith(("(…)", *DELICATE)) else _last_method(doubt)
    closed = family in CLOSED
    if "*" in doubt or (steps and not closed):
        return False
    if action in DELICATE or (action == "derived" and closed):
        return True
    if action.endswith("(…)"):
        return path is not None and _pure(path)
    return action.endswith("()") and action[1:-2] in PURE_METHODS.get(family, ())


def _last_method(doubt: str) -> tuple[str, str, str]:
    """Cut `.loc[].mean()` into `.loc[]` and `.mean()`."""
    head, dot, last = doubt.rpartition(".")
    return head, "", dot + last


def _pure(path: str) -> bool:
    """Tell whether a function is published as one that does not change its arguments."""
    if path in IMPURE_FUNCTIONS:
        return False
    while path:
        if path in PURE_FUNCTIONS:
            return True
        path = path.rpartition(".")[0]
    return False


def join(path: str, rest: str) -> str:
    """Return a path, or a doubt, that goes on from another."""
    if path.startswith(DERIVED):
        return DERIVED
    whole = path + rest
    steps = whole.count(".") + whole.count("[") + whole.count("…")
    return whole if steps <= LONG and len(whole) < 80 else "*"


def doubt_about(path: str, doubt: str) -> str:
    """Return the doubt about a name whose value is reached by a path and doubted there."""
    if path.startswith(DERIVED) or doubt == "derived":
        return "derived"
    if path == "*" or doubt == "*":
        return "*"
    joined = join(path, doubt if doubt[:1] in ".[=(" or not path else f" {doubt}")
    return "*" if joined == DERIVED else joined


def derived(value: Value) -> Value:
    """Return what arithmetic makes of a value."""
    return tuple((key, DERIVED) for key, _ in value)
