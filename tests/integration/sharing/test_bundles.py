"""Bundles: a run made in one project and had in another, without its packages; nothing that was changed is taken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pexpect
import pytest
from empty import make, steppe

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.integration.notebooks.made import Room

DATA = "a,b,y\n" + "".join(f"{n / 7},{n % 5},{n % 2}\n" for n in range(40))
CELLS = {
    "p:parameters": "strength = 1.0",
    "load": "%%step load\nimport pandas as pd\ntable = pd.read_csv('data.csv')\ntable.head()",
    "train": "%%step train\nfrom sklearn.linear_model import LogisticRegression\n"
    "model = LogisticRegression(C=strength).fit(table[['a', 'b']], table['y'])",
    "score": "%%step score\nimport steppe\naccuracy = float(model.score(table[['a', 'b']], table['y']))\n"
    "steppe.log_metric('accuracy', accuracy)\nround(accuracy, 3)",
    "draw": "%%step draw\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot(table['a'])\nplt.show()",
    "save": "%%step save\nopen('result.txt', 'w').write(str(accuracy))\nunits = {'accuracy': accuracy}",
}

MAYBE = "%%step maybe\ntry:\n    import sklearn\n    n = len('with')\nexcept ImportError:\n    n = len('without')"


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config"


@pytest.fixture
def rooms(tmp_path, capsys, own_home):
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made.append(Room(tmp_path / name, capsys))
    (made[0].folder / "data.csv").write_text(DATA)
    return made


def bundled(room, *words):
    """Run the notebook and bundle the run; return the run's document and the bundle's path."""
    run = room.json("run", "book.ipynb")
    if "draw" in [step["name"] for step in run["steps"]]:
        run = room.json("run", "book.ipynb")  # Matplotlib may have made its list of fonts in the first
    assert run["status"] == "succeeded", run
    path = room.folder.parent / "run.steppe"
    return run, room.json("bundle", run["run"], "-o", str(path), *words), path


def pictures(path):
    return [
        output["data"]["image/png"]
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]


def test_all_steps_hit_where_none_of_their_packages_is_installed(rooms, tmp_path):
    one, two = rooms
    one.write(CELLS | {"maybe": MAYBE})
    run, bundle, path = bundled(one)
    assert sorted(bundle["steps"]) == ["draw", "load", "maybe", "save", "score", "train"]
    assert set(bundle["files"]) == {"data.csv", "book.ipynb"}
    python, home = make(tmp_path / "empty"), tmp_path / "other-home"
    home.mkdir()
    for name in ("numpy", "pandas", "sklearn", "matplotlib"):
        assert subprocess.run([python, "-c", f"import {name}"], capture_output=True, check=False).returncode == 1
    steppe(python, two.folder, home, "import", str(path), "--trust")
    again = steppe(python, two.folder, home, "run", "book.ipynb")
    assert again["status"] == "succeeded", again["said"]
    assert [(step["name"], step["status"]) for step in again["steps"]] == [
        *((name, "hit") for name in ("load", "train", "score", "draw", "save")),
        ("maybe", "succeeded"),  # it can do without: here it makes something else
    ]
    assert again["steps"][-1]["outputs"]["n"] != run["steps"][-1]["outputs"]["n"]
    assert (two.folder / "result.txt").read_text() == (one.folder / "result.txt").read_text()
    drawn = pictures(run["output"])
    assert len(drawn) == 1
    assert pictures(two.folder / again["output"]) == drawn
    assert again["steps"][2]["outputs"] == run["steps"][2]["outputs"]
    shown = steppe(python, two.folder, home, "lineage", "score.accuracy")
    assert {node["name"] for node in shown["nodes"] if node["kind"] in ("step", "file")} >= {
        "load",
        "train",
        "data.csv",
    }


def test_pickles_of_strangers_are_left_and_open_formats_taken(rooms, own_home, monkeypatch, tmp_path):
    one, two = rooms
    one.write(CELLS)
    _, _, path = bundled(one)
    key = own_home / "steppe" / "bundle-key.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "stranger"))
    first = two.json("import", str(path))
    assert not first["trusted"]
    assert first["hits"] == ["save", "score"]
    assert first["left"] == ["draw", "load", "train"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(two.folder)
        import steppe as public

        with pytest.raises(Exception, match="no step has bound"):
            public.load("train.model")
        assert public.load("score.accuracy") == pytest.approx(0.5, abs=0.3)
    two.json("trust", str(path))
    second = two.json("import", str(path))
    assert second["trusted"]
    assert second["hits"] == ["draw", "load", "save", "score", "train"]
    again = two.json("run", "book.ipynb")
    assert {step["status"] for step in again["steps"]} == {"hit"}, again["steps"]
    told = json.loads((tmp_path / "stranger/steppe/trusted-makers.json").read_text())
    two.json("trust", told[0]["key"], "--remove")
    assert two.json("trust")["trusted"] == []


def asked(room, path, answer):
    """Import a bundle at a terminal and answer what is asked; return all that was said there."""
    words = ["import", str(path)]
    child = pexpect.spawn(
        str(Path(sys.executable).with_name("steppe")), words, cwd=room.folder, timeout=120, encoding="utf-8"
    )
    child.expect("Take them, too?")
    before = child.before
    child.sendline(answer)
    child.expect(pexpect.EOF)
    return before + child.before


def test_a_person_is_asked_whether_to_take_pickles_of_strangers(rooms, own_home, monkeypatch, tmp_path):
    one, two = rooms
    one.write({"a": "%%step first\nadd = lambda x: x + 1", "b": "%%step second\nthree = add(2)"})
    _, _, path = bundled(one)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "stranger"))
    said = asked(two, path, "n")
    assert "whom you have not trusted so far" in said
    assert "first: it holds pickle" in said
    assert "left out: the results of first" in said
    assert "1 steps will hit: second" in said
    assert "2 steps will hit: first, second" in asked(two, path, "y")
    again = two.json("run", "book.ipynb")
    assert {step["status"] for step in again["steps"]} == {"hit"}, again["steps"]


def test_chosen_values_alone_go_along_and_the_size_is_told_first(rooms):
    one, two = rooms
    (one.folder / "secret.txt").write_text("only for us")
    one.write(
        {
            "a": "%%step first\nsecret = open('secret.txt').read() * 2000\nsmall = [1, 2, 3]",
            "b": "%%step second\ntotal = sum(small)",
        }
    )
    run = one.json("run", "book.ipynb")["run"]
    path = one.folder.parent / "run.steppe"
    _, said, _ = one.steppe("bundle", run, "-o", str(path), "--dry-run")
    assert "2 steps: first, second" in said
    assert "KiB in all" in said
    assert not path.exists()
    dry = one.json("bundle", run, "-o", str(path), "--dry-run")
    assert not path.exists()
    some = one.json("bundle", run, "-o", str(path), "--only", "first.small", "--only", "second")
    assert some["steps"] == ["second"]
    assert some["bytes"] < dry["bytes"]
    whole = path.read_bytes()
    assert b"only for us" not in whole
    for place in range(0, len(whole), len(whole) // 12):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        code, _, err = two.steppe("import", str(path), "--trust")
        assert (code, err.count("\n")) == (2, 1), err
        assert not (two.folder / ".steppe/catalog.db").exists()
    path.write_bytes(whole)
    assert two.json("import", str(path), "--trust")["hits"] == ["second"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(two.folder)
        import steppe as public

        assert public.load("first.small") == [1, 2, 3]
    assert "has no such step or variable" in one.steppe("bundle", run, "--only", "third")[2]
    assert "is a step run, and no run" in one.steppe("bundle", one.json("show", run)["steps"][0]["id"])[2]


def test_a_step_that_took_a_gpu_hits_where_there_is_none(rooms, monkeypatch):
    one, two = rooms
    train = (
        "%%step train on=process gpu=1\nimport os\ndevice = os.environ['CUDA_VISIBLE_DEVICES']\nweights = [0.5, 2.0]"
    )
    for each in rooms:
        each.write({"a": train, "b": "%%step use\ntotal = sum(weights)\ntotal"})
    monkeypatch.setenv("STEPPE_GPUS", "1")
    _, _, path = bundled(one)
    monkeypatch.setenv("STEPPE_GPUS", "0")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    code, out, err = two.steppe("run", "book.ipynb")
    assert code != 0
    assert "this machine has no GPU, and gpu=1 was asked for" in out + err, "nothing can train here"
    two.json("import", str(path))
    again = two.json("run", "book.ipynb")
    assert [(step["name"], step["status"]) for step in again["steps"]] == [("train", "hit"), ("use", "hit")], again


def test_files_that_are_there_already_stay(rooms):
    one, two = rooms
    one.write({"a": "%%step first\ntext = open('data.csv').read()"})
    _, _, path = bundled(one)
    (two.folder / "data.csv").write_text("mine")
    done = two.json("import", str(path))
    assert (done["written"], done["kept"]) == (["book.ipynb"], ["data.csv"])
    assert (two.folder / "data.csv").read_text() == "mine"
    again = two.json("run", "book.ipynb")
    assert again["steps"][0]["status"] == "succeeded", "another file is another input"


def test_a_link_that_leads_elsewhere_is_not_written_through(rooms, tmp_path):
    one, two = rooms
    (one.folder / "deep").mkdir()
    (one.folder / "deep" / "data.txt").write_text("x")
    one.write({"a": "%%step first\ntext = open('deep/data.txt').read()"})
    _, _, path = bundled(one)
    (tmp_path / "elsewhere").mkdir()
    (two.folder / "deep").symlink_to(tmp_path / "elsewhere")
    code, _, err = two.steppe("import", str(path))
    assert code == 2
    assert "through a link" in err
    assert os.listdir(tmp_path / "elsewhere") == []
    assert not (two.folder / "book.ipynb").exists()
