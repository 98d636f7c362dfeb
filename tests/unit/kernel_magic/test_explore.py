"""`steppe.explore()`: a picker over runs and metrics."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture
def runs(notebook):
    for rate in (1, 2, 3):
        notebook.restart()
        notebook.run("import steppe")
        notebook.run(
            f"%%step train\nrate = {rate}\nsteppe.log_metric('rate', rate)\nsteppe.log_metric('loss', 1 / rate)"
        )
        assert notebook.states == ["succeeded"]
    notebook.shell.steppe_cells.session.catalog.flush()
    return notebook


def test_runs_are_picked_and_drawn(runs, monkeypatch):
    import plotly.graph_objects as graphs

    shown = []
    monkeypatch.setattr(graphs.Figure, "show", lambda figure: shown.append(figure))
    runs.run("import steppe\npicker = steppe.explore()")
    assert runs.result.success, runs.result.error_in_exec
    choose, (draw, across, up) = runs["picker"].children[0], runs["picker"].children[1].children
    assert len(choose.options) == 3
    axes = {axis.label: sorted(axis["values"]) for axis in shown[-1].data[0].dimensions}
    assert axes == {"rate": [1, 2, 3], "loss": [1 / 3, 1 / 2, 1]}
    draw.index = 1
    across.value, up.value = "rate", "loss"
    choose.value = choose.value[:2]
    points = shown[-1].data[0]
    assert sorted(zip(points.x, points.y, strict=True)) == [(2, 1 / 2), (3, 1 / 3)]


def test_without_numbers_it_says_how_to_log_one(notebook):
    notebook.run("import steppe\nsteppe.explore()")
    assert "no run has logged a number yet" in str(notebook.result.error_in_exec)


def test_what_is_missing_is_named(notebook, monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    notebook.run("import steppe\nsteppe.explore()")
    assert "steppe.explore() needs plotly: `%pip install plotly`" in str(notebook.result.error_in_exec)
