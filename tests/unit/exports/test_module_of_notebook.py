"""What a notebook becomes as a module, and what is refused; its steps run here as the plain functions that they are."""

from __future__ import annotations

import contextlib
import io
import os
import types

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steppe.analysis.transform import split_step
from steppe.errors import UsageError
from steppe.exports.parts import Part
from steppe.exports.script import Script, script_of
from steppe.notebooks.cells import CodeCell
from steppe.notebooks.marks import Steps
from steppe.settings import Settings
from steppe.testing import mock_steps


def write(folder, *cells, tags=None):
    path = folder / "book.ipynb"
    made = [nbformat.v4.new_code_cell(cell, id=f"cell-{number}") for number, cell in enumerate(cells)]
    for number, names in (tags or {}).items():
        made[number].metadata["tags"] = list(names)
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return path


def plain(*cells):
    space = {"__name__": "__main__"}
    for cell in cells:
        split = split_step(cell)
        exec(compile(cell if split is None else split[1], "cell", "exec"), space)
    return space


def run(text, **parameters):
    """Run a module's pipeline; return what it returns, with the variables of the module, and the module."""
    module = types.ModuleType("exported")
    exec(compile(text, "exported.py", "exec", dont_inherit=True), vars(module))
    last = next(name for name in ("pipeline_2", "pipeline") if hasattr(vars(module).get(name), "told"))
    with mock_steps({}) as mocked, contextlib.redirect_stdout(io.StringIO()) as out:
        found = vars(module)[last](**parameters)
    return found, mocked, out.getvalue()


def agree(folder, *cells, missing=()):
    """Export cells, run the module, and hold what it returns against what the cells leave."""
    text = script_of(write(folder, *cells))
    found, mocked, _ = run(text)
    expected = plain(*cells)
    for name, value in found.items():
        if name != "fs":  # functions in a list are others each time
            assert value == expected[name], f"{name}\n{text}"
    left = {name for name, value in expected.items() if not callable(value) and not isinstance(value, types.ModuleType)}
    assert left - set(found) - {"__builtins__", "__name__", "__annotations__", *missing} == set(), text
    return text, mocked


def test_a_step_is_a_function_of_what_it_reads_and_returns_what_it_binds(tmp_path):
    text, mocked = agree(
        tmp_path, "n = 3", "%%step load\nxs = list(range(n))\ntop = max(xs)", "%%step total\nt = sum(xs)"
    )
    assert "def load(n):\n    xs = list(range(n))\n    top = max(xs)\n    return xs, top\n" in text
    assert "xs, top = load(n)" in text
    assert "t = total(xs)" in text
    assert mocked.calls.keys() == {"book", "load", "total"}


def test_options_of_the_line_and_of_the_metadata_are_the_decorators(tmp_path):
    path = write(tmp_path, "%%step 'fit model' on=process memory=2Gi retries=2 cache=false wait=true\nx = 1")
    assert '@steppe.step(name="fit model", on="process", memory="2Gi", retries=2, cache=False)' in script_of(path)


def test_imports_and_definitions_stand_at_the_top_and_what_they_read_is_the_modules(tmp_path):
    cells = (
        "import math\nscale = 2",
        "def scaled(x):\n    # a comment\n    return x * scale",
        "class P:\n    def __init__(self):\n        self.x = scale",
        "%%step one\ny = scaled(math.floor(3.5))",
        "scale = 5",
        "%%step two\nz = scaled(3)\np = P().x",
    )
    text, _ = agree(tmp_path, *cells)
    assert text.index("def scaled") < text.index("@steppe.step")
    assert "global scale" in text


