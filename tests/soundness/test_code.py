"""Edits of the code that a step reaches: functions, classes, their live state, names; and reads that hide a name."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

S = "\n# %%\n%%step s\n"

FUNCTIONS = [
    miss("a helper", "def f(): return 1" + S + "x = f()", ("return 1", "return 2")),
    miss("a helper's helper", "def g(): return 1\ndef f(): return g()" + S + "x = f()", ("return 1", "return 2")),
    miss(
        "a helper's helper in a later cell", "def f(): return g()\n# %%\ndef g(): return 1" + S + "x = f()", ("1", "2")
    ),
    miss("a lambda", "f = lambda: 1" + S + "x = f()", ("1", "2")),
    miss(
        "a partial's function",
        "from functools import partial\ndef g(a, b): return a + b\nf = partial(g, 1)" + S + "x = f(2)",
        ("a + b", "a * b"),
    ),
    miss(
        "a partial's argument",
        "from functools import partial\ndef g(a, b): return a + b\nf = partial(g, 1)" + S + "x = f(2)",
        ("g, 1", "g, 5"),
    ),
    miss(
        "a partial's keyword",
        "from functools import partial\ndef g(a, b): return a + b\nf = partial(g, b=1)" + S + "x = f(2)",
        ("b=1", "b=5"),
    ),
    miss(
        "a closure cell's value",
        "def make(n):\n    def f(): return n\n    return f\nf = make(1)" + S + "x = f()",
        ("make(1)", "make(2)"),
    ),
    miss(
        "a closure's helper",
        "def h(n): return n\ndef make(n):\n    def f(): return h(n)\n    return f\nf = make(1)" + S + "x = f()",
        ("return n\n", "return n + 1\n"),
    ),
    miss(
        "a closure over a list that is mutated",
        "ns = [1]\ndef make(n):\n    return lambda: sum(n)\nf = make(ns)\n# %%\nns.append(1)" + S + "x = f()",
        ("append(1)", "append(2)"),
    ),
    miss(
        "a closure rebound with nonlocal",
        """
def counter():
    n = 0
    def up():
        nonlocal n
        n += 1
        return n
    return up
up = counter()
# %%
up()
# %%
%%step s
x = up()
""",
        ("# %%\nup()", "# %%\nup(); up()"),
    ),
    miss(
        "a decorator's body",
        """
import functools
def deco(f):
    @functools.wraps(f)
    def inner(*a): return f(*a) + 1
    return inner
@deco
def f(n): return n
# %%
%%step s
x = f(1)
""",
        ("+ 1", "+ 2"),
    ),
    miss(
        "a wrapped function",
        """
import functools
def deco(f):
    @functools.wraps(f)
    def inner(*a): return f(*a) + 1
    return inner
@deco
def f(n): return n
# %%
%%step s
x = f(1)
""",
        ("return n\n", "return -n\n"),
    ),
    miss(
        "a decorator's argument",
        """
import functools
def times(k):
    def deco(f):
        @functools.wraps(f)
        def inner(*a): return f(*a) * k
        return inner
    return deco
@times(2)
def f(n): return n
# %%
%%step s
x = f(1)
""",
        ("times(2)", "times(3)"),
    ),
    miss(
        "a decorator taken away",
        "def deco(f): return lambda: f() + 1\n@deco\ndef f(): return 1" + S + "x = f()",
        ("@deco\n", ""),
    ),
    miss(
        "the order of decorators",
        "a = lambda f: lambda: f() + 1\nb = lambda f: lambda: f() * 2\n@a\n@b\ndef f(): return 1" + S + "x = f()",
        ("@a\n@b", "@b\n@a"),
    ),
    miss("a generator function", "def g():\n    yield 1\n    yield 2" + S + "x = list(g())", ("yield 2", "yield 3")),
    miss("an async helper", "async def f(): return 1" + S + "x = await f()", ("return 1", "return 2")),
    miss(
        "an async generator", "async def g():\n    yield 1" + S + "x = [i async for i in g()]", ("yield 1", "yield 2")
    ),
    miss("recursion", "def f(n): return 1 if n < 1 else n * f(n - 1)" + S + "x = f(4)", ("n - 1", "n - 2")),
    miss(
        "mutual recursion",
        "def f(n): return 0 if n < 1 else g(n - 1) + 1\ndef g(n): return f(n - 1)" + S + "x = f(9)",
        ("f(n - 1)", "f(n - 2)"),
    ),
    miss("a function in a dict", "fs = {'a': lambda: 1, 'b': lambda: 2}" + S + "x = fs['a']()", ("1", "3")),
    miss("a function in a list of lists", "fs = [[lambda: 1]]" + S + "x = fs[0][0]()", ("1", "3")),
    miss(
        "a function passed as an argument",
        "def f(n): return n" + S + "x = list(map(f, [1]))",
        ("return n", "return -n"),
    ),
    miss(
        "a function passed as a key", "def f(n): return n" + S + "x = sorted([1, 2], key=f)", ("return n", "return -n")
    ),
    miss(
        "a callback kept in an object",
        """
