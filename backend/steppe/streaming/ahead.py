"""A thread that makes things ahead of whoever takes them, as many bytes of them as may wait."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from steppe.threads import OurThread
from steppe.worker.trace import unseen

Made = tuple[Any, float]
"""A thing, and how many bytes it is."""


class _Shared:
    """What the thread and the taker have in common."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.changed = threading.Condition()
        self.waiting: deque[Made] = deque()
        self.bytes = 0.0
        self.stopped = False
        self.ended = False
        self.error: BaseException | None = None


class Ahead:
    """Things on their way from an iterator that runs in a thread. Dropping it ends the thread, too."""

    def __init__(self, make: Callable[[], Iterator[Made]], limit: float) -> None:
        """Begin.

        Args:
            make: iterates over the things; called in the thread.
            limit: bytes of them that may wait to be taken; one thing may always.
        """
        self._shared = _Shared(limit)
        self._thread = OurThread(target=_work, args=(make, self._shared), name="steppe-stream-ahead", daemon=True)
        self._end = weakref.finalize(self, _stop, self._shared, self._thread)
        self._thread.start()

    def take(self) -> Any:
        """Return the next thing; wait for it.

        Raises:
            StopIteration: there is none.
            BaseException: what was raised when it was made.
        """
        shared = self._shared
        with shared.changed:
            while not shared.waiting:
                if shared.error is not None:
                    raise shared.error
                if shared.ended or shared.stopped:
                    raise StopIteration
                shared.changed.wait()
            thing, size = shared.waiting.popleft()
            shared.bytes -= size
            shared.changed.notify_all()
        return thing

    def stop(self) -> None:
        """End the thread, and wait for its end."""
        self._end()


def _work(make: Callable[[], Iterator[Made]], shared: _Shared) -> None:
    try:
        with unseen():
            for made in make():
                if not _put(shared, made):
                    return
    except BaseException as error:
        shared.error = error
    finally:
        with shared.changed:
            shared.ended = True
            shared.changed.notify_all()


def _put(shared: _Shared, made: Made) -> bool:
    """Let a thing wait to be taken; tell whether anybody still wants more."""
    with shared.changed:
        while shared.waiting and shared.bytes + made[1] > shared.limit and not shared.stopped:
            shared.changed.wait()
        if shared.stopped:
            return False
        shared.waiting.append(made)
        shared.bytes += made[1]
        shared.changed.notify_all()
        return True


def _stop(shared: _Shared, thread: threading.Thread) -> None:
    with shared.changed:
        shared.stopped = True
        shared.waiting.clear()
        shared.changed.notify_all()
    if thread is not threading.current_thread() and thread.ident is not None:
        thread.join()
