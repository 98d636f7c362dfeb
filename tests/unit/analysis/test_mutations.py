"""What a cell may change in place: a table, and random programs whose values are looked at before and after."""

from __future__ import annotations

import ast
import contextlib
import copy
import gc
import pickle
import sys
import warnings
from collections import defaultdict
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from steppe.analysis.functions import Index
from steppe.analysis.mutations import mutations_of, settled


def may(source: str) -> dict[str, set[str]]:
    return {name: set(doubts) for name, doubts in mutations_of(ast.parse(source)).may.items()}


LOOKED_AT = [
    "x",
    "x + 1",
    "y = x + 1",
    "x > 3",
    "-x",
    "not x",
    'f"{x} {x!r:>{n}}"',
    "print(x, len(x), type(x), repr(x), str(x))",
    "isinstance(x, int)",
    "x.a",
    "x[0]",
    "x[0].a > 3",
    "print(x['a'].b[0])",
    "if x: pass",
    "while x > 3: break",
    "assert x",
    "y = x",
    "y = x\nprint(y[0])",
    "for v in x: print(v)",
    "[v + 1 for v in x if v > n]",
    "sum(v for v in x)",
    "sorted(x)[0]",
    "max(x, key=lambda v: v[1])",
    "list(x)",
    "a, b = x",
    "match x:\n    case [a, b]: print(a)",
    "y = x if n else None",
    "y = (x, 1)\nlen(y)",
    "x = 1",
    "del x",
    "y = x.append",
    "x in y",
    "y = d[x]",
    "def f(): return len(x)",
]


@pytest.mark.parametrize("source", LOOKED_AT)
def test_a_name_that_is_only_looked_at_is_not_changed(source):
    assert "x" not in may(source)


CHANGED = [
    ("x[0] = 1", {"="}),
    ("x.a = 1", {"="}),
    ("x.a.b[0] = 1", {".a.b="}),
    ("del x[0]", {"="}),
    ("x += [1]", {"+="}),
    ("x[0] += 1", {"="}),
    ("x.append(1)", {".append()"}),
    ("y = x.append\ny(1)", {".append()"}),
    ("f = lambda v: v + x", {"derived"}),
    ("x.a.append(1)", {".a.append()"}),
    ("x['a'].fillna(0)", {"[].fillna()"}),
    ("x.drop(columns=c, inplace=True)", {".drop(inplace)"}),
    ("x.drop(columns=c, inplace=False)", {".drop()"}),
    ("x.groupby(k).mean()", {".groupby()", ".groupby().mean()"}),
    ("f(x)", {"f(…)"}),
    ("np.mean(x)", {"np.mean(…)"}),
    ("f(k=x)", {"f(…)"}),
    ("f(*x)", {"f(…)"}),
    ("f([x])", {"f(…)"}),
    ("f(x[0])", {"[] f(…)"}),
    ("np.add(1, 2, out=x)", {"=", "np.add(…)"}),
    ("np.nan_to_num(x, copy=False)", {"="}),
    ("y = x\ny.append(1)", {".append()"}),
    ("y = z = x\nz[0] = 1", {"="}),
    ("y = x.a\ny[0] = 1", {".a="}),
    ("y = x[1:]\ny[0] = 1", {"[]="}),
    ("y = np.asarray(x)\ny[0] = 1", {"np.asarray(…)", " np.asarray(…)="}),
    ("y = x + 1\ny[0] = 1", {"derived"}),
    ("for v in x: v.append(1)", {"[].append()"}),
    ("[v.pop() for v in x]", {"[].pop()"}),
    ("for k, v in x.items(): v.append(1)", None),
    ("a, b = x\na.append(1)", {"[].append()"}),
    ("if (y := x): y.append(1)", {".append()"}),
    ("y = [x]\ny[0].append(1)", None),
    ("y = {}\ny['a'] = x\ny['a'].append(1)", None),
    ("y = []\ny.append(x)", {"y.append(…)"}),
    ("def f():\n    x.append(1)", {".append()"}),
    ("def f():\n    return x", {"escape"}),
    ("f = lambda: x", {"escape"}),
    ("f = lambda: x.pop()", None),
    ("def f(a=x): a.append(1)", {".append()"}),
    ("def f():\n    global x\n    x += [1]", {"+="}),
    ("def g(): yield x", {"escape"}),
    ("class A:\n    y = x\nA.y.append(1)", None),
    ("class A(x): pass", {"escape"}),
    ("with x as y: pass", {"with"}),
    ("raise x", {"escape"}),
    ("await x", {"escape"}),
    ("setattr(x, 'a', 1)", {"="}),
    ("max(x, key=f)", {"max(…)"}),
    ("max(x, key=lambda v: v.pop())", None),
    ("print('a', file=x)", {"print(…)"}),
    ("@x\ndef f(): pass", {"()"}),
    ("x()", {"()"}),
    ("x[0]()", {"[]()"}),
    ("match x:\n    case [a, *b]: a.append(1)", None),
    ("y = next(iter(x))\ny.append(1)", None),
    ("list = f\nlist(x)", {"list(…)"}),
]


