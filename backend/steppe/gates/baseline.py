"""What a notebook is held against: a run, or a git commit's run, which is made where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from steppe.catalog import Catalog, RunFilter
from steppe.errors import UsageError
from steppe.lineage.opened import catalog_place
from steppe.notebooks.run import run_notebook
from steppe.settings import Project

MOST = 1 << 30
"""Bytes of files that git does not know which go along, since the notebook may read them."""


def run_of(project: Project, catalog: Catalog, against: str, notebook: Path, asked: dict[str, Any]) -> str:
    """Return the run that is meant: by its id, or by a git commit.

    Raises:
        UsageError: there is no such run and no such commit, or its notebook does not run.
    """
    begun = catalog.runs.beginning(against) if len(against) >= 4 else []
    if len(begun) == 1:
        return begun[0]
    commit = _commit(project, against)
    if not commit:
        raise UsageError(
            f"`{against}` is neither a run of this project nor a git commit: `steppe runs` lists the runs."
        )
    path = os.path.relpath(os.path.realpath(notebook), os.path.realpath(project.root))
    parameters = asked.get("parameters") or {}
    for which in (
        RunFilter(tag=f"baseline {commit}", status="succeeded"),
        RunFilter(commit=commit, status="succeeded"),
    ):
        for run in catalog.runs.list(which, limit=200).items:
            if run.path == path and run.kind == "headless" and run.parameters == parameters:
                return run.id
    if not _has(project, commit, path):
        raise UsageError(f"{path} is not in {against}: there is nothing to hold it against.")
    with checkout(project, commit) as folder:
        with _shared(project):
            outcome = run_notebook(folder / path, folder / ".steppe" / "baseline.ipynb", **asked)
        if outcome.status != "succeeded":
            raise UsageError(f"the notebook of {against} does not run to its end: {outcome.error or outcome.status}")
    if catalog.runs.get(outcome.run) is None:
        raise UsageError(f"the notebook of {against} has no steps: there is nothing to hold it against.")
    catalog.notes.tag("run", outcome.run, f"baseline {commit}")
    return outcome.run


@contextmanager
def checkout(project: Project, commit: str) -> Iterator[Path]:
    """Put the project as it was at a commit into a folder of its own, with the files that git does not know."""
    with tempfile.TemporaryDirectory(prefix="steppe-baseline-") as place:
        folder = Path(place, Path(project.root).name)
        (folder / ".steppe").mkdir(parents=True)
        archive = ["git", "-C", project.root, "archive", "--format=tar", commit]
        with (
            subprocess.Popen(archive, stdout=subprocess.PIPE) as git,
            tarfile.open(fileobj=git.stdout, mode="r|") as tar,
        ):
            tar.extractall(folder, filter="data")
        room = MOST
        for name in _others(project):
            source, target = Path(project.root, name), folder / name
            if target.exists() or not source.is_file() or source.stat().st_size > room:
                continue
            room -= source.stat().st_size
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
        yield folder


def _others(project: Project) -> list[str]:
    """Return the files that git does not know, but for what tools keep."""
    listed = subprocess.run(
        ["git", "-C", project.root, "ls-files", "-z", "--others"], capture_output=True, check=False
    ).stdout.decode("utf-8", "surrogateescape")
    left = ("node_modules", "__pycache__", "site-packages")
    return [
        name
        for name in listed.split("\0")
        if name and not any(part.startswith(".") or part in left for part in name.split("/"))
    ]


@contextmanager
def _shared(project: Project) -> Iterator[None]:
    """Have what runs elsewhere use this project's Store and Catalog."""
    told = {
        "STEPPE_STORE": project.settings.store or str(project.state / "store"),
        "STEPPE_CATALOG": catalog_place(project),
    }
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _has(project: Project, commit: str, path: str) -> bool:
    asked = ["git", "-C", project.root, "cat-file", "-e", f"{commit}:./{path}"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def _commit(project: Project, against: str) -> str:
    asked = ["git", "-C", project.root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{against}^{{commit}}"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""
