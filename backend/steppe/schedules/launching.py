"""Processes that run due times: they outlive the scheduler, and write their own ends."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from steppe.catalog import Due, Schedule
from steppe.settings import Project, make_state


def folder_of(project: Project, schedule: Schedule) -> Path:
    """Return where a schedule's logs are."""
    return make_state(project) / "schedules" / schedule.name


class Launching:
    """Launches due times as processes of this machine."""

    def __init__(self, project: Project) -> None:
        """Launch in a project."""
        self._project = project
        self._children: list[subprocess.Popen[bytes]] = []

    def __call__(self, schedule: Schedule, due: Due) -> None:
        """Launch a process, in a session of its own: what ends the scheduler does not end it."""
        self._children = [child for child in self._children if child.poll() is None]  # reaped, or they stay as zombies
        folder = folder_of(self._project, schedule)
        folder.mkdir(parents=True, exist_ok=True)
        name = datetime.fromtimestamp(due.due, UTC).strftime("%Y-%m-%dT%H%M%SZ")
        words = [sys.executable, "-m", "steppe.schedules.due_run", self._project.root, schedule.id, str(due.due)]
        with open(folder / f"{name}.log", "ab") as log:
            child = subprocess.Popen(
                [*words, due.token],
                cwd=self._project.root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children.append(child)
