"""Steppe unloaded and loaded again in one process: what comes back is as in a new kernel."""

import pytest

CELL = """
from dataclasses import dataclass
@dataclass
class P:
    x: int = 0
    def twice(self):
        return self.x * 2
class Q(P):
    def put(self, v):
        return self.twice() + v
k, o = P(), Q(1)
"""


@pytest.mark.parametrize("names", [("P", "Q"), ("Q", "P")])
def test_classes_and_their_instances_come_back_as_one(notebook, names):
    base, derived = names
    for state in ("succeeded", "hit", "hit"):
        notebook.restart()
        notebook.run(CELL.replace("P", "Base").replace("Q", derived).replace("Base", base), step=True)
        assert notebook.steps[-1].state == state
        assert type(notebook["k"]) is notebook[base] is notebook[derived].__mro__[1]
        assert type(notebook["o"]) is notebook[derived]
