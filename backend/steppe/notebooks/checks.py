"""What is refused, or warned of, before anything of a headless run has begun: one sentence each."""

from __future__ import annotations

import ast
import difflib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from steppe.errors import UsageError
from steppe.notebooks.cells import code_cells
from steppe.notebooks.marks import Steps
from steppe.notebooks.source import Source
from steppe.settings import Project


def kernel(name: str, asked: str | None) -> None:
    """Refuse a kernel that is not installed.

    Args:
        name: the kernel's name.
        asked: the same where it was given on the command line, None where the notebook names it.

    Raises:
        UsageError: there is none of that name; names those that there are.
    """
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    specs = KernelSpecManager()
    try:
        specs.get_kernel_spec(name)
    except NoSuchKernel:
        known = ", ".join(sorted(specs.find_kernel_specs())) or "none"
        said = f"there is no kernel `{name}`" if asked else f"the notebook's kernel `{name}` is not installed"
        raise UsageError(f"{said}. Give one with --kernel; there are: {known}.") from None


def executor(name: str) -> None:
    """Refuse an executor that does not exist.

    Raises:
        UsageError: there is none of that name; names the nearest.
    """
    if not name:
        return
    from steppe.engine.session import EXECUTORS

    known = ["inline", *sorted(EXECUTORS)]
    if name not in known:
        raise UsageError(f"--on: there is no executor `{name}`: {nearest(name, known)}")


def refreshed(names: Iterable[str], source: Source, steps: Steps, project: Project) -> None:
    """Refuse steps to refresh that the notebook does not have.

    Raises:
        UsageError: there is no step of that name; names the nearest.
    """
    asked = [name for name in names if name != "*"]
    if not asked:
        return
    cells = code_cells(source.notebook(), steps, project.settings)
    known = [cell.name for cell in cells if cell.is_step]
    for name in asked:
        if name not in known:
            hint = nearest(name, known) if known else "it has no steps. Run it with --steps all."
            raise UsageError(f"--refresh: {source.path} has no step `{name}`: {hint}")


def output(path: Path, notebook: Path) -> None:
    """Refuse an output that is the input, by whatever name, or that is no file; make the folder that it goes to.

    Raises:
        UsageError: it can't be written there.
    """
    if str(path) == "-":
        raise UsageError("the executed notebook goes to a file. Give its path with -o.")
    if path.is_dir():
        raise UsageError(f"the output {path} is a folder. Give a file in it, such as {path / notebook.name}.")
    if path.exists() and os.path.samefile(path, notebook):
        raise UsageError(f"the output {path} is the input itself. Give another path with -o.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{path.parent} can't be made: {error.strerror}. Give another path with -o.") from error


def parameters(given: dict[str, Any], source: Source) -> list[str]:
    """Return a warning for each parameter that the notebook does not declare; it is set nonetheless."""
    if not given:
        return []
    cells = [
        cell
        for cell in source.notebook().cells
        if cell.cell_type == "code" and "parameters" in cell.metadata.get("tags", ())
    ]
    if not cells:
        return ["no cell of the notebook is tagged `parameters`: the parameters are set before its first cell."]
    known = _bound("\n".join(str(cell.source) for cell in cells))
    return [
        f"the notebook has no parameter `{name}`{_hint(name, known)}; it is set nonetheless."
        for name in given
        if name not in known
    ]


def _bound(text: str) -> list[str]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return []
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]


def _hint(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f" (did you mean `{near[0]}`?)" if near else ""


def nearest(name: str, known: list[str]) -> str:
    """Say which of the known names was meant, or which there are."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean `{near[0]}`?" if near else f"there are {', '.join(dict.fromkeys(known))}."