class Box:
    def __init__(self, f): self.f = f
def one(): return 1
box = Box(one)
# %%
%%step s
x = box.f()
""",
        ("return 1", "return 2"),
    ),
    miss(
        "an instance's own method",
        """
class Box: pass
box = Box()
box.run = lambda: 1
# %%
%%step s
x = box.run()
""",
        ("1", "2"),
    ),
    miss(
        "a bound method",
        "class A:\n    n = 1\n    def f(self): return self.n\nf = A().f" + S + "x = f()",
        ("n = 1", "n = 2"),
    ),
    miss(
        "a nested function's free variable",
        "k = 1\ndef f():\n    def g(): return k\n    return g()" + S + "x = f()",
        ("k = 1", "k = 2"),
    ),
    miss(
        "a comprehension's free variable in a helper",
        "k = 1\ndef f(): return [k for _ in range(2)]" + S + "x = f()",
        ("k = 1", "k = 2"),
    ),
    miss(
        "a redefinition",
        "def f(): return 1\n# %%\ndef f(): return 2" + S + "x = f()",
        ("\n# %%\ndef f(): return 2", ""),
    ),
    miss(
        "a redefinition below the helper that calls it",
        "def g(): return 1\ndef f(): return g()\n# %%\ng = lambda: 2" + S + "x = f()",
        ("g = lambda: 2", "pass"),
    ),
    miss("a helper of a step's own function", "k = 1" + S + "def f(): return k\nx = f()", ("k = 1", "k = 2")),
    miss(
        "a helper by functools.cache",
        "import functools\n@functools.cache\ndef f(): return 1" + S + "x = f()",
        ("return 1", "return 2"),
    ),
    miss(
        "a registration of singledispatch",
        """
import functools
@functools.singledispatch
def f(n): return 0
@f.register
def _(n: int): return 1
# %%
%%step s
x = f(3)
""",
        ("return 1", "return 2"),
    ),
    miss(
        "a singledispatch's new type",
        """
import functools
@functools.singledispatch
def f(n): return 0
@f.register
def g(n: int): return 1
# %%
%%step s
x = f('a')
""",
        ("# %%\n", "f.register(str, lambda n: 5)\n# %%\n"),
    ),
]

DEFAULTS = [
    miss("a default", "def f(n=1): return n" + S + "x = f()", ("n=1", "n=2")),
    miss("a default's variable", "k = 1\ndef f(n=k): return n" + S + "x = f()", ("k = 1", "k = 2")),
    miss("a keyword-only default", "def f(*, n=1): return n" + S + "x = f()", ("n=1", "n=2")),
    miss(
        "a mutable default",
        "def f(n=[]): return n\n# %%\nf().append(1)" + S + "x = list(f())",
        ("append(1)", "append(2)"),
    ),
    miss("f.__defaults__", "def f(n=1): return n\n# %%\nf.__defaults__ = (2,)" + S + "x = f()", ("(2,)", "(3,)")),
    miss(
        "f.__kwdefaults__",
        "def f(*, n=1): return n\n# %%\nf.__kwdefaults__ = {'n': 2}" + S + "x = f()",
        ("'n': 2", "'n': 3"),
    ),
    miss(
        "f.__kwdefaults__ in place",
        "def f(*, n=1): return n\n# %%\nf.__kwdefaults__['n'] = 2" + S + "x = f()",
        ("= 2", "= 3"),
    ),
    miss(
        "f.__code__",
        "def f(): return 1\ndef g(): return 2\nf.__code__ = g.__code__" + S + "x = f()",
        ("return 2", "return 3"),
    ),
    miss(
        "f.__code__ swapped by a helper",
        """
