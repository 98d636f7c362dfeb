"""`steppe push`: what was kept locally is in the team's store and catalog then, whole, whatever happens on the way."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from history import differences, history

from steppe.catalog import Note, Pin, StepRunFilter, open_catalog
from steppe.store import open_store
from tests.integration.notebooks.made import Room

CELLS = {
    "on": "%load_ext steppe\nimport steppe",
    "table": "%%step table\nimport pandas as pd\ntable = pd.DataFrame({'count': [3, 1, 4, 1, 5]})\ntable",
    "read": "%%step read\nfactor = int(open('factor.txt').read())\nsteppe.log_metric('factor', factor)",
    "away": "%%step away on=process\nscaled = table.assign(count=table['count'] * factor)",
    "big": "%%step big\nimport numpy as np\nblock = np.arange(50_000, dtype='int64') * factor\nprint(block.sum())",
}
STEPS = ("table", "read", "away", "big")
STEPPE = Path(sys.executable).with_name("steppe")


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """A project that has worked by itself: a run, a change, another run, and what somebody has said of them."""
    folder = tmp_path_factory.mktemp("worked") / "mine"
    folder.mkdir()
    Room(folder, None).write(CELLS)
    for factor in ("3", "4"):
        (folder / "factor.txt").write_text(factor)
        words = [STEPPE, "run", "book.ipynb", "-o", "out.ipynb"]
        subprocess.run(words, cwd=folder, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    with open_catalog(str(folder / ".steppe/catalog.db")) as catalog:
        first = catalog.runs.list().items[-1].id
        steps = {step.step.name: step for step in catalog.step_runs.list(StepRunFilter(run=first)).items}
        catalog.names.pin(Pin(kind="run", target=first, reason="the paper", time=5.0))
        catalog.names.move("production", steps["table"].outputs["table"], now=6.0, author="me")
        catalog.names.move("production", steps["big"].outputs["block"], now=7.0, author="me", note="larger")
        catalog.names.move("sample", steps["table"].outputs["table"], now=8.0)
        catalog.notes.tag("run", first, "good")
        catalog.notes.add(Note(id="n1", kind="step_run", subject=steps["big"].id, text="why so big?", author="me"))
    return folder, first


@pytest.fixture
def mine(worked, tmp_path, capsys):
    folder, first = worked
    shutil.copytree(folder, tmp_path / "mine")
    room = Room(tmp_path / "mine", capsys)
    room.first = first
    return room


def kept(room):
    with open_catalog(str(room.folder / ".steppe/catalog.db")) as catalog:
        return history(catalog)


def test_what_was_local_is_the_teams_and_its_members_have_hits(mine, team_places, tmp_path, capsys, monkeypatch):
    before = kept(mine)
    for name, value in team_places.items():
        monkeypatch.setenv(name, value)
    dry = mine.json("push", "--dry-run")
    assert (dry["dry"], dry["runs"], dry["known"]) == (True, 2, 0)
    assert dry["bytes"] > 2 * 8 * 50_000
    with open_catalog(team_places["STEPPE_CATALOG"]) as team:
        assert team.upkeep.counts()["runs"] == 0

    pushed = mine.json("push")
    assert {name: pushed[name] for name in ("runs", "steps", "results", "blobs", "bytes")} == {
        name: dry[name] for name in ("runs", "steps", "results", "blobs", "bytes")
    }
    assert pushed["differ"] == pushed["gone"] == pushed["running"] == pushed["names"] == []
    with open_catalog(team_places["STEPPE_CATALOG"]) as team:
        assert differences(before, history(team)) == {}

    again = mine.json("push")
    assert (again["steps"], again["blobs"], again["known"]) == (0, 0, pushed["steps"])
    with open_catalog(team_places["STEPPE_CATALOG"]) as team:
        assert differences(before, history(team)) == {}

    (tmp_path / "hers").mkdir()
    hers = Room(tmp_path / "hers", capsys)
    hers.write(CELLS)
    (hers.folder / "factor.txt").write_text("3")
    run = hers.json("run", "book.ipynb", "-o", "out.ipynb")
    assert [(step["name"], step["status"]) for step in run["steps"]] == [(name, "hit") for name in STEPS]
    assert [name["name"] for name in hers.json("name", "--list")["names"]] == ["production", "sample"]
    assert hers.json("doctor")["findings"] == []
    assert hers.json("gc")["entries"] == 0


def elsewhere(tmp_path):
    return str(tmp_path / "team/store"), str(tmp_path / "team/catalog.db")


def test_a_push_that_is_killed_goes_on_where_it_was(mine, tmp_path):
    store, catalog = elsewhere(tmp_path)
    (tmp_path / "team").mkdir()
    before = kept(mine)
    words = [STEPPE, "push", "--store", store, "--catalog", catalog]
    seen = set()
    for wanted in (1, 4, 8):
        process = subprocess.Popen(words, cwd=mine.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        until = time.monotonic() + 60
        while process.poll() is None and blobs(store) < wanted:
            assert time.monotonic() < until
        process.kill()
        process.communicate()
        seen.add(blobs(store))
    assert len(seen) > 1, "no push was killed on its way"
    done = mine.json("push", "--store", store, "--catalog", catalog)
    assert done["known"] + done["steps"] == len(before["steps"])
    with open_catalog(catalog) as team:
        assert differences(before, history(team)) == {}
        assert team.upkeep.check() == []
    there = open_store(store, tmp_path / "tier")
    here = open_store(mine.folder / ".steppe/store", tmp_path / "tier")
    assert {blob.digest for blob in there.blobs()} <= {blob.digest for blob in here.blobs()}
    for blob in there.blobs():
        there.verify(blob.digest)


def blobs(store):
    try:
        return sum(1 for _ in open_store(store, store).blobs())
    except Exception:  # it is being made
        return 0


def test_a_run_that_is_named_goes_alone_with_what_it_stands_on(mine, tmp_path):
    store, catalog = elsewhere(tmp_path)
    (tmp_path / "team").mkdir()
    latest = mine.json("runs")["runs"][0]
    done = mine.json("push", latest["run"][:14], "--store", store, "--catalog", catalog)
    assert done["runs"] == 2, "the run, and the first one, whose table it has hit"
    with open_catalog(catalog) as team:
        found = history(team)
    assert sorted(found["runs"]) == sorted([latest["run"], mine.first])
    of_first = [step.step.name for step in found["steps"].values() if step.run == mine.first]
    assert of_first == ["table"]
    assert list(found["names"]) == ["sample"], "the other points at what the second run has not used"
    assert [pin.target for pin in found["pins"]] == [mine.first]


def test_what_can_not_be_pushed_is_refused_with_one_sentence(mine, tmp_path, capsys):
    store, catalog = elsewhere(tmp_path)
    (tmp_path / "team").mkdir()
    step = next(iter(kept(mine)["steps"]))
    for words, said in (
        ((), "where to push to is not set: [tool.steppe] store and catalog in pyproject.toml"),
        (("--store", store), "where to push to is not set: [tool.steppe] catalog"),
        (("--store", store, "--catalog", str(mine.folder / ".steppe/catalog.db")), "is this project's own catalog"),
        (("nothing", "--store", store, "--catalog", catalog), "nothing"),
        ((step, "--store", store, "--catalog", catalog), "and no run"),
    ):
        code, out, err = mine.steppe("push", *words)
        assert (code, out) == (2, ""), words
        assert said in err
        assert "Traceback" not in err
    (tmp_path / "empty").mkdir()
    code, _, err = Room(tmp_path / "empty", capsys).steppe("push", "--store", store, "--catalog", catalog)
    assert code == 2
    assert "there is nothing to push" in err
