"""Steppe unloaded and loaded again in one process: what comes back is as in a new kernel."""

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


def test_classes_and_their_instances_come_back_as_one(notebook):
    for state in ("succeeded", "hit", "hit"):
        notebook.restart()
        notebook.run(CELL, step=True)
        assert notebook.steps[-1].state == state
        assert type(notebook["k"]) is notebook["P"] is notebook["Q"].__mro__[1]
        assert type(notebook["o"]) is notebook["Q"]
