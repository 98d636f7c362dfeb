"""One text for one meaning of code: a canonical encoding of syntax trees, and its digest.

Formatting, comments, positions and prefixes that change nothing (`u""`) are out; docstrings stay, since they can be
read. Constants carry their type and length, so `1`, `1.0`, `True` and `"1"` differ, and so do `(0.12, 3)` and
`(0.1, 23)`. Nothing stands for a field that is empty, so a field that a newer Python adds changes no code without it.
The encoding is the same on every Python from 3.11 on.

    node   := class "(" { field value } ")"
    value  := node | "[" { value } "]" | "-" (nothing, inside a list) | text | constant
    text   := length ":" that many characters

A class name ends at "(", a field's number at "=", and every value says where it ends: so no two trees share a text.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from blake3 import blake3

from steppe.analysis.tree import parse
from steppe.types import Digest

Write = Callable[[str], None]

LEFT_OUT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
"""Fields that mean nothing: the context of a name follows from its place."""


def canonical(node: ast.AST) -> bytes:
    """Return the canonical encoding of a syntax tree."""
    pieces: list[str] = []
    _encode(node, pieces.append)
    return "".join(pieces).encode("utf-8", "surrogatepass")


def digest_of(node: ast.AST, mark: bytes = b"") -> Digest:
    """Return the digest of a syntax tree: equal for code that differs in formatting and comments alone.

    Args:
        node: the tree.
        mark: what else tells it from others. No encoding is another one with something after it.
    """
    return f"b3:{blake3(canonical(node) + mark).hexdigest()}"


def source_digest(text: str) -> Digest:
    """Return the digest of Python source.

    Raises:
        SyntaxError: it is not valid.
    """
    return digest_of(parse(text))


def _encode(node: ast.AST, write: Write) -> None:
    _ENCODERS.get(node.__class__, _node)(node, write)


# Constants


def _text(value: str) -> str:
    return f"{len(value)}:{value}"


def _float(value: float) -> str:
    return f"f{value.hex()};"


_CONSTANTS: dict[type, Callable[[Any], str]] = {
    str: lambda value: f"s{len(value)}:{value}",
    int: lambda value: f"i{value:x};",
    float: _float,
    complex: lambda value: f"c{_float(value.real)}{_float(value.imag)}",
    bool: lambda value: "T" if value else "F",
    type(None): lambda _: "N",
    type(...): lambda _: "E",
    bytes: lambda value: f"b{len(value)}:{value.decode('latin-1')}",
    tuple: lambda value: f"({''.join(map(constant, value))})",
    frozenset: lambda value: f"{{{''.join(sorted(map(constant, value)))}}}",
}


def constant(value: object) -> str:
    """Return the encoding of a literal's value, by its very type."""
    return _CONSTANTS[value.__class__](value)


# Nodes. The general way, then the classes that make up most of any cell, written out for speed.


def _node(node: ast.AST, write: Write) -> None:
    cls = node.__class__
    write(f"{cls.__name__}(")
    for number, field in _FIELDS[cls]:
        value = getattr(node, field, None)
        if value is None or value == []:
            continue
        write(number)
        _value(value, write)
    write(")")


def _value(value: Any, write: Write) -> None:
    if isinstance(value, ast.AST):
        _ENCODERS.get(value.__class__, _node)(value, write)
    elif value.__class__ is list:
        _list(value, write)
    elif value.__class__ is str:
        write(f"{len(value)}:{value}")
    else:
        write(constant(value))


def _list(values: list[Any], write: Write) -> None:
    write("[")
    for value in values:
        if value is None:
            write("-")
        elif isinstance(value, ast.AST):
            _ENCODERS.get(value.__class__, _node)(value, write)
        else:
            write(f"{len(value)}:{value}")
    write("]")


def _constant(node: ast.Constant, write: Write) -> None:
    write(f"Constant({_CONSTANTS[node.value.__class__](node.value)})")


def _name(node: ast.Name, write: Write) -> None:
    write(f"Name({len(node.id)}:{node.id})")