def f(): return 1
def g(): return 2
def swap(a, b): a.__code__ = b.__code__
swap(f, g)
# %%
%%step s
x = f()
""",
        ("swap(f, g)\n", ""),
    ),
    miss("an attribute of a function", "def f(): return f.n\nf.n = 1" + S + "x = f()", ("n = 1", "n = 2")),
    miss(
        "annotations that are read", "def f(a: int): return a" + S + "x = str(f.__annotations__)", ("a: int", "a: str")
    ),
    miss(
        "annotations that are read by a helper",
        "import typing\ndef f(a: int): return a\ndef hints(): return str(typing.get_type_hints(f))" + S + "x = hints()",
        ("a: int", "a: str"),
    ),
    miss("a docstring that is read", 'def f():\n    """One."""' + S + "x = f.__doc__", ("One", "Two")),
    miss("a class's docstring that is read", 'class A:\n    """One."""' + S + "x = A.__doc__", ("One", "Two")),
    miss(
        "a docstring that is read by a helper",
        'def f():\n    """One."""\ndef d(): return f.__doc__' + S + "x = d()",
        ("One", "Two"),
    ),
    miss(
        "a docstring read by getdoc",
        'import inspect\ndef f():\n    """One."""' + S + "x = inspect.getdoc(f)",
        ("One", "Two"),
    ),
    miss(
        "a comment that inspect.getsource reads",
        "import inspect\ndef f(): return 1  # one" + S + "x = inspect.getsource(f)",
        ("# one", "# two"),
    ),
    miss(
        "a name that is read",
        "def f(): pass\ng = f" + S + "x = g.__name__",
        "def h(): pass\ng = h" + S + "x = g.__name__",
    ),
    miss(
        "a line number that is read",
        "def f(): pass" + S + "x = f.__code__.co_firstlineno",
        ("def", "k = 1\ndef"),
        free=("k",),
    ),
    miss("a signature", "import inspect\ndef f(a, b=1): pass" + S + "x = str(inspect.signature(f))", ("a, b", "c, b")),
]

CLASSES = [
    miss("a method", "class A:\n    def f(self): return 1" + S + "x = A().f()", ("return 1", "return 2")),
    miss(
        "a method of an instance's class",
        "class A:\n    def f(self): return 1\na = A()" + S + "x = a.f()",
        ("return 1", "return 2"),
    ),
    miss(
        "a property",
        "class A:\n    @property\n    def f(self): return 1\na = A()" + S + "x = a.f",
        ("return 1", "return 2"),
    ),
    miss(
        "a cached property",
        "import functools\nclass A:\n    @functools.cached_property\n    def f(self): return 1\na = A()"
        + S
        + "x = a.f",
        ("return 1", "return 2"),
    ),
    miss(
        "a static method",
        "class A:\n    @staticmethod\n    def f(): return 1" + S + "x = A.f()",
        ("return 1", "return 2"),
    ),
    miss(
        "a class method",
        "class A:\n    @classmethod\n    def f(cls): return 1" + S + "x = A.f()",
        ("return 1", "return 2"),
    ),
    miss(
        "a method's helper",
        "def h(): return 1\nclass A:\n    def f(self): return h()\na = A()" + S + "x = a.f()",
        ("return 1", "return 2"),
    ),
    miss(
        "a base class",
        "class B:\n    def f(self): return 1\nclass A(B): pass\na = A()" + S + "x = a.f()",
        ("return 1", "return 2"),
    ),
    miss("a base class's body", "class B:\n    n = 1\nclass A(B): pass" + S + "x = A.n", ("n = 1", "n = 2")),
    miss(
        "the order of bases",
        "class B:\n    n = 1\nclass C:\n    n = 2\nclass A(B, C): pass" + S + "x = A.n",
        ("(B, C)", "(C, B)"),
    ),
    miss(
        "a metaclass",
        "class M(type):\n    def __call__(cls): return 1\nclass A(metaclass=M): pass" + S + "x = A()",
        ("return 1", "return 2"),
    ),
    miss(
        "a metaclass's property",
        "class M(type):\n    @property\n    def n(cls): return 1\nclass A(metaclass=M): pass" + S + "x = A.n",
        ("return 1", "return 2"),
    ),
    miss(
        "__init_subclass__",
        """
class B:
    def __init_subclass__(cls): cls.n = 1
# %%
%%step s
class A(B): pass
x = A.n
""",
        ("n = 1", "n = 2"),
    ),
    miss(
        "__init_subclass__'s argument",
        """
