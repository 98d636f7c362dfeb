"""What changes nothing for a step: it must be a hit."""

from __future__ import annotations

from tests.soundness.harness import hit, table

MODULE = {"low.py": "FACTOR = 2\ndef scale(v):\n    return v * FACTOR\n", "far.py": "def other():\n    return 1\n"}
USE = "import low\n# %%\n%%step s\nx = low.scale(3)"
PANDAS = "import pandas as pd\n# %%\n"
CLASS = "class P:\n    def __init__(self, v):\n        self.v = v\n# %%\np = P(1)\n# %%\n%%step s\nx = p.v"
TOUCH = "import os; os.utime('{}', (1, 1))"


def _value(name: str, before: str, after: str, first: str = "") -> object:
    text = f"{first}v = {before}\n# %%\n%%step s\nx = repr(type(v))"
    return hit(name, text, text.replace(f"v = {before}", f"v = {after}"), free=("v",))


ROWS = [
    # Files and modules whose content is the same.
    hit("a file touched", "%%step s\nx = open('a').read()", files={"a": "1"}, do=TOUCH.format("a")),
    hit("a file written again", "%%step s\nx = open('a').read()", files={"a": "1"}, new={"a": "1"}),
    hit("another file", "%%step s\nx = open('a').read()", files={"a": "1", "b": "1"}, new={"b": "2"}),
    hit(
        "a file replaced by its copy",
        "%%step s\nx = open('a').read()",
        files={"a": "1"},
        do="import os, shutil; shutil.copy('a', 'b'); os.replace('b', 'a')",
    ),
    hit("a module touched", USE, files=MODULE, do=TOUCH.format("low.py")),
    hit("a module written again", USE, files=MODULE, new={"low.py": MODULE["low.py"]}),
    hit("a module that is not imported", USE, files=MODULE, new={"far.py": "def other():\n    return 2\n"}),
    hit("a comment in a module", USE, files=MODULE, new={"low.py": "# two\n" + MODULE["low.py"]}),
    hit(
        "a comment in a module that the step imports",
        f"%%step s\n{USE.partition('%%step s')[2].strip()}".replace("s\nx", "s\nimport low\nx"),
        files=MODULE,
        new={"low.py": "# two\n" + MODULE["low.py"]},
        free=("low",),
    ),
    hit(
        "a comment in a module that code in a text imports",
        "%%step s\nx = __import__('lo' + 'w').scale(3)",
        files=MODULE,
        new={"low.py": "# two\n" + MODULE["low.py"]},
    ),
    hit("a module's formatting", USE, files=MODULE, new={"low.py": MODULE["low.py"].replace(" = 2", "  =  2")}),
    hit(
        "a listed folder touched",
        "import os\n# %%\n%%step s\nx = os.listdir('d')",
        files={"d/a": "1"},
        do=TOUCH.format("d"),
    ),
    hit(
        "a variable of the environment that is not read", "%%step s\nx = 1", env={"LEVEL": "1"}, new_env={"LEVEL": "2"}
    ),
    # Values.
    hit(
        "a type without a module",
        "%%step s\nK = type('u1', (), {'__module__': None})\nx = K()\nx.a = 1\n# %%\n%%step t\ny = x.a + 1\nx.a = y",
    ),
    # Other cells.
    hit("another cell", "z = 1\n# %%\n%%step s\nx = 1", ("z = 1", "z = 2")),
    hit("a new cell", "%%step s\nx = 1", "q = 5\n# %%\n%%step s\nx = 1"),
    hit("another variable's name", "z = 1\n# %%\n%%step s\nx = 1", ("z = 1", "zz = 1")),
    hit(
        "another function",
        "def f():\n    return 1\ndef g():\n    return 1\n# %%\n%%step s\nx = f()",
        ("g():\n    return 1", "g():\n    return 2"),
    ),
    hit(
        "a comment in a helper",
        "def f():\n    return 1\n# %%\n%%step s\nx = f()",
        ("    return 1", "    # one\n    return 1"),
    ),
    hit("a helper's formatting", "def f(a, b):\n    return (a + b)\n# %%\n%%step s\nx = f(1, 2)", ("(a + b)", "a+b")),
    hit(
        "a helper that moved",
        "def f():\n    return 1\n# %%\nz = 1\n# %%\n%%step s\nx = f()",
        "z = 1\n# %%\n\n\ndef f():\n    return 1\n# %%\n%%step s\nx = f()",
    ),
    hit("a comment in a class", CLASS, ("        self.v = v", "        # kept\n        self.v = v")),
    hit(
        "the order of imports",
        "import json\nimport math\n# %%\n%%step s\nx = math.pi, json.dumps(1)",
        ("import json\nimport math", "import math\nimport json"),
    ),
    hit(
        "an import that is not used",
        "import math\n# %%\n%%step s\nx = math.pi",
        ("import math", "import math\nimport string"),
    ),
    # What only says how it is run.
    *(
        hit(f"the option {name}", "%%step s\nx = 1", ("step s", f"step s {name}"))
        for name in ("cpu=1", "memory=1Gi", "timeout=1h", "retries=2")
    ),
    # Equal values made in another way.
    _value("a set's order", "{'a', 'b', 'c'}", "{'c', 'b', 'a'}"),
    _value("a set that grew", "set(range(100))", "set(reversed(range(100)))"),
    _value("a frozen set's order", "frozenset('abc')", "frozenset('cba')"),
    _value("a list", "[1, 2, 3]", "list(range(1, 4))"),
    _value("a dict", "{'a': 1}", "dict(a=1)"),
    _value("a tuple", "(1, 2)", "tuple([1, 2])"),
    _value("a text", "'abc'", "''.join(['a', 'b', 'c'])"),
    _value("an integer", "1000", "10 ** 3"),
    _value("equal texts in a list", "['ab', 'ab']", "['ab', ''.join('ab')]"),
    _value(
        "a date", "datetime.date(2024, 1, 2)", "datetime.date.fromisoformat('2024-01-02')", "import datetime\n# %%\n"
    ),
    _value("a path", "Path('nowhere/b')", "Path('nowhere') / 'b'", "from pathlib import Path\n# %%\n"),
    _value("a pattern", "re.compile('a')", "re.compile('' + 'a')", "import re\n# %%\n"),
    _value("an array", "np.arange(4)", "np.array([0, 1, 2, 3])", "import numpy as np\n# %%\n"),
    _value("an array's copy", "np.arange(4)", "np.arange(4).copy()", "import numpy as np\n# %%\n"),
    _value("a frame", "pd.DataFrame({'a': [1, 2]})", "pd.DataFrame([[1], [2]], columns=['a'])", PANDAS),
    _value(
        "a frame read from a text",
        "pd.DataFrame({'a': [1, 2]})",
        "pd.read_csv(io.StringIO('a\\n1\\n2'))",
        "import io\n" + PANDAS,
    ),
    _value("a series", "pd.Series([1.5])", "pd.DataFrame({'a': [1.5]})['a'].rename(None)", PANDAS),
    hit("an instance", CLASS, ("p = P(1)", "p = P(0)\np.v = 1")),
    hit("a class made again", CLASS, ("p = P(1)", "p = P(1); p = P(1)")),
]

test_rows = table(ROWS)
