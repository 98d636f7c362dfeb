"""Settings of the standard library and of the process that a plain cell makes: each changes what a later step computes."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

SETTINGS = {
    "csv's field size": ("import csv\nq = csv.field_size_limit(100)", "x = csv.field_size_limit()", ("100", "200")),
    "a csv dialect": (
        "import csv, io\ncsv.register_dialect('zz', delimiter=';')",
        "x = list(csv.reader(io.StringIO('a;b,c'), 'zz'))",
        ("';'", "','"),
    ),
    "the first day of a week": (
        "import calendar\ncalendar.setfirstweekday(0)",
        "x = calendar.month(2024, 1)",
        ("(0)", "(6)"),
    ),
    "a type of files": (
        "import mimetypes\nmimetypes.add_type('a/b', '.zz')",
        "x = mimetypes.guess_type('f.zz')[0]",
        ("a/b", "a/c"),
    ),
    "how long a number may be": (
        "import sys\nsys.set_int_max_str_digits(700)",
        "try: x = len(str(10 ** 800))\nexcept ValueError: x = 0",
        ("700", "900"),
    ),
    "a prefix of XML": (
        "import xml.etree.ElementTree as et\net.register_namespace('aa', 'http://z')",
        "x = et.tostring(et.fromstring('<r xmlns=\"http://z\"/>')).decode()",
        ("aa", "bb"),
    ),
    "a number's class": (
        "import numbers\nclass C: pass\nnumbers.Number.register(C if 1 else int)\nc = C()",
        "x = isinstance(c, numbers.Number)",
        ("C if 1", "C if 0"),
    ),
    "an adapter of SQLite": (
        "import sqlite3\nclass P: pass\nsqlite3.register_adapter(P, lambda p: 'a')\np = P()",
        "x = sqlite3.connect(':memory:').execute('select ?', (p,)).fetchone()[0]",
        ("'a'", "'b'"),
    ),
    "a dispatch of the library": (
        "import json\nclass P: pass\njson.JSONEncoder.default = lambda self, o: 'a'\np = P()",
        "x = json.dumps(p)",
        ("'a'", "'b'"),
    ),
    "a patched function": ("import math\nmath.tau = 5", "x = math.tau", ("5", "6")),
    "a patch by unittest.mock": (
        "import math\nfrom unittest.mock import patch\nq = patch('math.pi', 3); q.start();",
        "x = math.pi",
        ("3", "4"),
    ),
    "a patch by setattr": ("import math\nsetattr(math, 'pi', 3)", "x = math.pi", ("3", "4")),
    "a patch by __dict__": ("import math\nmath.__dict__['pi'] = 3", "x = math.pi", ("3", "4")),
    "a patch by vars": ("import math\nvars(math).update(pi=3)", "x = math.pi", ("3", "4")),
    "a patch in a function": ("import math\ndef f():\n    math.pi = 3\nf()", "x = math.pi", ("3", "4")),
    "a patch in a loop": ("import math\nfor k, v in {'pi': 3}.items(): setattr(math, k, v)", "x = math.pi", ("3", "4")),
    "a patch by a name": ("import sys, math\nsys.modules['math'].pi = 3", "x = math.pi", ("3", "4")),
    "a patch under another name": ("import math\nm = math\nm.pi = 3", "x = math.pi", ("3", "4")),
    "a patch in a list": ("import math\nms = [math]\nms[0].pi = 3", "x = math.pi", ("3", "4")),
    "a patch by an argument": ("import math\ndef f(m): m.pi = 3\nf(math)", "x = math.pi", ("3", "4")),
    "a patch by a lambda": ("import math\n(lambda m: setattr(m, 'pi', 3))(math);", "x = math.pi", ("3", "4")),
    "a patch by a method": (
        "import math\nclass K:\n    def go(self): math.pi = 3\nK().go()",
        "x = math.pi",
        ("3", "4"),
    ),
    "a patch by exec": ("import math\nexec('math.pi = 3')", "x = math.pi", ("3", "4")),
    "a patch by a context manager": (
        "import math, contextlib\n@contextlib.contextmanager\ndef c():\n    math.pi = 3\n    yield\nwith c(): pass",
        "x = math.pi",
        ("3", "4"),
    ),
    "a patch by a decorator": (
        "import math\ndef d(f):\n    math.pi = 3\n    return f\n@d\ndef g(): pass",
        "x = math.pi",
        ("3", "4"),
    ),
    "a patch by a property": (
        "import math\nclass K:\n    @property\n    def v(self): math.pi = 3\nK().v",
        "x = math.pi",
        ("3", "4"),
    ),
    "a patch by a class's making": (
        "import math\nclass K:\n    math.pi = 3",
        "x = math.pi",
        ("3", "4"),
    ),
    "a patch by functools.partial": (
        "import math, functools\nfunctools.partial(setattr, math, 'pi')(3)",
        "x = math.pi",
        ("3", "4"),
    ),
    "a patch by map": ("import math\nlist(map(lambda v: setattr(math, 'pi', v), [3]));", "x = math.pi", ("3", "4")),
    "a patch by a thread": (
        "import math, threading\ndef f(): math.pi = 3\nt = threading.Thread(target=f); t.start(); t.join()",
        "x = math.pi",
        ("3", "4"),
    ),
    "a patch by operator": ("import math, operator\noperator.setitem(vars(math), 'pi', 3)", "x = math.pi", ("3", "4")),
    "a library's constant list": ("import string\nstring.zz = [3]", "x = string.zz[0]", ("3", "4")),
    "a library's list that is added to": (
        "import keyword\nkeyword.kwlist.append('a3')",
        "x = keyword.kwlist[-1]",
        ("a3", "a4"),
    ),
    "a library's class attribute": (
        "import textwrap\ntextwrap.TextWrapper.zz = 3",
        "x = textwrap.TextWrapper.zz",
        ("3", "4"),
    ),
    "a library's default": (
        "import textwrap\ntextwrap.indent.__defaults__ = ('3',)",
        "x = textwrap.indent.__defaults__",
        ("'3'", "'4'"),
    ),
    "an encoding": (
        "import encodings.aliases as al\nal.aliases['zz'] = 'ascii'",
        "x = al.aliases['zz']",
        ("ascii", "utf_8"),
    ),
    "a hook of displays": ("import sys\nq = sys.displayhook\nsys.zz = 3", "x = sys.zz", ("3", "4")),
    "the time zone": (
        "import os, time\nos.environ['TZ'] = 'UTC'; time.tzset()",
        "import datetime\nx = datetime.datetime.fromtimestamp(0).hour",
        ("UTC", "Asia/Tokyo"),
    ),
    "a signal": (
        "import signal\nq = signal.signal(signal.SIGUSR1, signal.SIG_IGN)",
        "x = str(signal.getsignal(signal.SIGUSR1))",
        ("SIG_IGN", "SIG_DFL"),
    ),
    "a log's level": (
        "import logging\nlogging.getLogger('zz').setLevel(10)",
        "x = logging.getLogger('zz').level",
        ("10", "20"),
    ),
    "logging that is off": (
        "import logging\nlogging.getLogger('zz').setLevel(1)\nlogging.disable(10)",
        "x = logging.getLogger('zz').isEnabledFor(15)",
        ("10", "20"),
    ),
    "a name of a level": (
        "import logging\nlogging.addLevelName(15, 'AA')",
        "x = logging.getLevelName(15)",
        ("AA", "BB"),
    ),
    "a limit of the process": (
        "import resource\nh = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\nresource.setrlimit(resource.RLIMIT_NOFILE, (500, h))",
        "x = resource.getrlimit(resource.RLIMIT_NOFILE)[0]",
        ("(500", "(600"),
    ),
    "a socket's patience": ("import socket\nsocket.setdefaulttimeout(5)", "x = socket.getdefaulttimeout()", ("5", "6")),
    "garbage": ("import gc\ngc.enable()", "x = gc.isenabled()", ("enable", "disable")),
    "threads' stacks": (
        "import threading\nq = threading.stack_size(65536)",
        "x = threading.stack_size()",
        ("65536", "131072"),
    ),
    "an opener": (
        "import urllib.request as u\no = u.build_opener(); o.addheaders = [('a', '3')]; u.install_opener(o)",
        "x = u._opener.addheaders[0][1]",
        ("'3'", "'4'"),
    ),
    "sys.argv": ("import sys\nsys.argv = ['p', '3']", "x = sys.argv[1]", ("'3'", "'4'")),
    "sys.flags by a variable": (
        "import sys\nsys.dont_write_bytecode = True",
        "x = sys.dont_write_bytecode",
        ("True", "False"),
    ),
    "a finder": (
        "import sys, types\nclass F:\n    @staticmethod\n    def find_spec(n, p=None, t=None): return None\n    v = 3\nsys.meta_path.append(F)",
        "x = sys.meta_path[-1].v",
        ("3", "4"),
    ),
    "a standard stream": ("import sys, io\nsys.stdin = io.StringIO('3')", "x = sys.stdin.read()", ("'3'", "'4'")),
}
FREE = [
    "csv",
    "io",
    "calendar",
    "mimetypes",
    "sys",
    "et",
    "numbers",
    "C",
    "c",
    "sqlite3",
    "P",
    "p",
    "json",
    "math",
    "patch",
    "q",
    "m",
    "ms",
    "K",
    "contextlib",
    "d",
    "g",
    "f",
    "t",
    "threading",
    "operator",
    "string",
    "keyword",
    "textwrap",
    "fractions",
    "F",
    "encodings",
    "al",
    "os",
    "time",
    "signal",
    "logging",
    "resource",
    "h",
    "socket",
    "gc",
    "u",
    "o",
    "types",
    "functools",
    "datetime",
    "k",
    "v",
]
ROWS = [
    miss(
        name,
        f"{made}\n# %%\n%%step s\n{read}",
        edit,
        free=tuple(FREE),
    )
    for name, (made, read, edit) in SETTINGS.items()
]
PATCHES = {
    "another name": "m = math\nm.pi = 3",
    "an argument": "def f(m): m.pi = 3\nf(math)",
    "exec": "exec('math.pi = 3')",
    "vars": "vars(math)['pi'] = 3",
}
ROWS += [
    miss(
        f"a step that patches by {how}",
        f"import math\n# %%\n%%step s\n{code}\n# %%\ny = math.pi",
        same=True,
        free=FREE,
    )
    for how, code in PATCHES.items()
]
ROWS += [
    hit(
        "a module that is handed on",
        "import math\n# %%\n%%step s\nm = math\nx = getattr(m, 'pi') + getattr(math, 'e')",
        free=FREE,
    ),
    hit(
        "modules that are handed on",
        "import numpy as np, pandas as pd, matplotlib.pyplot as plt\nxp = np\n# %%\n%%step s\n"
        "def f(lib): return lib.ones(2)\nx = f(np) + f(xp)\nd = pd.DataFrame({'a': x})\nq = [np, pd, plt]\ndel q",
        free=(*FREE, "np", "pd", "plt", "xp"),
    ),
]
test_rows = table(ROWS)
