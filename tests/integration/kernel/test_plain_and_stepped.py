"""Notebooks run in a real kernel, plainly and as steps, cold and warm: the same outputs, counts and values."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from front_end import Kernel, Ran, plain

MANY = """class Many:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {'text/plain': 'many', 'x/y': 1}, {'x/y': {'size': 2}}
Many()"""

SHOWN = """class Shown:
    def _repr_html_(self):
        return '<u>s</u>'
    def __repr__(self):
        return 'Shown'
Shown()"""

HELD = """import contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as held:
    print('not shown')
held.getvalue()"""

COUNT = """def count():
    n = 0
    def up():
        nonlocal n
        n += 1
        return n
    return up
up = count()
up()"""

BOOKS: dict[str, list[str]] = {
    "values": [
        "x = 1\nx + 1",
        "_ + 1",
        "Out",
        "print('a')\n_, __, _2",
        "x;",
        "None",
        "y = x\ny",
        "In[1], len(In)",
        "'text'\n'more'",
    ],
    "streams": [
        "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c', end='')\nsys.stdout.write('d\\n')",
        "for i in range(3):\n    print(i, end=' ', flush=True)",
        "sys.stdout.writelines(['x', 'y\\n'])\n_ = sys.stderr.write('e')",
        "import logging\nlogging.warning('careful')",
        "import warnings\nwarnings.warn_explicit('old', DeprecationWarning, 'made.py', 3)",
        HELD,
        "print('\\r50%', end='')\nprint('\\r100%')",
        "print('ä€😀')",
    ],
    "displays": [
        "from IPython.display import *\nhandle = display(HTML('<b>a</b>'), display_id='one')\nprint('z')",
        "handle.update(HTML('<b>b</b>'))",
        "update_display(HTML('<b>c</b>'), display_id='one')",
        "print(1); clear_output(); print(2)",
        "print(1); clear_output(wait=True); display(3)",
        "display(Markdown('*m*'), JSON({'a': [1]}), metadata={'k': 1})",
        "display({'text/plain': 'p', 'text/html': '<i>h</i>'}, raw=True)",
        SHOWN,
        "display('first')\n'last'",
        MANY,
        "class Draws:\n    def _ipython_display_(self):\n        print('drawn by itself')\nDraws()",
    ],
    "errors": [
        "def boom(n):\n    return 1 / n\nboom(1)",
        "z = 1\nboom(0)",
        "z",
        "try:\n    boom(0)\nexcept ZeroDivisionError as error:\n    print(error)\n    raise ValueError('x') from error",
        "print('before')\nraise KeyError('k')",
        "class Mine(Exception):\n    pass\nraise Mine('mine')",
        "import nosuchmodule",
        "def inner():\n    yield 1\n    raise ValueError\nlist(inner())",
        "(lambda: 1 / 0)()",
        "assert z == 2, 'message'",
        "raise KeyboardInterrupt",
        "'went on'",
    ],
    "magics": [
        "%%capture held\nprint('x')\n5",
        "held.stdout, len(held.outputs)",
        "%%capture\nprint('gone')",
        "!echo shell",
        "listed = !echo list\nlisted",
        "%%bash\necho from bash",
        "%%writefile made.txt\nhello\n",
        "open('made.txt').read()",
        "%pwd;",
        "%%html\n<b>x</b>",
        "name = 'World'\n!echo Hello {name}",
        "%%nosuchmagic\nx",
        "%nosuchmagic",
        "%run -i script.py",
        "from_script",
        "import numpy as np\n%precision 3\nnp.pi",
        "%who_ls int",
        "%%python\nprint('other process')",
        "get_ipython().run_line_magic('capture', '')",
    ],
    "await": [
        "import asyncio\nawait asyncio.sleep(0.01)\nprint('done')\ny = await asyncio.sleep(0.01, 5)\ny",
        "async def f(n):\n    await asyncio.sleep(0)\n    return n + y\nawait f(1)",
        "await asyncio.gather(*(f(n) for n in range(3)))",
        "async def numbers():\n    for n in range(3):\n        yield n\n[n async for n in numbers()]",
        "async with asyncio.Lock():\n    print('held')",
        "await f('x')",
        "y",
    ],
    "names": [
        "if False:\n    never = 1",
        "try:\n    never\nexcept NameError as error:\n    print(error)",
        "a, *b = 1, 2, 3\n(c := 4)\nprint(a, b, c)",
        "del a",
        "'a' in globals()",
        "if c > 3:\n    flag = 'big'\nelse:\n    other = 'small'",
        "flag, 'other' in dir()",
        "from math import *\nsqrt(4), pi",
        "floor(2.5)",
        "def set_it():\n    global made\n    made = 5\nset_it()\nmade",
        "made += 1\nmade",
        "for i in range(3):\n    pass\ni",
        "i, [w for w in range(3)], 'w' in dir()",
        "import os.path as op, json\njson.dumps([op.join('a', 'b')])",
        "x: int = 5\n__annotations__",
        "exec('ex = 3')\nex",
        "eval('ex + 1')",
        "globals()['dynamic'] = 9",
        "dynamic",
        "locals()['local'] = 1\nlocal",
        "try:\n    1 / 0\nexcept ZeroDivisionError as gone:\n    pass\n'gone' in dir()",
        "while True:\n    once = True\n    break\nelse:\n    missed = 1\nonce, 'missed' in dir()",
        "match {'k': [1, 2]}:\n    case {'k': [first, *rest]}:\n        print(first, rest)",
        "first, rest",
        "class Outer:\n    inner = c\n    def get(self):\n        return flag\nOuter().get(), Outer.inner",
        "flag = 'bigger'\nOuter().get()",
        "list = [1]\nlist",
        "del list\nlist('ab')",
        "lambda_ = [lambda: n for n in range(2)]\n[f() for f in lambda_]",
        COUNT,
        "up()",
        "up()",
    ],
    "changes": [
        "xs = [1]\nys = xs",
        "xs.append(2)",
        "ys, ys is xs",
        "d = {'a': xs}",
        "d['a'].append(3)",
        "xs, ys, d",
        "xs += [9]",
        "ys",
        "xs = xs + [1]",
        "ys, xs",
        "import numpy as np\na = np.arange(6)\nv = a[::2]",
        "v += 10",
        "a, v.base is a",
        "a[0] = 99",
        "v",
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})\ng = df",
        "df['b'] = 3",
        "g, df is g",
        "df = df.assign(c=4)",
        "df, g",
        "class C:\n    pass\nc = C(); c.v = 1\ne = c",
        "c.v = 2",
        "e.v, isinstance(c, C)",
        "s = {1}; t = s",
        "s.add(2)",
        "t",
        "import collections\nq = collections.deque([1]); r = q",
        "q.append(2)",
        "r",
        "generated = (i for i in range(5))",
        "next(generated)",
        "next(generated)",
        "buffer = bytearray(b'x'); same = buffer",
        "buffer += b'y'",
        "same",
        "def add(to):\n    to.append('by a function')",
        "add(ys)",
        "ys",
        "del ys[0]",
        "ys, d",
        "import random\nrandom.seed(1)",
        "random.random()",
        "random.random()",
        "shuffled = [*range(5)]\nrandom.shuffle(shuffled)\nshuffled",
        "np.random.seed(3)\nnp.random.rand(2)",
        "np.random.rand(2)",
    ],
    "figures": [
        "%matplotlib inline\nimport matplotlib.pyplot as plt",
        "plt.plot([1, 2])",
        "fig, ax = plt.subplots()\nax.plot([1, 3])\nax.set_title('t');",
        "ax.set_xlabel('later')\nfig",
        "plt.plot([1, 2])\nplt.show()\nprint('between')\nplt.plot([2, 1])\nplt.show()",
        "fig, axs = plt.subplots(1, 2, tight_layout=True)\naxs[1].set_yticks([0, 1], ['a', 'much longer'])",
        "plt.get_fignums()",
        "for i in range(2):\n    plt.figure()\n    plt.plot([i, i])",
    ],
    "inside": [
        "get_ipython().run_cell('q = 3\\nq');",
        "q",
        "get_ipython().run_cell_magic('capture', 'inner', 'print(1)')",
        "inner.stdout",
        "get_ipython().user_ns['put'] = 7",
        "put",
        "get_ipython().ev('put + 1')",
        "get_ipython().push({'pushed': 1})\npushed",
    ],
    "text": [
        "# only a comment",
        "",
        "   \n\n",
        "    indented = 1\n    print(indented)",
        ">>> pasted = 1\n>>> print(pasted)",
        "'''\n%not a magic\n'''",
        "x = 1 \\\n    + 2\nx",
        "if True:\n\tprint('tab')",
        "é = 1\né",
        "1 +",
        "def f(:",
        "x = = 2",
        "print('unclosed",
        "f'{x!r:>10}'",
        "\ufeffprint('mark')",
        "x\r\ny = 2\r\ny",
    ],
}

FILES = {"script.py": "print('ran')\nfrom_script = 5\n"}


def told(ran: Ran, folder: Path) -> str:
    """Return outputs as text, without what differs between two plain runs: folders, addresses, file names with pids."""
    text = plain(repr(ran.outputs)).replace(str(folder), "FOLDER")
    text = re.sub(r"0x[0-9a-f]+|at [0-9a-f]{10,}", "0x0", text)
    return re.sub(r"ipykernel_\d+", "ipykernel", text)


def in_folder(base: Path, name: str) -> Path:
    folder = base / name
    folder.mkdir()
    (folder / "pyproject.toml").write_text("")
    for file, text in FILES.items():
        (folder / file).write_text(text)
    return folder


def tag(number: int) -> dict[str, Any]:
    return {"steppe": {"step": True, "name": f"s{number}"}}


@pytest.mark.parametrize("book", BOOKS)
def test_a_notebook_shows_as_steps_what_it_shows_plainly(book, plain_kernel: Kernel, steppe_kernel: Kernel, tmp_path):
    cells = BOOKS[book]
    bare = in_folder(tmp_path, "plain")
    plain_kernel.begin(bare, steppe=False)
    wanted = [plain_kernel.run(cell) for cell in cells]
    steps = in_folder(tmp_path, "steps")
    for session in ("cold", "warm"):
        (steps / "made.txt").unlink(missing_ok=True)
        steppe_kernel.begin(steps)
        shown = [steppe_kernel.run(cell, tag(number)) for number, cell in enumerate(cells)]
        for cell, want, got in zip(cells, wanted, shown, strict=True):
            assert told(got, steps) == told(want, bare), (session, cell)
            assert got.count == want.count, (session, cell)
            assert got.reply["status"] == want.reply["status"], (session, cell)
    assert "hit" in steppe_kernel.states(), steppe_kernel.whys()


@pytest.mark.parametrize("book", ["values", "names", "changes"])
def test_the_magic_line_adds_nothing(book, plain_kernel: Kernel, steppe_kernel: Kernel, tmp_path):
    cells = BOOKS[book]
    bare = in_folder(tmp_path, "plain")
    plain_kernel.begin(bare, steppe=False)
    wanted = [plain_kernel.run(f"#\n{cell}") for cell in cells if "In[" not in cell]
    steps = in_folder(tmp_path, "steps")
    steppe_kernel.begin(steps)
    got = [steppe_kernel.run(f"%%step s{n}\n{cell}") for n, cell in enumerate(c for c in cells if "In[" not in c)]
    assert [told(ran, steps) for ran in got] == [told(ran, bare) for ran in wanted]


def test_with_auto_every_cell_is_a_step_and_shows_the_same(plain_kernel: Kernel, steppe_kernel: Kernel, tmp_path):
    cells = [*BOOKS["names"], *BOOKS["errors"]]
    bare = in_folder(tmp_path, "plain")
    plain_kernel.begin(bare, steppe=False).silently("get_ipython().execution_count = 2")
    wanted = [plain_kernel.run(cell) for cell in cells]
    steps = in_folder(tmp_path, "steps")
    for _ in range(2):
        steppe_kernel.begin(steps)
        assert steppe_kernel.run("%steppe auto").outputs == []
        got = [steppe_kernel.run(cell) for cell in cells]
        assert [told(ran, steps) for ran in got] == [told(ran, bare) for ran in wanted]
    assert steppe_kernel.states().count("hit") >= len(BOOKS["names"]) // 2
