"""Random notebooks over a few names whose values are shared, changed in place, closed over, rebound and removed."""

from __future__ import annotations

from hypothesis import strategies as st

LISTS, ARRAYS = ("a", "b", "c"), ("p", "q")
BEGIN = """import numpy as np
a, b, c, d, n, p, q = [1], [2, 3], [], {}, 0, np.arange(4), np.ones(2)
def counter(start=0):
    count = [start]
    total = start
    def step():
        nonlocal total
        total += 1
        count.append(total)
        return total
    def peek():
        return total, count
    return step, peek
step, peek = counter()
class K:
    shared = []
    def __init__(self, kept):
        self.kept = kept
    def put(self, value):
        self.kept.append(value)
        self.shared.append(len(self.kept))
        return self
k = K(b)
"""
STATEMENTS = (
    "{x} = [{i}, {j}]",
    "{x} = {y}",
    "{x}.append({i})",
    "{x} += [{i}]",
    "{x} = {y} + {z}",
    "{x} = [{y}, {z}]",
    "{x} = list({y})",
    "{x}, {y} = {y}, {x}",
    "d = {{'u': {x}, 'v': {i}}}",
    "d['w'] = {x}",
    "d.pop('u', None)",
    "d.setdefault('u', {x}).append({j})",
    "n = len({x}) + {i}",
    "n += {i}",
    "del {x}",
    "def f(v={x}):\n    v.append({i})\n    return v",
    "f()",
    "def f():\n    global n, {x}\n    n = {i}\n    {x} = [n]",
    "def f():\n    {x}.append(n)\n    return {y}",
    "f = lambda: ({x}, n)",
    "{x} = [f, step]",
    "step()",
    "{x} = [peek]",
    "step, peek = counter({i})",
    "d['step'] = step",
    "k.put({i})",
    "k = K({x})",
    "K({x}).put({j}).shared",
    "k.other = {x}",
    "d['k'] = k",
    "print({x}, sorted(map(str, d)), n)",
    "{x}",
    "{x} is {y}, n",
    "peek()",
    "k.kept, K.shared",
    "try:\n    {x}.remove({i})\nexcept ValueError as error:\n    print('no', error)",
    "if n % 2:\n    {x} = [{i}]",
    "for n in range({i}):\n    {x}.append(n)",
    "{x}.clear()",
    "with open('file.txt', 'a') as file:\n    print({i}, file=file)\ndel file",
    "open('file.txt').read() if __import__('os').path.exists('file.txt') else 'none'",
    "{p} = {q}",
    "{p} = {q}[:2]",
    "{p} = {q}.reshape(-1, 1).T",
    "{p} = np.arange({i} + 2) * 1.5",
    "{p} *= 2",
    "{p}[0] = {i}",
    "{p}, {q}.flags.writeable",
    "np.shares_memory({p}, {q})",
    "d['p'] = {p}",
    "n = _",
    "globals()['n'] = {i}",
    "raise ValueError({i})",
)


@st.composite
def notebooks(draw: st.DrawFn) -> list[str]:
    """The cells of a notebook: the same beginning, then a few cells of one to three statements."""
    return [BEGIN, *draw(st.lists(_cells(), min_size=2, max_size=9))]


@st.composite
def _cells(draw: st.DrawFn) -> str:
    return "\n".join(draw(st.lists(_statements(), min_size=1, max_size=3)))


@st.composite
def _statements(draw: st.DrawFn) -> str:
    names = {name: draw(st.sampled_from(LISTS)) for name in "xyz"}
    arrays = {name: draw(st.sampled_from(ARRAYS)) for name in "pq"}
    numbers = {name: draw(st.integers(0, 3)) for name in "ij"}
    return draw(st.sampled_from(STATEMENTS)).format(**names, **arrays, **numbers)
