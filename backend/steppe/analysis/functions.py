"""Finds code inside source: the function, lambda, class or comprehension that a code object was compiled from.

Lambdas on one line are told apart by where their first instruction stands, by their parameters and by their constants.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import NamedTuple

import msgspec

from steppe.analysis.canonical import constant, digest_of
from steppe.analysis.glance import Glance
from steppe.analysis.names import Names, names_inside
from steppe.analysis.scopes import (
    COMPREHENSIONS,
    DEFINITIONS,
    Function,
    Kind,
    Scope,
    comprehension_scope,
    function_scope,
    parameters,
    type_parameters,
)
from steppe.analysis.tree import children, dotted, parse, walk
from steppe.types import Digest

INLINED = ("<listcomp>.", "<setcomp>.", "<dictcomp>.")
"""Parts of qualified names that Python 3.12 no longer writes."""

ANONYMOUS = {
    ast.Lambda: "<lambda>",
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}

CODE = (*DEFINITIONS, ast.ClassDef, *ANONYMOUS)


class Place(NamedTuple):
    """What a code object tells of where it was written.

    Attributes:
        name: `co_name`.
        qualname: `co_qualname`.
        line: `co_firstlineno`: of a decorated function that of its first decorator.
        position: line and column (from 0) of its first instruction that tells one, or None.
        parameters: the names of its parameters; None where they are not known.
        constants: its `co_consts`; None where they are not known.
    """

    name: str
    qualname: str
    line: int
    position: tuple[int, int] | None = None
    parameters: tuple[str, ...] | None = None
    constants: tuple[object, ...] | None = None


def place_of(code: CodeType) -> Place:
    """Return what a code object tells of where it was written."""
    first = code.co_firstlineno
    position = None
    for line, _, column, _ in code.co_positions():
        if line is not None and column is not None and (line, column) != (first, 0):
            position = (line, column)
            break
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    return Place(code.co_name, code.co_qualname, first, position, code.co_varnames[:count], code.co_consts)


@dataclass(frozen=True, eq=False)
class Definition:
    """One function, lambda, class or comprehension in a source.

    Attributes:
        node: its node, decorators included.
        name: as its code object has it.
        qualname: likewise, as Python 3.12 and later write it.
        line: likewise.
        scope: the scope around it, by which its names are resolved.
    """

    node: ast.AST
    name: str
    qualname: str
    line: int
    scope: Scope

    @functools.cached_property
    def digest(self) -> Digest:
        """The digest of exactly this code, with its decorators."""
        return digest_of(self.node)

    @functools.cached_property
    def glance(self) -> Glance:
        """What one pass over it finds."""
        return Glance(self.node)


class Index:
    """All code of a source by where it stands."""

    def __init__(self, tree: ast.Module) -> None:
        self._by_place: dict[tuple[str, int], list[Definition]] = {}
        for found in _scan(tree.body, "", Scope(Kind.MODULE)):
            self._by_place.setdefault((found.name, found.line), []).append(found)

    @classmethod
    def of(cls, source: str) -> Index:
        """Index a source.

        Raises:
            SyntaxError: it is not valid.
        """
        return cls(parse(source))

    def __iter__(self) -> Iterator[Definition]:
        for found in self._by_place.values():
            yield from found

    def find(self, place: Place) -> Definition | None:
        """Return the code at a place; None where there is none, or where more than one may be meant."""
        found = self._by_place.get((place.name, place.line), [])
        qualname = plain_qualname(place.qualname)
        found = [one for one in found if one.qualname == qualname]
        if len(found) > 1 and place.parameters is not None:
            found = [one for one in found if _parameters(one.node) in (None, set(place.parameters))]
        if len(found) > 1 and place.position is not None:
            found = _at(found, place.position)
        elif len(found) > 1 and place.constants is not None:
            found = _with_constant(found, place.constants)
        if len({one.digest for one in found}) != 1:
            return None
        return found[0]


def plain_qualname(qualname: str) -> str:
    """Return a qualified name as Python 3.12 and later write it."""
    for part in INLINED:
        qualname = qualname.replace(part, "")
    return qualname


def _parameters(node: ast.AST) -> set[str] | None:
    """Return the names of a function's parameters, as its code object has them."""
    return {arg.arg for arg in parameters(node.args)} if isinstance(node, ast.Lambda | ast.FunctionDef) else None


def _at(found: list[Definition], position: tuple[int, int]) -> list[Definition]:
    """Return those whose own code holds a position: lambdas by their body, comprehensions by their start."""
    exact = [one for one in found if not isinstance(one.node, ast.Lambda) and _start(one.node) == position]
    within = [one for one in found if isinstance(one.node, ast.Lambda) and _holds(one.node.body, position)]
    innermost = max(within, key=lambda one: _start(one.node), default=None)
    return exact or ([innermost] if innermost is not None else [])


