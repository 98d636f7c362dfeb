"""The lineage of files, values, commits, packages and parameters, asked of what real runs have left."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

import steppe
from steppe.catalog import StepRunFilter, open_catalog
from steppe.errors import UsageError
from steppe.lineage.graph import graph_of
from tests.unit.lineage.test_openlineage import check, rebuilt, shape

CELLS = {
    "p:parameters": "lr = 1",
    "load": "%%step load\nimport csv\nrows = list(csv.reader(open('data.csv')))",
    "train": "%%step train\nimport numpy\nmodel = numpy.arange(len(rows)) * lr\nnumpy.save('model.npy', model)",
    "use": "%%step use\ntotal = int(numpy.load('model.npy').sum()) + 100",
}


def git(room, *words):
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    done = subprocess.run(["git", "-C", room.folder, *who, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def runs(room):
    (room.folder / ".git").rmdir()
    git(room, "init", "-q")
    (room.folder / "data.csv").write_text("a,b\n1,2\n")
    (room.folder / ".gitignore").write_text(".steppe\nmodel.npy\n")
    room.write(CELLS)
    git(room, "add", "-A")
    git(room, "commit", "-qm", "first")
    first = room.json("run", "book.ipynb")
    second = room.json("run", "book.ipynb", "-p", "lr", "2")
    return first["run"], second["run"]


def names(document, kind="artifact"):
    return sorted({node["name"] for node in document["nodes"] if node["kind"] == kind})


def test_what_runs_have_left_can_be_asked(room, runs):
    of_file = room.json("lineage", "data.csv")
    assert names(of_file, "step") == ["load", "train", "use"]
    trained = room.json("lineage", "data.csv", "--type", "ndarray")["values"]
    assert [(each["name"], each["step"], each["run"]) for each in trained] == [
        ("model", "train", runs[0]),
        ("model", "train", runs[1]),
    ], "every model that was trained on it, of all runs"

    of_model = room.json("lineage", "model.npy")
    assert {node["name"] for node in of_model["nodes"] if node["level"] < 0} >= {"train", "rows", "load", "data.csv"}
    assert {node["name"] for node in of_model["nodes"] if node["level"] > 0} >= {"use", "total"}

    assert names(room.json("lineage", "use.total"), "step") == ["load", "train", "use"], "through the file"

    one = room.json("lineage", "-p", "lr", "2")
    assert {(node["name"], node["run"]) for node in one["nodes"] if node["name"] == "train"} == {("train", runs[1])}
    assert "no step has read lr = 3" in room.steppe("lineage", "-p", "lr", "3")[2]

    head = git(room, "rev-parse", "HEAD")
    for commit in (head, "HEAD", head[:8]):
        assert names(room.json("lineage", "--commit", commit), "step") == ["load", "train", "use"]
    assert "no run stands on the commit" in room.steppe("lineage", "--commit", "HEAD~7")[2]

    import numpy as np

    assert "train" in names(room.json("lineage", "--package", f"numpy=={np.__version__}"), "step")
    code, _, err = room.steppe("lineage", "--package", "numpy==0.1")
    assert code == 2
    assert f"there are {np.__version__}" in err

    step = next(node["id"] for node in one["nodes"] if node["name"] == "train")
    assert set(names(room.json("lineage", step))) == {"rows", "lr", "model", "total"}

    _, out, _ = room.steppe("lineage", "data.csv", "--mermaid")
    assert out.startswith("flowchart LR\n")
    assert '[/"data.csv"/]' in out

    _, out, _ = room.steppe("lineage", runs[1], "--openlineage")
    told = [json.loads(line) for line in out.splitlines()]
    assert [event["run"]["facets"]["steppe"]["state"] for event in told[::2]] == ["hit", "succeeded", "succeeded"]
    _events_hold_the_graph(room, runs)

    _asked_in_python(room, runs)


def _events_hold_the_graph(room, runs):
    told = [json.loads(line) for run in runs for line in room.steppe("lineage", run, "--openlineage")[1].splitlines()]
    assert len([check(event) for event in told]) == 2 * 2 * 3  # a beginning and an end of each step of each run
    with (
        open_catalog(str(room.folder / ".steppe/catalog.db")) as catalog,
        rebuilt(told, room.folder / "again.db") as again,
    ):
        steps = [step for run in runs for step in catalog.step_runs.list(StepRunFilter(run=run)).items]
        versions = {version for step in steps for version in step.outputs.values()}
        assert len(versions) >= 5  # rows, and two each of the others
        for version in versions:
            before, after = (shape(graph_of(each, version)) for each in (catalog, again))
            assert before == after


def _asked_in_python(room, runs):
    before = os.getcwd()
    os.chdir(room.folder)
    try:
        card = steppe.lineage(file="data.csv")
        assert [node.name for node in card.down(type="ndarray")] == ["model", "model"]
        assert [node.name for node in steppe.lineage(what="use.total").up("file")] == ["model.npy", "data.csv"]
        assert {node.run for node in steppe.lineage(parameter={"lr": 2}).down("step") if node.name == "train"} == {
            runs[1]
        }
        assert "flowchart" in card.mermaid()
        with pytest.raises(UsageError, match="ask a lineage of one thing"):
            steppe.lineage(file="a", commit="b")
    finally:
        os.chdir(before)


@pytest.mark.parametrize("words", [(), ("a", "--file", "b")])
def test_one_thing_is_asked(room, words):
    room.write({"one": "%%step one\nx = 1"})
    room.json("run", "book.ipynb")
    code, _, err = room.steppe("lineage", *words)
    assert code == 2
    assert "ask a lineage of one thing" in err
    assert "there is no file `nowhere.csv`" in room.steppe("lineage", "nowhere.csv")[2]
