"""What a module's source alone says that its data is: for modules that were imported before anybody looked.

A session that a script opens with its first call has not seen what modules held when their import had ended. What a
module holds that its source writes out as it is, the import has left there; all else it holds counts by value.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from typing import Any

from steppe.errors import Unversionable
from steppe.functions.script import mark_edited, text_of
from steppe.values.walk import Walk
from steppe.worker.module_state import places_in


def begin_from_sources(session: Any) -> None:
    """Let a session take what modules hold for what their import has left there only where their sources say so."""
    mark_edited(session.modules)
    versions = session.setting.at_import.versions
    for name in versions:
        module = sys.modules.get(name)
        written = dict(_of_source(text_of(str(getattr(module, "__file__", "")))))
        there = dict(places_in(module)) if module is not None else {}
        walk = Walk(session.sources)
        found = {}
        for place, value in written.items():
            try:
                found[place] = walk.version_of(value)
                walk.version_of(there.get(place))  # a lock has none, and so none that a step could change
            except Unversionable:
                found.pop(place, None)
        versions[name] = found


def _of_source(text: str) -> Iterator[tuple[str, Any]]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    yield from _of_body(tree.body, "")


def _of_body(body: list[ast.stmt], above: str) -> Iterator[tuple[str, Any]]:
    """Yield places in a module, and the literals that are written there; what is bound twice is as the last says."""
    for node in body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield from _literal(above + target.id, node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield from _literal(above + node.target.id, node.value)
        elif isinstance(node, ast.ClassDef):
            yield from _of_body(node.body, f"{above}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            steps = any("steppe" in ast.unparse(each) for each in node.decorator_list)
            yield from _defaults(f"{above}{node.name}{'.__wrapped__' if steps else ''}", node.args)


def _defaults(place: str, args: ast.arguments) -> Iterator[tuple[str, Any]]:
    if args.defaults:
        yield from _literal(f"{place}.__defaults__", ast.Tuple(elts=args.defaults, ctx=ast.Load()))
    named = [
        (arg.arg, value) for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True) if value is not None
    ]
    if named:
        keys: list[ast.expr | None] = [ast.Constant(name) for name, _ in named]
        yield from _literal(f"{place}.__kwdefaults__", ast.Dict(keys=keys, values=[value for _, value in named]))


def _literal(place: str, node: ast.expr) -> Iterator[tuple[str, Any]]:
    try:
        yield place, ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        yield place, _Unknown


class _Unknown:
    """Stands for what a source does not write out: no value of a module is this."""
