"""Cells on their way through IPython: what happens to a step before, instead of and after its code.

`run_ast_nodes` is where IPython runs a cell's parsed code. It is wrapped on the shell's instance: a step's code still
runs there, on IPython's own path; a hit takes its place.
"""

from __future__ import annotations

import ast
import errno
import linecache
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from types import CodeType
from typing import TYPE_CHECKING, Any

from steppe.engine.outlet import Outlets, Running
from steppe.engine.session import Session, log_metric
from steppe.errors import CannotMove, HalfBound, StepFailed, SteppeError, UsageError
from steppe.states import LIVE
from steppe.types import Ingredient, State
from steppe.worker.metrics import listening
from steppe_magic import options as options_of
from steppe_magic.asked import Asked, Parts, asked, name_of
from steppe_magic.completion import Completion, Looking
from steppe_magic.late import later

if TYPE_CHECKING:
    from steppe.analysis.cell import Cell
    from steppe.analysis.options import Options
    from steppe.engine.step import Request, Step

RunNodes = Callable[..., Awaitable[Any]]


class Cells:
    """The cells of one kernel.

    Attributes:
        session: the kernel's session.
        auto: whether every cell is a step.
        steps: the steps that were resolved, in order.
        wraps: what meets front ends that ask between cells.
        call_off: keeps from being done what waits for an idle moment.
    """

    def __init__(self, session: Session, shell: Any, original: RunNodes) -> None:
        self.session = session
        self.shell = shell
        self.auto = False
        self.steps: list[Step] = []
        self._holding: list[Step] = []
        self.parts = Parts(session)
        self.wraps: list[Completion | Looking] = []
        self.call_off: Callable[[], Any] = lambda: None
        self._original = original
        self._inside = False
        self._names: dict[str, str] = {}

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

        ran: list[bool] = []

        async def run() -> Any:
            ran.append(True)
            return await self._original(
                nodelist, cell_name, interactivity=interactivity, compiler=compiler, result=result
            )

        if self._inside or info is None or getattr(info, "silent", False):
            return await run()
        source = self._note_source(cell_name, compiler)
        transformed = getattr(self.shell, "ast_transformers", True)  # by what the notebook has added to IPython
        tree = None if transformed else ast.Module(body=[*nodelist], type_ignores=[])
        metadata = getattr(info, "cell_meta", None) or _parent_metadata(self.shell)
        step = asked(info.raw_cell, metadata, everything=self.auto)
        self._inside = True
        try:
            from steppe.engine.background import collect  # with the first cell: the extension loads quickly

            collect(self.session)
            if step is None:
                return await self._plain(info, source, tree, run)
            compiled = partial(_compiled, nodelist, cell_name, compiler)
            return await self._step(step, source, tree, interactivity, run, result, compiled)
        except KeyboardInterrupt as error:  # while it waited, not while the user's code ran
            return self._refuse(error, result)
        except StepFailed as error:  # the cell reads what a step in the background was to make
            result.error_in_exec = error
            self.shell.showtraceback((type(error), error, None))
            return True
        except BaseException as error:  # whatever happens in here, the front end must get its answer
            if not ran and isinstance(error, Exception):
                self.session.warn(_without_us(error))
                return await run()
            error.add_note("Steppe did not expect this: please report it. `%unload_ext steppe` goes on without it.")
            result.error_in_exec = error
            self.shell.showtraceback((type(error), error, error.__traceback__))
            return True
        finally:
            self._inside = False
            if any(pending.done for pending in self.session.pending):
                self.session.on_end()

    @property
    def inside(self) -> bool:
        """Whether a cell runs."""
        return self._inside

    def _note_source(self, cell_name: str, compiler: Any) -> str:
        """Remember the source of the cell's functions, as Python."""
        source = "".join(linecache.getlines(cell_name))
        flags = getattr(compiler, "flags", 0) & ~0x200  # without PyCF_ONLY_AST
        self.session.sources.add(cell_name, source, flags)
        self._names[source] = cell_name
        return source

    def register_source(self, source: str, filename: str) -> str:
        """Let tracebacks and debuggers know the source of code that comes back from the Store; return its file name."""
        del filename
        if source in self._names:
            return self._names[source]
        name: str = self.shell.compile.cache(source, self.shell.execution_count, raw_code=source)
        self.session.sources.add(name, source)
        return name

    def wait_all(self) -> None:
        """Wait for the steps that run in the background, and bind their results."""
        from steppe.engine.background import wait_all

        wait_all(self.session)

    def materialise_all(self) -> None:
        """Make every placeholder real; the names of failed steps go, as if their cells had failed in the kernel."""
        from steppe.engine.materialise import materialise
        from steppe.values.lazy import is_lazy

        materialise(None, self.shell.user_ns)
        for name in [name for name, value in self.shell.user_ns.items() if is_lazy(value)]:
            del self.shell.user_ns[name]

    async def _plain(self, info: Any, source: str, tree: ast.Module | None, run: Callable[[], Awaitable[Any]]) -> Any:
        """Run a cell that is no step: what it reads is made real before, what it sets up is noted after."""
        from steppe.engine.plain import prepare
        from steppe.engine.setup_notes import look, note_plain

        cell = prepare(self.session, info.raw_cell, source, tree)
        before = look(self.session, cell) if cell is not None else None
        with listening(lambda measured: log_metric(self.session, self.session.run.id, measured)):
            raised = await run()
        if cell is not None and before is not None:
            note_plain(self.session, cell, before, failed=bool(raised))
        return raised

    async def _step(
        self,
        step: Asked,
        source: str,
        tree: ast.Module | None,
        interactivity: str,
        run: Callable[[], Awaitable[Any]],
        result: Any,
        compiled: Callable[[], CodeType],
    ) -> Any:
        from steppe.analysis.cell import analyse
        from steppe.engine.resolve import resolve

        ran: list[bool] = []

        async def body() -> tuple[BaseException | None, bool, Any]:
            ran.append(True)
            ran[-1] = bool(await run())
            error = result.error_in_exec or result.error_before_exec or RuntimeError("the cell failed")
            return error if ran[-1] else None, result.result is not None, result.result

        try:
            cell = analyse(step.raw, python=source, tree=tree)
            options = options_of.read(step.line, step.given, self.shell, self.session.project.settings)
            request = self._request(cell, options, step.raw, interactivity, result.info)
            if options.map is not None or options.sweep is not None:
                from steppe_magic.loops import each_of

                request.each = each_of(options, cell, compiled, self.shell)
            outlets = Outlets(Running(self.shell, result), lambda: later(self.shell, result))
            done = await resolve(self.session, request, body, outlets)
        except (UsageError, CannotMove, HalfBound) as error:
            return self._refuse(error, result)
        except StepFailed:
            raise
        except SteppeError as error:  # the Store or the Catalog is out of reach
            self.session.warn(f"{'not kept' if ran else 'run without its cache'}: {error}")
            return ran[-1] if ran else await run()
        self._keep(done)
        return done.state in (State.FAILED, State.CANCELLED)

    def _keep(self, done: Step) -> None:
        """Remember a step, and no value of it: what the notebook lets go of is to be gone."""
        self.steps.append(done)
        self._holding.append(done)
        for step in [each for each in self._holding if each.state not in LIVE]:
            step.let_go()
            self._holding.remove(step)

    def _request(self, cell: Cell, options: Options, raw: str, interactivity: str, info: Any) -> Request:
        cell_id = str(getattr(info, "cell_id", None) or "")
        name = name_of(cell, options.name, cell_id)
        extra = list(self._representations())
        if interactivity != "last_expr":
            extra.append(Ingredient(kind="option", name="interactivity", version=interactivity))
        if options.source is not None:
            extra.append(options_of.source_ingredient(options.source, self.shell, self.session))
        from steppe.engine.step import Request

        return Request(
            name,
            cell,
            options,
            source=raw,
            part=self.parts.number(name, cell, cell_id),
            cell_id=cell_id,
            interactivity=interactivity,
            extra=tuple(extra),
        )

    def _representations(self) -> Iterator[Ingredient]:
        """Yield how the notebook has told the shell to show values of some types: what cells show depends on it."""
        for mime, formatter in self.shell.display_formatter.formatters.items():
            for kind, show in getattr(formatter, "type_printers", {}).items():
                code = getattr(show, "__code__", None)
                if code is not None and self.session.sources.is_notebook(show.__module__ or ""):
                    name = f"{mime} of {getattr(kind, '__qualname__', kind)}"
                    yield Ingredient(kind="option", name=name, version=self.session.sources.code_version(code).hex())

    def _refuse(self, error: BaseException, result: Any) -> bool:
        """Show what is wrong with the cell's line, or that waiting was interrupted; nothing of the cell is run."""
        result.error_before_exec = error
        lines = self.shell.InteractiveTB.get_exception_only(type(error), error)
        self.shell._showtraceback(type(error), error, lines)  # noqa: SLF001  # `showtraceback` would speak of `%tb`
        return True


def _compiled(nodes: list[ast.stmt], name: str, compiler: Any) -> CodeType:
    """Compile a cell's code as IPython does, all of it at once and without showing its last value."""
    found: CodeType = compiler(ast.Module(body=[*nodes], type_ignores=[]), name, "exec")
    return found


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


def _without_us(error: Exception) -> str:
    """Say why a cell ran as if Steppe were not there."""
    if isinstance(error, OSError) and error.errno in SCARCE:
        return f"this cell ran without Steppe, which could not get what it needs of the system: {error}."
    return f"this cell ran without Steppe, which did not expect {error!r}: please report it."


SCARCE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EROFS})
"""What the system says where it has no more files, disk or memory to give."""
