"""Functions of the project's modules that set a library up, called by a plain cell in ways that do not look like it."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

SETUP = "import csv\ndef setup():\n    csv.register_dialect('mine', delimiter=';')\n    return 1\n"
READ = "\n# %%\n%%step s\nx = next(csv.reader(io.StringIO('a;b,c'), dialect='mine'))"
HEAD = "import csv, io, m\n"
CLASS = (
    "import csv\nclass Config:\n    def __init__(self): self.go()\n"
    "    def go(self): csv.register_dialect('mine', delimiter=';')\n    def later(self): self.go()\n"
)
FREE = ("csv", "io", "m", "setup", "Config", "c", "f")
CALLS = {
    "its value is kept": (f"{HEAD}y = m.setup()", {"m.py": SETUP}),
    "in a condition": (f"{HEAD}if m.setup():\n    y = 1", {"m.py": SETUP}),
    "in a comprehension": (f"{HEAD}y = [m.setup() for _ in range(1)]", {"m.py": SETUP}),
    "in an argument": (f"{HEAD}y = str(m.setup())", {"m.py": SETUP}),
    "imported by name": ("import csv, io\nfrom m import setup as f\ny = f()", {"m.py": SETUP}),
    "of an earlier cell": (f"{HEAD}# %%\nf = m.setup\n# %%\ny = f()", {"m.py": SETUP}),
    "through another function": (f"{HEAD}y = m.deep()", {"m.py": SETUP + "def deep(): return setup()\n"}),
    "through another module": (
        f"{HEAD}y = m.deep()",
        {"m.py": "import n\ndef deep(): return n.setup()\n", "n.py": SETUP},
    ),
    "of a module beside": (
        "import csv, io\nimport p.m as m\ny = m.deep()",
        {"p/__init__.py": "", "p/m.py": "from .n import setup\ndef deep(): return setup()\n", "p/n.py": SETUP},
    ),
    "a class": (f"{HEAD}c = m.Config()", {"m.py": CLASS}),
    "a method of a value": (f"{HEAD}c = object.__new__(m.Config)\n# %%\ny = c.later()", {"m.py": CLASS}),
    "a patch": (f"{HEAD}y = m.patch()", {"m.py": "import csv\ndef patch():\n    csv.QUOTE_ALL = ';'\n    return 1\n"}),
}
ROWS = []
for name, (cells, files) in CALLS.items():
    (edited,) = (file for file, text in files.items() if "';'" in text)
    read = READ if "patch" not in name else "\n# %%\n%%step s\nx = csv.QUOTE_ALL"
    ROWS.append(miss(name, cells + read, files=files, new={edited: files[edited].replace("';'", "','")}, free=FREE))
ROWS += [
    hit("a module that is the same", f"{HEAD}y = m.setup(){READ}", files={"m.py": SETUP}, free=FREE),
    hit(
        "a function that only uses a library",
        "import m\ny = m.use()\n# %%\n%%step s\nx = 1",
        files={"m.py": "import textwrap\ndef use():\n    textwrap.dedent('a')\n    return 1\n"},
        new={"m.py": "import textwrap\ndef use():\n    textwrap.dedent('b')\n    return 1\n"},
        free=FREE,
    ),
]
test_rows = table(ROWS)
