"""What a notebook's variables will be, as far as its text and its history tell: nothing is executed.

A step that will hit leaves what it left before. Beside that, a cell's text alone tells what imports, literals and plain
functions bind. Of everything else, only the reason why it can't be known is kept.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Iterator

from blake3 import blake3

from steppe.analysis.cell import Cell
from steppe.analysis.imports import bound_by
from steppe.analysis.loop_cells import LoopCell
from steppe.engine.plain import note_around
from steppe.errors import Unversionable
from steppe.types import Digest, StepRun
from steppe.values import families as families  # registers the encoders
from steppe.values.walk import Walk
from steppe.worker.sources import Sources


class Bound:
    """What is known of a variable's value.

    Attributes:
        version: its data version; empty where that can't be known.
        imported: what it is imported as; empty where no import binds it.
        doubt: why its version can't be known, in words.
        maker: the StepRun whose result binds it, or empty.
    """

    __slots__ = ("doubt", "imported", "maker", "version")

    def __init__(self, version: Digest = "", *, imported: str = "", doubt: str = "", maker: str = "") -> None:
        self.version = version
        self.imported = imported
        self.doubt = doubt
        self.maker = maker


class Foresight:
    """The namespace, the files and the setup as they will be at a point of the notebook.

    Attributes:
        names: what is known of each variable.
        files: the versions of files that steps will have written, by their name in traces; empty where not known.
        unbounded: why any variable may be another, in words; or empty.
        state: why the settings and random generators may be others, in words; or empty.
        setup: why the setup of libraries may be another, in words; or empty.
        functions: the notebook's functions so far, by name.
        setup_runs: the setup steps so far: name and part, and the digest of the code.
    """

    def __init__(self) -> None:
        self.names: dict[str, Bound] = {}
        self.files: dict[str, str] = {}
        self.unbounded = ""
        self.state = ""
        self.setup = ""
        self.setup_runs: dict[tuple[str, int], Digest] = {}
        self.functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self._around = blake3()
        self._sources = Sources()
        self._count = 0

    @property
    def around(self) -> str:
        """The digest of the plain cells so far, as StepRuns have it."""
        return self._around.hexdigest()[:32]

    def plain(self, raw: str, cell: Cell | None) -> None:
        """Follow a plain cell."""
        self._note_functions(cell)
        note_around(self._around, raw)
        if cell is None:
            self.unbounded = "a cell before it has an error in its syntax"
            return
        self._doubt(cell, "a cell that is no step")
        self.names.update(self._static(cell))

    def runs(self, cell: Cell, name: str, before: StepRun | None) -> None:
        """Follow a step that will run, or may."""
        self._note_functions(cell)
        self._doubt(cell, f"the step `{name}`, which may run")
        if before is not None:
            for variable in before.outputs:
                if variable.isidentifier():
                    self.names[variable] = Bound(doubt=f"`{variable}` comes from the step `{name}`, which may run")
            self.files.update({file.path: "" for file in before.written})
        self.names.update(self._static(cell))

    def hits(self, cell: Cell, found: StepRun) -> None:
        """Follow a step whose result is there."""
        self._note_functions(cell)
        static = bound_by(cell.names.imports)
        for name in cell.names.deletes | (cell.names.binds & cell.names.surely):
            self.names.pop(name, None)
        for name, origin in static.items():
            self.names[name] = Bound(imported=origin)
        maker = found.entry or found.id
        for name, version in found.outputs.items():
            self.names[name] = Bound(version, imported=static.get(name, ""), maker=maker)
        self.files.update({file.path: file.blob or "absent" for file in found.written})

    def _note_functions(self, cell: Cell | None) -> None:
        for node in cell.tree.body if cell is not None else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self.functions[node.name] = node

    def _doubt(self, cell: Cell, maker: str) -> None:
        """Note what a cell leaves that is not known."""
        names = cell.names
        if names.unbounded_binds:
            self.unbounded = f"any variable may come from {maker}"
        for name in names.deletes:
            self.names.pop(name, None)
        for name in names.binds | set(cell.mutations.may):
            if name in names.binds or name in self.names:
                self.names[name] = Bound(doubt=f"`{name}` comes from {maker}")

    def _static(self, cell: Cell) -> dict[str, Bound]:
        """Return what a cell's text alone tells of the variables that it binds."""
        if isinstance(cell, LoopCell):
            return {}
        self._count += 1
        filename = f"<planned cell {self._count}>"
        self._sources.add(filename, cell.source)
        try:
            code = compile(cell.source, filename, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return {}
        functions = {
            (constant.co_name, constant.co_firstlineno): constant
            for constant in code.co_consts
            if isinstance(constant, types.CodeType)
        }
        changed = set(cell.mutations.may)
        found: dict[str, Bound] = {}
        for statement in cell.tree.body:
            for name in _stored(statement):
                found.pop(name, None)
            found.update(self._of(statement, functions))
        return {name: bound for name, bound in found.items() if bound.imported or name not in changed}

    def _of(self, statement: ast.stmt, functions: dict[tuple[str, int], types.CodeType]) -> dict[str, Bound]:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            level = getattr(statement, "level", 0)
            module = getattr(statement, "module", None) or ""
            found = {}
            for alias in statement.names:
                if isinstance(statement, ast.ImportFrom):
                    found[alias.asname or alias.name] = f"{'.' * level}{module}:{alias.name}"
                else:
                    top = alias.name.partition(".")[0]
                    found[alias.asname or top] = f"{alias.name if alias.asname else top}:"
            return {name: Bound(imported=origin) for name, origin in found.items() if name != "*"}
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            made = _function(statement, functions.get((statement.name, statement.lineno)))
            return self._versioned([statement.name], made) if made is not None else {}
        if isinstance(statement, ast.Assign) and all(isinstance(target, ast.Name) for target in statement.targets):
            try:
                value = ast.literal_eval(statement.value)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                return {}
            return self._versioned([target.id for target in statement.targets if isinstance(target, ast.Name)], value)
        return {}

    def _versioned(self, names: list[str], value: object) -> dict[str, Bound]:
        try:
            return {name: Bound(Walk(self._sources).walk(name, value).version) for name in names}
        except (Unversionable, RecursionError):
            return {}


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, code: types.CodeType | None) -> types.FunctionType | None:
    """Return a function as its definition would make it, where that needs nothing to be executed."""
    given = [*node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)]
    if code is None or node.decorator_list or code.co_freevars:
        return None
    try:
        values = [ast.literal_eval(default) for default in given]
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    positional = tuple(values[: len(node.args.defaults)])
    made = types.FunctionType(code, {"__name__": "__main__"}, node.name, positional or None)
    names = [
        argument.arg for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if default
    ]
    made.__kwdefaults__ = dict(zip(names, values[len(positional) :], strict=True)) or None
    made.__qualname__ = node.name
    return made


def _stored(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds or unbinds, wherever in it."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