@pytest.mark.parametrize(("source", "doubts"), CHANGED, ids=[source for source, _ in CHANGED])
def test_a_name_that_may_be_changed_is_told_with_what_may_change_it(source, doubts):
    found = may(source)
    assert "x" in found
    real = {doubt for doubt in found["x"] if not doubt.endswith(("item", "iter"))}
    if doubts is not None:
        assert real == doubts


def test_reading_an_item_and_going_through_matter_to_rare_types_alone():
    found = mutations_of(ast.parse("x[0]\nfor v in y: pass"))
    assert not found.may
    assert found.touched == {"x": frozenset({"item"}), "y": frozenset({"iter"})}


def test_builtins_that_are_taken_for_python_s_own_are_told():
    assert mutations_of(ast.parse("print(len(x))\nf(y)")).trusts == {"print", "len"}


def test_a_function_of_the_notebook_is_judged_by_what_it_does_when_called():
    index = Index.of("def f(a):\n    a.append(1)\n    cache[a] = k\n    return len(table)\n")
    definition = next(one for one in index if one.name == "f")
    assert set(mutations_of(definition.node, definition.scope).may) == {"cache", "k"}


def test_aliases_that_go_round_end():
    found = may("a = b\nb = c.n\nc = a.n\na.append(1)")
    assert set(found) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("doubt", "family", "path", "answer"),
    [
        (".append()", "list", None, False),
        (".count()", "list", None, True),
        ("[].count()", "list", None, False),
        (".mean()", "ndarray", None, True),
        ("[].mean()", "ndarray", None, True),
        (".sort()", "ndarray", None, False),
        (".groupby().mean()", "pandas", None, True),
        (".drop()", "pandas", None, True),
        (".drop(inplace)", "pandas", None, False),
        ("[].str.lower()", "pandas", None, True),
        (".values.sort()", "pandas", None, False),
        ("np.mean(…)", "ndarray", "numpy.mean", True),
        ("[] np.mean(…)", "ndarray", "numpy.mean", True),
        ("np.put(…)", "ndarray", "numpy.put", False),
        ("np.mean(…)", "ndarray", None, False),
        ("f(…)", "ndarray", "mylib.f", False),
        ("np.asarray(…)=", "ndarray", "numpy.asarray", False),
        ("derived", "ndarray", None, True),
        ("derived", "list", None, False),
        ("=", "dict", None, False),
        ("=", "immutable", None, True),
        ("*", "pandas", None, False),
        ("escape", "ndarray", None, False),
        ("item", "dict", None, True),
        ("[] item", "dict", None, False),
        ("[] item", "ndarray", None, True),
        ("iter", "list", None, True),
    ],
)
def test_a_doubt_is_settled_by_a_type_that_does_not_change_by_it(doubt, family, path, answer):
    assert settled(doubt, family, path) is answer


# Ground truth

NAMES = ("a", "b", "c")


@st.composite
def programs(draw):
    lines = [line for _ in range(draw(st.integers(1, 5))) for line in _statement(draw, 0)]
    return "\n".join(lines) + "\n"


def _value(draw, depth=0):
    n, m = draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES))
    kinds = [n, "[]", f"{n}[0]", f"{n}[-1]", f"[{n}, {m}]", f"{n} + {m}", f"{n}[:]", f"list({n})", f"id_({n})", "d[0]"]
    kinds += [f"({n} if {m} else {n})", f"({n} and {m})", f"(w := {n})", f"[v for v in {n}]", f"sorted({n}, key=len)"]
    kinds += [
        f"{n} * 2",
        f"(lambda: {n})()",
        f"max({n}, {m}, key=len)",
        f"next(iter({n}))",
        f"f{n}()",
        "d.get(0)",
        "A.k",
    ]
    kinds += [
        f"[v for u in {n} for v in u]",
        f"dict(k={n})['k']",
        f"[*{n}, {m}]",
        f"max({n}, key=lambda v: v.append(1))",
    ]
    return draw(st.sampled_from(kinds))


