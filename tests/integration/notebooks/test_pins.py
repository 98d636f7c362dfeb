"""`steppe pin` and `steppe gc`, on what real runs have left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import steppe
from steppe.errors import UsageError

CELLS = {
    "p:parameters": "lr = 1",
    "train": "%%step train\nimport numpy\nmodel = numpy.arange(5000.0) * lr",
    "use": "%%step use\ntotal = float(model.sum())",
}


def loaded(room, what):
    before = Path.cwd()
    os.chdir(room.folder)
    try:
        return steppe.load(what)
    finally:
        os.chdir(before)


def collected(room):
    """Remove all that may go, as if it had been put long ago."""
    for path in (room.folder / ".steppe" / "store").rglob("*"):
        if path.is_file():
            os.utime(path, (1000.0, 1000.0))
    return room.json("gc", "--limit", "1KB")


def states(run):
    return [step["status"] for step in run["steps"]]


def version(run, number, name):
    return run["steps"][number]["outputs"][name]["version"]


def test_a_pinned_run_is_there_after_gc_and_another_is_not(room):
    room.write(CELLS)
    first, second = room.json("run", "book.ipynb"), room.json("run", "book.ipynb", "-p", "lr", "2")
    pinned = room.json("pin", first["run"], "--note", "paper")
    assert (pinned["kind"], pinned["target"], pinned["results"], pinned["lost"]) == ("run", first["run"], 2, [])
    assert pinned["bytes"] > 40_000
    (pin,) = room.json("pin", "--list")["pins"]
    assert (pin["kind"], pin["target"], pin["note"]) == ("run", first["run"], "paper")

    _, out, _ = room.steppe("gc", "--dry-run")
    (line,) = (line for line in out.splitlines() if " train " in line)
    assert line.endswith(f"pinned run {first['run'][:18]} (paper)")
    size, unit = line.split()[:2]
    assert (39 < float(size) < 50, unit) == (True, "KiB"), "the array, and what goes with it"
    done = collected(room)
    assert {hold["step"] for hold in done["holds"]} == {"train", "use"}
    assert done["entries"] == 2
    assert loaded(room, version(first, 0, "model"))[-1] == 4999.0
    assert loaded(room, version(first, 1, "total")) == 4999 * 2500
    with pytest.raises(UsageError, match="its bytes are no longer kept"):
        loaded(room, version(second, 0, "model"))
    assert states(room.json("run", "book.ipynb")) == ["hit", "hit"]
    assert states(room.json("run", "book.ipynb", "-p", "lr", "2")) == ["succeeded", "succeeded"]

    assert room.json("unpin", first["run"][:20])["target"] == first["run"]
    assert room.json("pin", "--list")["pins"] == []
    assert collected(room)["holds"] == []


def test_a_pinned_value_stays_with_what_led_to_it_and_a_named_one_without(room):
    room.write(CELLS)
    first, second = room.json("run", "book.ipynb"), room.json("run", "book.ipynb", "-p", "lr", "2")
    room.json("pin", version(first, 1, "total"))
    room.json("name", version(second, 1, "total"), "production")
    collected(room)
    assert loaded(room, version(first, 0, "model"))[1] == 1.0
    assert loaded(room, "production") == 2 * 4999 * 2500
    with pytest.raises(UsageError, match="its bytes are no longer kept"):
        loaded(room, version(second, 0, "model"))
    told = room.json("pin", "production")
    assert (told["results"], told["lost"]) == (1, ["train"]), "what had gone before it was pinned is told"
    assert room.json("unpin", "production")["target"] == version(second, 1, "total")


def test_what_can_t_be_pinned_is_refused_in_one_sentence(room):
    room.write({"one": "%%step one\nx = 1"})
    run = room.json("run", "book.ipynb")
    for words, said in (
        (("pin", "nowhere"), "no step has bound `nowhere`"),
        (("pin",), "give a run, a step run or a value to pin, or --list"),
        (("pin", run["steps"][0]["key"]), "is a key: pin the step run"),
        (("unpin", "nowhere"), "`nowhere` is not pinned: nothing is."),
        (("unpin", run["run"]), f"`{run['run']}` is not pinned"),
    ):
        code, out, err = room.steppe(*words)
        assert (code, out) == (2, ""), words
        assert said in err
        assert err.count("\n") == 1
