"""Finds out what a run stands on, once a session and beside it: commit, machine, image, all that is installed."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from steppe.engine.machine import image, machine, requirements
from steppe.engine.revision import revision
from steppe.errors import StoreError
from steppe.threads import OurThread
from steppe.types import Buffer, Digest
from steppe.worker.trace import unseen

DELAY = 0.4
"""Seconds after the first step is written down: a notebook that is run from top to bottom is not to be disturbed."""

LAST = 3.0
"""Seconds for which the end of a session waits for it."""


class Describing:
    """One session's description, and the thread that makes it."""

    def __init__(self, root: str, catalog: Callable[[], Any], put: Callable[[Iterable[Buffer]], Digest]) -> None:
        """Describe the project in `root`; nothing is done before `begin`."""
        self._root = root
        self._catalog = catalog
        self._put = put
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, run: str) -> None:
        """Begin to describe a run, in a moment and in another thread."""
        with unseen():
            environ = dict(os.environ)
        self._thread = OurThread(target=self._work, args=(run, environ), name="steppe-describes", daemon=True)
        with contextlib.suppress(RuntimeError):  # the interpreter is shutting down
            self._thread.start()

    def end(self) -> None:
        """Do at once what is still to be done, and wait for it, though not for ever."""
        self._over.set()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(LAST)

    def _work(self, run: str, environ: dict[str, str]) -> None:
        self._over.wait(DELAY)
        with unseen(), contextlib.suppress(Exception):  # it explains; no result depends on it
            catalog = self._catalog()
            if catalog.read_only:
                return
            lock = None
            with contextlib.suppress(StoreError):
                lock = self._put([requirements()])
            found = revision(self._root, environ)
            catalog.runs.describe(
                run,
                commit=found.commit if found else "",
                difference=found.difference if found else "",
                machine=machine(),
                image=image(environ),
                lock=lock,
            )
