"""One call of a step whose result is kept: its key, a hit, or a run in this process or elsewhere."""

from __future__ import annotations

import ast
import asyncio
import dis
import re
import types
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import msgspec

from steppe.analysis.cell import Cell
from steppe.analysis.names import Names
from steppe.engine import uncached
from steppe.engine.bind import note_code
from steppe.engine.choose import INLINE, Place, choose
from steppe.engine.gather import gather
from steppe.engine.inline import run_inline
from steppe.engine.key import cache_key
from steppe.engine.lookup import Hit
from steppe.engine.outlet import Outlet
from steppe.engine.remote import run_remote
from steppe.engine.resolve import bind_hit, find_or_claim, listened
from steppe.engine.step import Request, Step
from steppe.errors import CannotMove, CatalogError, StepFailed, StepTimedOut, StoreError, UsageError
from steppe.functions import script
from steppe.functions.external import ExternalResource
from steppe.functions.inheritance import absorb, observe, writes
from steppe.functions.left_running import noting_tasks
from steppe.functions.options import Told
from steppe.functions.process_start import process_now
from steppe.functions.program import ask_of_the_call, ask_of_the_error
from steppe.functions.recorded_warnings import WHY, has_warned, noting_warnings, records
from steppe.functions.script_setup import SetUp, note_script
from steppe.functions.sessions import of_call
from steppe.functions.signature import ARGUMENT, FUNCTION, RETURN
from steppe.functions.turns import ELSEWHERE, TURNS
from steppe.store.digest import digest_of
from steppe.types import Ingredient, Shown, State
from steppe.values.code import MAIN, lookups
from steppe.values.lazy import is_lazy, real
from steppe.values.walk import Walk
from steppe.worker.shown import replay
from steppe.worker.trace import Trace, active, unseen

_T = TypeVar("_T")

CODE = digest_of([b"a call of a step"])
"""The version of the code that calls a step: the step's own code is that of its function."""


