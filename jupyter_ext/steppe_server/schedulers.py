"""Scheduler processes: one is started for a project that has schedules where none runs, and ends with the server."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading

from steppe.catalog import Catalog
from steppe.engine.holder import alive
from steppe.errors import SteppeError
from steppe.schedules.lease import runs
from steppe.schedules.making import here
from steppe.settings import Project, make_state
from steppe_server.projects import Projects

PATIENCE = 10.0
"""Seconds that a scheduler has to end; what it has begun is in the catalog, whatever comes."""


class Schedulers:
    """The schedulers that this server started, by project."""

    def __init__(self) -> None:
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._closed = False

    def look(self, projects: Projects) -> None:
        """Start a scheduler for the project of Jupyter's root folder where it has schedules; in a thread of its own."""
        with contextlib.suppress(SteppeError):
            opened = projects.opened("")
            if opened is not None:
                self.see(opened.project, opened.catalog)

    def see(self, project: Project, catalog: Catalog) -> bool:
        """Start a scheduler where there are schedules and none runs; tell whether one runs or is starting."""
        with self._lock:
            child = self._children.get(project.root)
            if (child is not None and child.poll() is None) or runs(catalog, project.root, alive):
                return True
            if self._closed or catalog.read_only or not here(catalog, project.root):
                return False
            folder = make_state(project) / "schedules"
            folder.mkdir(exist_ok=True)
            words = [sys.executable, "-c", "from steppe.cli import main; main()", "scheduler", "--idle-exit"]
            with open(folder / "scheduler.log", "ab") as log:
                self._children[project.root] = subprocess.Popen(
                    words, cwd=project.root, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
            return True

    def close(self) -> None:
        """End the schedulers; the runs that they began go on, and the next scheduler catches up what is missed."""
        with self._lock:
            self._closed = True
            children = [child for child in self._children.values() if child.poll() is None]
        for child in children:
            child.terminate()
        for child in children:
            try:
                child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
