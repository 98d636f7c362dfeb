"""What steps have functions of the project's modules set up in a library: a hit would leave it undone."""

from __future__ import annotations

from pathlib import Path

from tests.soundness.harness import check, hit, miss

CSV = "import csv\ndef setup():\n    csv.register_dialect('NAME', delimiter=';')\n    return 1\n"
DIALECT = "import csv\nz = 'NAME' in csv.list_dialects()"
CLASS = (
    "import csv\nclass Base:\n    def go(self): csv.register_dialect('NAME', delimiter=';'); return 1\n"
    "class Config(Base):\n    def __init__(self, at_once=True):\n        if at_once: self.go()\n"
    "    def __enter__(self): self.go()\n    def __exit__(self, *_): pass\n"
    "    @property\n    def value(self): return self.go()\n"
    "    def __add__(self, other): return self.go()\nlater = Config(False)\n"
)
KEYWORD = "import keyword\nz = 'NAME' in keyword.kwlist"
SETUPS = {
    "a call": ("y = m.setup()", CSV, DIALECT),
    "a function that is passed on": ("y = list(map(lambda f: f(), [m.setup]))", CSV, DIALECT),
    "a function by its name": ("y = getattr(m, 'set' + 'up')()", CSV, DIALECT),
    "a function of the notebook": ("y = helper()", CSV, DIALECT),
    "a decorator": (
        "@m.noted\ndef f(): return 1\ny = f(); del f",
        CSV + "def noted(f):\n    setup()\n    return f\n",
        DIALECT,
    ),
    "a context": ("with m.Config(False): y = 1", CLASS, DIALECT),
    "an operator": ("y = m.later + 1", CLASS, DIALECT),
    "a property": ("y = m.later.value", CLASS, DIALECT),
    "a limit": (
        "y = m.deep()",
        "import sys\ndef deep(): sys.setrecursionlimit(2345)\n",
        "import sys\nz = sys.getrecursionlimit()",
    ),
    "a handler of signals": (
        "y = m.f()",
        "import signal\ndef f():\n    signal.signal(signal.SIGUSR1, signal.SIG_IGN)\n",
        "import signal\nz = str(signal.getsignal(signal.SIGUSR1))",
    ),
    "a handler of a logger": (
        "y = m.f()",
        "import logging\ndef f():\n    logging.getLogger('app').addHandler(logging.NullHandler())\n",
        "import logging\nz = len(logging.getLogger('app').handlers)",
    ),
    "a patch": ("y = m.f()", "import math\ndef f(): math.tau = 3\n", "import math\nz = math.tau"),
    "a patch by a name that is made": (
        "y = m.f(m.math)",
        "import math\ndef f(lib): setattr(lib, 'in' + 'f', 3)\n",
        "import math\nz = math.inf",
    ),
    "a patch of a class": (
        "y = m.f()",
        "from fractions import Fraction as F\ndef f():\n    for each in [F]: each.unit = 3\n",
        "import fractions\nz = hasattr(fractions.Fraction, 'unit')",
    ),
    "a list of a library": (
        "y = m.f()",
        "import keyword\ndef f(): return keyword.kwlist.append('zz')\n",
        "import keyword\nz = 'zz' in keyword.kwlist",
    ),
    "a registered codec": (
        "y = m.f()",
        "import codecs\ndef f(): codecs.register_error('NAME', lambda e: ('!', e.end))\n",
        "z = 'ä'.encode('ascii', 'NAME')",
    ),
    "a method of pandas": (
        "y = m.f()",
        (
            "import pandas as pd\ndef f():\n    @pd.api.extensions.register_series_accessor('NAME')\n    class Mine:\n"
            "        def __init__(self, series): pass\n"
        ),
        "import pandas as pd\nz = hasattr(pd.Series, 'NAME')",
    ),
}
UNIT = "import fractions\nz = getattr(fractions.Fraction, 'NAME', 0)"
SETUPS |= {
    "an abstract class under another name": ("q = N.register(Mine)", "", "import numbers\nz = issubclass(Mine, N)"),
    "a patch that was made ready": ("q = ready.start()", "", "z = hasattr(Fraction, 'started')"),
    "an abstract class of the notebook": ("q = A.register(Mine)", "", "z = issubclass(Mine, A)"),
    "a variable that only children see": (
        "import os\nos.putenv('NAME', '1')",
        "",
        "import subprocess\nz = subprocess.run(['printenv', 'NAME'], capture_output=True).stdout",
    ),
}
THROUGH = {
    "another name": "F = Fraction\nF.NAME = 3\ndel F",
    "a loop": "for c in [Fraction]: c.NAME = 3\ndel c",
    "a list of an earlier cell": "cs[0].NAME = 3",
    "a dictionary of an earlier cell": "ds['a']['f'].NAME = 3",
    "an attribute of a class": "K.kind.NAME = 3",
    "an attribute of an object": "k.mine.NAME = 3",
    "the class of a value": "type(half).NAME = 3",
    "the class of a value by its attribute": "half.__class__.NAME = 3",
    "a base class": "Half.__bases__[0].NAME = 3",
    "a function of an earlier cell": "put(Fraction, 'NAME')",
    "a default of a function": "by_default('NAME')",
    "a closure": "closed('NAME')",
    "type itself": "type.__setattr__(Fraction, 'NAME', 3)",
    "a module by its name": "import importlib\nimportlib.import_module('fractions').Fraction.NAME = 3\ndel importlib",
    "a text that is run": "exec('Fraction.NAME = 3')",
    "a method that is kept": "set_it('NAME', 3)",
    "a method of the notebook's": "own.put('NAME')",
}
SETUPS |= {f"a class through {name}": (code, "", UNIT) for name, code in THROUGH.items()}
SETUPS |= {
    "a list under another name": ("import keyword\nq = keyword.kwlist\nq.append('NAME')\ndel q", "", KEYWORD),
    "a list that is handed on": ("def f(q): q.append('NAME')\nf(words)\ndel f", "", KEYWORD),
    "an attribute of a function": (
        "g = textwrap.indent\ng.NAME = 3\ndel g",
        "",
        "import textwrap\nz = getattr(textwrap.indent, 'NAME', 0)",
    ),
    "a function under another name": ("import csv\nr = csv.register_dialect\nr('NAME')\ndel r", "", DIALECT),
}
FIRST = """
import abc, fractions, keyword, numbers, textwrap, types
from fractions import Fraction
from keyword import kwlist as words
class K: kind = Fraction
class Mine: pass
class Own:
    def put(self, name): setattr(Fraction, name, 3)
own = Own()
ready = __import__("unittest.mock").mock.patch.object(Fraction, "started", 3, create=True)
class Half(Fraction): pass
class A(abc.ABC): pass
N = numbers.Complex
k = types.SimpleNamespace(mine=Fraction)
cs, ds, half = [Fraction], {"a": {"f": Fraction}}, Fraction(1, 2)
def put(cls, name): setattr(cls, name, 3)
def by_default(name, cls=Fraction): setattr(cls, name, 3)
def closing(cls):
    def closed(name): setattr(cls, name, 3)
    return closed
closed = closing(Fraction)
set_it = __import__("functools").partial(setattr, Fraction)
"""
FREE = (
    "m",
    "csv",
    "math",
    "sys",
    "signal",
    "logging",
    "fractions",
    "keyword",
    "pd",
    "np",
    "os",
    "random",
    "Config",
    "F",
)

