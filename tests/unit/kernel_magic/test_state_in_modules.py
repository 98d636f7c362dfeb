"""What modules of the project hold beside their source is an input of steps that run their code, and an output."""

import sys

import pytest

LIBRARY = """
import functools
count = 0
seen = []
names = {}

class Model:
    made = 0
    kinds = []
    class Inner:
        deep = 0
    def __init__(self):
        Model.made += 1
    @classmethod
    def kind(cls, value):
        cls.kinds.append(value)
    @staticmethod
    def deepen():
        Model.Inner.deep += 1

def up():
    global count
    count += 1
    return count

def keep(value, into=[]):
    into.append(value)
    return len(into)

def named(value, *, into={}):
    into[value] = len(into)
    return len(into)

def counted():
    counted.calls = getattr(counted, "calls", 0) + 1
    return counted.calls

def note(value):
    seen.append(value)
    return len(seen)

def look():
    state = [count, list(seen), Model.made, list(Model.kinds), Model.Inner.deep]
    return state + [keep.__defaults__, named.__kwdefaults__, dict(vars(counted)), names]
"""

CALLS = [
    "lib.up()",
    "lib.note(3)",
    "lib.Model().made",
    "lib.Model.kind('a')",
    "lib.Model.deepen()",
    "lib.keep(4)",
    "lib.named(len(lib.named.__kwdefaults__['into']))",
    "lib.counted()",
    "lib.names.update(a=1)",
]


@pytest.fixture
def library(notebook):
    (notebook.folder / "lib.py").write_text(LIBRARY)
    sys.path.insert(0, str(notebook.folder))
    sys.modules.pop("lib", None)
    yield
    sys.path.remove(str(notebook.folder))
    sys.modules.pop("lib", None)


def begin(notebook):
    sys.modules.pop("lib", None)
    return notebook.restart()


def at_end(notebook, *cells):
    """Run cells in a new session; return the state of the last step and what the library holds then."""
    begin(notebook)
    for cell in ("import lib", *cells):
        said = notebook.run(cell)
        assert "Error" not in said, said
    notebook.run("held = lib.look()")
    return notebook.states[-1], repr(notebook["held"]), repr(notebook["x"])


@pytest.mark.parametrize("call", CALLS)
def test_what_a_call_left_in_a_module_is_there_after_a_hit(notebook, library, call):
    first = at_end(notebook, f"%%step\nx = {call}")
    second = at_end(notebook, f"%%step\nx = {call}")
    assert first[1:] == second[1:]
    assert second[0] in ("hit", "setup")


@pytest.mark.parametrize("call", CALLS[:-1])
def test_what_a_plain_cell_left_in_a_module_is_in_the_key(notebook, library, call):
    once = at_end(notebook, call, f"%%step\nx = {call}")
    twice = at_end(notebook, f"[{call}, {call}]", f"%%step\nx = {call}")
    assert twice[0] != "hit"
    assert twice[1] != once[1]
    again = at_end(notebook, call, f"%%step\nx = {call}")
    assert again[1:] == once[1:]


def test_a_module_that_a_step_imports_is_as_that_step_left_it(notebook, library):
    seen = []
    for _ in range(2):
        begin(notebook)
        notebook.run("%%step\nimport lib\nx = [lib.up(), lib.note(1), lib.Model()]")
        notebook.run("held = lib.look()")
        seen.append((repr(notebook["held"]), notebook["x"][:2], isinstance(notebook["x"][2], sys.modules["lib"].Model)))
    assert notebook.states == ["hit"]
    assert seen[0] == seen[1]


def test_another_name_for_a_list_in_a_module_sees_what_a_hit_puts_back(notebook, library):
    for _ in range(2):
        begin(notebook)
        notebook.run("import lib\nalias = lib.seen")
        notebook.run("%%step\nx = lib.note(5)")
        notebook.run("same = (alias is lib.seen, list(alias))")
        assert notebook["same"] == (True, [5])
    assert notebook.states == ["hit"]


def test_a_function_that_the_notebook_puts_into_a_module_is_in_the_key(notebook, library):
    cells = ["def put(f):\n    vars(lib)['up'] = f", "put(lambda: {})", "%%step\nx = lib.up()"]
    for value in ("10", "11"):
        begin(notebook)
        for cell in ("import lib", cells[0], cells[1].format(value), cells[2]):
            notebook.run(cell)
        assert notebook["x"] == int(value)