class B:
    def __init_subclass__(cls, n): cls.n = n
class A(B, n=1): pass
# %%
%%step s
x = A.n
""",
        ("n=1", "n=2"),
    ),
    miss(
        "a descriptor",
        """
class D:
    def __get__(self, obj, kind): return 1
class A:
    n = D()
# %%
%%step s
x = A().n
""",
        ("return 1", "return 2"),
    ),
    miss(
        "a descriptor's state",
        """
class D:
    def __init__(self, n): self.n = n
    def __get__(self, obj, kind): return self.n
class A:
    n = D(1)
# %%
%%step s
x = A().n
""",
        ("D(1)", "D(2)"),
    ),
    miss(
        "a dataclass's default",
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    n: int = 1" + S + "x = A().n",
        ("= 1", "= 2"),
    ),
    miss(
        "a dataclass's default factory",
        "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    n: list = field(default_factory=lambda: [1])"
        + S
        + "x = A().n",
        ("[1]", "[2]"),
    ),
    miss(
        "a dataclass's fields",
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    n: int = 1" + S + "x = repr(A())",
        ("n: int", "m: int"),
    ),
    miss(
        "a dataclass's options",
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    n: int = 1" + S + "x = A() == A()",
        ("@dataclass", "@dataclass(eq=False)"),
    ),
    miss("an enum's member", "import enum\nclass E(enum.Enum):\n    A = 1" + S + "x = E.A.value", ("A = 1", "A = 2")),
    miss(
        "an enum's member that is an input",
        "import enum\nclass E(enum.Enum):\n    A = 1\ne = E.A" + S + "x = e.value",
        ("A = 1", "A = 2"),
    ),
    miss(
        "an enum's new member",
        "import enum\nclass E(enum.Enum):\n    A = 1" + S + "x = len(E)",
        ("A = 1", "A = 1\n    B = 2"),
    ),
    miss(
        "a NamedTuple's default",
        "from typing import NamedTuple\nclass P(NamedTuple):\n    n: int = 1" + S + "x = P().n",
        ("= 1", "= 2"),
    ),
    miss(
        "a namedtuple's fields",
        "from collections import namedtuple\nP = namedtuple('P', 'a b')" + S + "x = P(1, 2)._asdict()",
        ("a b", "b a"),
    ),
    miss(
        "an operator",
        "class A:\n    def __add__(self, other): return 1\na = A()" + S + "x = a + a",
        ("return 1", "return 2"),
    ),
    miss(
        "__getattr__",
        "class A:\n    def __getattr__(self, name): return 1\na = A()" + S + "x = a.z",
        ("return 1", "return 2"),
    ),
    miss("__iter__", "class A:\n    def __iter__(self): return iter([1])\na = A()" + S + "x = [*a]", ("[1]", "[2]")),
    miss(
        "__enter__",
        "class A:\n    def __enter__(self): return 1\n    def __exit__(self, *a): pass\na = A()"
        + S
        + "with a as x: pass",
        ("return 1", "return 2"),
    ),
    miss("an attribute of a class", "class A:\n    n = 1" + S + "x = A.n", ("n = 1", "n = 2")),
    miss(
        "an attribute of a class set live",
        "class A:\n    n = 1\na = A()\n# %%\nA.n = 2" + S + "x = a.n",
        ("A.n = 2", "A.n = 3"),
    ),
    miss(
        "a base's attribute set live",
        "class B:\n    n = 1\nclass A(B): pass\na = A()\n# %%\nB.n = 2" + S + "x = a.n",
        ("B.n = 2", "B.n = 3"),
    ),
    miss(
        "a class's list mutated",
        "class A:\n    n = [1]\na = A()\n# %%\na.n.append(2)" + S + "x = list(A.n)",
        ("append(2)", "append(3)"),
    ),
    miss("a method set live", "class A: pass\na = A()\n# %%\nA.f = lambda self: 1" + S + "x = a.f()", ("1", "2")),
    miss(
        "an attribute set by setattr in a loop",
        "class A: pass\nfor i in range(3): setattr(A, f'n{i}', i)" + S + "x = A.n2",
        ("', i)", "', i + 1)"),
    ),
    miss(
        "an instance whose class changed",
        """
class A:
    def f(self): return 1
class B:
    def f(self): return 2