def _statement(draw, depth):
    n, m = draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES))
    value = _value(draw)
    choices = [
        [f"{n} = {value}"],
        [f"{n} = {value}"],
        [f"{n}.append({value})"],
        [f"{value}.append(1)"],
        [f"{n}[0] = {value}"],
        [f"{n}[0][0] = {value}"],
        [f"del {n}[0]"],
        [f"{n} += {value}"],
        [f"{n}, w = {value}"],
        [f"d[0] = {value}"],
        [f"print({value})"],
        [f"add({value})"],
        [f"setattr(A, 'k', {value})"],
        ["A.k.append(1)"],
    ]
    lines = draw(st.sampled_from(choices))
    if depth > 1:
        return lines
    inner = ["    " + line for line in _statement(draw, depth + 1)]
    wrapped = [
        lines,
        lines,
        lines,
        [f"for {n} in {value}:", *inner],
        ["if coin():", *inner, "else:", *["    " + line for line in _statement(draw, depth + 1)]],
        [f"def f{n}(x={m}):", *inner, f"    return {m}", f"f{n}()"],
        [f"def f{n}():", f"    global {m}", *inner, f"    return x_({m})", f"f{n}()"],
        ["class A:", f"    k = {value}", *["    " + line for line in _statement(draw, 2)]],
        ["try:", *inner, "except IndexError as e:", *["    " + line for line in _statement(draw, depth + 1)]],
        [f"match {value}:", f"    case [{n}, *w]:", *["    " + line for line in inner], "    case _: pass"],
        [f"[{n}.append(1) for {n} in {value}]"],
        [f"with held({value}) as {n}:", *inner],
    ]
    return draw(st.sampled_from(wrapped))


class Held:
    def __init__(self, value):
        self.value = value

    def __enter__(self):
        return self.value

    def __exit__(self, *_):
        return None


class A0:
    k: list = []


def run_once(code, seed):
    """Run a program; return the names whose value from before has changed in place."""
    random = Random(seed)
    inner = [[1], [2, [3]], [[4, 5], []]]
    before = {"a": inner[:2], "b": [inner[2], inner[2]], "c": [[6]], "d": defaultdict(list, {0: [[7]]})}
    before["A"] = type("A", (), {"k": [[8]]})
    if random.random() < 0.3:  # names that share parts from the start are the engine's own matter: not here
        before["c"] = []
    snapshot = {name: copy.deepcopy(value) for name, value in before.items() if name != "A"}
    space = {
        **before,
        "coin": lambda: random.random() < 0.5,
        "id_": lambda value: value,
        "x_": lambda value: value,
        "add": lambda value: value.append(0),
        "held": Held,
        "print": lambda *_: None,
        **{f"f{name}": list for name in NAMES},
    }
    for name in NAMES:
        space[f"f{name}"] = lambda: [[9]]
    with contextlib.suppress(Exception, Stop), few_steps():
        exec(code, space)
    return {name for name, old in snapshot.items() if not same(before[name], old)}


class Stop(BaseException):
    """The program has run for long enough."""


@contextlib.contextmanager
def few_steps(most=300):
    """End what runs inside after so many lines: `for x in x: x.append(1)` has no end of its own."""
    left = most

    def traced(frame, event, argument):
        nonlocal left
        left -= 1
        if left < 0 or any(len(value) > 500 for value in frame.f_globals.values() if type(value) is list):
            raise Stop
        return traced

    before = sys.gettrace()
    gc.disable()  # its callbacks are traced too
    sys.settrace(traced)
    try:
        yield
    finally:
        sys.settrace(before)
        gc.enable()


def same(one, other):
    """Compare by structure: a text of values that share parts may be exponentially long."""
    try:
        return pickle.dumps(one) == pickle.dumps(other)
    except Exception:  # nothing that was there from the start can't be pickled
        return False


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(source=programs(), seeds=st.lists(st.integers(0, 2**20), min_size=4, max_size=4))
def test_what_a_program_changes_in_place_was_said_before_it_ran(source, seeds):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            code = compile(source, "<program>", "exec")
        except SyntaxError:
            assume(False)
    found = mutations_of(ast.parse(source))
    said = {*found.may, *(name for name in found.touched if name == "d")}
    for seed in seeds:
        changed = run_once(code, seed)
        assert changed <= said, f"changed but not said: {changed - said}\n{source}"
