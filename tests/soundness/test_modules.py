"""Edits of the project's modules and packages, however they are reached, and of what is on the search path."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

ONE = {"m.py": "A = 1\ndef f():\n    return A\nclass C:\n    v = 1\n    def g(self):\n        return self.v\n"}
TWO = {"m.py": ONE["m.py"].replace("= 1", "= 2")}
REACHED = [
    ("import", "%%step s\nimport m\nx = m.f()"),
    ("from-import", "%%step s\nfrom m import f\nx = f()"),
    ("import as", "%%step s\nimport m as n\nx = n.f()"),
    ("star import", "%%step s\nexec('')\nfrom m import *\nx = f()"),
    ("import in a plain cell", "import m\n# %%\n%%step s\nx = m.f()"),
    ("from-import in a plain cell", "from m import f\n# %%\n%%step s\nx = f()"),
    ("star import in a plain cell", "from m import *\n# %%\n%%step s\nx = f()"),
    ("constant in a plain cell", "from m import A\n# %%\n%%step s\nx = A"),
    ("class", "from m import C\n# %%\n%%step s\nx = C().g()"),
    ("class attribute", "import m\n# %%\n%%step s\nx = m.C.v"),
    ("import in a function", "def h():\n    import m\n    return m.f()\n# %%\n%%step s\nx = h()"),
    ("import_module", "import importlib\n# %%\n%%step s\nx = importlib.import_module('m').f()"),
    ("__import__", "%%step s\nx = __import__('m').f()"),
    ("conditional import", "%%step s\nif len('ab') == 2:\n    import m\nelse:\n    m = None\nx = m.f()"),
    ("import in try", "%%step s\ntry:\n    from m import f\nexcept ImportError:\n    f = None\nx = f()"),
    ("exec", "%%step s\nexec('import m\\nx = m.f()')"),
    ("getattr", "import m\n# %%\n%%step s\nx = getattr(m, 'f')()"),
    ("partial", "import m, functools\np = functools.partial(m.f)\n# %%\n%%step s\nx = p()"),
    ("subclass", "import m\nclass D(m.C):\n    pass\n# %%\n%%step s\nx = D().g()"),
    ("list of functions", "import m\nfs = [m.f]\n# %%\n%%step s\nx = fs[0]()"),
    ("runpy", "%%step s\nimport runpy\nx = runpy.run_path('m.py')['A']"),
    ("sys.modules", "import m, sys\n# %%\n%%step s\nx = sys.modules['m'].f()"),
]
FREE = ("m", "n", "f", "C", "D", "p", "fs", "h", "A")
DEEP = {
    "p/__init__.py": "",
    "p/a.py": "from .b import f\n",
    "p/b.py": "from p import c as k\ndef f():\n    return k.V\n",
    "p/c.py": "V = 1\n",
}
P = "%%step s\nfrom p.a import f\nx = f()"
LAZY = "def __getattr__(name):\n    return 1\n"
SHADOW = "import sys\nsys.path.insert(0, 'one')\n# %%\n%%step s\nimport q\nx = q.V"
SHADOWED = {"one/q.py": "V = 1", "two/q.py": "V = 2"}
META = "Metadata-Version: 2.1\nName: {}\nVersion: {}\n{}"
SITE = (
    "import sys, os\nsys.path.append(os.path.abspath('site-packages'))\n# %%\n%%step s\nimport fakepkg\nx = fakepkg.V"
)

ROWS = [
    *(miss(f"a module edited: {how}", cells, files=ONE, new=TWO, free=FREE) for how, cells in REACHED),
    miss("a relative import's module", P, files=DEEP, new={"p/a.py": "def f():\n    return 2\n"}, free=FREE),
    miss("a module two imports deep", P, files=DEEP, new={"p/b.py": "def f():\n    return 2\n"}, free=FREE),
    miss("a module three imports deep", P, files=DEEP, new={"p/c.py": "V = 2\n"}, free=FREE),
    miss(
        "a submodule by `as`", "%%step s\nimport p.c as c\nx = c.V", files=DEEP, new={"p/c.py": "V = 2\n"}, free=("c",)
    ),
    miss(
        "a package's __init__ that sets the module's value",
        P,
        files=DEEP,
        new={"p/__init__.py": "import p.c\np.c.V = 2\n"},
        free=FREE,
    ),
    miss(
        "a namespace package",
        "%%step s\nimport ns.c\nx = ns.c.V",
        files={"ns/c.py": "V = 1"},
        new={"ns/c.py": "V = 2"},
        free=("ns",),
    ),
    miss(
        "a module's __getattr__",
        "%%step s\nimport m\nx = m.anything",
        files={"m.py": LAZY},
        new={"m.py": LAZY.replace("1", "2")},
        free=FREE,
    ),
    miss(
        "a global set by the notebook", "import m\nm.A = 5\n# %%\n%%step s\nx = m.f()", ("5", "6"), files=ONE, free=FREE
    ),
    miss(
        "a global set by a helper",
        "import m\ndef put(v):\n    setattr(m, 'A', v)\nput(5)\n# %%\n%%step s\nx = m.f()",
        ("5", "6"),
        files=ONE,
        free=(*FREE, "put"),
    ),
    miss(
        "a function replaced by a helper",
        "import m\ndef patch(v):\n    m.f = lambda: v\npatch(5)\n# %%\n%%step s\nx = m.f()",
        ("patch(5", "patch(6"),
        files=ONE,
        free=(*FREE, "patch"),
    ),
    miss(
        "a class attribute set live",
        "import m\nm.C.v = 5\n# %%\n%%step s\nx = m.C().g()",
        ("5", "6"),
        files=ONE,
        free=FREE,
    ),
    miss(
        "a method replaced live",
        "import m\nm.C.g = lambda self: 5\n# %%\n%%step s\nx = m.C().g()",
        ("5", "6"),
        files=ONE,
        free=FREE,
    ),
    miss(
        "a module's state set by a call",
        "import m\nm.put(5)\n# %%\n%%step s\nx = m.get()",
        ("5", "6"),
        files={"m.py": "S = {}\ndef put(v):\n    S['v'] = v\ndef get():\n    return S['v']\n"},
        free=FREE,
    ),
    miss(
        "a module's counter moved by a call",
        "import m\nm.up()\n# %%\n%%step s\nx = m.get()",
        ("m.up()", "m.up(); m.up()"),
        files={"m.py": "n = 0\ndef up():\n    global n\n    n += 1\ndef get():\n    return n\n"},
        free=FREE,
    ),
    miss("a search path that shadows", SHADOW, ("'one'", "'two'"), files=SHADOWED, free=("q",)),
    miss(
        "a new module that shadows",
        "import sys\nsys.path[:0] = ['zero', 'one']\n# %%\n%%step s\nimport q\nx = q.V",
        files=SHADOWED | {"zero/empty.txt": ""},
        new={"zero/q.py": "V = 3"},
        free=("q",),
    ),
    miss(
        "a module that was missing",
        "%%step s\ntry:\n    import late as q\n    x = q.V\nexcept ImportError:\n    x = q = None",
        new={"late.py": "V = 3"},
        free=("q",),
    ),
    miss(
        "a package that replaces a module",
        "%%step s\nimport q\nx = q.V",
        files={"q.py": "V = 1"},
        new={"q/__init__.py": "V = 2"},
        free=("q",),
    ),
    miss(
        "a module edited with the same size and time",
        "%%step s\nimport m\nx = m.f()",
        files=ONE,
        do="""
            import os
            was = os.stat("m.py")
            text = open("m.py").read().replace("= 1", "= 2")
            open("m.py", "w").write(text)
            os.utime("m.py", ns=(was.st_atime_ns, was.st_mtime_ns))
        """,
        free=FREE,
    ),
    miss(
        "a file that a module reads at its import",
        "%%step s\nimport m\nx = m.A",
        files={"m.py": "A = open('c.txt').read()", "c.txt": "1"},
        new={"c.txt": "2"},
        free=FREE,
    ),
    miss(
        "a file read at an import in a plain cell",
        "import m\n# %%\n%%step s\nx = m.A",
        files={"m.py": "A = open('c.txt').read()", "c.txt": "1"},
        new={"c.txt": "2"},
        free=FREE,
    ),
    miss(
        "a variable that a module reads at its import",
        "%%step s\nimport m\nx = m.A",
        files={"m.py": "import os\nA = os.environ.get('ROW_A')"},
        env={"ROW_A": "1"},
        new_env={"ROW_A": "2"},
        free=FREE,
    ),
    miss(
        "importlib.reload of an edited module",
        "import m\nopen('m.py', 'w').write('def f():\\n    return 10\\n')\nimport importlib\nimportlib.reload(m)\n"
        "# %%\n%%step s\nx = m.f()",
        ("10", "200"),
        files=ONE,
        free=FREE,
    ),
    miss(
        "a package in a folder of the project upgraded",
        SITE,
        files={
            "site-packages/fakepkg/__init__.py": "V = 1",
            "site-packages/fakepkg-1.dist-info/METADATA": META.format("fakepkg", 1, ""),
        },
        new={
            "site-packages/fakepkg/__init__.py": "V = 2",
            "site-packages/fakepkg-1.dist-info/METADATA": None,
            "site-packages/fakepkg-2.dist-info/METADATA": META.format("fakepkg", 2, ""),
        },
        free=("fakepkg",),
    ),
    miss(
        "a comment in a module that reads its own file",
        "%%step s\nimport m\nx = m.A",
        files={"m.py": "A = open(__file__).read()"},
        new={"m.py": "# said\nA = open(__file__).read()"},
        free=FREE,
    ),
    miss(
        "a comment in a module that inspect reads",
        "%%step s\nimport m, inspect\nx = inspect.getsource(m)",
        files=ONE,
        new={"m.py": "# said\n" + ONE["m.py"]},
        free=(*FREE, "inspect"),
    ),
    miss(
        "a comment in a module that pkgutil reads",
        "%%step s\nimport pkgutil, p\nx = pkgutil.get_data('p', 'c.py')",
        files=DEEP,
        new={"p/c.py": "# said\nV = 1\n"},
        free=(*FREE, "pkgutil", "p"),
    ),
    miss(
        "a module that code in a text imports", "%%step s\nx = __import__('m'[:1]).f()", files=ONE, new=TWO, free=FREE
    ),
    hit(
        "an unrelated module edited",
        "%%step s\nimport m\nx = m.f()",
        files=ONE | {"o.py": "a = 1"},
        new={"o.py": "a = 2"},
        free=FREE,
    ),
    hit(
        "a comment in a module",
        "import m\n# %%\n%%step s\nx = m.f()",
        files=ONE,
        new={"m.py": "# said\n" + ONE["m.py"]},
        free=FREE,
    ),
    hit(
        "a module touched",
        "%%step s\nimport m\nx = m.f()",
        files=ONE,
        do="import os; os.utime('m.py', (1, 1))",
        free=FREE,
    ),
    hit(
        "the order of imports",
        "import math\nimport json\n# %%\n%%step s\nx = math.sqrt(4)",
        ("import math\nimport json", "import json\nimport math"),
    ),
]

test_rows = table(ROWS)
