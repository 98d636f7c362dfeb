"""Which definitions and imports of a notebook can stand at the top of a module, and which names its functions reach."""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict

from steppe.analysis.names import names_inside
from steppe.analysis.tree import walk
from steppe.exports.parts import Part, is_future
from steppe.exports.units import DEFINITIONS, Unit, at_once

BUILTIN = frozenset(dir(builtins)) | {"display"}

ACTS = frozenset({"sys", "environ", "environb", "putenv", "chdir", "importlib", "site", "use", "__import__"})
"""What code names that may change what a later import does, or finds."""


class Standing:
    """What of a notebook stands at the top of its module.

    Attributes:
        imports: statements, in order, each once.
        definitions: functions and classes, in order.
        names: the names that these bind.
        reached: the notebook's variables that these functions read or set when they are called, by function.
        stars: whether all names of some module are imported.
    """

    def __init__(self, parts: list[Part]) -> None:
        """Look through the cells.

        Raises:
            UsageError: all names of a module are imported where that can't be moved, or a `__future__` import.
        """
        self.imports: list[str] = []
        self.definitions: list[Unit] = []
        self.names: set[str] = set()
        self.reached: dict[str, frozenset[str]] = {}
        self.stars = False
        self.data: set[str] = set()
        self._units: set[int] = set()
        self._bound = _sites(parts)
        self._take_imports(parts)
        self._take_definitions(parts)
        self.data = {name for part in parts for unit in self.left(part) for name in _binds(unit)}
        for unit in self.definitions:
            read = names_inside(unit.node)[0]
            reads = (read.reads | read.mentions | at_once(unit.node) | _declared(unit.node)) & self.data
            self.reached[unit.defines] = frozenset(reads)

    def left(self, part: Part) -> list[Unit]:
        """Return the statements of a cell that stay where they are."""
        return [unit for unit in part.units if id(unit) not in self._units]

    def closed(self, names: set[str] | frozenset[str]) -> set[str]:
        """Return the functions among some names, with those that they name."""
        found: set[str] = set()
        todo = [name for name in names if name in self.reached]
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                unit = next(unit for unit in self.definitions if unit.defines == name)
                todo += [each for each in names_inside(unit.node)[0].reads if each in self.reached]
        return found

    def take(self, unit: Unit) -> None:
        """Take one more statement to the top."""
        self._units.add(id(unit))

    def keep_inside(self, part: Part, unit: Unit) -> bool:
        """Tell whether a function is a step's own: nothing else names it, and it reads what the step binds."""
        if not isinstance(unit.node, ast.FunctionDef | ast.AsyncFunctionDef) or not part.is_step:
            return False
        others = [each for each in self._all if each is not part]
        if any(unit.defines in each.cell.names.reads | each.cell.names.binds for each in others):
            return False
        binds = {name for each in part.units if not each.imports and not each.defines for name in _binds(each)}
        return bool(names_inside(unit.node)[0].reads & binds)

    def _take_imports(self, parts: list[Part]) -> None:
        self._all = parts
        acted = moved = False
        for part in parts:
            for unit in part.units:
                if is_future(unit.node):
                    if moved:
                        raise part.refused(
                            "imports from `__future__` after the first definition: do it in the first cell"
                        )
                    self._import(unit)
                elif unit.imports and unit.names.star_imports:
                    if moved:
                        raise part.refused(
                            "has `import *` after other code: do it in the first cell, or name what is used"
                        )
                    self.stars = True
                    self._import(unit)
                elif unit.imports and not acted and self._is_one(unit):
                    self._import(unit)
                elif not unit.imports:
                    plain = isinstance(unit.node, ast.Expr) and isinstance(unit.node.value, ast.Constant)
                    moved = moved or not plain
                    acted = acted or (not unit.defines and acts(unit))

    def _is_one(self, unit: Unit) -> bool:
        """Tell whether the names of an import mean that, and nothing else, in the whole notebook."""
        meant = _meant(unit.node)
        return all(name not in BUILTIN and self._bound[name] == {meant[name]} for name in _binds(unit))

    def _import(self, unit: Unit) -> None:
        text = "\n".join([*_comments(unit), ast.unparse(unit.node)]) if is_future(unit.node) else unit.text
        if ast.unparse(unit.node) not in {ast.unparse(ast.parse(each)) for each in self.imports}:
            self.imports.append(text)
        self.names |= _binds(unit)
        self._units.add(id(unit))

    def _take_definitions(self, parts: list[Part]) -> None:
        for part in parts:
            for unit in part.units:
                name = unit.defines
                if not name or len(self._bound[name]) > 1 or name in BUILTIN or self.keep_inside(part, unit):
                    continue
                if self._settled(at_once(unit.node), set()):
                    self.definitions.append(unit)
                    self.names.add(name)
                    self._units.add(id(unit))

    def _settled(self, reads: frozenset[str], seen: set[str]) -> bool:
        """Tell whether names mean the same at the module's top: imports, builtins, and functions of such alone."""
        for name in reads - seen:
            if name not in self._bound or (name in self.names and not self._defined(name)):
                continue
            unit = self._defined(name)
            if name not in self.names or unit is None:
                return False
            if not self._settled(names_inside(unit.node)[0].reads, seen | {name}):
                return False
        return True

    def _defined(self, name: str) -> Unit | None:
        return next((unit for unit in self.definitions if unit.defines == name), None)


