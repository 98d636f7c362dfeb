"""Cells that are steps by their metadata alone, as JupyterLab and Notebook 7 send it along with each cell's code."""

from __future__ import annotations

import nbformat
import pytest

from steppe.notebooks.marks import Steps, mark


def run(notebook, source, metadata, cell_id="c1"):
    """Run a cell as a front end does that sends the cell's whole metadata."""
    return notebook.shell.run_cell(source, store_history=True, cell_id=cell_id, cell_meta={"trusted": True, **metadata})


TAGGED = [
    ({"tags": ["step:squares"]}, "squares"),
    ({"tags": ["other", "step"]}, "c1"),
    ({"tags": ["step"], "steppe": {"name": "named"}}, "named"),
    ({"steppe": {"step": True}}, "c1"),
]
PLAIN = [
    {},
    {"tags": []},
    {"tags": ["stepping", "a step"]},
    {"tags": "step"},
    {"tags": [None, 3]},
    {"steppe": {"cpu": 2}},
    {"steppe": "step"},
    {"tags": ["step"], "steppe": {"step": False}},
]


@pytest.mark.parametrize(("metadata", "name"), TAGGED)
def test_a_tagged_cell_is_a_step_without_a_magic(notebook, metadata, name):
    assert run(notebook, "x = 1", metadata).success
    assert [step.request.name for step in notebook.steps] == [name]
    notebook.restart()
    run(notebook, "x = 1", metadata)
    assert notebook.states == ["hit"]


@pytest.mark.parametrize("metadata", PLAIN)
def test_other_cells_are_none(notebook, metadata):
    assert run(notebook, "x = 1", metadata).success
    assert notebook.steps == []


@pytest.mark.parametrize("metadata", [metadata for metadata, _ in TAGGED] + PLAIN)
def test_a_headless_run_takes_the_same_cells_for_steps(notebook, metadata):
    run(notebook, "x = 1", metadata)
    cell = nbformat.from_dict({"cell_type": "code", "source": "x = 1", "metadata": metadata})
    told = mark(cell, Steps.TAGGED)
    assert bool(notebook.steps) == bool(told and told["step"])


def test_the_options_of_a_tagged_cell_are_in_its_metadata(notebook):
    run(notebook, "y = 1", {"tags": ["step:seeded"], "steppe": {"seed": 5}})
    assert notebook.steps[-1].request.options.seed == 5


def test_a_tagged_cell_that_turns_steppe_on_runs_plainly(notebook):
    assert run(notebook, "%load_ext steppe", {"tags": ["step"]}).success
    assert notebook.steps == []
