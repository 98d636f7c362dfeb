"""`steppe test` and pytest's plugin: a notebook that has become worse fails, with its plot beside the old one."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.integration.exports.test_github_workflow import valid
from tests.integration.notebooks.made import Room

ROOT = Path(__file__).parents[3]
CELLS = {
    "p:parameters": "right = 190",
    "load": "%%step load\nlines = open('data.csv').read().split()\nrows = [int(line) for line in lines]",
    "train": "%%step train\nimport numpy as np\npredicted = np.array([row if row < right else -1 for row in rows])",
    "score": "%%step score\nimport steppe\naccuracy = float((predicted == np.array(rows)).mean())\n"
    "steppe.log_metric('accuracy', accuracy)",
    "draw": "%%step draw\nfrom PIL import Image\nImage.fromarray((predicted.reshape(20, 10) + 1).astype('uint8'))",
}
RULES = ["accuracy >= baseline - 0.01", "rows(predicted) == baseline"]


def git(folder, *words):
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    done = subprocess.run(["git", "-C", folder, *who, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def room(tmp_path, capsys):
    made = Room(tmp_path, capsys)
    (tmp_path / ".git").rmdir()
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / ".gitignore").write_text(".steppe\ndata.csv\n")
    (tmp_path / "data.csv").write_text("\n".join(map(str, range(200))))
    made.write(CELLS, steppe={"gates": RULES})
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    return made


def worse(room):
    """Let the accuracy fall by 2 %."""
    room.write({**CELLS, "p:parameters": "right = 186"}, steppe={"gates": RULES})


def test_a_notebook_whose_accuracy_falls_by_2_percent_fails_with_the_plot_beside_the_old_one(room):
    before = (room.folder / "book.ipynb").read_bytes()
    same = room.json("test", "book.ipynb", "--against", "main")
    assert same["passed"]
    whys = {step["name"]: step["why"] for step in room.json("show", same["run"])["steps"]}
    assert set(same["hits"]) == {"load", "train", "score", "draw"}, whys
    assert (room.folder / "book.ipynb").read_bytes() == before

    worse(room)
    words = ["--junit", "j.xml", "--markdown", "m.md", "--html", "p.html"]
    code, out, err = room.steppe("test", "book.ipynb", "--against", "main", *words)
    assert code == 1, (out, err)
    assert "| ❌ | `accuracy >= baseline - 0.01` | 0.93 against 0.94 |" in out
    assert "| ✅ | `rows(predicted) == baseline` |" in out
    assert "3 steps ran (train, score, draw), 1 had not changed" in out
    assert "| accuracy | 0.95 | 0.93 |" in out
    assert (room.folder / "m.md").read_text().strip() == out.strip()

    suite = ET.parse(room.folder / "j.xml").getroot().find("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    assert [case.find("failure") is not None for case in suite] == [False, True, False]

    page = (room.folder / "p.html").read_text()
    beside = page.partition('class="beside"')[2].partition("</table>")[0]
    pictures = [part.partition('"')[0] for part in beside.split("data:image/png;base64,")[1:]]
    assert len(pictures) == 2
    assert pictures[0] != pictures[1]

    run = room.json("test", "book.ipynb", "--against", same["baseline"])
    assert (run["passed"], run["baseline"]) == (False, same["baseline"])
    assert run["ran"] == [], "it has run already"
    assert {each["step"]: each["changed"] for each in run["figures"]} == {"draw": True}

    _rules_of_a_file(room)


def _rules_of_a_file(room):
    (room.folder / "rules.toml").write_text('rules = ["accuracy > 0.99", "nothing > 1", "same(rows)", "same(draw)"]')
    told = room.json("test", "book.ipynb", "--against", "main", "--rules", "rules.toml")
    said = {each["rule"]: (each["held"], each["said"]) for each in told["verdicts"]}
    assert said["accuracy > 0.99"] == (False, "0.93 against 0.99")
    assert "no number and no value `nothing`" in said["nothing > 1"][1]
    assert said["same(rows)"][0]
    assert not said["same(draw)"][0]
    (room.folder / "pyproject.toml").write_text('[tool.steppe.gates]\n"book.ipynb" = ["accuracy < 0.5"]\n')
    assert "accuracy < 0.5" in [
        each["rule"] for each in room.json("test", "book.ipynb", "--against", "main")["verdicts"]
    ]


def test_what_can_not_be_tested_is_said(room):
    room.write(CELLS, steppe={"gates": ["import os"]})
    code, _, err = room.steppe("test", "book.ipynb", "--against", "main")
    assert code == 2
    assert "the rule `import os` can't be read" in err
    room.write(CELLS)
    assert (
        "is neither a run of this project nor a git commit" in room.steppe("test", "book.ipynb", "--against", "no")[2]
    )
    room.write(CELLS, "other.ipynb")
    assert "other.ipynb is not in main" in room.steppe("test", "other.ipynb", "--against", "main")[2]


def test_a_notebook_that_does_not_run_fails(room):
    room.json("test", "book.ipynb", "--against", "main")
    room.write({**CELLS, "score": "%%step score\n1 / 0"}, steppe={"gates": RULES})
    code, out, _ = room.steppe("test", "book.ipynb", "--against", "main", "--junit", "j.xml")
    assert code == 1
    assert "did not run to its end" in out
    assert "ZeroDivisionError" in (room.folder / "j.xml").read_text()


def pytest_in(folder, *words):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # those of the tests take longer to load than the notebook runs
    environ["PYTHONPATH"] = os.pathsep.join(str(ROOT / name) for name in ("backend", "kernel_magic", "jupyter_ext"))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "steppe.gates.pytest_plugin",
        "-p",
        "no:cacheprovider",
        "-v",
        *words,
    ]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def test_pytest_does_the_same(room):
    worse(room)
    (room.folder / "test_other.py").write_text("def test_one():\n    pass\n")
    every = pytest_in(room.folder, "--steppe-notebooks", "--steppe-against", "main")
    assert every.returncode == 1, every.stdout + every.stderr
    assert "accuracy >= baseline - 0.01: 0.93 against 0.94" in every.stdout
    assert "1 failed, 3 passed" in every.stdout, every.stdout
    assert "Traceback" not in every.stdout
    one = pytest_in(room.folder, "--steppe", "book.ipynb", "--collect-only", "-q")
    assert "3 tests collected" in one.stdout, "the notebook alone"
    none = pytest_in(room.folder, "--collect-only", "-q")
    assert "1 test collected" in none.stdout


def test_pytest_finds_the_plugin_where_steppe_is_installed():
    (found,) = importlib.metadata.entry_points(group="pytest11", name="steppe.gates.pytest_plugin")
    assert found.load().pytest_addoption


GH = """#!/bin/sh
printf '%s\\n' "$GH_TOKEN" "$@" > told
while [ "$1" != --body-file ]; do shift; done
cat "$2" > comment
"""
"""Stands in for GitHub's command, which needs GitHub: it notes what it is asked."""