def _sites(parts: list[Part]) -> dict[str, set[str]]:
    """Return what binds or unbinds each name, in a word for each."""
    found: dict[str, set[str]] = defaultdict(set)
    for part in parts:
        for number, unit in enumerate(part.units):
            meant = _meant(unit.node)
            for name in _binds(unit) | unit.names.deletes:
                found[name].add(meant.get(name, f"{part.number}.{number}"))
            for name in _declared(unit.node):
                found[name].add(f"{part.number}.{number} global")
    return found


def _meant(node: ast.stmt) -> dict[str, str]:
    """Return what each name that an import binds stands for."""
    if isinstance(node, ast.Import):
        return {
            alias.asname or alias.name.partition(".")[0]: alias.name if alias.asname else alias.name.partition(".")[0]
            for alias in node.names
        }
    if isinstance(node, ast.ImportFrom):
        return {alias.asname or alias.name: f"{'.' * node.level}{node.module}:{alias.name}" for alias in node.names}
    return {}


def _binds(unit: Unit) -> set[str]:
    return set(unit.names.binds) | _declared(unit.node)


def _declared(node: ast.AST) -> frozenset[str]:
    """Return the names that functions in a statement set with `global`."""
    return frozenset(name for each in walk(node) if isinstance(each, ast.Global) for name in each.names)


def acts(unit: Unit) -> bool:
    """Tell whether a statement may change what an import after it does, or finds."""
    for node in walk(unit.node):
        if isinstance(node, ast.Name) and node.id in ACTS:
            return True
        if isinstance(node, ast.Attribute) and node.attr in ACTS:
            return True
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".py"):
            return True
    return False


def _comments(unit: Unit) -> list[str]:
    return [line for line in unit.text.splitlines() if line.strip().startswith("#")]


def inline_tools(units: list[Unit]) -> set[str]:
    """Return the names that imports and definitions bind which do not stand at the top."""
    found: set[str] = set()
    for unit in units:
        if unit.defines:
            found.add(unit.defines)
        for node in walk(unit.node):
            if isinstance(node, ast.Import | ast.ImportFrom) and not _in_function(unit.node, node):
                found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return found


def _in_function(top: ast.AST, wanted: ast.AST) -> bool:
    return any(
        node is not wanted
        and isinstance(node, (*DEFINITIONS, ast.Lambda))
        and any(each is wanted for each in walk(node))
        for node in walk(top)
    )
