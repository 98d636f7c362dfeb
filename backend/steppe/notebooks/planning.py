"""A notebook planned: `steppe.engine.plan` on a notebook file, its history and this machine. Nothing is executed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from steppe.analysis.cell import Cell, analyse
from steppe.analysis.loop_cells import as_seen
from steppe.catalog import open_catalog
from steppe.engine.outlook import Hit, Outlook, Planned, Surroundings, Unknown
from steppe.engine.plan import plan
from steppe.errors import UsageError
from steppe.notebooks import checks
from steppe.notebooks.cells import CodeCell, code_cells
from steppe.notebooks.marks import Steps
from steppe.notebooks.source import Source, read
from steppe.settings import Project, load_project
from steppe.store import open_store
from steppe.worker.places import Places


def plan_notebook(
    notebook: Path,
    *,
    parameters: dict[str, Any] | None = None,
    steps: Steps = Steps.TAGGED,
    on: str = "",
    refresh: tuple[str, ...] = (),
    kernel: str | None = None,
) -> list[Outlook]:
    """Tell what would become of each step of a notebook if it ran now.

    Arguments and errors are those of `run_notebook`.
    """
    source = read(notebook)
    project = load_project(notebook.parent, os.environ)
    checks.kernel(kernel or source.kernel, kernel)
    checks.executor(on)
    checks.refreshed(refresh, source, steps, project)
    cells = planned_cells(source, project, steps, parameters)
    return plan_cells(cells, source, project, refresh=refresh, kernel=kernel)


def planned_cells(
    source: Source, project: Project, steps: Steps = Steps.TAGGED, parameters: dict[str, Any] | None = None
) -> list[Planned]:
    """Return a notebook's cells of code, as the planner takes them."""
    notebook = source.notebook(parameters) if parameters else source.seen
    return [_planned(cell) for cell in code_cells(notebook, steps, project.settings)]


def plan_cells(
    cells: list[Planned],
    source: Source,
    project: Project,
    *,
    refresh: tuple[str, ...] = (),
    kernel: str | None = None,
    catalog: Any = None,
) -> list[Outlook]:
    """Tell what would become of each step among a notebook's cells. Changes this process's folder while it works.

    `catalog` is the project's, where it is open; it stays open.
    """
    notebook, settings = source.path, project.settings
    place = settings.catalog or str(project.state / "catalog.db")
    with _as_the_kernel(notebook.resolve().parent):
        around = Surroundings(
            None,
            None,
            source.identity(project.root) if source.id else _recorded(source, project.root),
            Places(project.root),
            os.environ,
            env=settings.env,
            python=_python(kernel or source.kernel),
            refresh=refresh,
        )
        if not settings.catalog and not os.path.exists(place):
            return plan(cells, around)
        with nullcontext(catalog) if catalog is not None else open_catalog(place) as found:
            around.catalog = found
            around.store = open_store(settings.store or str(project.state / "store"), project.state / "store")
            return plan(cells, around)


def _recorded(source: Source, root: str) -> str:
    """Return the path under which runs record a notebook: links in it resolved, as the run does."""
    return Source(source.path.resolve(), source.raw).identity(root)


def _planned(cell: CodeCell) -> Planned:
    return Planned(
        cell.name,
        cell.id,
        cell.raw,
        _analysed(cell),
        cell.options,
        cell.problem,
        wrong=cell.wrong,
        is_step=cell.is_step,
    )


def _analysed(cell: CodeCell) -> Cell | None:
    try:
        return as_seen(analyse(cell.raw, cell.body), cell.options)
    except SyntaxError:
        return None


@contextmanager
def _as_the_kernel(folder: Path) -> Iterator[None]:
    """Look for modules and files as the kernel will, which begins in the notebook's folder."""
    before, path = Path.cwd(), list(sys.path)
    sys.path.insert(0, str(folder))
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:] = path


def _python(kernel: str) -> str:
    """Return the version of a kernel's Python where it is this one; an empty text where it is another."""
    from jupyter_client.kernelspec import KernelSpecManager

    command = KernelSpecManager().get_kernel_spec(kernel).argv[:1]
    name = os.path.basename(command[0]) if command else ""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    usual = name in ("python", "python3", f"python{version}") and os.sep not in command[0]
    return version if usual or (command and command[0] == sys.executable) else ""


def documents(outlooks: Iterable[Outlook]) -> list[dict[str, Any]]:
    """Return what `steppe plan --json` prints of each step."""
    found = []
    for item in outlooks:
        decision = item.decision
        word = word_of(item)
        reasons = [] if isinstance(decision, Hit) else list(decision.reasons)
        found.append(
            {
                "name": item.name,
                "part": item.part,
                "cell": item.cell,
                "plan": word,
                "why": reasons,
                "seconds": 0.0 if isinstance(decision, Hit) else decision.seconds,
                "saves": decision.saves if isinstance(decision, Hit) else None,
            }
        )
    return found


def word_of(item: Outlook) -> str:
    """Return `hit`, `run` or `unknown`."""
    if isinstance(item.decision, Hit):
        return "hit"
    return "unknown" if isinstance(item.decision, Unknown) else "run"


def outlook_of(outlooks: list[Outlook], name: str, notebook: Path) -> list[Outlook]:
    """Return the cells of the step of that name; the beginning of a name is enough where it fits one.

    Raises:
        UsageError: there is none, or more than one.
    """
    known = list(dict.fromkeys(item.name for item in outlooks))
    chosen = [name] if name in known else [each for each in known if each.startswith(name)]
    if len(chosen) > 1:
        raise UsageError(f"`{name}` may be any of {', '.join(chosen)}: give more of the name.")
    if not chosen:
        hint = checks.nearest(name, known) if known else "it has none. Give --steps all for every cell to be one."
        raise UsageError(f"{notebook} has no step `{name}`: {hint}")
    return [item for item in outlooks if item.name == chosen[0]]
