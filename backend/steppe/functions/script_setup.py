"""What the code around a call has set up in libraries: it is no cell, so nobody has noted it when it ran.

In a notebook, cells that act elsewhere are seen as they run. A script, a test or a server is one piece: its statements
that act elsewhere are found in its source, and those that the code on the stack may have run are part of later keys,
with the values that they name.
"""

from __future__ import annotations

import ast
import functools
import itertools
import sys
import threading
import types
from collections.abc import Iterator
from typing import Any, NamedTuple

from blake3 import blake3

from steppe.analysis.cell import Cell
from steppe.analysis.effects import Act, acts_elsewhere, effects_of, known_to_act
from steppe.analysis.glance import Glance
from steppe.engine.gather import explain
from steppe.engine.setup_notes import note_imports
from steppe.engine.setup_rules import path_of, settled
from steppe.errors import Unversionable
from steppe.functions.script import text_of
from steppe.types import Ingredient
from steppe.values.walk import Walk

SHORT = 60
DEFS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Statement(NamedTuple):
    """A statement that may act elsewhere.

    Attributes:
        function: the line of the function that it is in, its first decorator's; 0 outside of functions.
        first: its first line and column.
        last: its last, without statements in it.
        acts: the dotted paths of what it acts on itself; empty where it only calls what does.
        code: it, without its position.
        names: what it names.
        said: it, for people.
    """

    function: int
    first: tuple[int, int]
    last: tuple[int, int]
    acts: tuple[str, ...]
    code: str
    names: tuple[str, ...]
    said: str


class SetUp:
    """What the code around a call may have set up.

    Attributes:
        ingredients: what is part of the key.
        reasons: why there is none.
    """

    def __init__(self, session: Any, walk: Walk) -> None:
        self.ingredients: list[Ingredient] = []
        self.reasons: list[str] = []
        self._modules = session.modules
        for file, (around, frames) in _files_around(session).items():
            digest, detail = blake3(), {}
            for statement in _statements(file, _Get(around)):
                version = self._of(statement, around, frames, walk)
                if version:
                    digest.update(version)
                    detail[statement.said] = version.hex()[:16]
            if detail:
                name = file.rpartition("/")[2]
                self.ingredients.append(
                    Ingredient(kind="setup", name=name, version=f"b3:{digest.hexdigest()}", detail=detail)
                )

    def _sets_up(self, path: str) -> bool:
        """Tell whether a function that runs now may have set something up already: one that serves or runs does not."""
        return known_to_act(path) and not self._is_project(path)

    def _is_project(self, path: str) -> bool:
        return bool(self._modules.origin(path.partition(".")[0]) == "project")

    def _code_behind(self, statement: Statement) -> Iterator[str]:
        """Yield the versions of the project's modules whose functions a statement calls, and of what these import."""
        for path in statement.acts:
            if self._is_project(path):
                heads = itertools.accumulate(path.split("."), "{}.{}".format)
                closure = self._modules.closure([each for each in heads if self._modules.locate(each) is not None])
                self.reasons += closure.stale
                for item in closure.ingredients():
                    yield f"{item.kind} {item.name}={item.version};"

    def _of(
        self, statement: Statement, around: dict[str, Any], frames: dict[int, types.FrameType], walk: Walk
    ) -> bytes:
        """Return the version of a statement, with what it names; nothing where it has not run yet."""
        frame = frames.get(statement.function)
        at = (0, 0)
        if frame is not None:
            lines = range(statement.first[0], statement.last[0] + 1)
            at = _position(frame) if frame.f_lineno in lines else (frame.f_lineno, 0)
            if at < statement.first:
                return b""
        digest = blake3(statement.code.encode())
        if frame is not None and at < statement.last:
            if any(map(self._sets_up, statement.acts)):
                self.reasons.append(f"{statement.said} sets up what a step may depend on while it runs")
            return (
                digest.digest()
            )  # it is the one that runs: what it has done so far, others say, the project's modules too
        for said in self._code_behind(statement):
            digest.update(said.encode())
        variables = {**around, **(frame.f_locals if frame is not None else {})}
        for name in statement.names:
            value = variables.get(name)
            if name not in variables or isinstance(value, types.ModuleType):
                continue
            try:
                digest.update(f"{name}={walk.version_of(value)};".encode())
            except Unversionable as error:
                self.reasons.append(f"{statement.said} may set up what a step depends on: {explain(error.under(name))}")
        return digest.digest()


