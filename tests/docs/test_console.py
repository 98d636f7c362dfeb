"""The `steppe` calls of the pages really run, in their order, in a project such as the pages speak of."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from pages import ROOT, blocks
from test_blocks import NAMES, called

TRAIN = """import steppe
model = {'mean': sum(rows) / len(rows) * lr}
accuracy = 0.9
clean = rows[:2]
steppe.log_metric('accuracy', accuracy)
open('model.onnx', 'w').write(str(model))"""
CELLS = (
    ("parameters", "lr = 0.1\nwindow = 7\nday = '2026-05-03'"),
    ("step:load", "rows = [float(line) for line in open('train.csv')]"),
    ("step:train", TRAIN),
    ("step:smooth", "weekly = rows[:window]"),
)
BOOKS = ("train.ipynb", "analysis.ipynb", "digits.ipynb")
NOT_RUN = {
    "--on kubernetes": "it needs a cluster",
    "attach": "it follows a run in a cluster",
    "cancel": "it ends a run that goes on",
    "scheduler": "it runs until somebody ends it",
    "manifest": "it is about a cluster",
}
"""What is only parsed, and why; test_blocks.py does that."""


def calls(name):
    """Return the calls of a page that can be run, each as its words."""
    lines = [line[2:] for block in blocks(NAMES[name], "console") for line in block.splitlines() if line[:2] == "$ "]
    found = [words for line in lines for words in called(line)]
    return [words for words in found if not any(part in " ".join(words) for part in (*NOT_RUN, "…"))]


PLAYED = ("docs/howto/schedule.md", "docs/howto/share.md")
"""The pages whose calls are run; those of all others are parsed as click parses them, in test_blocks.py."""


def play(folder, every):
    done = subprocess.run(
        [sys.executable, ROOT / "tests/docs/play_commands.py"],
        input=json.dumps(every),
        cwd=folder,
        env=environ(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def environ(folder):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STEPPE_", "GIT_"))}
    own = folder.parent / "home"
    return kept | {"HOME": str(own), "XDG_CONFIG_HOME": str(own), "IPYTHONDIR": str(own), "MPLBACKEND": "agg"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A project with three commits and a run, of which each page gets a copy."""
    folder = tmp_path_factory.mktemp("stage") / "project"
    folder.mkdir()
    (folder / "train.csv").write_text("1\n2\n3\n")
    (folder / "pyproject.toml").write_text("")
    cells = []
    for tag, source in CELLS:
        cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": [tag]}))
    for book in BOOKS:
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / book)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run([*git, "init", "-q", "-b", "main"], cwd=folder, check=True)
    for number in range(3):
        (folder / "notes.txt").write_text(str(number))
        subprocess.run([*git, "add", "-A"], cwd=folder, check=True)
        subprocess.run([*git, "commit", "-qm", str(number)], cwd=folder, check=True)
    ran, listed = play(folder, [["run", "train.ipynb"], ["runs", "--json"]])
    assert ran[0] == 0, ran[1]
    run = json.loads(listed[1])["runs"][0]["run"]
    ((_, shown),) = play(folder, [["show", run, "--json"]])
    return folder, (run, next(each["id"] for each in json.loads(shown)["steps"] if each["name"] == "train"))


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("STEPPE_TEST_LONG"), reason="`make docs-long` runs it")
@pytest.mark.parametrize("name", PLAYED)
def test_the_calls_of_a_page_run(name, stage, tmp_path):
    folder = tmp_path / "project"
    shutil.copytree(stage[0], folder)
    run, step = stage[1]
    every = []
    for words in calls(name):
        ids = [re.sub("^(36211d9g2v|RUN)$", run, word) for word in words]
        every.append([word.replace("36211d9g2v:", f"{step}:") for word in ids])
    for words, (code, said) in zip(every, play(folder, every), strict=True):
        line = " ".join(words)
        assert "Traceback" not in said, line
        assert code == 0, f"steppe {line}\n{said}"