def test_the_workflow_in_the_docs_fits_github_s_schema_and_comments_on_what_became_worse(room):
    page = (ROOT / "docs" / "gates.md").read_text("utf-8")
    text = page.partition("```yaml\n")[2].partition("```")[0]
    file = room.folder / "flow.yml"
    file.write_text(text)
    fits, said = valid(file)
    assert fits, said
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read", "pull-requests": "write"}
    gate, comment = [step for step in workflow["jobs"]["gate"]["steps"] if "name" in step]
    assert comment["if"].startswith("always()")

    room.write(CELLS, "train.ipynb", steppe={"gates": RULES})
    git(room.folder, "add", "train.ipynb")
    git(room.folder, "commit", "-qm", "second")
    git(room.folder, "update-ref", "refs/remotes/origin/main", "main")
    room.write({**CELLS, "p:parameters": "right = 186"}, "train.ipynb", steppe={"gates": RULES})
    (room.folder / "bin").mkdir()
    (room.folder / "bin" / "gh").write_text(GH)
    (room.folder / "bin" / "gh").chmod(0o755)
    given = {"${{ github.base_ref }}": "main", "${{ github.token }}": "t0ken"}
    given["${{ github.event.pull_request.number }}"] = "17"

    def run(step):
        environ = {**os.environ, **{name: given[value] for name, value in step["env"].items()}}
        environ["PATH"] = f"{room.folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        words = ["bash", "-e", "-c", step["run"]]
        done = subprocess.run(words, cwd=room.folder, env=environ, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    code, said = run(gate)
    assert code == 1, said
    assert "<img" in (room.folder / "gate.html").read_text()
    code, said = run(comment)
    assert code == 0, said
    assert (room.folder / "told").read_text().split()[:4] == ["t0ken", "pr", "comment", "17"]
    assert "accuracy >= baseline - 0.01" in (room.folder / "comment").read_text()
