"""What cells read and bind: a table worked out by hand, and what the table can't show."""

from __future__ import annotations

import ast
import builtins
import sys

import pytest
from cells import CASES

from steppe.analysis.names import names_of

BUILTINS = set(dir(builtins)) - {"_"}


def names(source: str):
    return names_of(ast.parse(source))


def test_the_table_is_large_enough():
    assert len(CASES) >= 120
    assert len({case.title for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_cell_reads_and_binds_what_the_table_says(case):
    found = names(case.source)
    binds = set(case.binds.split())
    assert found.reads - BUILTINS == set(case.reads.split())
    assert found.binds == binds
    assert found.surely == (binds if case.surely is None else set(case.surely.split()))
    assert found.deletes == set(case.deletes.split())


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters need Python 3.12")
@pytest.mark.parametrize(
    ("source", "reads", "binds"),
    [
        ("def f[T: B](x: T) -> U: return T, y", {"B", "U", "y"}, {"f"}),
        ("class A[T](C[T]):\n    x: T = k\n    def f(self) -> T: return T", {"C", "k"}, {"A"}),
        ("type X[T] = dict[T, V]", {"V"}, {"X"}),
        ("type X = list[X]", {"X"}, {"X"}),
        ("class A:\n    n = 1\n    def f[T: n](self): return n", {"n"}, {"A"}),
    ],
)
def test_type_parameters_are_names_of_their_own(source, reads, binds):
    found = names(source)
    assert found.reads - BUILTINS == reads
    assert found.binds == binds


def test_builtins_are_reads_since_the_notebook_may_have_its_own():
    assert names("print(len(x))").reads == {"print", "len", "x"}


@pytest.mark.parametrize(
    ("source", "conditional"),
    [
        ("for i in xs:\n    y = i\ny", {"y"}),
        ("y\nfor i in xs:\n    y = i\ny", set()),
        ("for i in xs:\n    y += i", set()),
        ("if c:\n    x = 1\nx", {"x"}),
        ("def f(): return k\nk = 1", set()),
        ("def f():\n    global n\n    n = 1\nf()\nprint(n)", {"n"}),
    ],
)
def test_a_read_that_the_cell_may_have_bound_itself_is_conditional(source, conditional):
    assert names(source).conditional == conditional


def test_imports_are_listed_at_any_depth():
    found = names("import a.b\ndef f():\n    from c import d as e\nif x:\n    from ..g import *\nimport h as i")
    assert [(one.module, one.name, one.asname, one.level, one.top) for one in found.imports] == [
        ("a.b", None, None, 0, True),
        ("c", "d", "e", 0, False),
        ("g", "*", None, 2, False),
        ("h", None, "i", 0, True),
    ]
    assert found.star_imports == ("g",)
    assert found.unbounded_binds == "from ..g import *"
    assert not found.unbounded_reads


@pytest.mark.parametrize(
    "source",
    [
        "globals()",
        "x = globals()",
        "locals()",
        "vars()",
        "dir()",
        "eval(s)",
        "exec(s)",
        "[eval(s) for s in t]",
        "def f(): return eval(s)",
        "g = globals\n",
        "f(globals())",
        "globals()[n]",
        "for n in list(globals()): pass",
        "for n in globals(): pass",
        "n in globals()",
        "globals().items()",
        "'{x}'.format(**globals())",
        "'{x}'.format(**locals())",
        "import __main__",
        "import sys\nsys.modules[__name__]",
        "import sys\nsys.modules['__main__'].x",
        "import sys\nsys._getframe()",
        "import inspect\ninspect.currentframe()",
        "f.__globals__",
        "get_ipython()",
        "ip = get_ipython()\nip.ev('x')",
        "get_ipython().user_ns['x']",
        "get_ipython().run_cell('x')",
        "get_ipython().run_line_magic(name, line)",
        "[locals() for _ in x]",
        "lambda: globals()[n]",
        "def f():\n    return (lambda: globals())",
    ],
)
def test_ways_to_any_name_are_unbounded_reads(source):
    assert names(source).unbounded_reads


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("globals()['x']", {"x"}),
        ("globals().get('x')", {"x"}),
        ("globals().get('x', y)", {"x", "y"}),
        ("'x' in globals()", {"x"}),
        ("if 'x' not in vars():\n    x = 1", {"x"}),
        ("x = 1\nglobals()['x']", set()),
        ("def f(): return locals()", set()),
        ("def f(): return dir(), vars()", set()),
        ("class A:\n    n = locals()", set()),
        ("vars(o), dir(o)", {"vars", "dir", "o"}),
        ("model.eval()", {"model"}),
        ("def eval(m): return m\neval(x)", {"x"}),
        ("'google.colab' in str(get_ipython())", set()),
        ("get_ipython().__class__.__name__", set()),
        ("if get_ipython() is None: pass", set()),
        ("import sys\nsys.modules['numpy']", set()),
    ],
)
def test_a_name_that_is_told_bounds_the_read(source, reads):
    found = names(source)
    assert not found.unbounded_reads
    assert found.reads == reads


