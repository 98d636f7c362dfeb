"""What an export for another scheduler is of: the notebook, its parameters, and the command that runs it there."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from steppe.errors import UsageError
from steppe.notebooks.marks import Steps
from steppe.notebooks.source import Source, read
from steppe.settings import Project, load_project

PREFIX = "STEPPE_PARAMETER_"
"""How the variables of the environment begin that carry parameters: no text of a user's ever becomes a command."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook: its name, and its default as it is written there."""

    name: str
    default: str

    @property
    def variable(self) -> str:
        """The variable of the environment that carries it."""
        return PREFIX + self.name

    @property
    def words(self) -> str:
        """What gives it to `steppe run` in a shell, where its variable is not empty; lists and tables as YAML."""
        given = (
            f'-y "{self.name}: ${self.variable}"'
            if self.default.startswith(("[", "{"))
            else f'-p {self.name} "${self.variable}"'
        )
        return f"${{{self.variable}:+{given}}}"

    @property
    def about(self) -> str:
        """What a form says of it."""
        return f"{self.name}; if left empty: {self.default}"


class Asked:
    """One export.

    Attributes:
        source: the notebook.
        project: its project.
        steps: which of its cells are steps.
        root: the folder that commands are run in: the repository's, else the project's.
        parameters: what its cell tagged `parameters` declares.
    """

    def __init__(self, notebook: Path, steps: Steps) -> None:
        """Read a notebook.

        Raises:
            UsageError: it can't be read, or is in another language.
        """
        self.source: Source = read(notebook)
        if self.source.language != "python":
            raise UsageError(f"{notebook} is in {self.source.language}, and only Python's notebooks can be exported.")
        self.project: Project = load_project(notebook.resolve().parent, os.environ)
        self.steps = steps
        self.root = repository_of(notebook)
        self.parameters = _parameters(self.source)

    @property
    def stem(self) -> str:
        """The notebook's name without its ending."""
        return self.source.path.stem

    @property
    def notebook(self) -> str:
        """The notebook's path in `root`."""
        return self.inside(self.source.path)

    @property
    def state(self) -> str:
        """The path of the project's `.steppe` in `root`."""
        return self.inside(self.project.state)

    def inside(self, path: Path) -> str:
        """Return a path as it is in `root`."""
        return Path(os.path.relpath(path.resolve(), self.root)).as_posix()

    def command(self, *, until: str = "", output: str = "") -> str:
        """Return the line of a shell that runs the notebook, with each parameter that its variable has."""
        words = ["steppe", "run"]
        if until:
            words += ["--until", until]
        if self.steps is not Steps.TAGGED:
            words += ["--steps", self.steps.value]
        if self.source.kernel != "python3":
            words += ["--kernel", "python3"]  # one of a name that this machine gave is not to be found elsewhere
        if output:
            words += ["-o", output]
        given = [each.words for each in self.parameters]
        path = self.notebook
        return " ".join([*map(shlex.quote, words), *given, shlex.quote(f"./{path}" if path.startswith("-") else path)])


def repository_of(notebook: Path) -> Path:
    """Return the folder of the repository that a notebook is in, else that of its project."""
    start = notebook.resolve().parent
    whole = next((each for each in (start, *start.parents) if (each / ".git").exists()), None)
    return whole or Path(load_project(start, os.environ).root).resolve()


def refuse_places(text: str, mark: str, who: str) -> None:
    """Refuse a name that whoever reads the file would fill in.

    Raises:
        UsageError: it has such a mark in it.
    """
    if mark in text:
        raise UsageError(f"`{text}` has `{mark}` in it, which {who} would fill in: give it another name.")


def slugs(names: list[str], most: int = 50) -> dict[str, str]:
    """Return a name of small letters, digits and dashes for each of some names, no two alike."""
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:most].strip("-") or "step"
        slug, number = plain, 2
        while slug in found.values():
            slug = f"{plain}-{number}"
            number += 1
        found[name] = slug
    return found


def check_cron(cron: str) -> None:
    """Refuse a cron line that is none, or that has seconds, which other schedulers don't know.

    Raises:
        UsageError: says what would fit.
    """
    from datetime import UTC, datetime

    from cronsim import CronSim, CronSimError

    said = "it has five fields" if len(cron.split()) != 5 else ""
    try:
        CronSim(cron, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        said = said or str(error).lower()
    if said:
        raise UsageError(
            f'--cron {cron!r}: {said}. Give minute, hour, day of month, month and day of week, such as "0 6 * * 1".'
        )


def _parameters(source: Source) -> list[Parameter]:
    from papermill.translators import papermill_translators

    cells = (cell for cell in source.seen.cells if "parameters" in cell.metadata.get("tags", ()))
    cell = next((cell for cell in cells if cell.cell_type == "code"), None)
    if cell is None:
        return []
    try:
        found = papermill_translators.find_translator(source.kernel, "python").inspect(cell)
    except Exception as error:  # whatever papermill can't read
        raise UsageError(f"{source.path}: its cell of parameters can't be read: {error}") from error
    return [Parameter(item.name, str(item.default)) for item in found if item.name.isidentifier()]
