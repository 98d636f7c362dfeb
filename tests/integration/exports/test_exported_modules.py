"""Notebooks exported and run as programs, in new processes: their values are those of the notebook's plain run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from steppe.catalog import StepRunFilter, open_catalog
from steppe.exports.script import script_of
from steppe.notebooks.marks import Steps
from tests.notebooks.corpus.entry import own_entries
from tests.notebooks.corpus.split import split

HARNESS = Path(__file__).with_name("exported.py")
DEMO = Path(__file__).parents[3] / "binder" / "digits.ipynb"
LONG = bool(os.environ.get("STEPPE_TEST_LONG"))

HERE = ("aliases", "mutations")
MORE = ("classes", "clearing", "conditionals", "contexts", "databases", "frames", "generators", "graphs", "logs")
MORE += ("models", "seeds", "styled", "values", "views", "warned")

NONE = ("clearing", "warned")
"""Notebooks that leave no variable but those of loops, which nothing reads: a module does not return them."""


def results(tmp_path, notebooks, steps):
    jobs = []
    for notebook in notebooks:
        file = tmp_path / f"{notebook.stem}.py"
        file.write_text(script_of(notebook, steps))
        jobs.append({"notebook": str(notebook), "module": str(file), "folder": str(tmp_path / "run" / notebook.stem)})
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    env = {**os.environ, "STEPPE_MACHINE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, HARNESS, tmp_path / "jobs.json"], env=env, capture_output=True, text=True, check=False
    )
    lines = done.stdout.splitlines()
    assert len(lines) == len(jobs), done.stderr[-2000:]
    return {notebook.stem: json.loads(line) for notebook, line in zip(notebooks, lines, strict=True)}


def check(found):
    for name, runs in found.items():
        for which, outcome in runs.items():
            assert "error" not in outcome, f"{name}, {which}: {outcome['error']}"
        plain = runs["plain"]["values"]
        for which in ("first", "second"):
            values = runs[which]["values"]
            assert values or name in NONE, name
            assert {each: values[each] for each in values if each in plain} == {
                each: plain[each] for each in values if each in plain
            }, f"{name}, {which}"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "names", [HERE, pytest.param(MORE, marks=pytest.mark.skipif(not LONG, reason="STEPPE_TEST_LONG=1"))]
)
def test_modules_come_to_the_values_of_our_own_notebooks(tmp_path, names):
    notebooks = []
    for entry in own_entries():
        name = entry.name.removeprefix("own-")
        if name in names:
            notebooks.append(tmp_path / f"{name}.ipynb")
            nbformat.write(split(entry.file(), entry.kind), notebooks[-1])
    assert len(notebooks) == len(names)
    check(results(tmp_path, notebooks, Steps.ALL))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not LONG, reason="STEPPE_TEST_LONG=1: it trains the demo's models three times")
def test_the_demo_comes_to_its_values(tmp_path):
    check(results(tmp_path, [DEMO], Steps.TAGGED))


def test_a_module_is_a_program_whose_arguments_are_the_parameters(tmp_path):
    """By the command line alone; the second run's steps are hits, and print what the first has printed."""
    cells = [
        "n = 2\nwords = ['a']",
        "def twice(x):\n    return 2 * x",
        "%%step one\nm = twice(n)\nprint('ran', m)\nwords * m",
    ]
    made = [nbformat.v4.new_code_cell(cell) for cell in cells]
    made[0].metadata["tags"] = ["parameters"]
    nbformat.write(nbformat.v4.new_notebook(cells=made), tmp_path / "my book.ipynb")
    (tmp_path / "pyproject.toml").touch()
    env = {**os.environ, "STEPPE_MACHINE": str(tmp_path)}

    def run(*words):
        done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    steppe = Path(sys.executable).with_name("steppe")
    assert json.loads(run(steppe, "export", "script", "my book.ipynb", "--json"))["path"] == "my book.py"
    first = run(sys.executable, "my book.py", "--n", "1", "--words", "['b']")
    assert first == "ran 2\n['b', 'b']\n"
    assert run(sys.executable, "my book.py", "--n", "1", "--words", "['b']") == first
    with open_catalog(str(tmp_path / ".steppe" / "catalog.db")) as catalog:
        found = [str(each.state) for each in catalog.step_runs.list(StepRunFilter()).items]
    assert sorted(found) == ["hit", "succeeded", "succeeded", "succeeded"]  # the pipeline runs each time