class Here(Outlet):
    """Shows what a step shows elsewhere as if it were shown here, and holds its error for whoever has called it.

    Attributes:
        error: what it has raised, once it has.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self.error: BaseException | None = None

    def show(self, shown: Shown) -> None:
        """Show it."""
        if shown.kind != "clear":
            replay(self._shell, (shown,), lambda: None)

    def show_value(self, shown: Shown, value: Any) -> None:
        """Show nothing: the value is returned."""

    def current(self) -> Any:
        """Refuse: what runs here is a call, and no cell that others could take for theirs."""
        raise NotImplementedError("a call has no cell")

    def show_error(self, kind: type, error: BaseException, lines: list[str]) -> None:
        """Hold it, with the traceback that it had where it was raised."""
        del kind
        if not isinstance(error, StepFailed) and not any(note in lines for note in getattr(error, "__notes__", ())):
            error.add_note("\n".join(["It was raised elsewhere, at:", *map(_plain, lines)]))
        self.error = error


class Call:
    """One call on its way.

    Attributes:
        function: the step.
        told: what it was told, for this call.
        arguments: by name, defaults included.
        outer: the step around it, or None.
        session: the session as this call sees it.
        step: its Step.
    """

    def __init__(self, function: Any, told: Told, arguments: dict[str, Any], session: Any, outer: Any) -> None:
        self.function = function
        self.told = told
        self.arguments = {name: real(value) if is_lazy(value) else value for name, value in arguments.items()}
        for value in self.arguments.values():
            if isinstance(value, ExternalResource):
                value.check()
        self.outer = outer
        self._raised: BaseException | None = None
        self._own: Trace | None = None
        self._main: dict[str, Any] = session.setting.namespace
        code = function.__wrapped__.__code__
        with unseen():
            self._stale = ""
            self._is_notebooks = session.sources.is_notebook(function.__module__ or "")
            if self._is_notebooks and session.sources.text(code.co_filename) is None:
                self._stale = script.know(session, code)
            self._namespace = self._variables()
            self.session = of_call(session, self._namespace)
            self.step = Step(self.session, self._request(session))

    def _variables(self) -> dict[str, Any]:
        """Return the variables that the call sees: the module's, the function, and its arguments."""
        function = self.function
        found = dict(self._main)
        found[self._called] = function.__wrapped__ if self._is_notebooks else function
        found.update({ARGUMENT.format(name): value for name, value in self.arguments.items()})
        return found

    @property
    def _called(self) -> str:
        return FUNCTION.format(self.function.name)

    def _request(self, session: Any) -> Request:
        function, told = self.function, self.told
        place = f"globals()[{self._called!r}]"
        call = function.signature.call(place if self._is_notebooks else f"{place}.__wrapped__")
        source = f"globals()[{RETURN!r}] = {'await ' if function.awaits else ''}{call}\n"
        called = ast.Expr(ast.Name(self._called, ast.Load()))  # its functions are looked at as those of a cell are
        cell = Cell(source, source, ast.fix_missing_locations(ast.Module(body=[called], type_ignores=[])))
        reads = {self._called, *(ARGUMENT.format(name) for name in self.arguments)}
        bound = frozenset({RETURN})
        names = Names(reads=frozenset(reads), binds=bound, surely=bound, awaits=function.awaits)
        vars(cell).update(names=names, digest=CODE)  # what is found out of a cell's text is known of a call
        options = told.at(session.project.settings.profiles)
        options = msgspec.structs.replace(options, outputs=(RETURN,), wait=True, cache=told.cache)
        self._options = options
        return Request(
            function.name,
            cell,
            options,
            source=function.source,
            extra=tuple(self._source_value(session)),
            parent=self.outer.id if self.outer is not None else "",
            hints=function.hints.said,
            again=told.worth if told.retry_on is not None else None,
        )

    def _source_value(self, session: Any) -> Iterator[Ingredient]:
        if self.told.source is None:
            return
        value = self.told.source()
        version = Walk(session.sources).version_of(value)
        yield Ingredient(kind="source", name="source", version=version, detail={"value": repr(value)[:120]})

    # Running

    def run(self) -> Any:
        """Return the function's value: as it was, or as it is computed now."""
        place = self._chosen()
        try:
            drive(self._resolved(place))
            return self._ended()
        finally:
            self._let_go()

    async def run_async(self) -> Any:
        """Return a coroutine function's value."""
        place = self._chosen()
        try:
            if place.name == INLINE:
                await self._resolved(place)
            else:
                await asyncio.to_thread(drive, self._resolved(place))
            return self._ended()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        """Hold nothing that the caller may let go of: a call is part of a cycle, and lives until that is collected."""
        self.step.let_go()
        self._namespace.clear()
        self.arguments.clear()
        self._raised = None

    def _chosen(self) -> Place:
        told, options = self.told, self._options
        left_out: dict[str, Any] = {"retries": None}
        if self.function.awaits or not isinstance(options.timeout, float | int):
            left_out["timeout"] = None
        try:
            with unseen():
                place = choose(msgspec.structs.replace(options, **left_out), self.session)
        except UsageError as error:
            error.args = (str(error).replace("%%step", f"@steppe.{told.kind}", 1),)
            raise
        if place.missing is not None:
            place.missing.args = (str(place.missing).replace("%%step", f"@steppe.{told.kind}", 1),)
        return place

    async def _resolved(self, place: Place) -> None:
        step = self.step
        step.executor, self._place = place.name, place
        try:
            await self._resolve()
        except BaseException as error:
            step.abandon(error)
            raise

    async def _resolve(self) -> None:
        step = self.step
        with unseen():
            self._look()
        if step.key is not None and step.executor != INLINE:
            with ELSEWHERE.with_key(step.key):
                await self._looked_up()
        else:
            await self._looked_up()

    async def _looked_up(self) -> None:
        step = self.step
        if step.key is not None:
            try:
                hit = await find_or_claim(step)
            except (CatalogError, StoreError) as error:
                step.key, step.why = None, [f"no result can be looked up or kept: {error}"]
                self.session.warn_once("steps run without being kept", error)
            else:
                if hit is not None and not (has_warned(hit.result) and records()):
                    self._take(hit)
                    return
                if hit is not None:
                    step.key = None
                    step.why.append(WHY)
        try:
            await self._run()
        finally:
            if step.key is not None:
                self.session.let_go(step.key)

    def _look(self) -> None:
        """Find out what the call depends on."""
        step, session = self.step, self.session
        request = step.request
        if session.kind == "functions":
            note_script(session)
        gathered = step.gathered = gather(request.cell, request.options, self._namespace, session.around)
        for name in gathered.names:
            if name in self._main and is_lazy(self._main[name]):
                self._main[name] = self._namespace[name] = real(self._main[name])
        gathered.ingredients += request.extra
        note_code(session.setting, gathered.walk)
        ask_of_the_error(gathered)
        if session.kind == "functions":
            self._note_around(gathered)
        step.why += gathered.reasons
        step.why += uncached.reasons(request.cell, request.options, gathered, session)
        step.why += self._doubts()
        if not step.why:
            step.key = cache_key(gathered.ingredients)

    def _note_around(self, gathered: Any) -> None:
        """Add what the code around has set up, and how the program was called where the step asks for that."""
        found = SetUp(self.session, gathered.walk)
        gathered.ingredients += [*found.ingredients, *process_now(self.session)]
        gathered.reasons += found.reasons
        ask_of_the_call(gathered)

    def _doubts(self) -> Iterator[str]:
        """Yield why this function's results can't be kept, beside what is known of cells."""
        function, options = self.function.__wrapped__, self._options
        if self._stale:
            yield self._stale
        gathered = self.step.gathered
        assert gathered is not None
        for root in gathered.walk.roots.values():
            for node in (root.value, *root.nodes):
                if type(node) is not types.FunctionType:
                    continue
                if names := _sets(node.__code__):
                    yield f"{node.__qualname__}() sets the variable `{min(names)}`, which a hit would not do"
                elif lookups(node.__code__).unbounded == MAIN:
                    yield f"{node.__qualname__}() may set any variable of {MAIN}, which a hit would not do"
        found = script.definition(self.session, function.__code__)
        if found is None:
            return
        if options.expires is None and self.told.source is None and not self._is_notebooks:
            asks = script.clock(found, function)
            if asks:
                yield f"{function.__qualname__}() reads {asks}: say how long its result holds with expires="
        if sets := script.sets_up(found, function):
            yield sets

    def _take(self, hit: Hit) -> None:
        """Bind a hit; what it puts back is the work of the step around it."""
        outer = active()
        if outer is not None and hit.result.files:
            writes(outer, hit.result.files, self.session)
        bind_hit(self.step, hit)

    async def _run(self) -> None:
        """Run the function where it was decided that it runs."""
        step = self.step
        self._place.insist()
        if step.executor != INLINE:
            try:
                await self._run_elsewhere()
            except (CannotMove, StoreError) as error:
                if self._options.on is not None:
                    raise
                step.why.append(str(error))
                step.executor = INLINE
            else:
                return
        if step.key is None:
            await self._run_plainly()
            return
        around = self._observed_around()
        if self.function.awaits:
            async with TURNS.awaited(step, around) as mine:
                await self._run_in_turn(mine)
        else:
            with TURNS.taken(step, around) as mine:
                await self._run_in_turn(mine)

    async def _run_in_turn(self, mine: bool) -> None:
        step = self.step
        if mine and not (self.outer is None and active() is not None):  # it may be a part of a cell that is observed
            await run_inline(step, listened(step, self._body))
            return
        self.session.let_go(step.key)
        step.key = None
        step.why.append("it ran beside another step of this process, so what it did could not be told apart")
        await self._run_plainly()

    def _observed_around(self) -> Any:
        """Return the innermost step around that has the turn."""
        outer = self.outer
        while outer is not None and (not isinstance(outer, Step) or not getattr(outer, "has_turn", False)):
            outer = getattr(outer, "outer", None)
        return outer

    async def _run_elsewhere(self) -> None:
        step = self.step
        self._here = Here(self.session.setting.shell)
        if self._options.on is None:  # it was chosen: what can't go there is found out before it is launched
            options = msgspec.structs.replace(step.request.options, on=step.executor)
            step.request.options = options
        await run_remote(step, self._here, _stays, lambda _: None)
        self._raised = self._here.error

    async def _run_plainly(self) -> None:
        """Run a function whose result is not kept: as if Steppe were not there."""
        step = self.step
        step.begin()
        raised, _, _ = await listened(step, self._body)()
        if raised is None:
            step.become(State.SUCCEEDED)
        else:
            step.fail(raised)
        self.session.note(step.record())

    async def _body(self) -> tuple[BaseException | None, bool, Any]:
        """Run the function here."""
        self._own = active()
        vars(self.step).update(outer=self.outer, has_turn=self.step.key is not None)
        tries = self.told.retries + 1
        for number in range(1, tries + 1):
            try:
                with noting_tasks(), noting_warnings():
                    value = await self._awaited_here() if self.function.awaits else self._called_here()
                self.function.hints.value(value)
                self._namespace[RETURN] = value
            except Exception as error:
                if number == tries or not self.told.worth(error):
                    self._raised = error
                    return error, False, None
                self._try_again(number, tries, error)
            except BaseException as error:
                self._raised = error
                return error, False, None
            else:
                break
        return None, False, None

    def _try_again(self, number: int, tries: int, error: Exception) -> None:
        step = self.step
        with unseen():
            step.become(State.RETRYING)
            step.wait_for(f"attempt {number + 1} of {tries} follows: {type(error).__name__}: {error}")
            step.begin()

    def _called_here(self) -> Any:
        """Call the function; it is no part of a coroutine, in which nothing may raise StopIteration."""
        args, kwargs = self.function.signature.passed(self.arguments)
        return self.function.__wrapped__(*args, **kwargs)

    async def _awaited_here(self) -> Any:
        work = self._called_here()
        return await (work if self.told.timeout is None else in_time(self.function, self.told.timeout, work))

    def _ended(self) -> Any:
        """Let the step around know what this one depended on; return the value, or raise the error."""
        step = self.step
        outer = active()
        if outer is not None:
            with unseen():
                self._tell(outer)
        if self._raised is not None:
            raise self._raised
        value = self._namespace[RETURN]
        if is_lazy(value):
            with unseen():
                value = real(value)
        if step.executor != INLINE and step.state is not State.HIT:
            self.function.hints.value(value)
        return value

    def _tell(self, outer: Trace) -> None:
        step = self.step
        if self._own is not None:
            if self._own is not outer:
                absorb(outer, self._own)
        elif step.result is not None:
            observe(outer, step.result, self.session)
            writes(outer, step.result.files, self.session)
            outer.spoilt += [reason for reason in step.unkept if reason not in outer.spoilt]
        elif step.executor != INLINE:
            outer.spoilt.append(f"it calls `{step.request.name}`, which left nothing behind")
        if step.entry is not None and step.entry.expires is not None:
            outer.leaves(f"it calls `{step.request.name}`, whose result holds for a time only")


async def in_time(function: Any, seconds: float, work: Coroutine[Any, Any, _T]) -> _T:
    """Return what a coroutine does, unless it takes too long.

    Raises:
        StepTimedOut: it does.
    """
    try:
        async with asyncio.timeout(seconds) as limit:
            return await work
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise StepTimedOut(f"`{function.name}` took longer than its timeout of {seconds:g} s.") from error


async def _stays() -> Step:
    raise CannotMove("it must stay in this process: give on=inline.")


def drive(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        value: _T = done.value
        return value
    coroutine.close()
    raise RuntimeError("a step without `async` has waited for the event loop: please report it")


def _sets(code: types.CodeType) -> set[str]:
    """Return the variables of its module that code sets or removes when it runs."""
    found = {each.argval for each in dis.get_instructions(code) if each.opname in ("STORE_GLOBAL", "DELETE_GLOBAL")}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= _sets(constant)
    return found


def _plain(line: str) -> str:
    """Return a line without colours."""
    return re.sub(r"\x1b\[[\d;]*m", "", line)
