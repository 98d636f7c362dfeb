# ruff: noqa: E501  # scripts in one line each
"""No script whose steps hit ever prints what it would not print without Steppe, whatever it has set up or reads."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAD = "import steppe, asyncio, contextvars, copyreg, csv, functools, io, json, mimetypes, os, pickle, string, sys, types\n"
STEP = "@steppe.step\ndef f(x): return {}\n"


def row(name, text, old="", new="", *, hit=False, files=None, edited=None):
    """A script, an edit of it or of its files, and whether all of its steps hit after that."""
    assert old in text, name
    return {
        "name": name,
        "before": HEAD + text,
        "after": HEAD + (text.replace(old, new) if old else text),
        "files": files or {},
        "new": edited or {},
        "hit": hit,
    }


def step(body):
    return STEP.format(body)


SETS = "import steppe, mimetypes\nmimetypes.add_type('a/{}', '.zz')\n"
DIALECT = "import csv\ndef setup(): csv.register_dialect('d', delimiter='{}')\n"
INNER = "import steppe\n@steppe.step\ndef inner(x): return x + {}\n@steppe.step(on='process')\ndef outer(x): return inner(x) * 10\n"
OUTER = "@steppe.step\ndef inner(x): return x + 1\n@steppe.step{}\ndef outer(x): return {}\nprint(outer(1))"

COUNTS = (
    "import steppe\ndef make():\n  n = 0\n  def bump():\n    nonlocal n\n    n += 1\n    return n\n  return bump\n"
    "bump = make()\n@steppe.step\ndef f(x): return bump()\n"
)

ROWS = [
    # what the script has set up around its steps
    row("a type", f"mimetypes.add_type('a/b', '.zz')\n{step('mimetypes.guess_type(x)')}print(f('q.zz'))", "a/b", "a/c"),
    row(
        "a dialect that a variable names",
        f"D = '|'\ncsv.register_dialect('d', delimiter=D)\n{step('csv.get_dialect(x).delimiter')}print(f('d'))",
        "D = '|'",
        "D = ';'",
    ),
    row(
        "an attribute of a library's class",
        f"string.Template.delimiter = '%'\n{step('string.Template.delimiter')}print(f(1))",
        "'%'",
        "'&'",
    ),
    row(
        "a class that is registered by its decorator",
        "import pandas as pd\n@pd.api.extensions.register_dataframe_accessor('geo')\nclass G:\n"
        "  def __init__(s, o): s.o = o\n  def c(s): return 1\n"
        + step("x.geo.c()")
        + "print(f(pd.DataFrame({'a': [1]})))",
        "return 1",
        "return 2",
    ),
    row(
        "a function of the project's module",
        f"import h\nh.setup()\n{step('csv.get_dialect(x).delimiter')}print(f('d'))",
        files={"h.py": "import g\ndef setup(): g.setup()\n", "g.py": DIALECT.format("|")},
        edited={"g.py": DIALECT.format(";")},
    ),
    row(
        "a function of the project's module that is the same",
        f"import h\nh.setup()\n{step('csv.get_dialect(x).delimiter')}print(f('d'))",
        files={"h.py": DIALECT.format("|")},
        hit=True,
    ),
    row(
        "a patched function",
        f"import numpy as np\nnp.mean = lambda x: 50\n{step('np.mean(x)')}print(f([1]))",
        "50",
        "60",
    ),
    row(
        "one that is patched between two calls",
        f"import math\n{step('math.sqrt(x)')}print(f(4))\nmath.sqrt = lambda x: 50\nprint(f(4))",
        hit=True,
    ),
    row(
        "what is set up twice",
        f"{step('csv.get_dialect(x).delimiter')}csv.register_dialect('d', delimiter='|')\nprint(f('d'))\n"
        "csv.register_dialect('d', delimiter=';')\nprint(f('d'))",
        hit=True,
    ),
    row(
        "what a loop sets up",
        f"{step('csv.get_dialect(x).delimiter')}for d in '|;':\n  csv.register_dialect('d', delimiter=d)\n  print(f('d'))",
        hit=True,
    ),
    row(
        "what a function sets up, by its argument",
        f"{step('csv.get_dialect(x).delimiter')}def prepare(d): csv.register_dialect('d', delimiter=d)\n"
        "prepare('|')\nprint(f('d'))\nprepare(';')\nprint(f('d'))",
        hit=True,
    ),
    row(
        "what is set up between two threads",
        f"{step('csv.get_dialect(x).delimiter')}import threading\ndef go():\n  t = threading.Thread(target=lambda: print(f('d')))\n"
        "  t.start()\n  t.join()\ncsv.register_dialect('d', delimiter='|')\ngo()\n"
        "csv.register_dialect('d', delimiter=';')\ngo()",
        hit=True,
    ),
    row(
        "what a method sets up, and a lambda",
        f"{step('csv.get_dialect(x).delimiter')}class A:\n  def prep(s, d): csv.register_dialect('d', delimiter=d)\n"
        "prep = lambda d: csv.register_dialect('d', delimiter=d)\nA().prep('|')\nprint(f('d'))\nprep(';')\nprint(f('d'))",
        hit=True,
    ),
    row(
        "what the statement sets up that makes the call",
        f"{step('csv.get_dialect(x).delimiter')}print([(csv.register_dialect('d', delimiter=d), f('d')) for d in '|;'])",
    ),
    row(
        "a patch for a block",
        f"from unittest import mock\nimport numpy as np\n{step('np.mean(x)')}"
        "with mock.patch('numpy.mean', return_value=5): print(f([1]))",
        "=5",
        "=6",
    ),
    row("a builtin", f"import builtins\nbuiltins.zzz = 1\n{step('zzz')}print(f(1))", "= 1", "= 2"),
    row(
        "how things are pickled",
        f"class A: pass\ncopyreg.pickle(A, lambda a: (int, (1,)))\n{step('pickle.loads(pickle.dumps(A()))')}print(f(1))",
        "(1,)",
        "(2,)",
    ),
    row(
        "a module whose import sets something up",
        f"import sets\n{step('mimetypes.guess_type(x)')}print(f('q.zz'))",
        files={"sets.py": SETS.format("b")},
        edited={"sets.py": SETS.format("c")},
    ),
    row(
        "a module around a step of another",
        "import sets\nprint(sets.main())",
        files={
            "sets.py": "import mimetypes, steps\ndef main():\n  mimetypes.add_type('a/b', '.zz')\n  return steps.f('q.zz')\n",
            "steps.py": f"import steppe, mimetypes\n{step('mimetypes.guess_type(x)')}",
        },
        edited={
            "sets.py": "import mimetypes, steps\ndef main():\n  mimetypes.add_type('a/c', '.zz')\n  return steps.f('q.zz')\n"
        },
    ),
    row(
        "what makes no difference",
        f"mimetypes.add_type('a/b', '.zz')\n{step('x')}print(f(1))\nprint('one')",
        "one",
        "two",
        hit=True,
    ),
    # how the script was called
    row("the command line", f"sys.argv[1:] = ['a']\n{step('sys.argv[x]')}print(f(1))", "'a'", "'b'"),
    row(
        "the command line, parsed",
        "import argparse\nsys.argv[1:] = ['a']\n@steppe.step\ndef f():\n  p = argparse.ArgumentParser()\n"
        "  p.add_argument('x')\n  return p.parse_args().x\nprint(f())",
        "'a'",
        "'b'",
    ),
    row("what comes in", f"sys.stdin = io.StringIO('a')\n{step('sys.stdin.read()')}print(f(1))", "'a'", "'b'"),
    # steps inside of steps, here and in workers
    *(
        row(f"the body of a step that is called, {how or 'here'}", OUTER.format(how, body), "x + 1", "x + 2")
        for how, body in (("", "sum(map(inner, [x, x]))"), ("(on='process')", "inner(x) * 10"))
    ),
    row(
        "the body of a step that is an argument, in a worker",
        "@steppe.step\ndef inner(x): return x + 1\n@steppe.step(on='process')\ndef outer(g, x): return g(x)\nprint(outer(inner, 1))",
        "x + 1",
        "x + 2",
    ),
    row(
        "the body of a module's step, in a worker",
        "import nested\nprint(nested.outer(1))",
        files={"nested.py": INNER.format(1)},
        edited={"nested.py": INNER.format(2)},
    ),
    row(
        "a file that a step reads in a worker's step",
        "@steppe.step\ndef inner(x): return open(x).read()\n@steppe.step(on='process')\ndef outer(x): return inner(x)\nprint(outer('d'))",
        files={"d": "one"},
        edited={"d": "two"},
    ),
    # odd ways to the code and the data of a step
    row(
        "a partial",
        "@steppe.step\ndef f(g): return g(2)\nprint(f(functools.partial(lambda a, b: a * b, 3)))",
        "a * b",
        "a - b",
    ),
    row(
        "a default that grows",
        "@steppe.step\ndef f(x, seen=[]):\n  seen.append(x)\n  return list(seen)\nprint(f(1), f(1))",
        hit=True,
    ),
    row(
        "a cell that another function changes",
        "def make():\n  n = 0\n  def bump():\n    nonlocal n\n    n += 1\n  @steppe.step\n  def f(x): return x + n\n"
        "  return f, bump\nf, bump = make()\nprint(f(1))\nbump()\nprint(f(1))",
        hit=True,
    ),
    row(
        "a decorator below",
        "def d(g):\n  @functools.wraps(g)\n  def w(*a): return g(*a) + 1\n  return w\n@steppe.step\n@d\ndef f(x): return x\nprint(f(1))",
        "+ 1",
        "+ 2",
    ),
    row(
        "a method that is patched",
        "class A:\n  def m(s): return 1\n" + step("x.m()") + "print(f(A()))\nA.m = lambda s: 9\nprint(f(A()))",
        hit=True,
    ),
    row(
        "code that is put into a function",
        "def h(): return 1\ndef k(): return 2\n" + step("h()") + "print(f(1))\nh.__code__ = k.__code__\nprint(f(1))",
        hit=True,
    ),
    row(
        "recursion through two steps",
        "@steppe.step\ndef a(n): return 0 if n < 1 else b(n - 1) + 1\n@steppe.step\ndef b(n): return 0 if n < 1 else a(n - 1) + 1\nprint(a(3))",
        "b(n - 1) + 1",
        "b(n - 1) + 2",
    ),
    row(
        "a context variable",
        f"v = contextvars.ContextVar('v', default=0)\n{step('x + v.get()')}print(f(1))\nv.set(5)\nprint(f(1))",
    ),
    row("an iterator", "@steppe.step\ndef f(g): return next(g)\ng = iter([1, 2])\nprint(f(g), f(g))"),
    row(
        "a coroutine that is awaited",
        "async def h(x): return x + 1\n@steppe.step\nasync def f(x): return await h(x)\nprint(asyncio.run(f(1)))",
        "x + 1",
        "x + 2",
    ),
    row(
        "a hint",
        "@steppe.step\ndef f(x: int): return f.__annotations__['x'].__name__\nprint(f(1))",
        "x: int",
        "x: object",
    ),
    row("numbers that are equal", "@steppe.step\ndef f(x: float): return repr(x)\nprint(f(1), f(1.0))", hit=True),
    # what the program has done to its process before
    row(
        "a seed of a module's import",
        "import h\n@steppe.step\ndef f(x): return h.random.random()\nprint(f(1))",
        files={"h.py": "import random\nrandom.seed(1)\n"},
        edited={"h.py": "import random\nrandom.seed(2)\n"},
    ),
    row(
        "the folder",
        "d = open('v').read()\nos.makedirs(d, exist_ok=True)\nos.chdir(d)\n"
        + step("os.path.basename(os.getcwd())")
        + "print(f(1))",
        files={"v": "one"},
        edited={"v": "two"},
    ),
    row(
        "a limit",
        "sys.setrecursionlimit(int(open('v').read()))\n" + step("sys.getrecursionlimit()") + "print(f(1))",
        files={"v": "5000"},
        edited={"v": "6000"},
    ),
    row(
        "a limit that a step's function sets",
        "def g(x): csv.field_size_limit(x)\n" + step("g(x)") + "f(2000)\nprint(csv.field_size_limit())",
    ),
    row(
        "warnings that the code around it records",
        "import warnings\n@steppe.step\ndef f(x):\n  warnings.warn('w')\n  return x\nf(1)\n"
        "with warnings.catch_warnings(record=True) as w:\n  warnings.simplefilter('always')\n  f(2)\n  f(1)\nprint([str(m.message) for m in w])",
    ),
    # what lasts beyond a call
    row(
        "a task that goes on",
        "R = []\n@steppe.step\nasync def f(x):\n  async def late(): R.append(x)\n  t = asyncio.create_task(late())\n  return x\n"
        "async def main():\n  await f(1)\n  await asyncio.sleep(0.01)\nasyncio.run(main())\nprint(R)",
    ),
    row(
        "the error that is handled around a call",
        f"{step('str(sys.exc_info()[1])')}def main(e):\n  try: raise e\n  except ValueError: return f(1)\n"
        "print(main(ValueError('a')), main(ValueError('b')))",
    ),
    row(
        "a module's lock",
        "import h\nprint(h.f(1))",
        files={
            "h.py": "import steppe, threading\nLOCK = threading.Lock()\n@steppe.step\ndef f(x):\n  with LOCK: return x\n"
        },
        hit=True,
    ),
    row(
        "a module's list, handed back to it, and an equal one",
        "import h\nprint(h.f([1]), h.f(h.T), h.T)",
        files={"h.py": "import steppe\nT = [1]\n@steppe.step\ndef f(x):\n  x.append(2)\n  return len(T)\n"},
        hit=True,
    ),
    row(
        "a module's list in a worker",
        "import h\nprint(h.f(h.T))",
        files={"h.py": "import steppe\nT = [1]\n@steppe.step(on='process')\ndef f(x): return x is T\n"},
        hit=True,
    ),
    row(
        "what a closure of a module counts",
        "import h\nprint(h.f(1), h.f(1), h.bump())",
        files={"h.py": COUNTS},
        hit=True,
    ),
    row(
        "what a closure of a module counts in a worker",
        "import h\nprint(h.f(1), h.f(1), h.bump())",
        files={"h.py": COUNTS.replace("@steppe.step", "@steppe.step(on='process')")},
        hit=True,
    ),
    row(
        "a file's text, by its name",
        f"import lazy\n{step('lazy.h(x)')}print(f(1))",
        files={"lazy.py": "def h(x): return x + 1\n"},
        edited={"lazy.py": "def h(x): return x + 5\n"},
    ),
]


OFTEN = """
    a type; a function of the project's module; a class that is registered by its decorator; a patched function; one that is patched between two calls; what a loop sets up;
    what a function sets up, by its argument; a module whose import sets something up; a module around a step of another;
    what makes no difference; what is set up between two threads; what a method sets up, and a lambda;
    what the statement sets up that makes the call; the command line, parsed; what comes in; the body of a step that is called, (on='process');
    a seed of a module's import; a limit that a step's function sets; a task that goes on; the error that is handled around a call; a module's lock; a module's list, handed back to it, and an equal one;
    the body of a module's step, in a worker; a cell that another function changes; recursion through two steps
"""
if not os.environ.get("STEPPE_TEST_LONG"):  # `make soundness` takes all
    ROWS = [
        each
        for each in ROWS
        if each["name"] in map(str.strip, OFTEN.replace("\n", " ").replace("     ", " ").split(";"))
    ]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    root = tmp_path_factory.mktemp("rows")
    given = [{**each, "folder": str(root / str(number))} for number, each in enumerate(ROWS)]
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("rows.py")],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return {each["name"]: each for each in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", [each["name"] for each in ROWS])
def test_a_hit_is_what_the_script_would_do(ran, name):
    found = ran[name]
    expected = next(each for each in ROWS if each["name"] == name)
    assert found["cold"][0] == found["first"][0]
    assert found["warm"][0] == found["plain"][0], "a wrong hit"
    assert "Error" not in found["warm"][0]
    states = {each.rpartition(":")[2] for each in found["warm"][1].split()}
    assert (states == {"hit"}) == expected["hit"], found["warm"]
    edited = expected["before"] != expected["after"] or expected["new"]
    assert not edited or expected["hit"] or found["plain"][0] != found["first"][0], "the edit shows nothing"
