"""What is left over: what lives on that the notebook has let go of, and what only an import has set up."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

DIALECT = "\n# %%\nimport csv\nz = 'q' in csv.list_dialects()"
IMPORTED = {"m.py": "def f():\n    import n\n    return 3\n", "n.py": "import csv\ncsv.register_dialect('q')\n"}
ROWS = [
    hit(
        "an object that is let go of",
        "import weakref\nclass P: pass\np = P()\nw = weakref.ref(p)\n# %%\n%%step a\ny = p is None\n# %%\n%%step b\ndel p"
        "\n# %%\nz = w() is None; del w",
        free=("weakref",),
    ),
    miss(
        "a module that a function imports, which sets something up",
        f"import m\n# %%\n%%step s\ny = m.f(){DIALECT}",
        files=IMPORTED,
        same=True,
        free=("m", "csv"),
    ),
    miss(
        "a class that the cell itself imports first",
        "%%step s\nfrom graphlib import TopologicalSorter as T\nQ = T\nQ.unit = 3\ndel Q\n# %%\nz = T.unit",
        same=True,
    ),
    hit(
        "subclasses of a library's class",
        "import fractions\n# %%\nclass B(fractions.Fraction): pass\n# %%\n%%step s\n"
        "y = [c.__name__ for c in fractions.Fraction.__subclasses__()]",
        free=("fractions",),
    ),
    miss(
        "a private name",
        "from fractions import Fraction as F\nQ = F\nQ._unit = 3\ndel Q\n# %%\n%%step s\nx = F._unit",
        ("= 3", "= 4"),
    ),
    hit(
        "an adapter that can't be compared, put in the place of another",
        "import sqlite3\nclass P:\n    def __eq__(self, other): raise ValueError\n    __hash__ = object.__hash__\n"
        "sqlite3.register_adapter(dict, P())\n# %%\ns = sqlite3\ns.register_adapter(dict, P())\n# %%\n%%step a\nx = 1",
        free=("sqlite3", "s"),
    ),
]
test_rows = table(ROWS)
