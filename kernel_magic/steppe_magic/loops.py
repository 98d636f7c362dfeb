"""The loops of `map=` and `sweep=`, evaluated in the kernel: what they give, one element after another."""

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

from steppe.analysis.cell import Cell
from steppe.analysis.loop_cells import check_body, gathered, loops, targets
from steppe.analysis.loops import Loop
from steppe.analysis.options import Options
from steppe.analysis.tree import parse_expression
from steppe.engine.elements import Each
from steppe.engine.materialise import materialise
from steppe.errors import SteppeError, UsageError

ITERABLE = "__looped_over__"
"""What the loop's iterable is called while its generator is made."""


def each_of(options: Options, cell: Cell, compiled: Callable[[], CodeType], shell: Any) -> Each:
    """Return what a cell's body is run for.

    Args:
        options: what the step was told.
        cell: the body.
        compiled: compiles it.
        shell: the kernel's shell.

    Raises:
        UsageError: the loop can't be evaluated, or the body can't be run for each element by itself.
    """
    check_body(cell, options)
    kept = gathered(cell, options)
    option = "map" if options.map is not None else "sweep"
    said = f"%%step {option}={options.map or options.sweep}"
    made = loops(options)
    if option == "map":
        elements, total = _loop(made[0], shell, said)
    else:
        values = [list(_loop(loop, shell, said)[0]) for loop in made]
        elements, total = map(_together, itertools.product(*values)), math.prod(map(len, values))
        if not total:
            empty = next(loop.target for loop, found in zip(made, values, strict=True) if not found)
            raise UsageError(f"{said}: `{empty}` has no values. Give it one or more.")
    return Each(targets(options), elements, kept, compiled(), total=total, grid=option == "sweep")


def _loop(loop: Loop, shell: Any, said: str) -> tuple[Iterator[dict[str, Any]], int | None]:
    """Return what a loop gives, and how much, where that is known."""
    materialise(loop.reads, shell.user_ns)
    tree: Any = parse_expression(loop.generator)
    made = tree.generators[0]
    iterable = made.iter
    made.iter = ast.copy_location(ast.Name(ITERABLE, ast.Load()), iterable)
    try:
        value, counted = _evaluated(iterable, shell)
        given = eval(_code(tree), shell.user_global_ns, {ITERABLE: value})  # noqa: S307
    except Exception as error:
        raise UsageError(f"{said}: {type(error).__name__}: {error}.") from error
    return _telling(given, said), None if made.ifs else _length(counted)


def _evaluated(iterable: ast.expr, shell: Any) -> tuple[Any, Any]:
    """Return what an expression gives, and what tells how long that is: `enumerate` hides it of what it counts."""
    counts = isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Name) and iterable.func.id == "enumerate"
    if not counts or "enumerate" in shell.user_ns or not iterable.args or isinstance(iterable.args[0], ast.Starred):  # type: ignore[attr-defined]
        value = eval(_code(iterable), shell.user_global_ns, shell.user_ns)  # noqa: S307  # the user's own line
        return value, value
    inner, iterable.args[0] = iterable.args[0], ast.Name(ITERABLE, ast.Load())  # type: ignore[attr-defined]
    counted = eval(_code(inner), shell.user_global_ns, shell.user_ns)  # noqa: S307
    names = {**shell.user_ns, ITERABLE: counted}
    return eval(_code(iterable), names), counted  # noqa: S307


def _length(value: Any) -> int | None:
    try:
        return len(value)
    except Exception:  # it has none, or does not say
        return None


def _code(tree: ast.expr) -> CodeType:
    return compile(ast.fix_missing_locations(ast.Expression(tree)), "<%%step>", "eval")


def _telling(given: Iterator[dict[str, Any]], said: str) -> Iterator[dict[str, Any]]:
    """Iterate over elements; where one can't be had, say which."""
    for index in itertools.count():
        try:
            element = next(given)
        except StopIteration:
            return
        except SteppeError:
            raise
        except Exception as error:
            raise UsageError(f"{said}: element {index}: {type(error).__name__}: {error}.") from error
        yield element


def _together(values: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {name: value for each in values for name, value in each.items()}