def _attribute(node: ast.Attribute, write: Write) -> None:
    write(f"Attribute({len(node.attr)}:{node.attr}")
    value = node.value
    _ENCODERS.get(value.__class__, _node)(value, write)
    write(")")


def _call(node: ast.Call, write: Write) -> None:
    keywords: list[ast.keyword] = node.keywords
    if node.func.__class__ is ast.Attribute and node.func.attr in DECORATORS and _makes_step(node):
        keywords = [each for each in keywords if each.arg not in PLACES]
        if not keywords:
            _encode(node.func, write)
            return
    write("Call(")
    _ENCODERS.get(node.func.__class__, _node)(node.func, write)
    _list(node.args, write)
    if keywords:
        _list(keywords, write)
    write(")")


DECORATORS = frozenset({"step", "pipeline"})

PLACES = frozenset(
    {"cache", "cpu", "gpu", "image", "memory", "name", "nodes", "on", "profile", "retries", "retry_on", "timeout"}
)
"""Options of `@steppe.step` that say where and how often a function runs, which is no part of what it computes."""


def _makes_step(node: ast.Call) -> bool:
    value = node.func.value  # type: ignore[attr-defined]  # an attribute
    return value.__class__ is ast.Name and value.id == "steppe" and not node.args


def _keyword(node: ast.keyword, write: Write) -> None:
    write("keyword(" if node.arg is None else f"keyword({len(node.arg)}:{node.arg}")
    _ENCODERS.get(node.value.__class__, _node)(node.value, write)
    write(")")


def _expr(node: ast.Expr, write: Write) -> None:
    write("Expr(")
    _ENCODERS.get(node.value.__class__, _node)(node.value, write)
    write(")")


def _assign(node: ast.Assign, write: Write) -> None:
    write("Assign(")
    _list(node.targets, write)
    _ENCODERS.get(node.value.__class__, _node)(node.value, write)
    write(")")


def _subscript(node: ast.Subscript, write: Write) -> None:
    write("Subscript(")
    _ENCODERS.get(node.value.__class__, _node)(node.value, write)
    _ENCODERS.get(node.slice.__class__, _node)(node.slice, write)
    write(")")


def _binop(node: ast.BinOp, write: Write) -> None:
    write(f"BinOp({node.op.__class__.__name__}(")
    _ENCODERS.get(node.left.__class__, _node)(node.left, write)
    _ENCODERS.get(node.right.__class__, _node)(node.right, write)
    write("))")


def _sequence(node: Any, write: Write) -> None:
    write(f"{node.__class__.__name__}(")
    _list(node.elts, write)
    write(")")


def _singleton(node: ast.MatchSingleton, write: Write) -> None:
    write(f"MatchSingleton({constant(node.value)})")


def _joined(node: Any, write: Write) -> None:
    """Encode an f-string: how Pythons cut its plain parts into constants differs."""
    write(f"{node.__class__.__name__}(")
    plain: list[str] = []
    for part in node.values:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            plain.append(part.value)
            continue
        if any(plain):
            write(f"s{_text(''.join(plain))}")
        plain.clear()
        _encode(part, write)
    if any(plain):
        write(f"s{_text(''.join(plain))}")
    write(")")


class _Fields(dict[type[ast.AST], list[tuple[str, str]]]):
    """The fields of each class of node that are encoded, each with what stands before its value."""

    def __missing__(self, cls: type[ast.AST]) -> list[tuple[str, str]]:
        found = self[cls] = [(f"{field}=", field) for field in cls._fields if field not in LEFT_OUT]
        return found


_FIELDS = _Fields()

_ENCODERS: dict[type[ast.AST], Callable[[Any, Write], None]] = {
    ast.Assign: _assign,
    ast.Attribute: _attribute,
    ast.BinOp: _binop,
    ast.Call: _call,
    ast.Constant: _constant,
    ast.Expr: _expr,
    ast.JoinedStr: _joined,
    ast.List: _sequence,
    ast.MatchSingleton: _singleton,
    ast.Name: _name,
    ast.Subscript: _subscript,
    ast.Tuple: _sequence,
    ast.keyword: _keyword,
}
if hasattr(ast, "TemplateStr"):
    _ENCODERS[ast.TemplateStr] = _joined
