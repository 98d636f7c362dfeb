"""Steppe turned on by JupyterLab before a cell that does it by itself: that cell then shows what it ever does."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def turning_on():
    """Return what the front end has the kernel do."""
    text = (ROOT / "labextension/src/cells/turning_on.ts").read_text()
    return re.search(r'TURN_ON = "(.+)";', text).group(1)


def test_a_cell_that_loads_the_extension_again_shows_nothing(notebook, capsys):
    notebook.shell.extension_manager.loaded.discard("steppe")
    names = set(notebook.shell.user_ns)
    notebook.shell.run_cell(turning_on(), silent=True, store_history=False)
    assert set(notebook.shell.user_ns) <= names | {"_", "__", "___"}
    notebook.shell.run_cell("%load_ext steppe", store_history=True)
    assert capsys.readouterr().out == ""
    notebook.run("%%step a\nx = 6 * 7")
    assert notebook.shell.user_ns["x"] == 42
