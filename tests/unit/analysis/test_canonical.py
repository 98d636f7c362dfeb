"""Code's canonical encoding: equal for what means the same, different for everything else, on every Python."""

from __future__ import annotations

import ast
import hashlib
import itertools
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steppe.analysis.canonical import canonical, constant, digest_of, source_digest

HERE = Path(__file__).parent
SNIPPETS = (HERE / "snippets.txt").read_text("utf-8").split("\n# ---\n")
EXPECTED = (HERE / "snippets.digests").read_text("utf-8").split()

SAME = [
    ("x=1", "x = 1  # one"),
    ("f(a,b)", "f(\n    a,\n    b,\n)"),
    ("if a:\n  b", "if a:\n\n        b\n"),
    ("x = 'a'", 'x = "a"'),
    ("x = u'a'", "x = 'a'"),
    ("x = 16", "x = 0x10"),
    ("x = 1000000", "x = 1_000_000"),
    ("x = 1.0", "x = 1."),
    ("x = 'ab'", "x = 'a' 'b'"),
    ("x = f'{a}b'", "x = f'{a}' 'b'"),
    ("x = (1)", "x = 1"),
    ("a; b", "a\nb"),
    ("def f(): pass", "def f():\n    pass  # nothing"),
    ("x = 'é'", "x = '\\xe9'"),
    ("ﬁ = 1", "fi = 1"),
    ("x: int = 1  # type: ignore", "x: int = 1"),
    ("a = 1\\\n + 2", "a = 1 + 2"),
]

DIFFERENT = [
    [
        "x = 1",
        "x = 1.0",
        "x = True",
        "x = '1'",
        "x = b'1'",
        "x = 1j",
        "x = -1",
        "x = 1,",
        "x = [1]",
        "x = {1}",
        "x = None",
    ],
    [
        "x = 0.0",
        "x = -0.0",
        "x = 0",
        "x = 0j",
        "x = False",
        "x = ''",
        "x = b''",
        "x = ...",
        "x = ()",
        "x = {}",
        "x = []",
    ],
    ["(0.12, 3)", "(0.1, 23)", "(0.1, 2, 3)", "0.12, 3, ()"],
    ["'a', 'bc'", "'ab', 'c'", "'abc'", "'a' , 'b', 'c'", "'abc',"],
    ["f(a)(b)", "f(a, b)", "f(a(b))", "f(*a, b)", "f(a, *b)", "f(a, **b)", "f(a, b=b)"],
    ["a.b.c", "a.bc", "ab.c", "a[b].c", "a.b[c]"],
    ["a - b - c", "a - (b - c)", "a - b + c", "a ** b - c"],
    ["a and b or c", "a and (b or c)", "a or b and c"],
    ["a < b < c", "(a < b) < c", "a < (b < c)", "a < b and b < c"],
    ["x = a\ny = b", "x = y = b", "y = b\nx = a"],
    ["if a:\n b\nc", "if a:\n b\n c", "if a:\n b\nelse:\n c", "while a:\n b\nelse:\n c"],
    ["def f(a, b): pass", "def f(a, /, b): pass", "def f(a, *, b): pass", "def f(a, *b): pass", "def f(b, a): pass"],
    ["def f(a=1, b=2): pass", "def f(a, b=1, c=2): pass", "def f(*, a=1, b=2): pass", "def f(*, a, b=1): pass"],
    ["def f(): 'doc'", "def f(): 'Doc'", "def f(): pass", "def f(): b'doc'"],
    ["def f(): pass", "async def f(): pass", "class f: pass", "f = lambda: None", "@g\ndef f(): pass"],
    ["x: int = 1", "(x): int = 1", "x: int", "x = 1"],
    ["from a import b", "from .a import b", "from a import b as c", "import a.b", "import a, b", "from a import *"],
    ["f'{a}'", "f'{a!r}'", "f'{a:>3}'", "f'{a}3'", "f'{{a}}'", "'{a}'", "f'{a=}'", "f'{a:{b}}'"],
    ["[x for x in y]", "(x for x in y)", "{x for x in y}", "[x for x in y if x]", "[x for x in y for x in x]"],
    ["try:\n a\nexcept B:\n c", "try:\n a\nexcept B as c:\n c", "try:\n a\nexcept* B:\n c", "try:\n a\nfinally:\n c"],
    ["x = '\\ud800'", "x = '\\udc00'", "x = '\\U00010000'", "x = '\\ud800\\udc00'"],
    ["x = 1e308", "x = 1e309", "x = 10**308", "x = '1e309'"],
    ["del a, b", "del (a, b)", "del [a, b]"],
    ["a[b:c]", "a[b:c:d]", "a[b, c]", "a[b::c]", "a[:b]", "a[b:]"],
    ["match x:\n case None: pass", "match x:\n case True: pass", "match x:\n case _: pass", "match x:\n case y: pass"],
    ["return_ = 1", "raise_ = 1"],
    ["for a in b: c", "async def f():\n async for a in b: c"],
    ["global a", "nonlocal_ = a"],
    ["a @ b", "a * b", "a @= b", "a *= b"],
    ["x = 10 ** 5000", f"x = {'9' * 4000}", f"x = {'9' * 3999}8"],
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=lambda text: repr(text)[:40])
def test_what_means_the_same_has_one_digest(one, other):
    assert source_digest(one) == source_digest(other)


@pytest.mark.parametrize("group", DIFFERENT, ids=lambda group: repr(group[0])[:40])
def test_what_means_something_else_has_another_digest(group):
    digests = {source: source_digest(source) for source in group}
    for one, other in itertools.combinations(group, 2):
        assert digests[one] != digests[other], (one, other)


