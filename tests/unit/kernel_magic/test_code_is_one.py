"""Classes and functions of one cell that hold one another: after a hit each still lives once."""

import pytest

CLASSES = """
from dataclasses import dataclass
@dataclass
class {0}:
    x: int = 0
    def twice(self):
        return self.x * 2
class {1}({0}):
    def put(self, v):
        return self.twice() + v
k, o = {0}(), {1}(1)
"""
WRAPPED = """
def {0}(v):
    return v + 1
def wrap(f):
    def inner(v):
        return f(v) * 2
    inner.of = f
    return inner
{1} = wrap({0})
"""
HELD = """
class {0}:
    pass
class {1}:
    of = {0}
    made = [{0}]
    def get(self, kind={0}):
        return kind
"""
CHAIN = """
class {0}: pass
class M({0}): pass
class {1}(M): pass
def f(v={1}): return v
o, k = {1}(), {0}()
"""
KNOT = """
class {0}:
    pass
class {1}:
    of = {0}
{0}.back = {1}
o = {1}()
"""
ALIAS = """
class {0}:
    def put(self, v=1):
        return v
{1} = {0}.put
class Other:
    put = {1}
"""
SUPER = """
class {0}:
    def get(self):
        return 1
class {1}({0}):
    def get(self):
        return super().get() + 1
alias = {1}.get
made = {1}()
"""
NESTED = """
class {0}:
    class Inner:
        def get(self):
            return 1
def make():
    class {1}({0}.Inner):
        pass
    return {1}
{1} = make()
o, k = {0}.Inner(), {1}()
"""
TABLE = {
    "a class in a class, and one in a function": (
        NESTED,
        "type(o) is {0}.Inner is {1}.__mro__[1] and type(k) is {1} and {1}.__qualname__ == 'make.<locals>.{1}'",
    ),
    "a method by a name of its own": (ALIAS, "{0}.put is {1} is Other.put"),
    "a method with super() by a name of its own": (SUPER, "{1}.get is alias and made.get() == alias({1}()) == 2"),
    "a base and what is made of both": (CLASSES, "type(k) is {0} is {1}.__mro__[1] and type(o) is {1}"),
    "a function that another wraps": (WRAPPED, "{1}.of is {0} and {1}.__closure__[0].cell_contents is {0}"),
    "a class in another's attributes": (HELD, "{1}.of is {0} is {1}.made[0] is {1}().get()"),
    "three in a row": (CHAIN, "{1}.__mro__[1:3] == (M, {0}) and type(o) is {1} is f() and type(k) is {0}"),
    "two that hold each other": (KNOT, "{0}.back is {1} and {1}.of is {0} and type(o) is {1}"),
}


@pytest.mark.parametrize("names", [("A", "Z"), ("Z", "A")])
@pytest.mark.parametrize("what", TABLE)
def test_code_is_one_after_a_hit(notebook, what, names):
    cell, check = (text.format(*names) for text in TABLE[what])
    for expected in ("succeeded", "hit", "hit"):
        if notebook.steps and notebook.steps[-1].state != "hit":
            notebook.restart()  # the third time is in the same session
        notebook.run(cell, step=True)
        assert notebook.steps[-1].state == expected, notebook.steps[-1].why
        assert "True" in notebook.run(check)


@pytest.mark.parametrize("names", [("A", "Z"), ("Z", "A")])
@pytest.mark.parametrize("what", TABLE)
def test_code_of_an_earlier_cell_is_that_cells(notebook, what, names):
    cell, check = (text.format(*names) for text in TABLE[what])
    at = next(number for number, line in enumerate(cell.splitlines()) if names[1] in line and not line.startswith(" "))
    first, second = "\n".join(cell.splitlines()[:at]), "\n".join(cell.splitlines()[at:])
    for expected in ("succeeded", "hit", "hit"):
        if notebook.steps and notebook.steps[-1].state != "hit":
            notebook.restart()
        notebook.run(first, step=True)
        assert notebook.steps[-1].state == expected, notebook.steps[-1].why
        notebook.run(second, step=True)
        assert "True" in notebook.run(check), notebook.steps[-1].why