def _position(frame: types.FrameType) -> tuple[int, int]:
    """Return the line and the column of what a frame is doing: several statements may share a line."""
    line, _, column, _ = next(itertools.islice(frame.f_code.co_positions(), frame.f_lasti // 2, None))
    return line or frame.f_lineno, column or 0


class _Get:
    """Looks names up in a module, hashed as the module that it is."""

    def __init__(self, around: dict[str, Any]) -> None:
        self.around = around
        self._of = id(around)

    def __call__(self, name: str) -> str | None:
        return path_of(name, self.around.get)

    def __hash__(self) -> int:
        return self._of

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Get) and other._of == self._of


def _files_around(session: Any) -> dict[str, tuple[dict[str, Any], dict[int, types.FrameType]]]:
    """Return the project's files whose code is on the stack, and the script's: their variables, and their frames."""
    main = vars(sys.modules["__main__"])
    found: dict[str, tuple[dict[str, Any], dict[int, types.FrameType]]] = {}
    if file := main.get("__file__"):
        found[str(file)] = (main, {})
    for frame in _stack():
        code = frame.f_code
        if code.co_filename in found or _is_ours(session, frame):
            _, frames = found.setdefault(code.co_filename, (frame.f_globals, {}))
            frames.setdefault(0 if code.co_name == "<module>" else code.co_firstlineno, frame)
    return found


def _stack() -> Iterator[types.FrameType]:
    """Yield the frames of this thread, and those of the main one: where the script stands, if this is another."""
    frame: types.FrameType | None = sys._getframe(1)  # noqa: SLF001  # nothing else tells who calls
    while frame is not None:
        yield frame
        frame = frame.f_back
    if threading.current_thread() is not threading.main_thread():
        frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001  # likewise
        while frame is not None:
            yield frame
            frame = frame.f_back


def _is_ours(session: Any, frame: types.FrameType) -> bool:
    name = str(frame.f_globals.get("__name__"))
    return name != "__main__" and session.modules.origin(name) == "project"


def note_script(session: Any) -> None:
    """Note what the script imports, as a cell's imports are noted, before a key is made."""
    cell = _imports(str(getattr(sys.modules["__main__"], "__file__", "")))
    if cell is not None:
        note_imports(session, cell)


@functools.lru_cache(64)
def _imports(file: str) -> Cell | None:
    """Return a cell of a file's imports."""
    try:
        tree = ast.parse(text_of(file))
    except (SyntaxError, ValueError):
        return None
    made = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    tree.body = [*made]
    source = ast.unparse(tree)
    return Cell(source, source, tree)


@functools.lru_cache(64)
def _statements(file: str, is_module: _Get) -> tuple[Statement, ...]:
    """Return the statements of a file that may act elsewhere, and those that call its functions that do."""
    try:
        tree = ast.parse(text_of(file))
    except (SyntaxError, ValueError):
        return ()
    imported = {name: path for node in ast.walk(tree) for name, path in _made_by(node)}
    lines = _acting_lines(tree, lambda name: imported.get(name) or is_module(name))
    every = list(_all(tree.body, 0, frozenset()))
    acting: set[str] = set()
    while True:
        found = [each for each in every if _acts(each[0], lines, acting)]
        more = {name for _, _, inside in found for name in inside} - acting
        if not more:
            return tuple(_statement(node, function, lines) for node, function, _ in found)
        acting |= more


def _acting_lines(tree: ast.Module, is_module: Any) -> dict[int, set[str]]:
    """Return the lines that act elsewhere, with the dotted paths of what they act on."""
    lines: dict[int, set[str]] = {}
    bodies = [node for node in ast.walk(tree) if isinstance(node, DEFS)]
    for body in (tree, *(each for each in bodies if acts_elsewhere(each, is_module) is not None)):
        for effect in effects_of(Glance(body), is_module):
            if settled(effect).act is Act.SETUP:
                lines.setdefault(effect.lineno, set()).add(effect.path)
    return lines


def _made_by(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0], alias.name if alias.asname else alias.name.split(".")[0]
    elif isinstance(node, ast.ImportFrom) and not node.level:
        for alias in node.names:
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _all(body: list[ast.stmt], function: int, inside: frozenset[str]) -> Iterator[tuple[ast.stmt, int, frozenset[str]]]:
    """Yield all statements, the line of the function that each is in, and the names of those around it."""
    for node in body:
        made = {each.id for each in getattr(node, "targets", ()) if isinstance(each, ast.Name)}
        yield node, function, inside | made if isinstance(getattr(node, "value", None), ast.Lambda) else inside
        if isinstance(node, DEFS):
            line = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            yield from _all(node.body, line, inside | {node.name})
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from _all(getattr(node, field, []), function, inside)
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            yield from _all(part.body, function, inside)


def _own(node: ast.stmt) -> list[ast.AST]:
    """Return a statement's own parts, without the statements in it."""
    if isinstance(node, (*DEFS, ast.ClassDef)):
        return [*node.decorator_list]
    own: list[ast.AST] = []
    for field, value in ast.iter_fields(node):
        if field in ("body", "orelse", "finalbody", "handlers", "cases"):
            continue
        own += [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, ast.AST)]
    return own


def _acts(node: ast.stmt, lines: dict[int, set[str]], acting: set[str]) -> bool:
    for part in _own(node):
        for each in ast.walk(part):
            if getattr(each, "lineno", 0) in lines:
                return True
            if isinstance(each, ast.Call) and getattr(each.func, "id", getattr(each.func, "attr", "")) in acting:
                return True
    return False


def _statement(node: ast.stmt, function: int, lines: dict[int, set[str]]) -> Statement:
    whole = isinstance(node, (*DEFS, ast.ClassDef))
    parts = [node] if whole else _own(node)
    code = "".join(map(ast.dump, parts))
    names = {each.id for part in parts for each in ast.walk(part) if isinstance(each, ast.Name)}
    said = ast.unparse(node).partition("\n")[0]
    last = max((getattr(part, "end_lineno", None) or node.lineno, getattr(part, "end_col_offset", 0)) for part in parts)
    said = said if len(said) <= SHORT else f"{said[: SHORT - 1]}…"
    inner = {getattr(each, "lineno", 0) for part in _own(node) for each in ast.walk(part)}
    acts = tuple(sorted({path for line in inner for path in lines.get(line, ())}))
    return Statement(
        function, (node.lineno, node.col_offset), last, acts, type(node).__name__ + code, tuple(sorted(names)), said
    )