a = A()
# %%
a.__class__ = B
# %%
%%step s
x = a.f()
""",
        ("a.__class__ = B", "pass"),
    ),
    miss(
        "a class redefined behind an instance",
        """
class A:
    def f(self): return 1
a = A()
# %%
class A:
    def f(self): return 2
# %%
%%step s
x = a.f(), A().f(), isinstance(a, A)
""",
        ("return 2", "return 3"),
    ),
    miss("a class made by type()", "A = type('A', (), {'n': 1})" + S + "x = A.n", ("'n': 1", "'n': 2")),
    miss(
        "a class decorator",
        "def deco(c):\n    c.n = 1\n    return c\n@deco\nclass A: pass" + S + "x = A.n",
        ("n = 1", "n = 2"),
    ),
    miss("slots", "class A:\n    __slots__ = ('n',)\na = A()\na.n = 1" + S + "x = a.n", ("a.n = 1", "a.n = 2")),
    miss(
        "an abstract class's registration",
        "import abc\nclass A(abc.ABC): pass\nclass B: pass\nA.register(B)" + S + "x = isinstance(B(), A)",
        ("A.register(B)", "pass"),
    ),
    miss(
        "the subclasses of a class",
        "class A: pass\nclass B(A): pass" + S + "x = [c.__name__ for c in A.__subclasses__()]",
        ("class B(A)", "class C(A)"),
    ),
    miss(
        "a registry kept by __init_subclass__",
        """
class A:
    known = []
    def __init_subclass__(cls): A.known.append(cls.__name__)
