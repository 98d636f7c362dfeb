"""Names that move: given, moved, looked back at and removed; and that a value is found by its name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import steppe
from steppe.engine.session import user
from steppe.errors import UsageError

CELLS = {
    "p:parameters": "lr = 1",
    "train": "%%step train\nmodel = {'lr': lr, 'rows': [1, 2, 3]}",
    "use": "%%step use\ntotal = model['lr'] + 100",
}


@pytest.fixture
def runs(room):
    """Return two runs, each with a model of its own."""
    room.write(CELLS)
    return room.json("run", "book.ipynb"), room.json("run", "book.ipynb", "-p", "lr", "2")


def model_of(run):
    return next(step for step in run["steps"] if step["name"] == "train")["outputs"]["model"]["version"]


def loaded(room, what):
    before = Path.cwd()
    os.chdir(room.folder)
    try:
        return steppe.load(what)
    finally:
        os.chdir(before)


def test_a_name_moves_and_what_it_points_at_is_found(room, runs):
    first, second = (model_of(run) for run in runs)
    code, out, err = room.steppe("name", first, "production", "--note", "the first")
    assert code == 0, err
    assert out == f"production points at train.model, {first[:15]}.\n"
    assert loaded(room, "production") == {"lr": 1, "rows": [1, 2, 3]}

    moved = room.json("name", "train.model", "production")
    assert moved == {"name": "production", "version": second, "before": first}
    assert loaded(room, "production")["lr"] == 2
    assert room.json("name", "production", "candidate")["version"] == second, "a name's value under another name"

    _, out, _ = room.steppe("name", first, "production")
    assert f"until now it was {second[:15]} (since just now, by {user()})" in out
    step = next(step for step in room.json("show", runs[1]["run"])["steps"] if step["name"] == "train")["id"]
    for what in (f"{step}:model", "book:train:model", f"{step[:20]}:model"):
        assert room.json("name", what, "candidate")["version"] == second

    (candidate, production) = room.json("name", "--list")["names"]
    assert (candidate["name"], production["name"]) == ("candidate", "production")
    assert (production["version"], production["author"]) == (first, user())
    moves = room.json("name", "--history", "production")["names"]
    assert [(move["version"], move["note"]) for move in moves] == [(first, ""), (second, ""), (first, "the first")]
    assert moves[0]["time"] >= moves[1]["time"] >= moves[2]["time"] > 0

    steps = {node["name"] for node in room.json("lineage", "production")["nodes"] if node["kind"] == "step"}
    assert steps == {"train", "use"}
    assert room.json("show", "production")["called"] == ["production"]

    assert room.json("name", "--remove", "production")["before"] == first
    assert [name["name"] for name in room.json("name", "--list")["names"]] == ["candidate"]
    assert room.json("name", "--history", "production")["names"][0]["version"] is None
    with pytest.raises(UsageError, match="no step has bound `production`"):
        loaded(room, "production")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("train.model", "model"), "`model` is what `train.model` is called already"),
        (("train.model", "train"), "`train` is what `train.model` is called already"),
        (("train.model", "facade"), "looks like the beginning of a version"),
        (("train.model", "b3:12345"), "is no name: begin with a letter"),
        (("train.model", "v1.2"), "is no name: begin with a letter"),
        (("train.modle", "production"), "did you mean `train.model`"),
        (("zzzz:model", "production"), "there is no single step run `zzzz`"),
        (("book:train:modle", "production"), "no step has bound `train.modle`"),
        (("train.model",), "give a value and a name, or one of"),
        ((), "give a value and a name, or one of"),
        (("--remove", "production"), "there is no name `production`"),
        (("--history", "production"), "there is no name `production`"),
    ],
)
def test_what_can_t_be_a_name_is_refused_in_one_sentence(room, kept, words, said):
    code, out, err = room.steppe("name", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert room.json("name", "--list")["names"] == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def kept(room, folder):
    """Let all refusals ask one project, which has run once."""
    room.folder = folder
    (folder / ".git").mkdir(exist_ok=True)
    if not (folder / "book.ipynb").exists():
        room.write(CELLS)
        room.json("run", "book.ipynb")


def test_a_name_that_a_step_binds_later_still_means_what_it_meant(room, runs):
    room.json("name", model_of(runs[0]), "production")
    room.write({**CELLS, "later": "%%step later\nproduction = 'another'"})
    room.json("run", "book.ipynb")
    assert loaded(room, "production")["lr"] == 1
    assert loaded(room, "later.production") == "another"
    assert room.json("name", model_of(runs[1]), "production")["before"] == model_of(runs[0])
