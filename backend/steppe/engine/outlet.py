"""Where a step's output goes: the cell that is running, or a cell that has long ended."""

from __future__ import annotations

import itertools
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from steppe.types import Shown
from steppe.worker.shown import replay, show_result


class Outlet(ABC):
    """Shows what a step shows, in one cell."""

    @abstractmethod
    def show(self, shown: Shown) -> None:
        """Show anything but the cell's value."""

    @abstractmethod
    def show_value(self, shown: Shown, value: Any) -> None:
        """Show the cell's value, and let `Out` have it."""

    @abstractmethod
    def current(self) -> AbstractContextManager[None]:
        """Make it, for a while, the cell whose code runs: what that shows comes here."""

    @abstractmethod
    def show_error(self, kind: type, error: BaseException, lines: list[str]) -> None:
        """Show an error as the shell shows one: class, error, lines of its traceback."""


class Running(Outlet):
    """The cell that is running now."""

    def __init__(self, shell: Any, result: Any) -> None:
        self._shell = shell
        self._result = result
        self._counted = shell.execution_count

    def show(self, shown: Shown) -> None:
        """Show it as the cell itself would."""
        replay(self._shell, (shown,), lambda: None)

    def show_value(self, shown: Shown, value: Any) -> None:
        """Show it through the display hook."""
        show_result(self._shell, shown, value)

    def current(self) -> AbstractContextManager[None]:
        """Let code run as its own."""
        return run_as(self._shell, self._result, self._counted)

    def show_error(self, kind: type, error: BaseException, lines: list[str]) -> None:
        """Show it, let the cell have failed of it, and let debuggers find it."""
        self._result.error_in_exec = error
        sys.last_type, sys.last_value, sys.last_traceback = kind, error, error.__traceback__
        self._shell._showtraceback(kind, error, lines)  # noqa: SLF001  # what `showtraceback` ends in


UNDERS = ("_", "__", "___")


@contextmanager
def run_as(shell: Any, result: Any, counted: int) -> Iterator[None]:
    """Let code run as that of a cell that ran before: with its number and its `Out`; `_` stays that of later cells.

    Args:
        shell: the shell.
        result: what the shell made for the cell.
        counted: the shell's count of cells while that cell ran.
    """
    hook, namespace = shell.displayhook, shell.user_ns
    number, filled = shell.execution_count, hook.exec_result
    unders = [(name, getattr(hook, name), namespace.get(name, "")) for name in UNDERS]
    shell.execution_count, hook.exec_result = counted, result
    try:
        with shell.builtin_trap, shell.display_trap:
            yield
    finally:
        shell.execution_count, hook.exec_result = number, filled
        for name, its, bound in unders:
            setattr(hook, name, its)
            namespace[name] = bound


class Shower:
    """Shows in order; the cell's value waits until it is here itself, and so does what was shown after it.

    Where the cell may yet run in the kernel instead, everything waits: it must not be shown twice.
    """

    def __init__(self, outlet: Outlet, *, hold: bool = False) -> None:
        self._outlet = outlet
        self._hold = hold
        self._held: list[Shown] = []

    def show(self, shown: Shown) -> None:
        """Show it now, or once the cell's value is here."""
        if self._hold or self._held or shown.kind == "result":
            self._held.append(shown)
        else:
            self._outlet.show(shown)

    def expect(self) -> None:
        """Let `Out` have the value although none was shown: one that displays itself has no representation."""
        if all(shown.kind != "result" for shown in self._held):
            self._held.append(Shown(kind="result"))

    def drop(self) -> None:
        """Forget what was held back: the cell runs again."""
        self._held.clear()

    def finish(self, value: Any) -> None:
        """Show what was held back."""
        for shown in joined(self._held):
            if shown.kind == "result":
                self._outlet.show_value(shown, value)
            else:
                self._outlet.show(shown)
        self._held.clear()

    def release(self) -> None:
        """Show what was held back of a step that has no result, and so no value."""
        held, self._held, self._hold = self._held, [], False
        for shown in joined(held):
            if shown.kind != "result":
                self._outlet.show(shown)


def joined(held: Iterable[Shown]) -> Iterator[Shown]:
    """Yield what was shown with writes to one stream that follow each other as one, as a kernel's streams send them."""
    for kind, group in itertools.groupby(held, lambda shown: (shown.kind, shown.name)):
        if kind[0] == "stream":
            yield Shown(kind="stream", name=kind[1], text="".join(shown.text for shown in group))
        else:
            yield from group


class Outlets:
    """The outlets of one cell.

    Attributes:
        now: the cell while it runs.
        later: makes the outlet for output that comes after its end.
    """

    def __init__(self, now: Outlet, later: Callable[[], Outlet]) -> None:
        self.now = now
        self.later = later
