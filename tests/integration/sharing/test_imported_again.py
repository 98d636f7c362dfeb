"""Steps that came in a bundle are run again, verified and opened only where their maker is trusted."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.integration.notebooks.made import Room


def test_code_of_a_stranger_is_not_run_without_a_word(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "maker"))
    rooms = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        rooms.append(Room(tmp_path / name, capsys))
    one, two = rooms
    one.write({"a": "%%step make\nx = [1, 2]", "b": "%%step use\nopen('ran.txt', 'w').close()\nn = sum(x)"})
    run = one.json("run", "book.ipynb")["run"]
    path = tmp_path / "run.steppe"
    one.json("bundle", run, "-o", str(path))
    assert one.json("show", one.json("show", run)["steps"][1]["id"])["rerunnable"] == "yes"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "stranger"))
    two.json("import", str(path))
    (two.folder / "ran.txt").unlink(missing_ok=True)
    step = two.json("show", run)["steps"][1]["id"]
    said = two.json("show", step)["rerunnable"]
    assert said.startswith("not, because its code came in a bundle of ")
    assert said.endswith("whom you have not trusted so far")
    for words in (("rerun", run), ("rerun", step), ("open", step), ("open", step, "--console")):
        code, _, err = two.steppe(*words)
        assert (code, "whom you have not trusted so far" in err) == (2, True), (words, err)
    assert {each["status"] for each in two.json("verify", run)["steps"]} == {"skipped"}
    assert not (two.folder / "ran.txt").exists()
    two.json("open", step, "--trust")
    assert {each["status"] for each in two.json("verify", run, "--trust")["steps"]} == {"same"}
    two.json("trust", str(path))
    assert two.json("show", step)["rerunnable"] == "yes"
    again = two.json("rerun", run, "--scratch")
    assert [each["status"] for each in again["steps"]] == ["succeeded", "succeeded"]
    assert (two.folder / "ran.txt").exists()