@pytest.mark.parametrize(
    "cells",
    [
        ("xs = [1]", "ys = xs", "%%step add\nxs.append(2)", "zs = (xs, ys)"),
        ("n = 1", "%%step add\nn += 1", "%%step again\nn = n * 2"),
        ("flag = True", "if flag:\n    extra = 1", "%%step use\nr = extra if flag else 0"),
        ("flag = False", "%%step maybe\nif flag:\n    a = 1\nb = 2", "c = b"),
        ("flag = False\na = 7", "%%step maybe\nif flag:\n    a = 1", "c = a"),
        ("a = 1\nb = 2", "%%step drop\ndel a\nb = 3", "a = b"),
        ("for i in range(3):\n    last = i", "%%step loop\nfor i in range(5):\n    last = last + i\n", "k = (i, last)"),
        ("sum = 5", "%%step shadow\nt = sum + 1", "u = t + sum"),
        ("w = 2", "%%step s\nfs = [lambda: w]\nr = fs[0]()", "w = 3", "q = fs[0]()"),
        ("%%step s\nk = 1\ndef inner():\n    return k\nr = inner()", "k = 9"),
        ("%%step a\ndef f(x):\n    return x\nr = f(1)", "%%step b\ndef f(x):\n    return -x\ns = f(1)", "t = f(2)"),
        ("count = 0\ndef up():\n    global count\n    count += 1", "%%step s\nup()\nup()", "n = count"),
        ("x = 1", "%%step s\nclass A:\n    x = x + 1\nr = A.x"),
        ("a = 1", "%%step 'a'\na = a + 1", "%%step 'two words'\nb = a", "%%step a\nc = b"),
        ("t = '''one\n  two\n\n\n\nthree'''", "%%step s\nu = f'''{t}\n four'''"),
        ("x = 1; y = 2\ndef f(): return x; \nz = f()",),
        ("try:\n    import json as j\nexcept ImportError:\n    j = None", "%%step s\nr = j.dumps(1)"),
        ("f = 1", "def f():\n    return 2", "%%step s\nr = f()"),
        ("found = 1\nshow = 2\nsuppress = 3\npipeline = 4", "%%step s\nif found:\n    z = 1\n", "r = z + show"),
        ("xs = [3, 1]", "%%step s\nimport bisect\nxs.sort()\nat = bisect.bisect(xs, 2)", "b = bisect.bisect(xs, 0)"),
        (
            "names = ('a', 'b')",
            "%%step s\n(a, *b), c = [1, 2, 3], 4\n[d := 5, d]\nwith open('/dev/null') as f: pass\ndel f",
        ),
    ],
)
def test_values_are_the_notebooks(tmp_path, cells):
    agree(tmp_path, *cells, missing=("f", "i", "inner"))


def test_parameters_are_the_pipelines(tmp_path):
    cells = ("n = 2\nxs = [1]\nname: str = 'a'", "def f():\n    return n", "%%step s\nr = [f(), *xs, name]")
    text = script_of(write(tmp_path, *cells, tags={0: ["parameters"]}))
    assert run(text)[0]["r"] == [2, 1, "a"]
    assert run(text, n=5, xs=[7], name="b")[0]["r"] == [5, 7, "b"]
    assert "def pipeline(*, n=2, name='a', xs=...):" in text


def test_a_fan_out_is_a_map(tmp_path):
    cells = ("xs = [1, 2, 3]\nk = 10", '%%step s map="i, x in enumerate(xs)"\ny = x * k + i\nz = -x', "t = sum(y)")
    found, _, _ = run(script_of(write(tmp_path, *cells)))
    assert (found["y"], found["z"], found["t"]) == ([10, 21, 32], [-1, -2, -3], 63)
    cells = ("k = 1", '%%step s sweep="a in [1, 2], b in [3, 4]" gather=y\ny = a * b + k')
    assert run(script_of(write(tmp_path, *cells)))[0]["y"] == [4, 5, 7, 9]


def test_what_cells_show_is_shown(tmp_path):
    text = script_of(
        write(tmp_path, "1, 2", "%%step s\nx = 'a'\nx  # a comment", "x;", "print(3)", "None", "%time x * 2")
    )
    assert run(text)[2] == "(1, 2)\n'a'\n3\n'aa'\n"


def test_lines_that_say_how_things_are_shown_are_left_out(tmp_path):
    text = script_of(
        write(tmp_path, "%load_ext steppe\n%matplotlib inline\nx = 1\nx?", "%%time\ny = x", "if x:\n    %xmode Plain")
    )
    assert "get_ipython" not in text
    assert run(text)[0] == {"x": 1, "y": 1}