def _start(node: ast.AST) -> tuple[int, int]:
    return node.lineno, node.col_offset  # type: ignore[attr-defined]


def _holds(node: ast.expr, position: tuple[int, int]) -> bool:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return _start(node) <= position < (node.end_lineno, node.end_col_offset)


def _with_constant(found: list[Definition], constants: tuple[object, ...]) -> list[Definition]:
    """Return the lambdas that return one of a code object's constants: Python 3.12 tells no column for them."""
    known = {constant(value) for value in constants if not isinstance(value, CodeType)}
    bodies = [(one, one.node.body) for one in found if isinstance(one.node, ast.Lambda)]
    return [one for one, body in bodies if isinstance(body, ast.Constant) and constant(body.value) in known]


def _scan(nodes: Iterable[ast.AST], prefix: str, scope: Scope) -> Iterator[Definition]:
    """Iterate over all code in nodes of one scope, and in what is inside it."""
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if isinstance(node, CODE):
            definition = _define(node, prefix, scope)
            yield definition
            inner, around = _parts(node)
            stack.extend(around)
            yield from _scan(inner, _prefix(node, prefix, definition.qualname), _scope(node, scope))
        else:
            stack.extend(children(node))


def _define(node: ast.AST, prefix: str, scope: Scope) -> Definition:
    name = ANONYMOUS.get(type(node)) or node.name  # type: ignore[attr-defined]
    decorators = getattr(node, "decorator_list", None)
    line = decorators[0].lineno if decorators else node.lineno  # type: ignore[attr-defined]
    return Definition(node, name, name if scope.spelt(name) in scope.outer else prefix + name, line, scope)


def _parts(node: ast.AST) -> tuple[list[ast.AST], list[ast.AST]]:
    """Return what runs in the scope that a node opens, and what runs in the scope around it."""
    if isinstance(node, ast.Lambda):
        return [node.body], [node.args]
    if isinstance(node, COMPREHENSIONS):
        first = node.generators[0]
        inner = [part for part in children(node) if part is not first]
        return [*inner, first.target, *first.ifs], [first.iter]
    inner = list(node.body)  # type: ignore[attr-defined]
    return inner, [part for part in children(node) if part not in inner]


def _prefix(node: ast.AST, prefix: str, qualname: str) -> str:
    """Return what stands before the qualified names of code inside a node."""
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp):
        return prefix
    return f"{qualname}." if isinstance(node, ast.ClassDef | ast.GeneratorExp) else f"{qualname}.<locals>."


def _scope(node: ast.AST, scope: Scope) -> Scope:
    """Return the scope that a node opens."""
    if isinstance(node, COMPREHENSIONS):
        return comprehension_scope(node.generators, scope)
    names = {scope.spelt(parameter.name) for parameter in type_parameters(node)}
    if names:
        scope = Scope(Kind.PARAMETERS, scope, names)
    if isinstance(node, ast.ClassDef):
        scope = Scope(Kind.CLASS, scope)
        scope.private = node.name.lstrip("_")
        for statement in node.body:
            if isinstance(statement, ast.Global):
                scope.outer.update(map(scope.spelt, statement.names))
        return scope
    assert isinstance(node, Function)
    return function_scope(node, scope)


class Uses(msgspec.Struct, frozen=True, kw_only=True):
    """What a function, lambda or class of a notebook uses of the module's namespace.

    Attributes:
        names: what its body reads and binds whenever it is called (of a class: when it is made, or a method called).
        at_definition: names that its decorators, defaults, annotations and bases read when it is made.
        chains: dotted names that begin with a name that it reads: `("np", "random", "seed")`.
        calls: those of `chains`, and plain names, that it calls.
    """

    names: Names
    at_definition: frozenset[str]
    chains: frozenset[tuple[str, ...]]
    calls: frozenset[tuple[str, ...]]


def uses_of(node: ast.AST, scope: Scope | None = None) -> Uses:
    """Return what a function, lambda or class uses.

    Args:
        node: its node.
        scope: the scope around it (`Definition.scope`), whose names are not the module's; the module where not given.
    """
    body, around = names_inside(node, scope)
    roots = body.reads | around
    chains: set[tuple[str, ...]] = set()
    calls: set[tuple[str, ...]] = set()
    inner: set[ast.AST] = set()
    for part in walk(node):
        if isinstance(part, ast.Attribute):
            inner.add(part.value)
            chain = dotted(part) if part not in inner else None
            if chain and chain[0] in roots:
                chains.add(chain)
        elif isinstance(part, ast.Call):
            called = dotted(part.func)
            if called and called[0] in roots:
                calls.add(called)
    return Uses(names=body, at_definition=around, chains=frozenset(chains), calls=frozenset(calls))
