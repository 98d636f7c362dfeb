"""Notebooks run plainly in real kernels, in a room that is the same each time; their reports say what happened."""

import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.notebooks.corpus.compare import compare
from tests.notebooks.corpus.execution import cell_seconds, run_plainly
from tests.notebooks.corpus.fetch import ROOT
from tests.notebooks.corpus.room import Room
from tests.notebooks.corpus.split import KERNEL


@pytest.fixture
def room(tmp_path) -> Room:
    beside = tmp_path / "source"
    beside.mkdir()
    (beside / "script.py").write_text("import helping\n")
    for name in ("helping.py", "other.py", "data.csv", "page.rst"):
        (beside / name).write_text("1\n")
    return Room(tmp_path / "room", beside / "script.py")


def notebook(*sources: str):
    cells = [new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources)]
    return new_notebook(cells=cells, metadata=KERNEL)


def test_a_room_holds_what_lies_beside_the_script_and_what_it_imports(room):
    room.clear()
    assert set(room.files()) == {"data.csv", "helping.py", "pyproject.toml"}


def test_a_room_is_cleared_of_all_but_what_is_kept(room):
    room.clear()
    (room.folder / "made").mkdir()
    (room.folder / ".steppe").mkdir()
    (room.folder / "data.csv").write_text("changed")
    room.clear(keep=(".steppe",))
    assert {path.name for path in room.folder.iterdir()} == {".steppe", "data.csv", "helping.py", "pyproject.toml"}
    assert (room.folder / "data.csv").read_text() == "1\n"


def test_two_plain_runs_are_equal_and_a_changed_one_is_not(room, tmp_path):
    sources = ["import os\nrows = [1]", "kept = rows\nkept.append(2)\nprint(os.getcwd())", "rows"]
    first, second = (run_plainly(notebook(*sources), room, tmp_path / "state") for _ in range(2))
    assert compare([first, second], second).equal
    assert [cell.id for cell in first.notebook.cells] == ["cell-0", "cell-1", "cell-2"]
    assert ["Out[3]", "_", "_3", "kept", "rows"] in first.summary["sharing"]
    assert sum(cell_seconds(first.notebook)) < first.seconds

    copied = [sources[0], sources[1].replace("kept = rows", "kept = list(rows)"), sources[2]]
    changed = run_plainly(notebook(*copied), room, tmp_path / "state")
    for cell, source in zip(changed.notebook.cells, sources, strict=True):
        cell.source = source
    differences = compare([first, second], changed)
    assert [each.where for each in differences.cells[2].differences] == ["output 0 execute_result text/plain"]
    assert "rows" in {each.where for each in differences.differences}


def test_a_failing_cell_is_told_and_its_output_kept(room, tmp_path):
    found = run_plainly(notebook("x = 1", "1 / 0", "y = 2"), room, tmp_path / "state")
    assert found.error == "ZeroDivisionError: division by zero"
    assert found.notebook.cells[1].outputs[0].ename == "ZeroDivisionError"
    assert found.summary == {}


def test_there_is_no_way_to_the_network(room, tmp_path):
    source = "import urllib.request\nurllib.request.urlopen('http://example.org', timeout=5)"
    assert run_plainly(notebook(source), room, tmp_path / "state").error.startswith("URLError")


def test_files_that_a_notebook_writes_are_told(room, tmp_path):
    found = run_plainly(notebook("open('made.txt', 'w').write('a')"), room, tmp_path / "state")
    assert set(found.files) == {"data.csv", "helping.py", "made.txt", "pyproject.toml"}
    assert Path(room.folder, "made.txt").exists()


def test_a_forked_kernel_has_loaded_no_library_that_a_kernel_has_not():
    code = (
        "from tests.notebooks.corpus.forkserver import _import as load; load('kernel'); import sys; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"matplotlib", "matplotlib_inline", "numpy", "pandas"} & set(done.stdout.split())
