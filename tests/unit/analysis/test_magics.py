"""Magics inside cells: what they are, what they do, and the names that they use."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from steppe.analysis.conduct import MAGICS, Conduct
from steppe.analysis.magics import expanded
from steppe.analysis.names import names_of
from steppe.analysis.transform import to_python
from steppe.analysis.tree import parse


def names(cell: str):
    return names_of(parse(to_python(cell)))


@pytest.mark.parametrize(
    ("cell", "reads", "binds", "surely"),
    [
        ("%time y = f(x)", {"f", "x"}, {"y"}, {"y"}),
        ("%time f(x)", {"f", "x"}, set(), set()),
        ("r = %time f(x)", {"f", "x"}, {"r"}, {"r"}),
        ("%time --no-raise-error y = f(x)", {"f", "x"}, {"y"}, set()),
        ("%%time\ny = f(x)\nz = y", {"f", "x"}, {"y", "z"}, {"y", "z"}),
        ("%%time\n%time y = x\ny", {"x"}, {"y"}, {"y"}),
        ("%%time\n!ls {a}\ny = b", {"a", "b"}, {"y"}, {"y"}),
        ("%timeit y = f(x)", {"f", "x"}, set(), set()),
        ("%timeit -n 10 -r3 -q f(x)", {"f", "x"}, set(), set()),
        ("%timeit -n10 -o -p 3 -x", {"x"}, set(), set()),
        ("r = %timeit -o f(x)", {"f", "x"}, {"r"}, {"r"}),
        ("%timeit -v r f(x)", {"f", "x"}, {"r"}, {"r"}),
        ("%%timeit\ny = f(x)\nz = y", {"f", "x"}, set(), set()),
        ("%%timeit -n 3 a = b\nc = a + d", {"b", "d"}, set(), set()),
        ("%%timeit x = 1\ny = x", set(), set(), set()),
        ("%prun y = f(x)", {"f", "x"}, {"y"}, {"y"}),
        ("%prun -l 5 -q f(x)", {"f", "x"}, set(), set()),
        ("%%prun -s cumulative\ny = f(x)", {"f", "x"}, {"y"}, {"y"}),
        ("%%capture\ny = f(x)", {"f", "x"}, {"y"}, set()),
        ("%%capture out\ny = f(x)", {"f", "x"}, {"out", "y"}, {"out"}),
        ("%%capture --no-stderr out\nx", {"x"}, {"out"}, {"out"}),
        ("%%capture out\nx;", {"x"}, set(), set()),
        ("!ls", set(), set(), set()),
        ("!ls {x} $y {z.w[0:3]} ${v}", {"x", "y", "z", "v"}, set(), set()),
        ("!echo $$x '$y'", {"y"}, set(), set()),
        ("y = !ls {x}", {"x"}, {"y"}, {"y"}),
        ("!!ls {x}", {"x"}, set(), set()),
        ("!awk '{print $1}' {", set(), set(), set()),
        ("!echo {not valid", set(), set(), set()),
        ("%cd {path}", {"path"}, set(), set()),
        ("%env A=$b", {"b"}, set(), set()),
        ("%%bash --out a --err b\nls $c {d}", set(), {"a", "b"}, {"a", "b"}),
        ("%%script bash --out=a\nls", set(), {"a"}, {"a"}),
        ("%sc -l files=ls", set(), {"files"}, {"files"}),
        ("x?", {"x"}, set(), set()),
        ("x.y??", {"x"}, set(), set()),
        ("%pinfo x.y", {"x"}, set(), set()),
        ("%config A.b = c", {"c"}, set(), set()),
        ("%matplotlib inline", set(), set(), set()),
        ("%load_ext autoreload\n%autoreload 2", set(), set(), set()),
        ("%pip install {package}", {"package"}, set(), set()),
        ("%%writefile {name}.py\nx = {y}", {"name"}, set(), set()),
        ("%%html\n<b>{x}</b>", set(), set(), set()),
        ("if a:\n    %time b = c\nb", {"a", "c", "b"}, {"b"}, set()),
        ("for i in xs:\n    !ls {i}", {"xs"}, {"i"}, set()),
        ("def f(p):\n    !ls {p} {q}", {"q"}, {"f"}, {"f"}),
        ("x = 1\n!ls {x}", set(), {"x"}, {"x"}),
        ("%%time\nx = (", set(), set(), set()),
        ("%steppe status", set(), set(), set()),
        ("get_ipython().magic('time y = x')", {"x"}, {"y"}, {"y"}),
    ],
)
def test_names_in_magics_are_names_of_the_cell(cell, reads, binds, surely):
    found = names(cell)
    assert found.reads == reads
    assert found.binds == binds
    assert found.surely == surely
    assert not found.unbounded_reads
    assert not found.unbounded_binds


@pytest.mark.parametrize(
    ("cell", "conduct", "title"),
    [
        ("%time x", "transparent", "%time"),
        ("%%capture\nx", "transparent", "%%capture"),
        ("%matplotlib inline", "setup", "%matplotlib"),
        ("%load_ext x", "setup", "%load_ext"),
        ("%autoreload 2", "setup", "%autoreload"),
        ("%config A.b=1", "setup", "%config"),
        ("%cd x", "setup", "%cd"),
        ("%env A=1", "setup", "%env"),
        ("%env A 1", "setup", "%env"),
        ("%env A", "harmless", "%env"),
        ("%env", "harmless", "%env"),
        ("!ls", "process", "!"),
        ("x = !ls", "process", "!"),
        ("%pip install x", "process", "%pip"),
        ("%%bash\nls", "process", "%%bash"),
        ("%ls", "process", "%ls"),
        ("%%html\n<b>", "harmless", "%%html"),
        ("%%writefile a\nb", "harmless", "%%writefile"),
        ("x?", "harmless", "%pinfo"),
        ("?", "harmless", "%quickref"),
        ("%pwd", "harmless", "%pwd"),
        ("%run a.py", "unbounded", "%run"),
        ("%store x", "unbounded", "%store"),
        ("%reset -f", "unbounded", "%reset"),
        ("%who", "unbounded", "%who"),
        ("%whos", "unbounded", "%whos"),
        ("%load a.py", "unbounded", "%load"),
        ("%xdel x", "unbounded", "%xdel"),
        ("%pylab", "unbounded", "%pylab"),
        ("%unheard_of x", "unbounded", "%unheard_of"),
        ("%%unheard_of x\ny", "unbounded", "%%unheard_of"),
    ],
)
def test_what_a_magic_does_is_in_one_table(cell, conduct, title):
    magic = names(cell).magics[0]
    assert (magic.conduct, magic.title) == (Conduct(conduct), title)


@pytest.mark.parametrize(
    "cell", ["%run a.py", "%store -r", "%reset", "%pylab", "%unheard_of", "%%unheard_of\nx", "%load x", "%debug f()"]
)
def test_a_magic_that_may_do_anything_is_unbounded(cell):
    found = names(cell)
    assert found.unbounded_reads == found.unbounded_binds == found.magics[0].title


@pytest.mark.parametrize("cell", ["%who", "%whos", "%who_ls int", "%psearch a*", "a*?", "%history"])
def test_a_magic_that_looks_at_everything_binds_nothing(cell):
    found = names(cell)
    assert found.unbounded_reads
    assert not found.unbounded_binds


def test_magics_are_listed_with_their_lines_nested_ones_too():
    found = names("x = 1\n%time y = x\n!ls").magics
    assert [(magic.title, magic.line, magic.lineno) for magic in found] == [("%time", "y = x", 2), ("!", "ls", 3)]
    assert [magic.title for magic in names("%%time\n!ls\n%cd x").magics] == ["%%time", "!", "%cd"]


def test_measured_times_are_told():
    assert [names(cell).magics[0].timed for cell in ("%time x", "%timeit x", "%prun x", "%cd x")] == [True] * 3 + [
        False
    ]


def test_code_that_makes_up_a_magic_is_unbounded():
    assert names("get_ipython().run_line_magic(n, 'x')").unbounded_binds
    assert names("get_ipython().run_cell_magic('time', '', body)").unbounded_reads


def test_every_magic_of_ipython_is_in_the_table():
    shell = InteractiveShell()
    known = shell.magics_manager.magics
    missing = {name for kind in ("line", "cell") for name in known[kind]} - set(MAGICS)
    assert missing <= {"code_wrap", "!"}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("a {b} $c", {"b", "c"}),
        ("{{b}}", set()),
        ("{b", set()),
        ("$$b", set()),
        ("{b.c} {d[0]} {f(e)}", {"b", "d", "f", "e"}),
        ("{b[1:c]}", {"b", "c"}),
        ("{b:>3}", set()),
        ("no names", set()),
        ("{0}", set()),
        ("$1", set()),
    ],
)
def test_names_whose_values_ipython_puts_into_a_line_are_found(line, found):
    assert expanded(line) == found
