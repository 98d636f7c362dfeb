"""The edges between steps, from their text: reads, changes in place, plain cells between them, and functions."""

from __future__ import annotations

import pytest

from steppe.analysis.cell import analyse
from steppe.notebooks.flows import Flows


def edges(*cells, changed=None):
    """Return the edges between cells, each a name (None for a plain cell) and a text."""
    flows = Flows()
    for name, text in cells:
        flows.cell(name, analyse(text), (changed or {}).get(name, ()))
    return flows.edges


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ([("a", "x = 1"), ("b", "y = x")], {("a", "b"): ["x"]}),
        ([("a", "x = 1"), ("b", "x = 2"), ("c", "y = x")], {("b", "c"): ["x"]}),
        ([("a", "x = 1"), (None, "y = x + 1"), ("b", "z = y")], {("a", "b"): ["y"]}),
        ([("a", "x = 1"), (None, "x = 3"), ("b", "z = x")], {}),
        ([("a", "x = 1"), (None, "if x:\n    x = 3"), ("b", "z = x")], {("a", "b"): ["x"]}),
        ([("a", "df = {}"), ("b", "df['k'] = 1"), ("c", "print(df)")], {("a", "b"): ["df"], ("b", "c"): ["df"]}),
        (
            [("a", "k = 3"), ("f", "def f():\n    return k"), ("b", "f()")],
            {("a", "f"): ["k"], ("a", "b"): ["k"], ("f", "b"): ["f"]},
        ),
        ([("a", "x = 1"), ("b", "del x"), ("c", "print(x)")], {("a", "b"): ["x"]}),
        ([("a", "x = 1"), ("a", "x += 1"), ("b", "x")], {("a", "b"): ["x"]}),
        ([("a", "x = 1"), ("b", "x = [x for x in range(3)]")], {}),
    ],
)
def test_edges_follow_what_is_read_and_bound(cells, found):
    assert edges(*cells) == found


def test_what_a_step_was_seen_to_change_counts_as_bound_by_it():
    cells = [("a", "xs = []"), ("b", "add(xs)"), ("c", "print(xs)")]
    assert edges(*cells) == {("a", "b"): ["xs"], ("a", "c"): ["xs"]}
    assert edges(*cells, changed={"b": ["xs"]}) == {("a", "b"): ["xs"], ("b", "c"): ["xs"]}
