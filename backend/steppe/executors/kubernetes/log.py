"""A pod's log, followed to its end however often the connection is cut, and handed on as events."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from steppe.errors import SteppeError
from steppe.executors.kubernetes.cluster import Cluster, Cut, Refused, Unreachable, path_of
from steppe.executors.kubernetes.manifest import CONTAINER
from steppe.worker.events import Event
from steppe.worker.lines import LineReader
from steppe.worker.trace import unnoticed

FIRST_PAUSE, LAST_PAUSE = 0.05, 5.0
"""Seconds between two tries, at first and in the long run."""


MENDED = frozenset({400, 401})
"""Refusals that time mends: the container has not begun yet; credentials have run out."""


class Log:
    """Follows the log of one pod in a thread.

    Attributes:
        read: set once all of it has been read, or none can be any more.
        refused: why it may not be read, or empty.
        reader: cuts it into events, and keeps the lines that are none.
    """

    def __init__(self, cluster: Cluster, namespace: str, pod: str, tell: Callable[[Event | None], None]) -> None:
        """Begin.

        Args:
            cluster: where the pod is.
            namespace: the pod's.
            pod: its name.
            tell: told of each event, and of None when there is no more.
        """
        self.read = threading.Event()
        self.refused = ""
        self.reader = LineReader()
        self._cluster = cluster
        self._path = path_of("pods", namespace, pod, "log")
        self._tell = tell
        self._over = False
        self._ended = threading.Event()
        self._left = False
        threading.Thread(target=unnoticed, args=(self._run,), name=f"steppe-log-{pod}", daemon=True).start()

    def ended(self) -> None:
        """Hear that the container has ended: what is there now is all."""
        self._ended.set()

    def leave(self) -> None:
        """Follow it no more."""
        self._left = True
        self._ended.set()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        try:
            while not self._left:
                last = self._ended.is_set()
                try:
                    began = time.monotonic()
                    self._follow()
                    if time.monotonic() > began + LAST_PAUSE:
                        pause = FIRST_PAUSE
                except Refused as error:
                    if error.status not in MENDED:
                        self.refused = str(error) if error.status == 403 else ""
                        return
                except SteppeError as error:
                    if not isinstance(error, Unreachable):
                        return
                    last = last and isinstance(error, Cut) and self._over
                if self._over or last:
                    return
                self._ended.wait(pause) if not self._ended.is_set() else threading.Event().wait(pause)
                pause = min(pause * 2, LAST_PAUSE)
        finally:
            self.read.set()
            self._tell(None)

    def _follow(self) -> None:
        """Read it from its beginning to where it ends, or is cut.

        It may end at once though its container runs: a node has few watches of files for all the logs it follows.
        """
        self.reader.again()
        query = {"container": CONTAINER, "follow": "true"}
        for data in self._cluster.stream(self._path, query=query, silent=None):
            for event in self.reader.add(data):
                self._over = self._over or event.kind == "over"
                self._tell(event)
            if self._left:
                return
