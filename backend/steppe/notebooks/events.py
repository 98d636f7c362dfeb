"""What a kernel tells of its steps while it runs: lines of JSON that it appends to a file."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Progress = Callable[[dict[str, Any]], None]

PAUSE = 0.05
"""Seconds between two looks at the file."""


class Following:
    """Reads the events that the kernel appends while it runs, in a thread of its own; nothing where nobody listens."""

    def __init__(self, path: Path, progress: Progress | None) -> None:
        self._path = path
        self._progress = progress
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="steppe-events", daemon=True)

    def __enter__(self) -> None:
        if self._progress is not None:
            self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._done.set()
        if self._progress is not None:
            self._thread.join()

    def _follow(self) -> None:
        assert self._progress is not None
        with self._path.open() as file:
            half = ""
            while True:
                ended = self._done.is_set()
                while line := file.readline():
                    half += line
                    if half.endswith("\n"):
                        self._progress(json.loads(half))
                        half = ""
                if ended:
                    return
                self._done.wait(PAUSE)
