"""`steppe open`: the inputs of a past step in a kernel, ready to debug."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))

import steppe
from steppe.errors import UsageError
from tests.integration.kernel.front_end import Kernel

COMMAND = Path(sys.executable).with_name("steppe")

CELLS = [
    "import json\nimport numpy as np\nlr = 0.5\nnp.random.seed(3)",
    "class Box:\n    def __init__(self, x):\n        self.x = x",
    "def scaled(x):\n    return x * lr",
    "%%step make\nbox = Box(np.random.rand(3))\nrows = [1.0, 2.0]",
    "%%step use\ntotal = scaled(sum(rows)) + box.x.sum()\ndrawn = np.random.rand()",
    "%%step check\nratio = int(total) // (len(rows) - 2)",
]


@pytest.fixture(scope="module")
def front_end():
    made = Kernel()
    yield made
    made.close()


def session(front_end, room, cells):
    front_end.begin(room.folder)
    for cell in cells:
        front_end.run(cell)
    front_end.silently("%unload_ext steppe")
    run = room.json("runs")["runs"][0]["run"]
    return {step["name"]: step for step in room.json("show", run)["steps"]}


def test_a_past_step_is_opened_in_a_kernel_and_in_a_terminal(room, front_end, monkeypatch):
    steps = session(front_end, room, CELLS)
    drawn = room.json("show", steps["use"]["id"])["outputs"]["drawn"]["version"]
    code, out, err = room.steppe("open", steps["use"]["id"])
    assert code == 0, err
    path = next((room.folder / ".steppe" / "opened").glob("use-*.ipynb"))
    assert f"jupyter lab {path.relative_to(room.folder)}" in out
    about, first, second = nbformat.read(path, as_version=4).cells
    assert "`use`" in about.source
    front_end.begin(room.folder, steppe=False)
    front_end.silently("import os; os.chdir('.steppe/opened'); del os")
    ran = front_end.run(first.source)
    assert ran.reply["status"] == "ok", ran.text
    assert "'box', 'lr', 'np', 'rows', 'scaled'" in ran.text
    front_end.silently("lr = 2 * lr")
    assert front_end.value("scaled(1)") == "1.0"  # a function of the notebook looks up what is there
    front_end.silently("lr = lr / 2")
    ran = front_end.run(second.source)
    assert ran.reply["status"] == "ok", ran.text
    assert front_end.value("__import__('os').getcwd()") == repr(str(room.folder))
    front_end.run("%%step kept\nagain = drawn")
    front_end.silently("%unload_ext steppe")
    run = room.json("runs")["runs"][0]["run"]
    kept = room.json("show", room.json("show", run)["steps"][-1]["id"])["outputs"]["again"]["version"]
    assert kept == drawn  # the generator was where it had been

    document = room.json("open", steps["check"]["id"], "-o", "check.ipynb")
    assert document["error"].startswith("ZeroDivisionError")
    about, _, second = nbformat.read(room.folder / "check.ipynb", as_version=4).cells
    assert "line 2, in <module>\n    ratio = int(total) // (len(rows) - 2)" in about.source
    assert "site-packages" not in about.source
    assert second.source == "ratio = int(total) // (len(rows) - 2)"
    code, _, err = room.steppe("open", steps["check"]["id"], "-o", "check.ipynb")
    assert (code, "is there already" in err) == (2, True)

    done = subprocess.run(
        [str(COMMAND), "open", steps["check"]["id"], "--console"],
        cwd=room.folder,
        input="print('rows are', rows, total)\nexit\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "IPYTHONDIR": str(room.folder / "ipython")},
    )
    assert done.returncode == 0, done.stderr
    assert "ZeroDivisionError" in done.stdout
    assert "rows are [1.0, 2.0]" in done.stdout

    monkeypatch.chdir(room.folder)
    found = steppe.inputs_of(steps["use"]["id"])
    assert sorted(found) == ["box", "lr", "np", "rows", "scaled"]
    assert found["rows"] == [1.0, 2.0]


def test_what_is_no_step_run_or_lacks_an_input_is_refused(room, front_end, monkeypatch):
    steps = session(front_end, room, ["big = [0.5] * 10**5", "%%step add\ntotal = sum(big)"])
    run = room.json("runs")["runs"][0]["run"]
    code, _, err = room.steppe("open", run)
    assert (code, "is no step run: `steppe show RUN` lists those of a run" in err) == (2, True)
    code, _, err = room.steppe("open", steps["add"]["id"])
    assert (code, "`add` can't be opened, because its input `big` was not stored" in err) == (2, True)
    monkeypatch.chdir(room.folder)
    with pytest.raises(UsageError, match="its input `big` was not stored"):
        steppe.inputs_of(steps["add"]["id"])
