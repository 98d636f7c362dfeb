"""The life of one external resource: its states, how long each may last, who is told, and who ends it in the end."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
import time
from collections.abc import Generator
from concurrent.futures import wait
from contextvars import Token
from typing import Any

import msgspec

from steppe.errors import CannotMove, ResourceFailed
from steppe.functions import mocks
from steppe.functions.external_course import Ask, Course, Pause, Work, called, go, go_async
from steppe.functions.spans import Live
from steppe.states import stage
from steppe.threads import OurThread
from steppe.types import State, StepId, StepRun
from steppe.worker.running import RUNNING
from steppe.worker.trace import unseen

TRIES = 3
"""How often in a row the question whether it is there may fail before it is taken for gone; one plain no is enough."""


class Life:
    """From the beginning of its block of code to the end of it.

    Attributes:
        state: where it stands.
        gone: why it is taken for gone while it should be there; empty else.
    """

    def __init__(self, resource: Any) -> None:
        from steppe.functions.calling import session_of

        self.state = "created"
        self.gone = ""
        self._resource = resource
        self._name = type(resource).__qualname__.replace("<locals>.", "")
        self._stages: list[tuple[str, float, str]] = [(self.state, time.time(), "")]
        self._over = threading.Event()
        self._ending = threading.Lock()
        self._ward: Any = None
        self._token: Token[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        outer = RUNNING.get()
        self._session = None if mocks.MOCKS else session_of(outer)
        self._live = Live(self._name, self._session, outer) if self._session is not None else None

    def __reduce__(self) -> Any:
        return Elsewhere, (self.state,)

    def begin(self) -> None:
        """Make it active, or leave nothing of it.

        Raises:
            ResourceFailed: it is not active in time.
            CannotMove: the process that would end it can't be told how.
        """
        go(self._raising())
        self._take_place()

    async def begin_async(self) -> None:
        """Do so on the event loop, which goes on meanwhile."""
        self._loop = asyncio.get_running_loop()
        await go_async(self._raising())
        self._take_place()

    def _raising(self) -> Course:
        resource, began = self._resource, time.monotonic()
        try:
            self._become("activating")
            self.hand_over()
            yield Work(resource.activation_timeout, resource.activate, f"{self._name} is not active")
            self.hand_over()
            while why := (yield from self._asked()):
                if time.monotonic() - began >= resource.activation_timeout:
                    raise ResourceFailed(f"{self._name} is not active after {resource.activation_timeout:g} s: {why}.")
                yield Pause(min(resource.poll_seconds, 0.1 + (time.monotonic() - began) / 10))
            self._become("active")
            self.hand_over()
        except BaseException as error:
            yield from self._leaving(error, failed=True)
            raise

    def _take_place(self) -> None:
        """Be what the steps of the block run inside of, and look after it from now on."""
        if self._live is not None:
            self._token = RUNNING.set(self._live)
        OurThread(target=self._poll, name=f"steppe-{self._name}", daemon=True).start()

    def end(self, error: BaseException | None) -> None:
        """End it after its block of code, however that went.

        Raises:
            ResourceFailed: it could not be ended, and the block had no error of its own; else that gets a note.
        """
        self._give_place(error)
        go(self._leaving(error, failed=False))

    async def end_async(self, error: BaseException | None) -> None:
        """Do so on the event loop, which goes on meanwhile."""
        self._give_place(error)
        await go_async(self._leaving(error, failed=False))

    def _give_place(self, error: BaseException | None) -> None:
        if self._token is not None:
            with contextlib.suppress(ValueError):  # it is ended in another context than it was begun in
                RUNNING.reset(self._token)
        if self.gone and error is not None:
            error.add_note(f"{self._name} was gone: {self.gone}.")

    def check(self) -> None:
        """See `ExternalResource.check`."""
        if self.gone:
            raise ResourceFailed(f"{self._name} is gone: {self.gone}.")

    def hand_over(self) -> None:
        """Tell the process that looks after it what it is now."""
        from steppe.functions.external_ward import Ward

        with unseen():
            if self._ward is None:
                self._ward = Ward(self._catalog())
            try:
                self._ward.tell(self._resource, self._record(State.RUNNING), self._resource.deactivation_timeout)
            except Exception as error:
                raise CannotMove(
                    f"{self._name} can't be ended if this process dies, for its attributes can't be pickled: {error}. "
                    "Keep there what names it, such as a pid, and what stays here in attributes that begin with `_`."
                ) from error

    def _leaving(self, error: BaseException | None, *, failed: bool) -> Course:
        resource = self._resource
        with self._ending:
            self._over.set()
        said = f"{type(error).__name__}: {error}".partition("\n")[0] if error is not None else ""
        try:
            self._become("deactivating", said if failed else "")
            yield Work(resource.deactivation_timeout, resource.deactivate, f"{self._name} is not ended")
        except Exception as raised:
            why = f"{type(raised).__name__}: {raised}".partition("\n")[0]
            self._stand(State.FAILED, why)
            yield Ask(self._let_go)
            if error is None:
                raise ResourceFailed(f"{self._name} could not be ended, and may still be there: {why}") from raised
            error.add_note(f"{self._name} could not be ended, and may still be there: {why}")
        except BaseException:  # interrupted: it is the other process's now
            self._close(done=False)
            raise
        else:
            self._become("deactivated", self.gone, ended=_end(error, failed=failed or bool(self.gone)), error=said)
            yield Ask(self._let_go)

    def _let_go(self) -> None:
        self._close(done=True)

    def _close(self, *, done: bool) -> None:
        if self._ward is not None:
            with unseen():
                self._ward.close(done=done)

    def _asked(self) -> Generator[Ask, Any, str]:
        """Ask whether it is there; say why not, or nothing."""
        try:
            there = yield Ask(self._resource.is_active)
        except Exception as error:  # the user's own code: it is not there yet, and this is why
            return f"{type(error).__name__}: {error}".partition("\n")[0]
        return "" if there else "is_active() says no"

    def _not_active(self) -> str:
        """Ask that in a thread beside the block."""
        try:
            return "" if self._answer() else "is_active() says no"
        except Exception as error:  # likewise
            return f"{type(error).__name__}: {error}".partition("\n")[0]

    def _answer(self) -> Any:
        """Have it answered; by a coroutine on the loop that has raised it, where that has the time."""
        ask, loop = self._resource.is_active, self._loop
        if loop is None or not inspect.iscoroutinefunction(ask):
            return called(ask)
        future = asyncio.run_coroutine_threadsafe(ask(), loop)
        while not self._over.is_set():
            if wait([future], 1.0).done:
                return future.result()
        future.cancel()
        return True

    def _poll(self) -> None:
        failures = 0
        with unseen():
            while not self._over.wait(self._resource.poll_seconds):
                why = self._not_active()
                failures = failures + 1 if why else 0
                if why == "is_active() says no" or failures == TRIES:
                    with self._ending:
                        if not self._over.is_set():  # else it was asked while it was being ended
                            self.gone = why
                            self._stages.append((self.state, time.time(), f"it is gone: {why}"))
                            self._stand(State.RUNNING, f"it is gone: {why}")
                    return

    # What is written down

    def _become(self, state: str, why: str = "", ended: State | None = None, error: str = "") -> None:
        self.state = stage(self.state, state)
        self._stages.append((state, time.time(), why))
        self._stand(ended or State.RUNNING, why, error if ended in (State.FAILED, State.CANCELLED) else "")

    def _stand(self, state: State, why: str, error: str = "") -> None:
        if self._session is None:
            return
        with unseen(), self._session.forgiving("what becomes of external resources is not written down"):
            record = self._record(state, why, error)
            if record is not None and not self._session.catalog.read_only:
                self._session.catalog.step_runs.record(record)

    def _record(self, state: State, why: str = "", error: str = "") -> StepRun | None:
        live, session = self._live, self._session
        if live is None or session is None:
            return None
        record = StepRun(
            id=live.id,
            run=session.run.id,
            step=StepId(notebook=session.notebook, name=self._name),
            state=state,
            why=f"an external resource, {self.state}{': ' if why else ''}{why}",
            started=live.started,
            parent=live.outer.id if live.outer is not None else "",
            stages=tuple(self._stages),
            error=error or (why if state is State.FAILED else ""),
        )
        return record if state is State.RUNNING else msgspec.structs.replace(record, ended=time.time())

    def _catalog(self) -> str:
        session = self._session
        if session is None:
            return ""
        from steppe.settings import make_state

        return session.project.settings.catalog or str(make_state(session.project) / "catalog.db")


class Elsewhere:
    """Stands for the life of a resource where it is not led."""

    def __init__(self, state: str) -> None:
        self.state = state

    def check(self) -> None:
        """Know of nothing."""

    def hand_over(self) -> None:
        """Leave that to the process that leads it."""


def _end(error: BaseException | None, *, failed: bool) -> State:
    if error is not None and not isinstance(error, Exception):
        return State.CANCELLED
    return State.FAILED if failed else State.SUCCEEDED