def test_constants_that_no_source_writes_are_told_apart_too():
    values = [
        0.0,
        -0.0,
        math.nan,
        math.inf,
        -math.inf,
        0,
        False,
        None,
        ...,
        "",
        b"",
        (),
        frozenset(),
        0j,
        complex(0, -0.0),
    ]
    values += [(1, 2), (12,), ("1", "2"), frozenset({1, 2}), frozenset({"1", "2"}), 10**5000, -(10**5000)]
    assert len({constant(value) for value in values}) == len(values)


def test_the_order_of_a_set_does_not_count():
    assert constant(frozenset({"a", "b", "c"})) == constant(frozenset({"c", "a", "b"}))


def test_a_digest_says_what_it_is():
    digest = source_digest("x = 1")
    assert digest.startswith("b3:")
    assert len(digest) == 3 + 64


def test_empty_fields_stand_for_nothing():
    plain = ast.parse("def f(): pass")
    function = plain.body[0]
    with_field = canonical(plain)
    if hasattr(function, "type_params"):
        del function.type_params
    assert canonical(plain) == with_field


# Random trees


_leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.complex_numbers(allow_nan=False),
    st.text(max_size=4),
    st.text(alphabet="s1:;()[]ifT-", max_size=6),
    st.binary(max_size=4),
    st.just(...),
)
_expressions = st.recursive(
    st.one_of(
        _leaves.map(ast.Constant),
        st.sampled_from(["a", "b", "ab"]).map(lambda name: ast.Name(name, ast.Load())),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: ast.Tuple(parts, ast.Load())),
        st.lists(inner, max_size=3).map(lambda parts: ast.List(parts, ast.Load())),
        st.tuples(inner, inner).map(lambda pair: ast.BinOp(pair[0], ast.Add(), pair[1])),
        st.tuples(inner, st.lists(inner, max_size=2)).map(lambda pair: ast.Call(pair[0], pair[1], [])),
        st.tuples(inner, st.sampled_from(["a", "b", "ab"])).map(lambda pair: ast.Attribute(*pair, ast.Load())),
        st.lists(st.tuples(st.none() | inner, inner), max_size=2).map(
            lambda pairs: ast.Dict([key for key, _ in pairs], [value for _, value in pairs])
        ),
    ),
    max_leaves=12,
)


def shape(node: object) -> object:
    """A tree as plain data, with the types of constants: what equality of code means."""
    if isinstance(node, ast.Constant):
        value = node.value
        return ("Constant", type(value).__name__, repr(value))
    if isinstance(node, ast.AST):
        return (type(node).__name__, *(shape(getattr(node, name)) for name in node._fields if name != "ctx"))
    if isinstance(node, list):
        return [shape(item) for item in node]
    return node


@settings(max_examples=1500, deadline=None)
@given(one=_expressions, other=_expressions)
def test_two_trees_share_an_encoding_only_if_they_are_equal(one, other):
    assert (canonical(one) == canonical(other)) == (shape(one) == shape(other))


@settings(max_examples=500, deadline=None)
@given(tree=_expressions)
def test_no_encoding_is_the_beginning_of_another(tree):
    whole = canonical(tree)
    assert canonical(ast.Expr(tree)) != whole
    for other in (ast.Tuple([tree], ast.Load()), ast.List([tree], ast.Load()), ast.Starred(tree, ast.Load())):
        assert not canonical(other).startswith(whole)


@settings(max_examples=300, deadline=None)
@given(tree=_expressions)
def test_unparsed_and_parsed_again_is_the_same_code(tree):
    tree = ast.fix_missing_locations(ast.Expression(tree))
    try:
        source = ast.unparse(tree)
        again = ast.parse(source, mode="eval")
    except (ValueError, SyntaxError, UnicodeEncodeError):
        return
    once = ast.parse(ast.unparse(again), mode="eval")
    assert digest_of(again) == digest_of(once)


# Across Pythons


def test_the_snippets_have_the_digests_that_they_had_on_every_python():
    usable = [(text, digest) for text, digest in zip(SNIPPETS, EXPECTED, strict=True) if parses(text)]
    assert len(usable) >= len(SNIPPETS) - 8
    for text, digest in usable:
        assert source_digest(text) == f"b3:{digest}", text


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:  # newer syntax than this Python's
        return False
    return True


OTHERS = [f"3.{minor}" for minor in (11, 12, 13, 14) if minor != sys.version_info[1]]
PROGRAM = """
import ast, hashlib, sys, types
sys.path.insert(0, sys.argv[1])
fake = types.ModuleType("blake3"); fake.blake3 = None; sys.modules["blake3"] = fake
fake = types.ModuleType("steppe.types"); fake.Digest = str; sys.modules["steppe.types"] = fake
fake = types.ModuleType("steppe"); fake.__path__ = [sys.argv[1] + "/steppe"]; sys.modules["steppe"] = fake
from steppe.analysis.canonical import canonical
for path in sys.stdin.read().split():
    with open(path, encoding="utf-8") as file:
        print(hashlib.sha256(canonical(ast.parse(file.read()))).hexdigest())
"""


@pytest.mark.parametrize("version", OTHERS)
def test_another_python_encodes_the_standard_library_alike(version):
    python = shutil.which(f"python{version}")
    if python is None or subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip(f"Python {version} is not installed here")
    files = sorted(Path(ast.__file__).parent.glob("*.py"))[::4]
    text = "\n".join(map(str, files))
    backend = str(HERE.parents[2] / "backend")
    command = [python, "-W", "ignore", "-c", PROGRAM, backend]
    theirs = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout.split()
    ours = [hashlib.sha256(canonical(ast.parse(path.read_text("utf-8")))).hexdigest() for path in files]
    assert theirs == ours
