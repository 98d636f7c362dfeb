"""Cells on their way through IPython: which are steps, and what happens to one before, instead of and after its code.

`run_ast_nodes` is where IPython runs a cell's parsed code. It is wrapped on the shell's instance: a step's code still
runs there, on IPython's own path; a hit takes its place.
"""

from __future__ import annotations

import linecache
from collections.abc import Awaitable, Callable
from typing import Any

from steppe.analysis.cell import Cell, analyse
from steppe.analysis.options import Options
from steppe.engine.background import collect, wait_all
from steppe.engine.materialise import materialise
from steppe.engine.outlet import Outlets, Running
from steppe.engine.plain import prepare
from steppe.engine.resolve import resolve
from steppe.engine.session import Session
from steppe.engine.setup_notes import note_plain
from steppe.engine.step import Request, Step
from steppe.errors import CannotMove, SteppeError, UsageError
from steppe.types import Ingredient, State
from steppe_magic import options as options_of
from steppe_magic.late import later
from steppe_magic.transformer import split

RunNodes = Callable[..., Awaitable[Any]]


class Cells:
    """The cells of one kernel.

    Attributes:
        session: the kernel's session.
        auto: whether every cell is a step.
        last: the step that was resolved last, for `%steppe why`.
    """

    def __init__(self, session: Session, shell: Any, original: RunNodes) -> None:
        self.session = session
        self.shell = shell
        self.auto = False
        self.steps: list[Step] = []
        self.parts: dict[str, list[str]] = {}
        self._original = original
        self._inside = False

    async def run_ast_nodes(
        self,
        nodelist: Any,
        cell_name: str,
        interactivity: str = "last_expr",
        compiler: Any = compile,
        result: Any = None,
    ) -> Any:
        """Run a cell's code as IPython does, or bind a stored result in its place."""
        info = getattr(result, "info", None)

        async def run() -> Any:
            return await self._original(
                nodelist, cell_name, interactivity=interactivity, compiler=compiler, result=result
            )

        if self._inside or info is None or getattr(info, "silent", False):
            return await run()
        source = self._note_source(cell_name, compiler)
        asked = self._asked(info)
        collect(self.session)
        self._inside = True
        try:
            if asked is None:
                return await self._plain(info, source, run)
            return await self._step(asked, source, interactivity, run, result)
        finally:
            self._inside = False

    def _note_source(self, cell_name: str, compiler: Any) -> str:
        """Remember the source of the cell's functions, as Python."""
        source = "".join(linecache.getlines(cell_name))
        flags = getattr(compiler, "flags", 0) & ~0x200  # without PyCF_ONLY_AST
        self.session.sources.add(cell_name, source, flags)
        return source

    @property
    def everything(self) -> bool:
        """Whether every cell is a step."""
        return self.auto

    def register_source(self, source: str, filename: str) -> str:
        """Let tracebacks and debuggers know the source of code that comes back from the Store; return its file name."""
        del filename
        name: str = self.shell.compile.cache(source, self.shell.execution_count, raw_code=source)
        self.session.sources.add(name, source)
        return name

    def wait_all(self) -> None:
        """Wait for the steps that run in the background, and bind their results."""
        wait_all(self.session)

    def materialise_all(self) -> None:
        """Make every placeholder real."""
        materialise(None, self.shell.user_ns)

    def _asked(self, info: Any) -> tuple[str, str, dict[str, Any]] | None:
        """Return the magic's line, the cell as written and options from metadata; None where the cell is no step."""
        raw: str = info.raw_cell
        meta = getattr(info, "cell_meta", None) or _parent_metadata(self.shell)
        given = meta.get("steppe") if isinstance(meta.get("steppe"), dict) else None
        found = split(raw)
        if found is not None:
            return found[0], raw, given or {}
        if given is not None and given.get("step", True) is not False:
            return "", raw, given
        if given is not None or not self.everything or raw.lstrip().startswith(("%load_ext", "%reload_ext", "%steppe")):
            return None
        return "", raw, {}

    async def _plain(self, info: Any, source: str, run: Callable[[], Awaitable[Any]]) -> Any:
        """Run a cell that is no step: what it reads is made real before, what it sets up is noted after."""
        cell = prepare(self.session, info.raw_cell, source)
        raised = await run()
        if not raised and cell is not None:
            note_plain(self.session, cell)
        return raised

    async def _step(
        self,
        asked: tuple[str, str, dict[str, Any]],
        source: str,
        interactivity: str,
        run: Callable[[], Awaitable[Any]],
        result: Any,
    ) -> Any:
        line, raw, given = asked
        try:
            cell = analyse(raw, python=source)
            options = options_of.read(line, given, self.shell, self.session.project.settings)
        except UsageError as error:
            return self._refuse(error, result)
        request = self._request(cell, options, raw, interactivity, result.info)

        async def body() -> tuple[bool, bool, Any]:
            raised = bool(await run())
            return raised, result.result is not None, result.result

        try:
            outlets = Outlets(Running(self.shell, result), lambda: later(self.shell, result))
            step = await resolve(self.session, request, body, outlets)
        except (UsageError, CannotMove) as error:
            return self._refuse(error, result)
        self.steps.append(step)
        return step.state in (State.FAILED, State.CANCELLED)

    def _request(self, cell: Cell, options: Options, raw: str, interactivity: str, info: Any) -> Request:
        cell_id = getattr(info, "cell_id", None) or ""
        name = options.name or cell_id or min(cell.names.binds, default="cell")
        parts = self.parts.setdefault(name, [])
        mark = cell_id or cell.digest
        if mark not in parts:
            parts.append(mark)
        extra: list[Ingredient] = []
        if interactivity != "last_expr":
            extra.append(Ingredient(kind="option", name="interactivity", version=interactivity))
        if options.source is not None:
            extra.append(options_of.source_ingredient(options.source, self.shell, self.session))
        return Request(
            name,
            cell,
            options,
            source=raw,
            part=parts.index(mark),
            cell_id=cell_id,
            interactivity=interactivity,
            extra=tuple(extra),
        )

    def _refuse(self, error: SteppeError, result: Any) -> bool:
        """Show what is wrong with the cell's line; nothing of the cell is run."""
        result.error_before_exec = error
        self.shell.showtraceback((type(error), error, None), exception_only=True)
        return True


def _parent_metadata(shell: Any) -> dict[str, Any]:
    """Return the metadata of the request that is being executed, where IPython does not hand it on itself."""
    kernel = getattr(shell, "kernel", None)
    parent = getattr(kernel, "get_parent", None)
    if parent is None:
        return {}
    try:
        found: dict[str, Any] = (parent() or {}).get("metadata", {})
    except Exception:  # a kernel that has no request at hand may say so in any way
        return {}
    return found
