"""Whose a run is: what the environment says, JupyterHub's name for them, or the machine's."""

import getpass
import subprocess
import sys

import pytest

from tests.integration.notebooks.made import Room

SCRIPT = "import steppe\n@steppe.step\ndef one() -> int:\n    return 1\none()\n"
USERS = ({"STEPPE_USER": "anna", "JUPYTERHUB_USER": "hub"}, {"JUPYTERHUB_USER": "bob"}, {})


def test_runs_are_listed_by_their_owners(tmp_path, capsys, monkeypatch):
    for name in ("STEPPE_USER", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name, raising=False)
    room = Room(tmp_path, capsys)
    (tmp_path / "flow.py").write_text(SCRIPT)
    for user in USERS:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in user.items():
                patch.setenv(name, value)
            subprocess.run([sys.executable, "flow.py"], cwd=tmp_path, check=True, capture_output=True)
    found = room.json("runs")["runs"]
    assert [run["owner"] for run in found] == [getpass.getuser(), "bob", "anna"]
    assert [run["owner"] for run in room.json("runs", "--owner", "bob")["runs"]] == ["bob"]
    _, out, _ = room.steppe("runs")
    assert "owner" in out
    assert "anna" in out
    _, out, _ = room.steppe("runs", "--owner", "nobody-at-all")
    assert out == "no such runs: leave out --notebook, --status, --owner or --since to see others.\n"
