"""State that lives in modules and in functions of modules, set by plain cells in ways that leave no name in the notebook."""

from __future__ import annotations

from tests.soundness.harness import miss, table

STATES = [
    (
        "a registry filled by a decorator",
        "R = {}\ndef reg(f):\n    R['f'] = f\n    return f\ndef get():\n    return R['f']()\n",
        "@m.reg\ndef h():\n    return 5",
        "m.get()",
    ),
    (
        "a mutable default",
        "def put(v, kept=[]):\n    kept.append(v)\n    return kept\ndef get():\n    return sum(put(0))\n",
        "m.put(5);",
        "m.get()",
    ),
    (
        "a closure's cell",
        "def make():\n    v = 1\n    def put(w):\n        nonlocal v\n        v = w\n    return put, lambda: v\nput, get = make()\n",
        "m.put(5)",
        "m.get()",
    ),
    (
        "a cached function",
        "import functools\nV = [1]\n@functools.lru_cache\ndef get():\n    return V[0]\n",
        "m.V[0] = 5; m.get(); m.V[0] = 1",
        "m.get()",
    ),
    ("an attribute of a function", "def get():\n    return get.v\nget.v = 1\n", "m.get.v = 5", "m.get()"),
    ("a function's defaults", "def get(v=1):\n    return v\n", "m.get.__defaults__ = (5,)", "m.get()"),
    ("a function's code", "def get():\n    return 1\n", "m.get.__code__ = (lambda: 5).__code__", "m.get()"),
    (
        "a class's registry",
        "class C:\n    all = []\n    def __init_subclass__(cls, v):\n        C.all.append(v)\n",
        "class D(m.C, v=5): pass",
        "sum(m.C.all)",
    ),
    ("a singleton", "class C:\n    v = 1\nc = C()\ndef get():\n    return c.v\n", "m.c.v = 5", "m.get()"),
    ("a base class's attribute", "class A:\n    v = 1\nclass B(A):\n    pass\n", "m.A.v = 5", "m.B().v"),
    ("a property", "class A:\n    v = property(lambda self: 1)\n", "m.A.v = property(lambda self: 5)", "m.A().v"),
    (
        "a context variable",
        "import contextvars\nv = contextvars.ContextVar('v', default=1)\n",
        "m.v.set(5);",
        "m.v.get()",
    ),
    ("a thread's local", "import threading\nv = threading.local()\n", "m.v.w = 5", "m.v.w"),
    ("a list's iterator", "v = iter([*range(100)])\n", "[next(m.v) for _ in range(5)];", "next(m.v)"),
    ("a generator", "v = (i for i in range(100))\n", "[next(m.v) for _ in range(5)];", "next(m.v)"),
    ("an enumeration", "v = enumerate('abcdefghijk')\n", "[next(m.v) for _ in range(5)];", "next(m.v)[0]"),
    ("an iterator", "v = iter(range(100))\n", "[next(m.v) for _ in range(5)];", "next(m.v)"),
    (
        "a counter of itertools",
        "import itertools\nv = itertools.count()\n",
        "[next(m.v) for _ in range(5)];",
        "next(m.v)",
    ),
    ("a generator of random numbers", "import random\nr = random.Random(0)\n", "r = m.r.seed(5)", "m.r.random()"),
    (
        "a singledispatch function",
        "import functools\n@functools.singledispatch\ndef get(v):\n    return 1\n",
        "m.get.register(int, lambda v: 5);",
        "m.get(0)",
    ),
    ("globals()", "v = 1\ndef get():\n    return v\n", "vars(m)['v'] = 5", "m.get()"),
    ("a name of the builtins in the module", "def get():\n    return len('a')\n", "m.len = lambda v: 5", "m.get()"),
    (
        "an abstract class's register",
        "import abc\nclass A(abc.ABC):\n    pass\ndef get(v):\n    return isinstance(v, A)\n",
        "m.A.register(int if 5 == 5 else str);",
        "m.get(1)",
    ),
]
FREE = ("m", "h", "D", "r")
ROWS = [
    miss(
        f"a module's state: {name}",
        f"import m\n{made}\n# %%\n%%step s\nx = {read}",
        ("5 ==" if "5 ==" in made else "5", "6 ==" if "5 ==" in made else "6"),
        files={"m.py": text},
        free=FREE,
    )
    for name, text, made, read in STATES
]

test_rows = table(ROWS)
