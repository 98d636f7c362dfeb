"""`steppe.log_metric`: numbers kept with the step that ran, with those that failed, and with hits."""

from __future__ import annotations

import math

import numpy as np
import pytest

import steppe
from steppe.errors import UsageError

TRAIN = """%%step train
import steppe
for epoch in range(3):
    steppe.log_metric("loss", 1 / (epoch + 1), step=epoch)
steppe.log_metric("accuracy", 0.5)
"""


def latest(notebook, subject=None):
    subject = subject or notebook.steps[-1].id
    found = notebook.shell.steppe_cells.session.catalog.metrics.latest([subject])[subject]
    return {item.name: (round(item.value, 4), item.step) for item in found}


def test_a_step_keeps_what_it_logs(notebook):
    notebook.run(TRAIN)
    assert notebook.states == ["succeeded"], notebook.why
    assert latest(notebook) == {"accuracy": (0.5, None), "loss": (0.3333, 2)}
    series = notebook.shell.steppe_cells.session.catalog.metrics.series(notebook.steps[-1].id, "loss").items
    assert [(item.step, round(item.value, 2)) for item in series] == [(0, 1.0), (1, 0.5), (2, 0.33)]


def test_a_hit_has_the_metrics_of_what_it_hit(notebook):
    notebook.run(TRAIN)
    kept = latest(notebook)
    notebook.restart()
    notebook.run(TRAIN)
    assert notebook.states == ["hit"]
    assert latest(notebook) == kept


def test_show_tells_them(notebook):
    notebook.run(TRAIN)
    said = notebook.run("%steppe show train")
    assert "logged" in said
    assert "loss      0.333333  at step 2" in said
    assert "accuracy  0.5" in said


def test_a_step_that_fails_keeps_what_it_had_logged(notebook):
    notebook.run("%%step a\nimport steppe\nsteppe.log_metric('x', 1)\n1 / 0")
    assert latest(notebook) == {"x": (1.0, None)}


def test_an_uncached_step_keeps_them(notebook):
    notebook.run("%%step a cache=false\nimport steppe\nsteppe.log_metric('x', 1)")
    assert latest(notebook) == {"x": (1.0, None)}


def test_by_another_name_it_is_the_same_and_no_setup(notebook):
    notebook.run("from steppe import log_metric as note")
    notebook.run("%%step a\nnote('x', 2)")
    assert notebook.states == ["succeeded"]
    assert latest(notebook) == {"x": (2.0, None)}


def test_a_plain_cell_logs_with_the_session(notebook):
    notebook.run("import steppe\nsteppe.log_metric('plain', 3)")
    assert latest(notebook, notebook.shell.steppe_cells.session.run.id) == {"plain": (3.0, None)}


def test_without_a_session_it_goes_nowhere(notebook):
    notebook.close()
    steppe.log_metric("x", 1)


@pytest.mark.parametrize("value", [1, True, 0.5, np.float32(0.5), np.array(2), math.nan, math.inf])
def test_numbers_of_many_kinds_are_taken(notebook, value):
    notebook.shell.user_ns["value"] = value
    notebook.run("%%step a\nimport steppe\nsteppe.log_metric('x', value)")
    assert notebook.result.success
    (item,) = notebook.shell.steppe_cells.session.catalog.metrics.latest([notebook.steps[-1].id]).popitem()[1]
    assert item.value == pytest.approx(float(value), nan_ok=True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("loss", "0.5"), "log_metric('loss') takes a number, not '0.5'."),
        (("loss", [1, 2]), "log_metric('loss') takes a number, not [1, 2]."),
        (("loss", None), "log_metric('loss') takes a number, not None."),
        (("", 1), "log_metric takes a name first, such as 'loss', not ''."),
        (("loss", 1, 0.5), "log_metric('loss') takes a whole number as its step, not 0.5."),
    ],
)
def test_what_is_no_number_is_refused(arguments, said):
    with pytest.raises(UsageError) as error:
        steppe.log_metric(*arguments)
    assert str(error.value) == said
