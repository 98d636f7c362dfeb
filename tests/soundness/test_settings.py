"""Settings made outside a step: of libraries, of the interpreter, of the process, and the order in which they are made."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

TABLE = "difflib.HtmlDiff().make_table(['a'], ['b'])"
"""Numbers what it makes, by a counter of its class."""

SET = [
    (
        "numpy's errors",
        "import numpy as np\nnp.seterr(divide='ignore')",
        ("ignore", "raise"),
        "try:\n    x = float(np.float64(1) / np.zeros(1)[0])\nexcept FloatingPointError:\n    x = None",
    ),
    (
        "numpy's print options",
        "import numpy as np\nnp.set_printoptions(precision=2)",
        ("=2", "=4"),
        "x = str(np.array([1/3]))",
    ),
    (
        "pandas' options",
        "import pandas as pd\npd.options.display.max_rows = 4",
        ("= 4", "= 6"),
        "x = repr(pd.DataFrame({'a': range(50)}))",
    ),
    ("os.environ", "import os\nos.environ['ROW_A'] = '1'", ("'1'", "'2'"), "x = os.environ['ROW_A']"),
    ("os.getenv", "import os\nos.environ['ROW_A'] = '1'", ("'1'", "'2'"), "x = os.getenv('ROW_A')"),
    (
        "a warnings filter",
        "import warnings\nwarnings.simplefilter('ignore')",
        ("ignore", "error"),
        "try:\n    warnings.warn('w')\n    x = 1\nexcept UserWarning:\n    x = 2",
    ),
    (
        "decimal's context",
        "import decimal\ndecimal.getcontext().prec = 5",
        ("= 5", "= 9"),
        "x = str(decimal.Decimal(1) / 3)",
    ),
    (
        "a logging level",
        "import logging\nlogging.getLogger('row').setLevel(10)",
        ("(10)", "(40)"),
        "x = logging.getLogger('row').isEnabledFor(20)",
    ),
    ("the recursion limit", "import sys\nsys.setrecursionlimit(3000)", ("3000", "4000"), "x = sys.getrecursionlimit()"),
    ("the working folder", "import os\nos.chdir('a')", ("'a'", "'b'"), "x = open('f.txt').read()"),
    ("the working folder's name", "import os\nos.chdir('a')", ("'a'", "'b'"), "x = os.path.basename(os.getcwd())"),
    ("random's seed", "import random\nrandom.seed(1)", ("(1)", "(2)"), "x = random.random()"),
    ("numpy's seed", "import numpy as np\nnp.random.seed(1)", ("(1)", "(2)"), "x = float(np.random.rand())"),
    (
        "the state of a generator",
        "import numpy as np\nrng = np.random.default_rng(1)",
        ("(1)", "(2)"),
        "x = float(rng.random())",
    ),
    (
        "a draw before",
        "import random\nrandom.seed(1)\nrandom.random()",
        ("\nrandom.random()", ""),
        "x = random.random()",
    ),
    (
        "an integer's digits",
        "import sys\nsys.set_int_max_str_digits(5000)",
        ("5000", "700"),
        "try:\n    x = len(str(10**1000))\nexcept ValueError:\n    x = 0",
    ),
    (
        "the locale",
        "import locale\nlocale.setlocale(locale.LC_ALL, 'C')",
        ("'C'", "'C.UTF-8'"),
        "x = locale.setlocale(locale.LC_CTYPE)",
    ),
    (
        "the time zone",
        "import os, time\nos.environ['TZ'] = 'UTC-1'\ntime.tzset()",
        ("UTC-1", "UTC-3"),
        "x = time.localtime(0).tm_hour",
    ),
    (
        "matplotlib's settings",
        "import matplotlib as mpl\nmpl.rcParams['lines.linewidth'] = 1",
        ("= 1", "= 2"),
        "x = mpl.rcParams['lines.linewidth']",
    ),
    ("a function of builtins", "import builtins\nbuiltins.row = 1", ("= 1", "= 2"), "x = row"),
    ("json's default", "import json\njson.row = 1", ("= 1", "= 2"), "x = json.row"),
    ("csv's field size", "import csv\ncsv.field_size_limit(1000)", ("1000", "2000"), "x = csv.field_size_limit()"),
    (
        "what a class of a library counts",
        f"import difflib\nfor _ in range(1):\n    {TABLE}",
        ("range(1)", "range(2)"),
        f"x = {TABLE}",
    ),
    (
        "a registered dialect",
        "import csv\ncsv.register_dialect('d', delimiter=';')",
        ("';'", "'|'"),
        "x = next(csv.reader(['a;b|c'], 'd'))",
    ),
]
FREE = ("rng",)
AB = {"a/f.txt": "1", "b/f.txt": "2"}

WARNS = "%%step s\ntry:\n    warnings.warn('w', ImportWarning)\n    x = 1\nexcept ImportWarning:\n    x = 2"
ODD = "\"import warnings; warnings.filterwarnings('ignore', category=ImportWarning, message='w')\""
LIBRARY = f"exec(compile({ODD}, '<frozen importlib>', 'exec'))\nwarnings.simplefilter('error', ImportWarning)"
FILTERS = [
    (
        "one that equals a library's",
        LIBRARY,
        "pass",
        ("\npass\n", "\nwarnings.filterwarnings('ignore', category=ImportWarning, message='w')\n"),
    ),
    (
        "one that equals one of the start",
        "warnings.simplefilter('error')",
        "pass",
        ("\npass\n", "\nwarnings.simplefilter('ignore', ImportWarning)\n"),
    ),
    ("one that comes last", "pass", "warnings.simplefilter('error', append=True)", (", append=True", "")),
    (
        "a library's that comes after it",
        "warnings.simplefilter('error', ImportWarning)",
        LIBRARY.partition("\n")[0],
        f"import warnings\n{LIBRARY.partition(chr(10))[0]}\n# %%\nwarnings.simplefilter('error', ImportWarning)\n# %%\n{WARNS}",
    ),
]
PUT = "import low\n"
LOW = {
    "files": {"low.py": "import builtins\ndef put(v):\n    builtins.odd = v\ndef drop():\n    del builtins.odd\n"},
    "free": ("low",),
}

ROWS = [
    *(
        miss(f"a setting: {name}", f"{made}\n# %%\n%%step s\n{read}", edit, files=AB, free=FREE)
        for name, made, edit, read in SET
    ),
    *(
        miss(f"a filter of warnings: {name}", f"import warnings\n{first}\n# %%\n{made}\n# %%\n{WARNS}", edit, free=FREE)
        for name, first, made, edit in FILTERS
    ),
    miss("a name that a call puts into builtins", f"{PUT}low.put(1)\n# %%\n%%step s\nx = odd", ("t(1)", "t(2)"), **LOW),
    miss(
        "a name in builtins that a function reads",
        f"{PUT}low.put(1)\n# %%\ndef f():\n    return odd\n# %%\n%%step s\nx = f()",
        ("t(1)", "t(2)"),
        **LOW,
    ),
    hit(
        "a name that a step puts into builtins",
        f"{PUT}\n# %%\n%%step r\ny = low.put(5)\n# %%\n%%step s\nx = odd\n# %%\nz = odd",
        **LOW,
    ),
    hit(
        "a name that a step removes from builtins",
        f"{PUT}low.put(4)\n# %%\n%%step r\ny = low.drop()\n# %%\nz = 'odd' in dir(__import__('builtins'))",
        **LOW,
    ),
    miss(
        "a list that a step puts into builtins",
        f"{PUT}\n# %%\n%%step r\ny = low.put([5])\n# %%\nz = odd",
        same=True,
        **LOW,
    ),
    miss(
        "a list in builtins that is another",
        f"{PUT}low.put([1])\n# %%\n%%step r\nx = list(odd)\nodd.append(3)\n# %%\nz = odd",
        ("[1]", "[2]"),
        **LOW,
    ),
    hit(
        "a list in builtins that a step changes",
        f"{PUT}low.put([1])\n# %%\n%%step r\nx = list(odd)\nodd.append(3)\n# %%\nz = odd",
        **LOW,
    ),
    hit(
        "what a step has a class of a library count",
        f"import difflib\n# %%\n%%step r\ny = {TABLE}\n# %%\n%%step s\nx = {TABLE}\n# %%\nz = {TABLE}",
    ),
    hit(
        "what a class of a module that a step imports counts",
        f"%%step r\nimport difflib\ny = {TABLE}\n# %%\nimport difflib\nz = {TABLE}",
    ),
    miss(
        "the order of draws",
        "import random\nrandom.seed(1)\n# %%\n%%step a\nu = random.random()\n# %%\n%%step b\nx = random.random()",
        "import random\nrandom.seed(1)\n# %%\n%%step b\nx = random.random()\n# %%\n%%step a\nu = random.random()",
        step="b",
    ),
    miss(
        "the order of settings",
        "import os\nos.environ['R'] = '1'\n# %%\nos.environ['R'] = '2'\n# %%\n%%step s\nx = os.environ['R']",
        "import os\nos.environ['R'] = '2'\n# %%\nos.environ['R'] = '1'\n# %%\n%%step s\nx = os.environ['R']",
    ),
    miss(
        "a setup step edited",
        "%%step u setup=true\nimport decimal\ndecimal.getcontext().prec = 5\n# %%\n%%step s\nx = str(decimal.Decimal(1) / 3)",
        ("= 5", "= 9"),
    ),
    miss(
        "a variable of the kernel's start",
        "%%step s\nimport os\nx = os.environ.get('ROW_A')",
        env={"ROW_A": "1"},
        new_env={"ROW_A": "2"},
    ),
    hit("a variable that nothing reads", "%%step s\nx = 1", env={"ROW_A": "1"}, new_env={"ROW_A": "2"}),
    hit("a plain cell that only computes", "a = 1\n# %%\n%%step s\nx = 1", ("a = 1", "a = 2")),
]

test_rows = table(ROWS)
