"""Random notebooks, edited between sessions and run out of order: each session is as plain IPython has it.

`STEPPE_EDITS=2000` runs as many examples, of a new seed each time; without it, a few, always the same.
"""

from __future__ import annotations

import collections
import importlib
import os
import random
import re
import shutil
import sys

import edited_notebooks
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from tests.notebooks.corpus.oracle.libraries import BY_NAME
from tests.notebooks.corpus.oracle.reader import Reader
from tests.notebooks.corpus.oracle.standard import BY_TYPE, REPR_IS_ALL

EXAMPLES = int(os.environ.get("STEPPE_EDITS", "0"))
OURS = (
    "a",
    "b",
    "c",
    "d",
    "e",
    "s",
    "t",
    "n",
    "m",
    "p",
    "q",
    "df",
    "dg",
    "k",
    "o",
    "f",
    "g",
    "h",
    "P",
    "Q",
    "w",
    "error",
)
COUNTS: collections.Counter[str] = collections.Counter()
PRINTED = np.get_printoptions()


def left(notebook):
    """Return a digest of each value, which of them share parts, and what the steps left in files."""
    reader = Reader(BY_TYPE, BY_NAME, REPR_IS_ALL)
    space = notebook.shell.user_ns
    digests = {name: reader.read(space[name], name) for name in (*OURS, "Out") if name in space}
    files = {
        str(path.relative_to(notebook.folder)): path.read_text()
        for path in sorted(notebook.folder.rglob("*"))
        if path.is_file() and ".steppe" not in path.parts and ".kept-" not in path.name  # an edit that a hit has kept
    }
    draws = (random.getstate(), repr(np.random.get_state()), os.environ.get("FUZZ"), repr(np.get_printoptions()))
    return digests, reader.shared(), files, draws, pd.get_option("display.precision")


def begin(notebook, project):
    """Lay the project anew, and forget what a new process would not know."""
    for path in notebook.folder.iterdir():
        if path.name not in (".steppe", "pyproject.toml"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    project.lay(notebook.folder)
    notebook.shell.history_manager.reset(new_session=False)  # else `In` goes on from session to session
    for name in ("helpers", "pkg", "pkg.deep", "other"):
        sys.modules.pop(name, None)
    importlib.invalidate_caches()
    os.environ.pop("FUZZ", None)
    if project.variable:
        os.environ["FUZZ"] = project.variable
    random.seed(5)
    np.random.seed(5)
    np.set_printoptions(**PRINTED)
    pd.reset_option("display.precision")
    notebook.shell.run_line_magic("precision", "")


def ran(notebook, project, steps):
    notebook.shell.execution_count = 1
    shown = []
    for cell in project.cells:
        metadata = {"step": True} if steps and cell.step else {}
        shown.append(re.sub("0x[0-9a-f]+", "an address", notebook.run(str(cell), cell_id=cell.id, **metadata)))
    return shown, left(notebook)


def plainly(notebook, project):
    notebook.close()
    notebook.shell.reset(new_session=False)
    begin(notebook, project)
    return ran(notebook, project, steps=False)


@pytest.fixture
def project_on_path(notebook, monkeypatch):
    monkeypatch.syspath_prepend(str(notebook.folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("FUZZ", "0")
    yield
    for name in ("helpers", "pkg", "pkg.deep", "other"):
        sys.modules.pop(name, None)


def agree(notebook, history):
    """Run each of the sessions plainly, twice, and with steps over one store; and compare."""
    shutil.rmtree(notebook.folder / ".steppe", ignore_errors=True)
    plain = [plainly(notebook, project) for project in history[:2]]
    if plainly(notebook, history[0]) != plain[0]:
        COUNTS["differ plainly"] += 1
        return
    for number, project in enumerate(history):
        notebook.close()
        notebook.shell.reset(new_session=False)
        begin(notebook, project)
        notebook.restart()
        found = ran(notebook, project, steps=True)
        expected = plain[number % 2]
        told = [(str(step.state), step.why) for step in notebook.steps]
        where = f"session {number}: {told}"
        for cell, now, then in zip(project.cells, found[0], expected[0], strict=True):
            assert now == then, f"{where}\n{cell}"
        for now, then, what in zip(
            found[1], expected[1], ("values", "sharing", "files", "draws", "options"), strict=True
        ):
            assert now == then, f"{what}, {where}"
        if number == 2:
            for state, why in told:
                COUNTS[state if state == "hit" else f"{state}: {'; '.join(why)[:110]}"] += 1
    COUNTS["examples"] += 1


@settings(
    max_examples=EXAMPLES or 8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=not EXAMPLES,
    database=None,
)
@given(edited_notebooks.histories())
def test_edited_notebooks_are_as_if_run_plainly(notebook, project_on_path, history):
    agree(notebook, history)
