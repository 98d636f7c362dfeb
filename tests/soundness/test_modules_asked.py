"""What the project's modules hang on beside their source and their arguments: variables that their import asks for,
the notebook's own variables and classes, and objects of theirs that the notebook hands back to them.
"""

from __future__ import annotations

from tests.soundness.harness import Case, hit, miss, table

ENV = {"env": {"SCALE": "1"}, "new_env": {"SCALE": "2"}}
STEP = "import h\n# %%\n%%step s\nx = h.f()"
ASKS = "import os\nSCALE = os.environ.get('SCALE')\ndef f(): return SCALE\n"
BY_A_FUNCTION = "import os\ndef get(): return os.getenv('SCALE')\nSCALE = get()\ndef f(): return SCALE\n"
CHOOSES = "import os\nif os.environ['SCALE'] == '1':\n    def g(): return 1\nelse:\n    def g(): return 2\ndef f(): return g()\n"
IMPORTS = "import os\nif 'SCALE' in os.environ:\n    from a import g\nelse:\n    from b import g\ndef f(): return g()\n"
MAKES = (
    "import os\ndef make(v):\n    def g(): return v\n    return g\ng = make(os.environ['SCALE'])\ndef f(): return g()\n"
)
LATER = "import os\ndef f(): return 1\ndef other(): return os.environ['SCALE']\n"
COUNTS = "def make():\n    n = 0\n    def f():\n        nonlocal n\n        n += 1\n        return n\n    return f\nf = make()\n"
SAME = "T = [1]\ndef f(x): return x is T\n"
BASES = "class B: pass\ndef f(): return [c().m() for c in B.__subclasses__()]\n"
MADE = "import h\nclass P(h.B):\n    def m(self): return 1\n# %%\n%%step s\nx = h.f()"


def of(name: str, module: str, text: str = STEP, edit: object = None, **more: object) -> Case:
    more = {"free": ("h", "q", "P"), **more}
    return miss(
        name, text, edit, files={"h.py": module, "a.py": "def g(): return 3\n", "b.py": "def g(): return 4\n"}, **more
    )  # type: ignore[arg-type]


ROWS = [
    of("a variable that an import asks for", ASKS, **ENV, why="SCALE"),
    of("one that it asks for by a function", BY_A_FUNCTION, **ENV, slow=True),
    of("one by which it chooses a function", CHOOSES, **ENV, slow=True),
    of("one by which it chooses an import", IMPORTS, new_env={"SCALE": "2"}, slow=True),
    of("one that a closure holds", MAKES, **ENV, slow=True),
    hit("one that only another function asks for", STEP, files={"h.py": LATER}, free=("h",), **ENV),
    hit("a variable that stays", STEP, files={"h.py": ASKS}, free=("h",), env=ENV["env"], slow=True),
    of(
        "a list of a module's that is handed back to it",
        SAME,
        "import h\nq = h.T\n# %%\n%%step s\nx = h.f(q)",
        ("h.T", "[1]"),
    ),
    of(
        "the notebook's variable, by its module's name",
        "import sys\ndef f(): return sys.modules['__main__'].q\n",
        "import h\nq = 1\n# %%\n%%step s\nx = h.f()",
        ("q = 1", "q = 2"),
        slow=True,
    ),
    of(
        "the notebook's variable, imported",
        "def f():\n    import __main__\n    return __main__.q\n",
        "import h\nq = 1\n# %%\n%%step s\nx = h.f()",
        ("q = 1", "q = 2"),
    ),
    of("the notebook's class, asked for by its base", BASES, MADE, ("return 1", "return 2")),
    hit(
        "what a function's import appends to another module",
        "import h\ndef g():\n    import k\n    return 1\n# %%\n%%step s\nx = g()\n# %%\nz = list(h.R)",
        files={"h.py": "R = []\n", "k.py": "import h\nh.R.append(1)\n"},
        free=("h", "g"),
    ),
    hit("what a closure of a module counts", f"{STEP}\n# %%\ny = h.f()", files={"h.py": COUNTS}, free=("h",)),
    miss(
        "a thread that goes on",
        "import threading\ne, r = threading.Event(), []\ndef go():\n    e.wait(30)\n    r.append(1)\n# %%\n%%step s\n"
        "t = threading.Thread(target=go)\nt.start()\nx = 1\ndel t\n# %%\ne.set()\n"
        "[t.join() for t in threading.enumerate() if t.daemon is False and t is not threading.main_thread()]\nz = list(r)",
        free=("threading", "e", "go", "r"),
        same=True,
    ),
]

test_rows = table(ROWS)
