"""Which tasks a notebook's steps become, and what each asks for."""

from __future__ import annotations

import nbformat
import pytest

from steppe.errors import UsageError
from steppe.exports.asked import Asked, check_cron, slugs
from steppe.exports.tasks import tasks_of
from steppe.notebooks.marks import Steps
from steppe.types import Resources


def tasks(folder, *cells, steps=Steps.TAGGED):
    (folder / ".git").mkdir(exist_ok=True)
    path = folder / "book.ipynb"
    made = [nbformat.v4.new_code_cell(cell, id=f"cell-{number}") for number, cell in enumerate(cells)]
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return {task.name: task for task in tasks_of(Asked(path, steps))}


def test_edges_are_those_of_variables_and_of_the_notebook_s_order(tmp_path):
    found = tasks(
        tmp_path,
        "%%step a\nx = 1",
        "%%step b\ny = 2",
        "z = x + 1",
        "%%step c\nw = z",
        "%%step d\nv = y",
    )
    assert {name: task.after for name, task in found.items()} == {
        "a": (),
        "b": ("a",),
        "c": ("a", "b"),
        "d": ("b", "c"),
    }


def test_cells_of_one_name_are_one_task_with_the_most_of_what_they_ask_for(tmp_path):
    found = tasks(
        tmp_path, "%%step a cpu=2 retries=1 timeout=10s\nx = 1", "%%step a cpu=1 memory=2Gi timeout=20s\ny = x"
    )
    assert list(found) == ["a"]
    assert found["a"].resources == Resources(cpu=2, memory=2 * 2**30)
    assert (found["a"].retries, found["a"].timeout) == (1, 2 * 30 + 600)


def test_a_task_without_a_limit_for_each_of_its_cells_has_none(tmp_path):
    found = tasks(
        tmp_path, "%%step a timeout=10s\nx = 1", "%%step a\ny = x", "%%step b timeout=never\nz = 1", "%%step c\nw = 1"
    )
    assert [task.timeout for task in found.values()] == [None, None, None]
    assert [task.resources for task in found.values()] == [None, None, None]


@pytest.mark.parametrize("away", ["on=kubernetes", "on=ray", "nodes=2"])
def test_what_a_step_has_somewhere_else_its_task_does_not_ask_for(tmp_path, away):
    assert tasks(tmp_path, f"%%step a gpu=1 {away}\nx = 1")["a"].resources is None


def test_setup_is_no_task_and_its_variables_are_followed(tmp_path):
    found = tasks(tmp_path, "%%step a\nx = 1", "%%step s setup=true\ny = x", "%%step b\nq = 1", "%%step c\nz = y")
    assert {name: task.after for name, task in found.items()} == {"a": (), "b": ("a",), "c": ("a", "b")}


def test_a_notebook_of_all_steps(tmp_path):
    assert list(tasks(tmp_path, "x = 1", "y = x", steps=Steps.ALL)) == ["cell-0", "cell-1"]


def test_names_are_made_of_letters_digits_and_dashes_and_no_two_are_alike():
    names = ["A b", "a-b", "a_b", "ä", "ö", "x" * 80]
    assert list(slugs(names).values()) == ["a-b", "a-b-2", "a-b-3", "step", "step-2", "x" * 50]


@pytest.mark.parametrize("cron", ["", "daily", "0 6 * *", "0 0 6 * * 1", "61 6 * * 1"])
def test_what_is_no_cron_line_is_refused(cron):
    with pytest.raises(UsageError, match="Give minute, hour, day of month"):
        check_cron(cron)
