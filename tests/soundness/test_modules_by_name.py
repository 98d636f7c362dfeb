"""The project's modules, reached by their names as texts: what stands in them is the step's to notice all the same."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

WAYS = {
    "sys.modules": 'import sys\nx = sys.modules["m"].v',
    "sys.modules under another name": 'import sys as s\nx = s.modules["m"].v',
    "modules of sys": 'from sys import modules\nx = modules["m"].v',
    "sys.modules.get": 'import sys\nx = sys.modules.get("m").v',
    "sys.modules and a name that is a variable": 'import sys\nname = "m"\nx = sys.modules[name].v',
    "sys.modules and a name that is put together": 'import sys\nx = sys.modules["".join(["m"])].v',
    "all of sys.modules": 'import sys\nx = next(each for name, each in sys.modules.items() if name == "m").v',
    "import_module": 'import importlib\nx = importlib.import_module("m").v',
    "import_module by itself": 'from importlib import import_module\nx = import_module("m").v',
    "__import__": 'x = __import__("m").v',
    "getattr": 'import sys\nx = getattr(sys.modules["m"], "v")',
    "vars": 'import sys\nx = vars(sys.modules["m"])["v"]',
    "pkgutil": 'import pkgutil\nx = pkgutil.resolve_name("m:v")',
    "operator": 'import operator, sys\nx = operator.attrgetter("v")(operator.itemgetter("m")(sys.modules))',
    "inspect": "import inspect\nx = inspect.getmodule(f).v",
    "a function's module": "import sys\nx = sys.modules[f.__module__].v",
    "a function's globals": 'x = f.__globals__["v"]',
}
TEXT = "v = 1\ndef put(w):\n    global v\n    v = w\ndef f(a=0):\n    return a\n"

SETS = {
    "by an attribute": "import m\nm.v = 5",
    "by its function": "import m\nm.put(5)",
    "by its function alone": "from m import put\nput(5)",
    "under another name that is gone": "import m as h\nh.put(5)\ndel h",
    "by its name": "import m, sys\nsys.modules['m'].v = 5",
    "by its name and function": "import importlib\nimportlib.import_module('m').put(5)",
    "by setattr": "import m as h\nsetattr(h, 'v', 5)\ndel h",
}


def inside(code):
    """Have a function of the notebook's do it."""
    body = "\n".join(f"    {line}" for line in code.splitlines())
    return f"def read():\n{body}\n    return x\n"


FREE = ("m", "put", "h", "read", "s", "modules", "importlib", "import_module", "pkgutil", "operator", "inspect", "sys")
ROWS = [
    row
    for how, made in SETS.items()
    for way, code in WAYS.items()
    if how == "by its name and function" or way in ("sys.modules", "__import__")
    for row in (
        miss(
            f"a module by its name: set {how}, read by {way}",
            f"{made}\nfrom m import f\n# %%\n%%step s\n{code}",
            ("5", "6"),
            files={"m.py": TEXT},
            free=(*FREE, "name"),
        ),
        miss(
            f"a module by its name: set {how}, read in a function by {way}",
            f"{made}\nfrom m import f\n# %%\n{inside(code)}\n# %%\n%%step s\nx = read()",
            ("5", "6"),
            files={"m.py": TEXT},
            free=FREE,
        ),
    )
]
ROWS.append(
    hit(
        "a method that is called modules",
        "import m\n# %%\nclass N:\n    def modules(self):\n        return [self]\nn = N()\n# %%\n%%step s\nx = len(n.modules())",
        files={"m.py": TEXT},
        new={"m.py": TEXT.replace("v = 1", "v = 2")},
        free=("m", "n"),
    )
)

test_rows = table(ROWS)
