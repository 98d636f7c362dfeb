"""`steppe schedule --on kubernetes` on a real cluster: its own controller runs the notebook, on the minute."""

import json
import time
from datetime import datetime

import nbformat
import pytest

from tests.cluster.real import USER
from tests.integration.kubernetes.behaviours import wait_for
from tests.integration.kubernetes.test_kubernetes_detached import called

CELLS = ("day = 'none'", "%load_ext steppe", "%%step total\ntotal = sum(int(each) for each in open('numbers.txt'))",
         "print(day, total)")  # fmt: skip
MINUTES = 240
"""Seconds within which a run has to come that begins with the next minute."""


@pytest.fixture
def project(cluster, shared, tmp_path, monkeypatch):
    made = tmp_path / "project"
    made.mkdir()
    driver = f'[tool.steppe.profiles.driver]\nservice-account = "{USER}"\n'
    (made / "pyproject.toml").write_text(cluster.settings(shared) + driver)
    (made / "numbers.txt").write_text("1\n2\n3\n")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    notebook.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(notebook, made / "a.ipynb")
    monkeypatch.chdir(made)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / ".ipython"))
    cluster.allow_schedules()
    return made


def steppe(*words):
    told = called(*words)
    assert told.exit_code == 0, (told.output, told.exception)
    return told


def dues():
    return json.loads(steppe("schedule", "show", "a", "--json").stdout)["dues"]


def over(due):
    return due["state"] in ("succeeded", "failed")


def printed(due):
    assert due["state"] == "succeeded", due
    return nbformat.read(due["output"], 4).cells[-1].outputs[0].text


def test_the_cluster_runs_a_notebook_on_the_minute_and_one_that_is_asked_for(project, cluster):
    began = time.time()
    steppe("schedule", "a.ipynb", "--on", "kubernetes", "--cron", "* * * * *", "-p", "day={scheduled:%Y-%m-%dT%H:%M%z}")
    (cron_job,) = cluster.cron_jobs
    assert cron_job["spec"]["schedule"] == "* * * * *"
    assert cluster.jobs == []
    first = wait_for(lambda: next(filter(over, dues()), None), MINUTES)
    steppe("schedule", "pause", "a")
    told, total = printed(first).split()
    assert total == "6"
    due = datetime.fromisoformat(told).timestamp()
    assert due % 60 == 0
    assert began < due <= time.time()
    assert first["due"].startswith(told[:16]) or datetime.fromisoformat(first["due"]).timestamp() == due
    known = len(dues())
    steppe("schedule", "run", "a")
    by_hand = wait_for(lambda: next((each for each in dues() if each["origin"] == "now" and over(each)), None), MINUTES)
    assert printed(by_hand).endswith(" 6\n")
    assert len(dues()) <= known + 2  # it is paused: at most one had begun meanwhile
    runs = {run["run"]: run for run in json.loads(steppe("runs", "--json").stdout)["runs"]}
    assert runs[by_hand["run"]]["steps"] == {"hit": 1}
    steppe("schedule", "remove", "a")
    wait_for(lambda: not cluster.cron_jobs and not cluster.jobs and not cluster.pods)
