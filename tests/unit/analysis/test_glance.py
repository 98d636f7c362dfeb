"""What a glance finds is never less than what reading a cell in its order finds."""

import ast
import importlib.util
from pathlib import Path

import pytest

from steppe.analysis.glance import Glance
from steppe.analysis.names import names_of
from steppe.analysis.tree import SHAPES, walk

MODULES = (
    "ast",
    "dataclasses",
    "enum",
    "functools",
    "inspect",
    "argparse",
    "typing",
    "urllib.request",
    "asyncio.tasks",
)


def tree_of(module):
    return ast.parse(Path(importlib.util.find_spec(module).origin).read_text())


CELLS = (
    "x = 1\nfor y, *z in w: pass\nwith a as b, c as (d, e): pass\ntry: pass\nexcept E as f: pass\ndel g, h.i, j[k]",
    "import a.b, c as d\nfrom e import f as g, h\nfrom . import i",
    "def f(a, b=c, *d, e: f, **g) -> h:\n    global x\n    i = j\n    del k\n    def l(): m",
    "@a\nclass B(C, metaclass=D):\n    e = f\n    @g\n    def h(self, i=j): k = l\n    class M: n",
    "match a:\n    case [b, *c]: pass\n    case {'d': e, **f}: pass\n    case G(h, i=j) as k if l: pass",
    "match a:\n    case m.n | 1: pass",
    "[a for b in c if d for e in f]\n{g: h for g in i}\n(lambda j, k=l: m)(n)",
    "o if p else q\nr[s:t, ...]\nf'{u!r:{v}}'",
    "(a := b)\nc += d\ne: f = g\nh: i\nassert j, k\nraise l from m\nyield_ = 1",
    "async def a():\n    async with b as c: await d\n    async for e in f: yield g\n    return [h async for h in i]",
    "class A:\n    def f(self):\n        global __x\n        __x = 1",
    "while a:\n    if b: break\n    else: c = d\nelse: e = f\ntry:\n    g = h\nfinally: i = j",
    "k = {**l}\nprint(*m)",
)


@pytest.mark.parametrize("source", [*CELLS, *MODULES])
def test_it_has_all_names_that_are_read_or_may_be_bound(source):
    tree = tree_of(source) if source in MODULES else ast.parse(source)
    found, exact = Glance(tree), names_of(tree)
    quoted = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert {name for name in exact.reads - found.names if not any(name in text for text in quoted)} == set()
    assert found.imports == bool(exact.imports)
    assert all(found.may_bind([name]) for name in exact.binds | exact.deletes)


@pytest.mark.parametrize("source", ["globals()['np'] = 1", "get_ipython().magic('x')", "def f():\n    global np"])
def test_names_may_be_bound_in_other_ways(source):
    assert Glance(ast.parse(source)).may_bind(["np"])


@pytest.mark.parametrize("source", ["x = np.f(1)", "def f():\n    return np", "np.x = 3", "np[3] = 4", "import b"])
def test_names_that_are_read_alone_are_not_bound(source):
    assert not Glance(ast.parse(source)).may_bind(["np"])


@pytest.mark.parametrize("source", [*CELLS, *MODULES])
def test_the_shapes_of_nodes_hold_all_that_is_under_them(source):
    tree = tree_of(source) if source in MODULES else ast.parse(source)
    found, stack = set(), [tree]
    while stack:
        node = stack.pop()
        if node is not None:
            found.add(node)
        singles, lists = SHAPES[node.__class__]
        stack += [getattr(node, field) for field in singles]
        for field in lists:
            assert isinstance(getattr(node, field), list)
            stack += getattr(node, field)
    assert found == set(walk(tree))


def test_what_decorates_a_method_is_judged_where_the_class_is_made():
    seen = Glance(ast.parse("class A:\n    @lib.register()\n    def f(self): hidden()"))
    assert [ast.unparse(node) for node in seen.judged if isinstance(node, ast.Call)] == ["lib.register()"]
    assert {"lib", "hidden"} <= seen.names
