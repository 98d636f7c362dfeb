"""The Tab key in a shell: what the installed command offers there."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

COMMAND = Path(sysconfig.get_path("scripts"), "steppe")
CELLS = {"load": "%%step load\nx = 1", "late": "%%step late\ny = x", "plain": "z = 1"}


@pytest.fixture
def offered(room):
    room.write(CELLS)

    def ask(*words):
        """Return what is offered for the last word, as bash is told it."""
        env = {**os.environ, "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
        env |= {"_STEPPE_COMPLETE": "bash_complete"}
        done = subprocess.run([COMMAND], env=env, cwd=room.folder, capture_output=True, text=True, check=False)
        assert done.stderr == ""
        return [line.partition(",")[2] for line in done.stdout.splitlines() if line]

    return ask


def test_commands_options_executors_and_steps_are_offered(offered):
    assert offered("steppe", "ru") == ["run", "runs"]
    assert offered("steppe", "run", "--ref") == ["--refresh"]
    assert "process" in offered("steppe", "run", "book.ipynb", "--on", "")
    assert offered("steppe", "why", "book.ipynb", "l") == ["load", "late"]
    assert offered("steppe", "run", "book.ipynb", "--refresh", "lo") == ["load"]
    assert offered("steppe", "why", "no.ipynb", "l") == []


def test_runs_are_offered_by_their_ids(offered, room):
    assert offered("steppe", "show", "") == []
    assert not (room.folder / ".steppe").exists(), "asking leaves nothing"
    run = room.json("run", "book.ipynb", "--steps", "magic")["run"]
    assert offered("steppe", "show", run[:4]) == [run]
