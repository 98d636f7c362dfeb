"""The kernel in which every cell is a step, as other tools use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from steppe.catalog import StepRunFilter, open_catalog

CELLS = ("import random", "print('ran')\nx = [n * n for n in range(4)]\nx", "sum(x)")


@pytest.fixture
def jupyter(tmp_path):
    """Run a program in an empty project, with a folder of its own for kernels; return what it printed."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").touch()
    prefix = tmp_path / "prefix"
    env = {**os.environ, "STEPPE_MACHINE": str(tmp_path), "JUPYTER_PATH": str(prefix / "share" / "jupyter")}
    env |= {"JUPYTER_DATA_DIR": str(tmp_path / "data"), "IPYTHONDIR": str(tmp_path / "ipython")}

    def run(*words, fails=False):
        done = subprocess.run(words, cwd=project, env=env, capture_output=True, text=True, check=False)
        assert (done.returncode != 0) == fails, done.stderr
        return done.stderr if fails else done.stdout

    run.project, run.prefix, run.steppe = project, prefix, Path(sys.executable).with_name("steppe")
    return run


def convert(jupyter, kernel, name):
    options = [f"--ExecutePreprocessor.kernel_name={kernel}", "--to", "notebook", "--output", name]
    jupyter(sys.executable, "-m", "nbconvert", "--execute", *options, "book.ipynb")
    return nbformat.read(jupyter.project / name, 4)


@pytest.mark.slow
def test_nbconvert_hits_the_second_time_and_shows_the_same(jupyter):
    jupyter(jupyter.steppe, "kernel", "install", "--prefix", str(jupyter.prefix))
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, jupyter.project / "book.ipynb")
    executed = [convert(jupyter, "python3", "plain.ipynb")]
    executed += [convert(jupyter, "steppe", f"{which}.ipynb") for which in ("first", "second")]
    shown = [[cell.outputs for cell in each.cells] for each in executed]
    assert shown[0] == shown[1] == shown[2]
    assert shown[0][1][0].text == "ran\n"
    assert [each.metadata for each in executed] == [executed[0].metadata] * 3
    assert [cell.source for cell in executed[2].cells] == list(CELLS)
    with open_catalog(str(jupyter.project / ".steppe" / "catalog.db")) as catalog:
        states = [str(each.state) for each in catalog.step_runs.list(StepRunFilter()).items]
    assert sorted(states) == ["hit", "hit", "setup", "setup", "succeeded", "succeeded"]


def test_kernels_are_listed_and_removed(jupyter):
    kernel = (jupyter.steppe, "kernel")
    assert jupyter(*kernel, "list") == "none is installed: `steppe kernel install` makes one.\n"
    said = jupyter(*kernel, "install", "--prefix", str(jupyter.prefix), "--name", "mine", "--display-name", "Mine")
    assert said.startswith("Mine is installed as `mine`")
    [found] = json.loads(jupyter(*kernel, "list", "--json"))["kernels"]
    assert (found["name"], found["title"], found["python"]) == ("mine", "Mine", sys.executable)
    jupyter(*kernel, "remove", "mine")
    assert "there is no kernel `mine` of Steppe's: there are none." in jupyter(*kernel, "remove", "mine", fails=True)
    assert "`python3` that is not Steppe's" in jupyter(*kernel, "install", "--name", "python3", fails=True)
    assert "no name of a kernel" in jupyter(*kernel, "install", "--name", "A b", fails=True)
    assert "give one of them" in jupyter(*kernel, "install", "--user", "--prefix", "x", fails=True)
