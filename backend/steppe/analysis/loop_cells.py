"""A cell that is a loop's body: which names come back of it, what it may not do, and what it reads and binds in all."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import msgspec

from steppe.analysis.cell import Cell
from steppe.analysis.loops import Gathering, Loop, grid_of, loop_of
from steppe.analysis.mutations import Mutations
from steppe.analysis.names import Names
from steppe.analysis.options import Options
from steppe.analysis.tree import walk
from steppe.errors import BadOption, UsageError
from steppe.types import Ingredient


def loops(options: Options) -> tuple[Loop, ...]:
    """Return the loops that a step has: one for `map=`, one for each name of `sweep=`; none for any other step."""
    if options.map is not None:
        loop = loop_of(options.map)
        return (loop,) if loop is not None else ()
    return grid_of(options.sweep) or () if options.sweep is not None else ()


def targets(options: Options) -> tuple[str, ...]:
    """Return the names of the loop's variables."""
    return tuple(name for loop in loops(options) for name in loop.names)


def gathered(cell: Cell, options: Options) -> tuple[Gathering, ...]:
    """Return what comes back: what `gather=` names, else all that the body surely assigns.

    Raises:
        BadOption: `gather=` names what the body does not bind.
    """
    mine, names = set(targets(options)), cell.names
    if options.gather is None:
        found = sorted(name for name in (names.surely & _assigned(cell)) - mine if not name.startswith("_"))
        return tuple(Gathering(name) for name in found)
    for each in options.gather:
        if each.name in mine:
            raise BadOption("gather", each.name, f"`{each.name}` is the loop's own variable; name what the body binds")
        if each.name not in names.binds and not names.unbounded_binds:
            has = ", ".join(f"`{name}`" for name in sorted(names.binds - mine)) or "nothing"
            raise BadOption("gather", each.name, f"the body does not bind `{each.name}`; it binds {has}")
    return options.gather


def _assigned(cell: Cell) -> set[str]:
    """Return names that the body assigns to: what imports, definitions, `with` and loops bind are its tools."""
    found: set[str] = set()
    for node in walk(cell.tree):
        if isinstance(node, ast.Assign):
            made: list[ast.expr] = node.targets
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            made = [node.target]
        else:
            continue
        found |= {each.id for target in made for each in walk(target) if isinstance(each, ast.Name)}
    return found


def _defined(cell: Cell) -> set[str]:
    """Return names that the body binds by imports and definitions alone: tools of the body, not what it makes."""
    stored, defined = set[str](), set[str]()
    for node in walk(cell.tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            stored.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            defined |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return defined - stored


def check_body(cell: Cell, options: Options) -> None:
    """Refuse a body that can't be run for each element by itself, by its text.

    Raises:
        UsageError: it can't; says which variable stands in the way.
    """
    names, mine = cell.names, set(targets(options))
    option = "map" if options.map is not None else "sweep"
    if names.awaits:
        raise UsageError(
            f"%%step {option}=: the body awaits at its top level, which a fan-out can't. Await in a function."
        )
    carried = sorted((names.reads & names.binds) - mine - names.conditional - _defined(cell))
    if carried:
        raise UsageError(
            f"%%step {option}=: the body reads `{carried[0]}` before it binds it, so each element would hang on the "
            f"one before it. Bind it to another name, and put together what is gathered in the next cell."
        )
    outer = sorted(names.deletes - names.binds)
    if outer:
        raise UsageError(
            f"%%step {option}=: the body removes `{outer[0]}`, which the other elements read. Do that after."
        )


def loop_ingredients(cell: Cell, options: Options) -> Iterable[Ingredient]:
    """Yield what a fan-out's own key has of its loop; its elements' keys have none of it but what comes back."""
    for name in ("map", "sweep"):
        value = getattr(options, name)
        if value is not None:
            yield Ingredient(kind="option", name=name, version=value)
    if loops(options):
        kept = gathered(cell, options)
        yield Ingredient(kind="option", name="gather", version=",".join(f"{each.name}:{each.how}" for each in kept))


@dataclass(frozen=True, eq=False)
class LoopCell(Cell):
    """A loop and its body, as others see them: it reads what both read, and binds what comes back.

    Attributes:
        options: what the step was told.
    """

    options: Options

    @cached_property
    def names(self) -> Names:
        """What it reads and binds."""
        body, mine = Cell(self.raw, self.source, self.tree).names, frozenset(targets(self.options))
        read = frozenset(name for loop in loops(self.options) for name in loop.reads)
        try:
            made = frozenset(each.name for each in gathered(Cell(self.raw, self.source, self.tree), self.options))
        except UsageError:
            made = frozenset()
        return msgspec.structs.replace(
            body,
            reads=(body.reads - mine) | read,
            mentions=body.mentions - mine,
            binds=made,
            surely=made,
            deletes=frozenset(),
            imports=(),
        )

    @cached_property
    def mutations(self) -> Mutations:
        """Nothing: a body that changes what it reads is refused."""
        return Mutations(may={}, touched={}, trusts=frozenset())


def as_seen(cell: Cell, options: Options | None) -> Cell:
    """Return a cell as others see it: one with its loop around it, where it has one."""
    if options is None or not loops(options):
        return cell
    return LoopCell(cell.raw, cell.source, cell.tree, options)
