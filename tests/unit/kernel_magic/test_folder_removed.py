"""A notebook goes on in a folder that was removed under it, as it does without Steppe."""

from __future__ import annotations

import os

import pytest


@pytest.fixture
def removed(notebook, tmp_path):
    notebook.run("%%step before\nn = 1")
    (tmp_path / "deep").mkdir()
    notebook.run("import os, shutil\nos.chdir('deep')\nshutil.rmtree(os.path.join('..', 'deep'))")
    yield notebook
    os.chdir(tmp_path)


def test_plain_cells_and_steps_run_on(removed):
    removed.run("m = n + 1")
    assert removed.result.success, removed.result.error_in_exec
    removed.run("%%step there\nfound = os.path.exists('data.csv'), os.path.exists('.')\nk = m + 1")
    assert removed.result.success, removed.result.error_in_exec
    assert (removed["found"], removed["k"]) == ((False, True), 3)  # a folder that was removed is there still, empty
    removed.run("%%step reads\nopen('data.csv')")
    assert type(removed.result.error_in_exec) is FileNotFoundError


def test_what_was_made_there_is_no_hit_elsewhere(removed, tmp_path):
    source = "%%step there\nfound = os.path.exists('data.csv')"
    removed.run(source)
    (tmp_path / "data.csv").touch()
    os.chdir(tmp_path)
    removed.run(source)
    assert removed["found"] is True


def test_steps_in_workers_run_where_the_kernel_began(removed):
    """A worker can't be where there is nothing."""
    removed.run("%%step far on=process\nimport os\nfar = os.path.exists('data.csv')")
    assert removed["far"] is False
