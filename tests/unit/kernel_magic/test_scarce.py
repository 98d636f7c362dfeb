"""What a notebook lives on is taken away while it runs: its cells run all the same, and what is lost is told."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil

import numpy as np  # loaded before anything is scarce
import pytest

from steppe.settings import load_project, make_state
from steppe.types import HeadlessRun

pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
assert np
STEP = "%%step a\nimport numpy as np\nx = np.arange(50_000.0)\nprint('made', len(x))"


@pytest.fixture
def warned(notebook):
    found: list[str] = []
    notebook.shell.steppe_cells.session.warn = found.append
    return found


@contextlib.contextmanager
def few_descriptors(left: int):
    """Let this process open only a few more files."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    opened = {int(name) for name in os.listdir("/proc/self/fd")}
    limit = next(number for number in range(4096) if number - len([fd for fd in opened if fd < number]) >= left)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("left", range(1, 5))
def test_without_file_descriptors_a_cell_runs_and_is_told_not_to_be_kept(notebook, warned, left):
    with few_descriptors(left):
        said = notebook.run(STEP)
    assert said == "made 50000\n"
    assert notebook["x"][-1] == 49_999
    assert all("open files" in text or "`ulimit -n`" in text for text in warned)
    assert warned or left == 4
    notebook.restart()
    assert notebook.run(STEP) == "made 50000\n"
    assert notebook.states == ["succeeded" if warned else "hit"]


@pytest.mark.parametrize("left", range(1, 5))
def test_without_file_descriptors_a_hit_is_bound_whole_or_the_cell_runs(notebook, left):
    notebook.run(STEP)
    notebook.restart()
    warned: list[str] = []
    notebook.shell.steppe_cells.session.warn = warned.append
    with few_descriptors(left):
        said = notebook.run(STEP) + notebook.run("print(x.sum())")
    assert said == "made 50000\n1249975000.0\n"
    assert all("open files" in text or "`ulimit -n`" in text for text in warned)
    assert warned or notebook.states == ["hit"]


def test_a_store_removed_while_the_notebook_runs_is_made_again(notebook, warned, tmp_path):
    notebook.run(STEP)
    (notebook.folder / ".steppe/store").rename(tmp_path / "gone")  # at once: what runs beside may write into it
    assert notebook.run("%%step b\ny = x * 2\nprint('again')") == "again\n"
    notebook.run(STEP)
    notebook.restart()
    assert notebook.run(STEP) == "made 50000\n"
    notebook.run("%%step b\ny = x * 2\nprint('again')")
    assert notebook.states == ["hit", "hit"]
    assert notebook["y"].sum() == 2 * 1_249_975_000.0
    assert warned == []


def test_all_state_removed_while_the_notebook_runs_is_made_again(notebook, warned, tmp_path):
    notebook.run(STEP)
    (notebook.folder / ".steppe").rename(tmp_path / "gone")  # at once: what runs beside may write into it
    assert notebook.run("%%step b\ny = x * 2\nprint('again')") == "again\n"
    notebook.restart()
    notebook.run(STEP)
    notebook.run("%%step b\ny = x * 2\nprint('again')")
    assert notebook.states == ["succeeded", "hit"]
    assert warned == []
    assert (notebook.folder / ".steppe/.gitignore").read_text() == "*\n"


def test_a_catalog_replaced_by_an_older_copy_while_the_notebook_runs_is_used(notebook):
    notebook.run("%%step first\na = [1]")
    notebook.close()
    state = notebook.folder / ".steppe"
    shutil.copytree(state, notebook.folder / "backup")
    notebook.restart()
    notebook.run(STEP)
    for path in state.glob("catalog.db*"):
        path.unlink()
    for path in (notebook.folder / "backup").glob("catalog.db*"):
        shutil.copy(path, state)
    notebook.run("%%step third\nc = a if 'a' in dir() else [3]")
    assert notebook.states[-1] == "succeeded"
    notebook.restart()
    notebook.run("%%step first\na = [1]")
    notebook.run(STEP)
    assert notebook.states == ["hit", "succeeded"]


def test_the_state_folder_is_ignored_by_git_though_its_first_maker_was_killed(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    project = load_project(tmp_path, {})

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.replace", killed)
        with pytest.raises(KeyboardInterrupt):
            make_state(project)
    assert (make_state(project) / ".gitignore").read_text() == "*\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device here that is always full")
def test_a_full_disk_for_what_a_headless_run_is_told_fails_no_cell(notebook, warned):
    session = notebook.shell.steppe_cells.session
    session.headless = HeadlessRun(id="", path="", events="/dev/full")
    assert notebook.run(STEP) == "made 50000\n"
    session.headless = None
    assert len(warned) == 1
    assert "No space left" in warned[0]