@pytest.mark.parametrize(
    "source",
    [
        "exec(s)",
        "from m import *",
        "globals()[n] = 1",
        "globals().update(d)",
        "globals().setdefault('x', 1)",
        "globals().pop('x')",
        "del globals()[n]",
        "vars().update(d)",
        "g = globals()\ng['x'] = 1",
        "locals()[n] = 1",
        "def f():\n    globals()[n] = 1",
        "import __main__\n__main__.x = 1",
        "setattr(sys.modules[__name__], 'x', 1)",
        "get_ipython().user_ns['x'] = 1",
        "get_ipython().push(d)",
    ],
)
def test_ways_to_bind_any_name_are_unbounded_binds(source):
    assert names(source).unbounded_binds


def test_an_item_of_globals_with_a_told_name_is_that_name():
    found = names("globals()['x'] = y\nx\ndel globals()['z']")
    assert found.reads - {"y"} == {"z"}
    assert (found.binds, found.deletes) == ({"x"}, {"z"})
    assert not found.unbounded_binds


@pytest.mark.parametrize("source", ["globals()[n]", "n in globals()", "for n in globals(): pass", "len(globals())"])
def test_looking_into_globals_binds_nothing(source):
    assert not names(source).unbounded_binds


@pytest.mark.parametrize(
    ("source", "mentions", "texts", "unbounded"),
    [
        ('df.query("x > @limit and y in @ok")', {"limit", "ok"}, set(), False),
        ('df.eval("z = x + @k")', {"k"}, set(), False),
        ('pd.eval("a + b")', {"a", "b"}, set(), False),
        ('duckdb.sql("SELECT s FROM frame").df()', {"SELECT", "s", "FROM", "frame"}, set(), False),
        ('con.execute("SELECT * FROM frame")', {"SELECT", "FROM", "frame"}, set(), False),
        ('smf.ols("y ~ np.log(x)", data=df).fit()', {"y", "np", "log", "x"}, set(), False),
        ("df.query(text)", set(), {"text"}, False),
        ('df.query(f"x > {low} and y < @high")', {"high"}, {"low"}, False),
        ('q = "SELECT * FROM frame"\nduckdb.sql(q)', {"SELECT", "FROM", "frame"}, set(), False),
        ("q = make()\nduckdb.sql(q)", set(), set(), True),
        ("df.query(make())", set(), set(), True),
        ("def f(q): return duckdb.sql(q)", set(), set(), True),
        ("cursor.execute(make())", set(), set(), False),
        ("model.evaluate(x)", set(), set(), False),
        ("ne.evaluate('a + b')", {"a", "b"}, set(), False),
        ("poisson(f(x))", set(), set(), False),
        ("logit(p)", set(), set(), False),
    ],
)
def test_texts_that_name_variables_are_looked_into(source, mentions, texts, unbounded):
    found = names(source)
    assert found.mentions == mentions
    assert found.texts == texts
    assert bool(found.unbounded_reads) is unbounded


@pytest.mark.parametrize(
    ("source", "awaits"),
    [
        ("await f()", True),
        ("async for x in y: pass", True),
        ("async with x: pass", True),
        ("[x async for x in y]", True),
        ("async def f(): await g()", False),
        ("f()", False),
    ],
)
def test_await_at_the_top_level_is_told(source, awaits):
    assert names(source).awaits is awaits
