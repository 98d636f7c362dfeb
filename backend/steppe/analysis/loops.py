"""The loops of a fan-out, as they stand on the magic's line: `map=`, `sweep=` and `gather=` read into what they say."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Mapping

from steppe.analysis.tree import BROKEN, parse_expression, walk
from steppe.errors import BadOption, UsageError
from steppe.types import Struct

WAYS = ("list", "frame")
"""How what the elements leave under a name comes back."""

SURE = frozenset(
    {"dict", "divmod", "enumerate", "frozenset", "len", "list", "max", "min", "range", "reversed", "round", "set"}
    | {"sorted", "str", "sum", "tuple", "zip", "int", "float", "abs"}
)
"""Builtins whose value follows from what they are given."""

SURE_METHODS = frozenset({"items", "keys", "split", "splitlines", "values", "itertuples", "iterrows", "groupby"})


class Loop(Struct, frozen=True):
    """One loop.

    Attributes:
        target: what each element is bound to, as written: `f`, or `i, row`.
        iterable: the expression after `in`, conditions included.
        names: the names in the target, in order.
    """

    target: str
    iterable: str
    names: tuple[str, ...]

    @property
    def generator(self) -> str:
        """An expression that gives, one by one, the names of the target with what each element binds them to."""
        bound = ", ".join(f"{name!r}: {name}" for name in self.names)
        return f"({{{bound}}} for {self.target} in {self.iterable})"

    @property
    def reads(self) -> frozenset[str]:
        """The names that it reads of the notebook."""
        tree = parse_expression(self.generator)
        return frozenset(node.id for node in walk(tree) if isinstance(node, ast.Name)) - set(self.names)

    @property
    def sure(self) -> bool:
        """Whether its elements follow from the values that it reads, and from nothing else."""
        return all(
            _is_sure(node.func) for node in walk(parse_expression(self.generator)) if isinstance(node, ast.Call)
        ) and not any(
            isinstance(node, ast.Lambda | ast.Await | ast.NamedExpr) for node in walk(parse_expression(self.generator))
        )


class Gathering(Struct, frozen=True):
    """A name that comes back.

    Attributes:
        name: the variable.
        how: one of `WAYS`.
    """

    name: str
    how: str = "list"


def read_map(value: object) -> str | None:
    """Return the text of one loop where it is one, else None."""
    text = value.strip() if isinstance(value, str) else ""
    return text if loop_of(text) is not None else None


def loop_of(text: str) -> Loop | None:
    """Return the loop that a text holds, such as `f in files` or `i, row in enumerate(rows)`."""
    try:
        tree = parse_expression(f"[0 for {text}\n]")
    except BROKEN:
        return None
    if not isinstance(tree, ast.ListComp) or len(tree.generators) != 1:
        return None
    made = tree.generators[0]
    if made.is_async or not _is_target(made.target):
        return None
    names = tuple(node.id for node in ast.walk(made.target) if isinstance(node, ast.Name))
    if len(set(names)) != len(names):
        return None
    found = re.search(r"\bin\b", text)
    assert found is not None
    return Loop(text[: found.start()].strip(), text[found.end() :].strip(), names)


def _is_target(node: ast.AST) -> bool:
    if isinstance(node, ast.Tuple | ast.List):
        return bool(node.elts) and all(map(_is_target, node.elts))
    if isinstance(node, ast.Starred):
        return _is_target(node.value)
    return isinstance(node, ast.Name)


def read_sweep(value: object) -> str | None:
    """Return the text of a grid where it is one, else None."""
    text = value.strip() if isinstance(value, str) else ""
    return text if grid_of(text) is not None else None


def grid_of(text: str) -> tuple[Loop, ...] | None:
    """Return the loops of a grid, such as `lr in [.1, .01], depth in [2, 4]`, in order."""
    try:
        tree = parse_expression(f"({text}\n)")
    except BROKEN:
        return None
    found = []
    for node in tree.elts if isinstance(tree, ast.Tuple) else [tree]:
        if not isinstance(node, ast.Compare) or not isinstance(node.left, ast.Name) or len(node.ops) != 1:
            return None
        if not isinstance(node.ops[0], ast.In):
            return None
        found.append(Loop(node.left.id, ast.unparse(node.comparators[0]), (node.left.id,)))
    names = [loop.target for loop in found]
    return tuple(found) if found and len(set(names)) == len(names) else None


def read_gather(value: object) -> tuple[Gathering, ...] | None:
    """Return what `gather=` names, such as `scores, rows:frame`, else None."""
    if isinstance(value, str):
        words = [word.strip() for word in value.split(",") if word.strip()]
    elif isinstance(value, list | tuple) and all(isinstance(word, str) for word in value):
        words = [str(word).strip() for word in value]
    else:
        return None
    found = []
    for word in words:
        name, _, how = word.partition(":")
        name, how = name.strip(), how.strip() or "list"
        if not name.isidentifier() or keyword.iskeyword(name) or how not in WAYS:
            return None
        found.append(Gathering(name, how))
    names = [each.name for each in found]
    return tuple(found) if found and len(set(names)) == len(names) else None


def _is_sure(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in SURE
    return isinstance(function, ast.Attribute) and function.attr in SURE_METHODS


CLASHES = {
    "nodes": "each element runs on one node",
    "outputs": "gather= names what comes back",
    "setup": "a setup cell runs once",
}
"""Options that mean nothing beside a loop, and why."""


def check(values: Mapping[str, object]) -> None:
    """Refuse what does not go together with a loop, or needs one.

    Args:
        values: the options that were given, as they were read.

    Raises:
        UsageError: two of them contradict each other.
    """
    given = [name for name in ("map", "sweep") if values.get(name) is not None]
    if len(given) == 2:
        raise UsageError("%%step map= and sweep= are two ways to say which elements there are. Give one of them.")
    if not given:
        if values.get("gather") is not None:
            raise BadOption("gather", shown(values["gather"]), 'it needs a loop: give map="f in files" too')
        return
    for name, why in CLASHES.items():
        if values.get(name) and not (name == "nodes" and values[name] == 1):
            raise UsageError(f"%%step {given[0]}= does not go with {name}=: {why}.")


def shown(gather: object) -> str:
    """Return what `gather=` gives as it is written."""
    if not isinstance(gather, tuple):
        return str(gather or "")
    return ",".join(each.name if each.how == "list" else f"{each.name}:{each.how}" for each in gather)
