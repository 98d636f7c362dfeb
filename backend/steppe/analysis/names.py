"""What a cell reads and binds, by the order in which its statements run. See `flow.py` for what is followed."""

from __future__ import annotations

import ast

import msgspec

from steppe.analysis.imports import Import
from steppe.analysis.magics import Magic
from steppe.analysis.scopes import Function, Scope
from steppe.analysis.statements import Statements


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What a cell reads and binds in the module's namespace.

    Builtins are names like any other: whoever asks looks into the namespace first.

    Attributes:
        reads: names that may be loaded before the cell has surely bound (or unbound) them itself.
        conditional: those of `reads` that the cell may, but need not, have bound itself wherever it loads them, as a
            loop that may run zero times does.
        binds: names that it may bind.
        surely: names that are bound whenever it ends without an error.
        deletes: names that it may unbind.
        star_imports: modules that it imports everything from.
        imports: its imports, at any depth, in order.
        unbounded_reads: why it may read any name, or empty.
        unbounded_binds: why it may bind or unbind any name, or empty.
        mentions: names that stand in texts given to functions that look them up among the caller's variables, such
            as `@limit` in `df.query("x > @limit")` and table names in `duckdb.sql`: each is a read if it exists.
        texts: reads whose value, where it is text or holds text, may name further variables in the same way.
        magics: the `%` and `!` lines and cell magics in it, nested ones included.
        awaits: whether it awaits at its top level.
    """

    reads: frozenset[str] = frozenset()
    conditional: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    surely: frozenset[str] = frozenset()
    deletes: frozenset[str] = frozenset()
    star_imports: tuple[str, ...] = ()
    imports: tuple[Import, ...] = ()
    unbounded_reads: str = ""
    unbounded_binds: str = ""
    mentions: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    magics: tuple[Magic, ...] = ()
    awaits: bool = False


def names_of(tree: ast.Module) -> Names:
    """Return what a cell reads and binds.

    Args:
        tree: the cell after IPython's transforms; magics in it are followed as `magics.py` tells.
    """
    walk = Statements()
    walk.block(tree.body)
    return _found(walk, tree)


def names_inside(node: ast.AST, scope: Scope | None = None) -> tuple[Names, frozenset[str]]:
    """Return what the body of a function, lambda or class reads and binds, and what is read where it is made.

    Args:
        node: its node.
        scope: the scope around it, whose names are not the module's; the module where not given.
    """
    body, around = Statements(), Statements()
    if scope is not None:
        body.scope = around.scope = scope
    if isinstance(node, Function | ast.ClassDef):
        body.body_of(node)
        around.around(node)
    else:
        body.expr(node)
    return _found(body, node), frozenset(around.always | around.sometimes)


def _found(walk: Statements, tree: ast.AST) -> Names:
    texts = walk.texts
    if texts.own:
        texts.settle(tree)
    opaque = f"{texts.opaque} of a text made by the cell" if texts.opaque else ""
    surely = {key for key in walk.state.gone - walk.state.unbound - walk.strays if isinstance(key, str)}
    return Names(
        reads=frozenset(walk.always | walk.sometimes),
        conditional=frozenset(walk.sometimes - walk.always),
        binds=frozenset(walk.binds),
        surely=frozenset(surely),
        deletes=frozenset(walk.deletes),
        star_imports=tuple(made.module for made in walk.imports if made.name == "*"),
        imports=tuple(walk.imports),
        unbounded_reads=walk.reads_any or opaque,
        unbounded_binds=walk.binds_any,
        mentions=frozenset(texts.mentions),
        texts=frozenset(texts.made_of),
        magics=tuple(walk.magics),
        awaits=walk.awaits,
    )