def test_await_makes_coroutine_functions(tmp_path):
    cells = ("import asyncio\nasync def f():\n    return 3", "%%step s\nx = await f()", "y = await asyncio.sleep(0, x)")
    text = script_of(write(tmp_path, *cells))
    assert "async def s():" in text
    assert "values = asyncio.run(pipeline())" in text


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("x = 1", "!ls"), "cell 2 (`!ls`) can't be exported: it starts a process with `!ls`"),
        (("%%bash\nls",), "cell 1 (`%%bash`) can't be exported: it starts a process with `%%bash`"),
        (("x = 1", "%timeit x"), "it has `%timeit x`, which is no Python"),
        (("x = 1", "_ + 1"), "cell 2 (`_ + 1`) can't be exported: it reads `_`, which only a notebook has"),
        (("eval('x')",), "it may use any variable (eval)"),
        (("def f():\n    return globals()",), "it may use any variable (globals)"),
        (("x = (",), "is no valid Python"),
        (("%%step s gpu={n}\nx = 1",), "only the kernel can tell"),
        (("x = 1", "from math import *"), "it has `import *` after other code"),
        (('%%step s map="x in xs" gather=y:frame\ny = x',), "it gathers frames"),
        (("q = 1", "%%step s source={q} expires=1d\nx = 1"), "reads `q`: name imports and functions alone"),
        (("steppe = 1", "%%step s\nx = steppe"), "the notebook has a variable `steppe`"),
        (
            ("import asyncio\nt = asyncio.create_task(asyncio.sleep(1))\nawait t",),
            "begins a task that goes on between cells",
        ),
        (
            ("import weakref\nx = {1}\nr = weakref.ref(x)", "%%step s\ny = len(x)\ndel x"),
            "it deletes `x`, and the notebook has weak references",
        ),
    ],
)
def test_what_no_module_can_do_is_refused_and_the_cell_is_named(tmp_path, cells, said):
    with pytest.raises(UsageError) as caught:
        script_of(write(tmp_path, *cells))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("n = 1\nm = n + 1", "computes the parameter `m` from `n`"),
        ("n = 1\nn = 2", "assigns the parameter `n` twice"),
        ("if True:\n    n = 1", "only `name = value` can stand there"),
    ],
)
def test_a_cell_of_parameters_that_is_more_is_refused(tmp_path, cell, said):
    with pytest.raises(UsageError, match="can't be exported") as caught:
        script_of(write(tmp_path, cell, tags={0: ["parameters"]}))
    assert said in str(caught.value)


def test_an_empty_notebook_and_one_in_another_language_are_refused(tmp_path):
    with pytest.raises(UsageError, match="has no code"):
        script_of(write(tmp_path))
    path = tmp_path / "r.ipynb"
    metadata = {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x <- 1")], metadata=metadata), path)
    with pytest.raises(UsageError, match="is in r, and only Python's"):
        script_of(path)


NAMES = st.sampled_from("abcd")
VALUES = st.one_of(
    st.integers(0, 9).map(str),
    NAMES,
    st.tuples(NAMES, NAMES).map(" + ".join),
    NAMES.map("f({})".format),
    NAMES.map("g({})".format),
    NAMES.map("(lambda: {})()".format),
)
LINES = st.one_of(
    st.tuples(NAMES, VALUES).map(" = ".join),
    st.tuples(NAMES, VALUES).map(" += ".join),
    st.tuples(VALUES, NAMES, VALUES).map("if {0[0]} % 2:\n    {0[1]} = {0[2]}".format),
    st.tuples(NAMES, VALUES).map("for {0[0]} in range(2):\n    log.append({0[1]})".format),
    NAMES.map("log.append({})".format),
    NAMES.map("keep.append(lambda: {})".format),
    st.just("log.append(sum(each() for each in keep))"),
    NAMES.map("def g(x):\n    return x + {}".format),
    NAMES.map("def h():\n    global {0}\n    {0} = 3\nh()".format),
    st.tuples(NAMES, NAMES).map("{0[0]}, {0[1]} = {0[1]}, {0[0]}".format),
    st.tuples(NAMES, NAMES).map("box = [{0[0]}]\nbox.append({0[1]})\nlog.append(list(box))".format),
)
BODIES = st.lists(LINES, min_size=1, max_size=4).map("\n".join)
FIRST = "a, b, c, d = 1, 2, 3, 4\nlog, keep = [], []\ndef f(x):\n    return x * 2 + c\ndef g(x):\n    return x"


def exported(cells):
    """Export cells without a file, whose validation would take most of the time."""
    parts = []
    for number, source in enumerate(cells, start=1):
        cell = nbformat.NotebookNode(id=f"cell-{number}", source=source, metadata=nbformat.NotebookNode())
        parts.append(Part(number, CodeCell(cell, Steps.MAGIC, Settings()), cell.metadata, {}))
    return Script("book", parts).text()


@settings(deadline=None, max_examples=int(os.environ.get("STEPPE_EXPORTS", "40")))
@given(st.lists(st.tuples(st.booleans(), BODIES), min_size=1, max_size=5))
def test_random_notebooks_come_to_the_same_values(bodies):
    """Names bound again, closures that see it, functions defined twice, globals set by functions: all of it at once."""
    cells = [FIRST, *(f"%%step s{number}\n{body}" if step else body for number, (step, body) in enumerate(bodies))]
    expected = plain(*cells)
    text = exported(cells)
    found, _, _ = run(text)
    assert found["log"] == expected["log"], text
    for name in "abcd":
        if name in found:
            assert found[name] == expected[name], text
    assert [each() for each in found["keep"]] == [each() for each in expected["keep"]], text
