"""An edit that changes no value stops there: what comes after it hits."""

from __future__ import annotations

STEPS = 100


def chain(first):
    yield first
    for number in range(1, STEPS):
        yield f"x{number} = [value + {number} for value in x{number - 1}]"


def ran(notebook, first):
    for number, cell in enumerate(chain(first)):
        notebook.run(f"%%step s{number}\n{cell}")
    return notebook.states


def test_of_a_hundred_chained_steps_only_the_edited_one_runs_again(notebook):
    assert ran(notebook, "x0 = [1, 2, 3]") == ["succeeded"] * STEPS
    notebook.restart()
    assert ran(notebook, "x0 = sorted([3, 2, 1])") == ["succeeded"] + ["hit"] * (STEPS - 1)
    assert notebook[f"x{STEPS - 1}"] == [number + sum(range(STEPS)) for number in (1, 2, 3)]


def test_an_edit_that_changes_a_value_runs_all_that_depends_on_it(notebook):
    ran(notebook, "x0 = [1, 2, 3]")
    notebook.restart()
    assert ran(notebook, "x0 = [1, 2, 4]") == ["succeeded"] * STEPS
