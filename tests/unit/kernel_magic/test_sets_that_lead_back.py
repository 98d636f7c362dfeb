"""Steps whose values are graphs of objects that know their neighbours as sets."""

from __future__ import annotations

KNOT = "class Knot:\n    def __init__(self, name): self.name, self.near = name, set()\n"
GRAPH = """%%step graph
a, b, c = map(Knot, "abc")
a.near |= {b, c}; b.near |= {a, c}; c.near |= {a, b}
list(map(len, [a.near, b.near]))
"""


def test_a_graph_of_sets_is_kept_and_comes_back(notebook):
    def session():
        notebook.run(KNOT)
        notebook.run(GRAPH, cell_id="graph")
        notebook.run("%%step read\nnames = sorted(each.name for each in a.near)\nnames", cell_id="read")
        return [str(step.state) for step in notebook.steps][-2:]

    assert session() == ["succeeded", "succeeded"]
    notebook.restart()
    assert session() == ["hit", "hit"]
    assert notebook.run("print(a in b.near and b in a.near and next(iter(c.near)).near & {c} == {c}, names)") == (
        "True ['b', 'c']\n"
    )
    notebook.run("a.near.discard(c)")
    notebook.run("%%step read\nnames = sorted(each.name for each in a.near)\nnames", cell_id="read")
    assert str(notebook.steps[-1].state) == "succeeded"


def test_what_a_class_holds_counts_whole_though_it_is_first_met_in_a_set(notebook):
    """The version of a class is made once, and is no other where an order was sought at that moment."""
    body = "class Held:\n    deep = {{frozenset({{({0},)}}), frozenset({{(0,)}})}}\n"
    for number in (1, 2, 1):
        notebook.run(body.format(number))
        notebook.run("pool = {(Held(), 1), (Held(), 2)}")
        notebook.run(
            "%%step s\nx = sum(len(str(sorted(map(list, each[0].deep), key=str))) for each in pool)\nx", cell_id="s"
        )
    states = [str(step.state) for step in notebook.steps]
    assert states == ["succeeded", "succeeded", "hit"], [step.why for step in notebook.steps]
