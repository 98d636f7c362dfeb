"""Headless runs that people start from JupyterLab: `steppe run`, each in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import signal
import sys
import time
from pathlib import Path

from steppe.errors import UsageError
from steppe.ids import new_id
from steppe.notebooks import checks
from steppe.notebooks.marks import Steps
from steppe.notebooks.source import read
from steppe.settings import Project
from steppe_server.errors import Conflict, NotFound
from steppe_server.projects import Projects
from steppe_server.schemas.runs import RunAsked, RunStarted

KEPT = 100
"""Ended processes that are remembered."""


class Headless:
    """The runs that this server started."""

    def __init__(self) -> None:
        self._processes: dict[str, asyncio.subprocess.Process] = {}

    async def start(self, projects: Projects, asked: RunAsked) -> RunStarted:
        """Begin a run, and return when it is under way.

        Raises:
            NotFound: there is no such notebook.
            UsageError: `steppe run` refuses what is asked, in its own words.
        """
        notebook = projects.file(asked.path)
        if not notebook.is_file():
            raise NotFound(f"{asked.path!r} is no notebook.")
        await asyncio.to_thread(_check, notebook, projects.project(asked.path), asked)
        run = new_id(time.time(), secrets.randbits)
        output = notebook.parent / f"{notebook.stem}-runs" / f"{time.strftime('%Y-%m-%d-%H%M%S')}-{run[-4:]}.ipynb"
        process = await asyncio.create_subprocess_exec(
            *_command(asked, notebook, output, run),
            cwd=notebook.parent,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        self._remember(run, process)
        return RunStarted(run=run, output=output.relative_to(projects.root).as_posix())

    async def cancel(self, run: str) -> None:
        """Interrupt a run, as Ctrl-C does.

        Raises:
            NotFound: this server did not start it.
            Conflict: it has ended.
        """
        process = self._processes.get(run)
        if process is None:
            raise NotFound(f"this server did not start the run {run}: it can't end it.")
        if process.returncode is not None:
            raise Conflict(f"the run {run} has ended.")
        process.send_signal(signal.SIGINT)

    def close(self) -> None:
        """Interrupt what still runs."""
        for process in self._processes.values():
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGINT)

    def _remember(self, run: str, process: asyncio.subprocess.Process) -> None:
        self._processes[run] = process
        ended = [id_ for id_, each in self._processes.items() if each.returncode is not None]
        for id_ in ended[:-KEPT]:
            del self._processes[id_]


def _command(asked: RunAsked, notebook: Path, output: Path, run: str) -> list[str]:
    words = [sys.executable, "-c", "from steppe.cli import main; main()", "run", "--run-id", run]
    words += ["--output", str(output), "--steps", asked.steps, "--jobs", str(asked.jobs)]
    words += ["--on", asked.on] if asked.on else []
    words += [f"--refresh={name}" for name in asked.refresh]
    words += ["--yaml", json.dumps(asked.parameters)] if asked.parameters else []
    return [*words, "--", str(notebook)]


def _check(notebook: Path, project: Project, asked: RunAsked) -> None:
    """Refuse at once what `steppe run` would refuse a moment later, where nobody hears it.

    Raises:
        UsageError: in its own words.
    """
    source = read(notebook)
    checks.kernel(source.kernel, None)
    checks.executor(asked.on)
    checks.refreshed(asked.refresh, source, Steps(asked.steps), project)
    for name in asked.parameters:
        if not name.isidentifier():
            raise UsageError(f"`{name}` is no name of a variable.")