INNOCENT = {
    "a function that computes": ("y = m.f()", "import csv, io\ndef f(): return list(csv.reader(io.StringIO('a,b')))\n"),
    "a function beside one that sets up": ("y = m.use()", CSV + "def use(): return 1\n"),
    "a function that sets up nothing new": (
        "y = m.f()",
        "import sys\ndef f(): sys.setrecursionlimit(sys.getrecursionlimit())\n",
    ),
    "a patch that is undone": (
        "y = m.f()",
        "import math\nfrom unittest import mock\ndef f():\n    with mock.patch.object(math, 'pi', 3): return math.pi\n",
    ),
    "classes that are handed on": (
        "y = m.f()",
        (
            "import pandas as pd, numpy as np\nfrom fractions import Fraction\nKINDS = {'f': Fraction, 'd': pd.DataFrame}\n"
            "def f():\n    d = KINDS['d']({'a': [1, 2]}).groupby('a').size()\n    return d.astype(np.float64).sum() + KINDS['f'](1, 2)\n"
        ),
    ),
    "a log": (
        "y = m.f()",
        "import logging\nLOG = logging.getLogger(__name__)\ndef f():\n    LOG.info('a')\n    return 1\n",
    ),
    "a drawing": (
        "y = m.f()",
        (
            "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt\ndef f():\n    fig, ax = plt.subplots()\n"
            "    ax.plot([1, 2])\n    ax.set_title('a')\n    plt.close(fig)\n    return 1\n"
        ),
    ),
    "settings that come back with the hit": (
        "y = m.f()",
        (
            "import pandas as pd, numpy as np, random, os\ndef f():\n    pd.set_option('display.max_rows', 7)\n    np.seterr(all='ignore')\n"
            "    random.seed(3)\n    os.environ['ZZ'] = '1'\n"
        ),
    ),
    "a class": (
        "y = m.C().run()",
        "import csv\nclass C:\n    def run(self): return csv.QUOTE_ALL\n    def other(self): csv.register_dialect('a')\n",
    ),
}


def _project(cases: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {f"m{number}.py": text.replace("NAME", f"n{number}") for number, (_, text, *_) in enumerate(cases.values())}


def _cells(cases: dict[str, tuple[str, ...]]) -> str:
    """Return a notebook that has a step for each case, of a module of its own, and then reads what each has set up."""
    cells: list[str] = []
    for number, (call, _, *read) in enumerate(cases.values()):
        cells.append(f"import m{number} as m\ndef helper(): return m.setup()")
        cells.append(f"%%step s{number}\n{call.replace('y =', f'y{number} =')}")
        cells += [each.replace("z =", f"z{number} =") for each in read]
        cells = [cell.replace("NAME", f"n{number}") for cell in cells]
    return "\n# %%\n".join(cells)


STATE = "\n# %%\nimport os, random, pandas as pd\nz = [os.environ['ZZ'], random.random(), pd.get_option('display.max_rows')]"


def test_what_functions_of_modules_set_up_is_set_up_by_each_run(tmp_path: Path) -> None:
    case = miss("setups", f"{FIRST}# %%\n{_cells(SETUPS)}", files=_project(SETUPS), same=True, free=FREE)
    ran = check(case, tmp_path)
    numbers = {name: f"s{number}" for number, name in enumerate(SETUPS)}
    states = {cell["step"]: cell["state"] for cell in ran["cells"]}
    assert not [name for name, step in numbers.items() if states[step] == "hit"]


def test_steps_whose_functions_only_compute_hit(tmp_path: Path) -> None:
    check(hit("innocent", _cells(INNOCENT) + STATE, files=_project(INNOCENT), free=FREE), tmp_path)