class B(A): pass
# %%
%%step s
x = list(A.known)
""",
        ("class B", "class C"),
    ),
]

NAMES = [
    miss("a global read by a helper", "k = 1\ndef f(): return k" + S + "x = f()", ("k = 1", "k = 2")),
    miss(
        "a global mutated between", "k = {}\ndef f(): return k['a']\n# %%\nk['a'] = 1" + S + "x = f()", ("= 1", "= 2")
    ),
    miss(
        "a global set by a helper",
        "k = 0\ndef put():\n    global k\n    k = 1\nput()" + S + "x = k",
        ("k = 1", "k = 2"),
    ),
    miss(
        "a global set by a helper in the step",
        "k = 0\ndef put():\n    global k\n    k = 1" + S + "put()\nx = k",
        ("k = 1", "k = 2"),
    ),
    miss("a variable that shadows a builtin", "def len(_): return 1" + S + "x = len([])", ("return 1", "return 2")),
    miss(
        "a variable that shadows a builtin, gone",
        "sum = lambda _: 1" + S + "x = sum([5])",
        ("sum = lambda _: 1", "pass"),
    ),
    miss(
        "a variable that shadows a builtin, for a helper",
        "def f(): return max(1, 2)\n# %%\nmax = lambda *_: 7" + S + "x = f()",
        ("7", "8"),
    ),
    miss(
        "a builtin behind a deleted variable",
        "sum = lambda _: 1\n# %%\ndel sum" + S + "x = sum([5])",
        ("del sum", "pass"),
    ),
    miss("a builtin that is replaced", "import builtins\nbuiltins.kind = 1" + S + "x = kind", ("kind = 1", "kind = 2")),
    miss(
        "a builtin function that is replaced",
        "import builtins\nreal = builtins.sum\nbuiltins.sum = lambda v: 1\n"
        + S
        + "x = sum([5])\n# %%\nbuiltins.sum = real",
        ("v: 1", "v: 2"),
        step="s",
    ),
    miss("_", "1 + 1" + S + "x = _", ("1 + 1", "1 + 2")),
    miss("Out[n]", "1 + 1" + S + "x = Out[1]", ("1 + 1", "1 + 2")),
    miss("_1", "1 + 1" + S + "x = _1", ("1 + 1", "1 + 2")),
    miss("In", "k = 1" + S + "x = In[1]", ("k = 1", "k = 2")),
    miss("_i", "k = 1" + S + "x = _i", ("k = 1", "k = 2")),
    miss("_ read by a helper", "def f(): return _\n# %%\n1 + 1" + S + "x = f()", ("1 + 1", "1 + 2")),
    miss("globals() read", "k = 1" + S + "x = globals()['k']", ("k = 1", "k = 2")),
    miss(
        "globals() read by a helper",
        "k = 1\ndef f(name): return globals()[name]" + S + "x = f('k')",
        ("k = 1", "k = 2"),
    ),
    miss("eval", "k = 1" + S + "x = eval('k')", ("k = 1", "k = 2")),
    miss("eval in a helper", "k = 1\ndef f(text): return eval(text)" + S + "x = f('k')", ("k = 1", "k = 2")),
    miss("eval under another name", "k = 1\nrun = eval" + S + "x = run('k')", ("k = 1", "k = 2")),
    miss("exec", "k = 1" + S + "exec('x = k')", ("k = 1", "k = 2")),
    miss("vars() and locals()", "k = 1" + S + "x = vars()['k'], locals()['k']", ("k = 1", "k = 2")),
    miss(
        "getattr with a text",
        "class A: pass\na = A()\na.n = 1\nname = 'n'" + S + "x = getattr(a, name)",
        ("n = 1", "n = 2"),
    ),
    miss(
        "getattr's text",
        "class A:\n    n, m = 1, 2\nname = 'n'" + S + "x = getattr(A, name)",
        ("name = 'n'", "name = 'm'"),
    ),
    miss("__main__ read", "k = 1" + S + "import __main__\nx = __main__.k", ("k = 1", "k = 2")),
    miss("sys.modules read", "import sys\nk = 1" + S + "x = sys.modules['__main__'].k", ("k = 1", "k = 2")),
    miss(
        "__main__ read by a function",
        "k = 1\ndef f():\n    import __main__ as m\n    return m.k" + S + "x = f()",
        ("k = 1", "k = 2"),
    ),
    miss(
        "sys.modules read by a function",
        "import sys\nk = 1\ndef f(): return sys.modules['__main__'].k" + S + "x = f()",
        ("k = 1", "k = 2"),
    ),
    miss(
        "import_module of __main__ by a function",
        "import importlib\nk = 1\ndef f(): return importlib.import_module('__main__').k" + S + "x = f()",
        ("k = 1", "k = 2"),
    ),
    miss("a function's __globals__", "k = 1\ndef f(): pass" + S + "x = f.__globals__['k']", ("k = 1", "k = 2")),
    miss("get_ipython().user_ns", "k = 1" + S + "x = get_ipython().user_ns['k']", ("k = 1", "k = 2")),
    miss(
        "operator.attrgetter",
        "import operator\nclass A:\n    n, m = 1, 2\nget = operator.attrgetter('n')" + S + "x = get(A)",
        ("er('n')", "er('m')"),
    ),
    miss("a walrus", "k = 1" + S + "if (n := k) > 0: x = n", ("k = 1", "k = 2")),
    miss("a walrus in a comprehension", "k = [1]" + S + "y = [n := v for v in k]\nx = n", ("k = [1]", "k = [2]")),
    miss("a comprehension's variable beside a global", "v = 1" + S + "y = [v for v in [5]]\nx = v", ("v = 1", "v = 2")),
    miss("star-unpacking", "k = [1, 2, 3]" + S + "a, *b = k", ("2, 3", "2, 4")),
    miss(
        "star arguments",
        "a, k = (1,), {'b': 2}\ndef f(*args, **more): return args, more" + S + "x = f(*a, **k)",
        ("'b': 2", "'b': 3"),
    ),
    miss("a conditional binding", "x = 1\nc = False" + S + "if c:\n    x = 5\ny = x", ("x = 1", "x = 2")),
    miss("the condition of a binding", "x = 1\nc = False" + S + "if c:\n    x = 5\ny = x", ("c = False", "c = True")),
    miss("a binding in a loop that may not run", "x = 1\nn = []" + S + "for x in n: pass\ny = x", ("x = 1", "x = 2")),
    miss(
        "a try that falls back",
        "k = 1" + S + "try:\n    x = int('a')\nexcept ValueError as e:\n    x = k",
        ("k = 1", "k = 2"),
    ),
    miss(
        "an except's name, deleted",
        "e = 1" + S + "y = e\ntry: int('a')\nexcept ValueError as e: pass\nx = 'e' in globals()",
        ("e = 1", "e = 2"),
    ),
    miss("a name that is not there yet", "pass" + S + "try: x = k\nexcept NameError: x = 0", ("pass", "k = 1")),
    miss("a match", "k = {'a': 1}" + S + "match k:\n    case {'a': n}: x = n", ("'a': 1", "'a': 2")),
    miss("an f-string's name", "k = 1" + S + "x = f'{k:>3}'", ("k = 1", "k = 2")),
    miss(
        "a type that is an annotation",
        "T = int" + S + "y: T = 1\nx = str(__annotations__['y'])",
        ("T = int", "T = str"),
    ),
    miss("a class body's global", "k = 1" + S + "class A:\n    n = k\nx = A.n", ("k = 1", "k = 2")),
    miss("a lambda's default", "k = 1" + S + "f = lambda n=k: n\nx = f()", ("k = 1", "k = 2")),
    miss("an augmented assignment", "k = 1" + S + "k += 1", ("k = 1", "k = 2")),
    miss("a deleted name", "k = 1" + S + "x = k\ndel k", ("k = 1", "k = 2")),
    miss(
        "from __future__ import annotations",
        "%%step s\ndef f(a: int): pass\nx = repr(f.__annotations__)",
        ("def f", "from __future__ import annotations\ndef f"),
    ),
    miss("two names for one list", "a = [1]\nb = a" + S + "a.append(2)\nx = list(b)", ("b = a", "b = [1]")),
    miss(
        "two names for one list, inside",
        "a = [1]\nb = [a]" + S + "a.append(2)\nx = list(b[0])",
        ("b = [a]", "b = [[1]]"),
    ),
    miss(
        "a mutation by a helper", "a = [1]\ndef f(v): v.append(2)" + S + "f(a)\nx = list(a)", ("append(2)", "append(3)")
    ),
    miss(
        "a mutation by a helper before",
        "a = [1]\ndef f(v): v.append(2)\nf(a)" + S + "x = list(a)",
        ("append(2)", "append(3)"),
    ),
    miss(
        "a helper's hidden mutation",
        "a = [1]\ndef f(): a.append(2)" + S + "f()\nx = list(a)",
        ("append(2)", "append(3)"),
    ),
    hit("a mutation by a helper, again", "a = [1]\ndef f(v): v.append(2)" + S + "f(a)\nx = list(a)\n# %%\ny = a + [0]"),
    hit("two names for one list, again", "a = [1]\nb = a" + S + "a.append(2)\n# %%\ny = list(b), a is b"),
]

OPTIONS = [
    miss(
        "a nested magic's argument",
        "%%step s\n%precision 3\nx = get_ipython().run_line_magic('precision', '') if False else 1",
        ("x = get", "x = 2\ny = get"),
        same=True,
    ),
    miss("a seed", "%%step s seed=1\nimport random\nx = random.random()", ("seed=1", "seed=2"), free=("x",), same=True),
    miss(
        "what a cell captures", "%%step s\n%%capture out\nprint(1)", ("print(1)", "print(2)"), free=("out",), same=True
    ),
    miss("a nested magic's own line", "%%step s\n%%time x = 1\ny = 1", ("%%time x = 1", "%%time x = 2"), same=True),
    miss(
        "inputs= that leave one out, named one changed",
        "a, b = 1, 2\n# %%\n%%step s inputs=a,b\nx = a + b",
        ("1, 2", "1, 3"),
    ),
    miss("outputs=", "%%step s outputs=x\nx = 1\ny = 2", ("outputs=x", "outputs=x,y"), same=True),
    miss("a source", "k = 1\n# %%\n%%step s source={k}\nx = 1", ("k = 1", "k = 2"), same=True),
]

BY_OTHER_WAYS = [
    miss("eval of the module builtins", "import builtins\nk = 1" + S + "x = builtins.eval('k')", ("k = 1", "k = 2")),
    miss("eval that map calls", "k = 1" + S + "x = list(map(eval, ['k']))", ("k = 1", "k = 2")),
    miss(
        "a query",
        "import pandas as pd\nk = 1\ndf = pd.DataFrame({'a': [1, 2]})" + S + "x = df.query('a > @k')",
        ("k = 1", "k = 2"),
    ),
    miss(
        "a query in a helper",
        "import pandas as pd\nk = 1\ndf = pd.DataFrame({'a': [1, 2]})\ndef f(d): return d.query('a > @k')"
        + S
        + "x = f(df)",
        ("k = 1", "k = 2"),
    ),
    miss(
        "a frame in a helper",
        "import inspect\nk = 1\ndef f(): return inspect.currentframe().f_back.f_globals['k']" + S + "x = f()",
        ("k = 1", "k = 2"),
    ),
    miss(
        "eval as a class's attribute",
        "k = 1\nclass A:\n    run = eval\na = A()" + S + "x = A.run('k')",
        ("k = 1", "k = 2"),
    ),
    miss(
        "an enum's _missing_",
        "import enum\nclass E(enum.Enum):\n    A = 1\n    B = 2\n    @classmethod\n    def _missing_(cls, v): return cls.A"
        + S
        + "x = E(9).name",
        ("cls.A", "cls.B"),
    ),
    miss(
        "globals of a function's own",
        "import types\ndef f(): return k\ng = types.FunctionType(f.__code__, {'k': 1})\nk = 3" + S + "x = g()",
        ("'k': 1", "'k': 2"),
    ),
    miss(
        "a function that exec made elsewhere",
        "ns = {}\nexec('def f(): return 1', ns)\nf = ns['f']" + S + "x = f()",
        ("return 1", "return 2"),
    ),
    miss(
        "getsource in a helper",
        "import inspect\ndef f(): return 1  # one\ndef g(): return inspect.getsource(f)" + S + "x = g()",
        ("# one", "# two"),
    ),
    hit("getsource, again", "import inspect\ndef f(): return 1  # one" + S + "x = inspect.getsource(f)"),
    hit(
        "a query of a helper's own variable",
        "import pandas as pd\nk = 1\ndf = pd.DataFrame({'a': [1, 2]})\ndef f(d, k): return d.query('a > @k')"
        + S
        + "x = f(df, 1)",
        ("k = 1", "k = 2"),
        free=("k",),
    ),
    miss(
        "a loop's variable that lambdas read",
        "fs = []\nfor i in range(2): fs.append(lambda: i)\n# %%\ni = 5" + S + "x = [f() for f in fs]",
        ("i = 5", "i = 6"),
    ),
    miss(
        "two lambdas of one line, swapped",
        "f, g = lambda: 1, lambda: 2" + S + "x = f()",
        ("lambda: 1, lambda: 2", "lambda: 2, lambda: 1"),
    ),
    miss(
        "the factory of a defaultdict",
        "from collections import defaultdict\ndef z(): return 1\nd = defaultdict(z)" + S + "x = d['a']",
        ("return 1", "return 2"),
    ),
    miss(
        "a magic of the notebook's own",
        "from IPython.core.magic import register_line_magic\n@register_line_magic\ndef zz(line): return 1"
        + S
        + "x = %zz",
        ("return 1", "return 2"),
    ),
    miss(
        "a method put into a library's class",
        "import pandas as pd\npd.DataFrame.zz = lambda self: 1\ndf = pd.DataFrame({'a': [1]})" + S + "x = df.zz()",
        (": 1\n", ": 2\n"),
    ),
    miss(
        "two names for one list, in a closure",
        "a = [1]\ndef mk(v): return lambda: v.append(2)\nf = mk(a)" + S + "f()\nx = a[:]",
        ("mk(a)", "mk([1])"),
    ),
    miss(
        "a step's result mutated in a plain cell",
        "%%step a\nv = [1]\n# %%\nv.append(2)" + S + "x = v[:]",
        ("append(2)", "append(3)"),
    ),
]

MEANT = [
    hit(
        "a helper that is not reached",
        "def f(): return 1\ndef g(): return 2" + S + "x = f()",
        ("return 2", "return 3"),
        free=(),
    ),
    hit("a helper's comment", "def f(): return 1" + S + "x = f()", ("return 1", "return 1  # one")),
    hit(
        "a helper that moved to another cell",
        "def f(): return 1" + S + "x = f()",
        ("def f", "y = 0\n# %%\ndef f"),
        free=("y",),
    ),
    hit(
        "a method's comment",
        "class A:\n    def f(self): return 1\na = A()" + S + "x = a.f()",
        ("return 1", "return 1  # one"),
    ),
    hit(
        "the order of definitions",
        "def f(): return 1\ndef g(): return f()" + S + "x = g()",
        "def g(): return f()\ndef f(): return 1" + S + "x = g()",
    ),
    hit("an unread variable", "k = 1\nj = 2" + S + "x = k", ("j = 2", "j = 3")),
    hit("a closure made again", "def make(n):\n    return lambda: n\nf = make(1)\nf = make(1)" + S + "x = f()"),
]

test_rows = table([*FUNCTIONS, *DEFAULTS, *CLASSES, *NAMES, *OPTIONS, *BY_OTHER_WAYS, *MEANT])
