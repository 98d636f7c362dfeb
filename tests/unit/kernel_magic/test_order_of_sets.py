"""Sets of numbers: their order of iteration is the same in each process, so a step may lean on it."""

import pytest

LISTED = "x = list(s)"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("s = {8, 0}", "s = {0, 8}"),
        ("s = {0.0, 8}", "s = {8, 0.0}"),
        ("s = frozenset([16, 0])", "s = frozenset([0, 16])"),
    ],
)
def test_another_order_of_the_same_numbers_is_another_input(notebook, first, second):
    for made, state in ((first, "succeeded"), (second, "succeeded"), (first, "hit")):
        notebook.restart()
        notebook.run(made)
        notebook.run(LISTED, step=True)
        assert notebook.steps[-1].state == state
        assert notebook["x"] == list(notebook["s"])


def test_the_same_order_made_in_another_way_is_the_same_input(notebook):
    for made, state in (("s = {1, 2, 3}", "succeeded"), ("s = {3, 2} | {1}", "hit"), ("s = set([2, 1, 3])", "hit")):
        notebook.restart()
        notebook.run(made)
        notebook.run(LISTED, step=True)
        assert notebook.steps[-1].state == state


def test_a_set_with_a_nan_is_the_same_input_in_each_session(notebook):
    for state in ("succeeded", "hit", "hit"):
        notebook.restart()
        notebook.run("s = {float('nan'), 1.0, 2.0, 3.0}")
        notebook.run("x = len(s)", step=True)
        assert notebook.steps[-1].state == state


MADE = [
    "s = set(range(200))\nfor n in range(3, 200):\n    s.discard(n)\ns |= {64, 33, 8, 0}",
    "s = {n * 37 % 101 for n in range(60)} - set(range(0, 101, 3))",
    "s = {97, 65, 33, 1, 129, 161}",
    "held = {'a': [{n * n % 127 for n in range(90)}]}\ns = held['a'][0]",
    "s = frozenset({2**61, 5, 2**62, 1.5, 9})",
]


@pytest.mark.parametrize("made", MADE)
def test_a_set_comes_back_in_its_order_or_its_step_runs_again(notebook, made):
    found = []
    for _ in range(2):
        notebook.restart()
        notebook.run(made, step=True)
        found.append(list(notebook["s"]))
        state = notebook.steps[-1].state, notebook.steps[-1].why
    assert found[0] == found[1], state
