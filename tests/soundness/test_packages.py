"""Installed packages, replaced between two kernels; options of a step; what a kernel holds that is not on disk any more."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

SITE = """
import os, sys
import steppe.engine.modules as counted
folder = os.path.realpath("site")
sys.path.append(folder)
counted.LIBRARIES += (folder + os.sep,)
# %%
%%step s{}
import fakepkg
x = fakepkg.V
"""
SOUGHT = """
import os, sys
sys.path.append(os.getcwd())
# %%
%%step s
import importlib.metadata as metadata
x = len(metadata.entry_points(group="sought"))
"""
FREE = ("folder", "counted", "fakepkg", "m", "other")


def package(name: str, version: int, requires: str = "", code: str = "") -> dict[str, str | bytes | None]:
    """Return the files of an installed distribution."""
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    return {
        f"site/{name}/__init__.py": code or f"V = {version}\n",
        f"site/{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
    }


def upgraded(name: str, **more: str) -> dict[str, str | bytes | None]:
    """Return the files that change version 1 of a distribution to version 2."""
    return {f"site/{name}-1.dist-info/METADATA": None, **package(name, 2, **more)}


NEEDY = package("fakepkg", 1, requires="fakedep", code="from fakedep import V\n")
ROWS = [
    miss("an upgraded package", SITE.format(""), files=package("fakepkg", 1), new=upgraded("fakepkg"), free=FREE),
    miss(
        "an upgraded package that a package needs",
        SITE.format(""),
        files=NEEDY | package("fakedep", 1),
        new=upgraded("fakedep"),
        free=FREE,
    ),
    miss(
        "a package without metadata edited",
        SITE.format(""),
        files={"site/fakepkg/__init__.py": "V = 1\n"},
        new={"site/fakepkg/__init__.py": "V = 2\n"},
        free=FREE,
    ),
    miss(
        "a package's version under env=lock",
        SITE.format(" env=lock"),
        files=package("fakepkg", 1),
        new=upgraded("fakepkg"),
        free=FREE,
    ),
    hit(
        "an upgraded package that the step does not import",
        SITE.format(""),
        files=package("fakepkg", 1) | package("other", 1),
        new=upgraded("other"),
        free=FREE,
    ),
    miss(
        "what a library's object has become, of which pickle is told how to make it alone",
        "import os, sys\nsys.path.append(os.path.realpath('site-packages'))\nimport trees\ntree = trees.Tree([1])\n# %%\n"
        "%%step grow\ntree.grow(1)\n# %%\n%%step s\nx = tree.child",
        ("grow(1)", "grow(2)"),
        files={
            "site-packages/trees.py": "class Tree:\n    def __init__(self, data):\n        self.data, self.child = data, None\n"
            "    def __reduce__(self):\n        return Tree, (self.data,)\n"
            "    def grow(self, child):\n        self.child = child\n"
        },
        free=("trees",),
    ),
    hit(
        "a new file beside the notebook, in a folder where distributions are looked for",
        SOUGHT,
        files={"f.txt": "1"},
        new={"g.txt": "1"},
        free=("sys", "os", "metadata"),
    ),
    miss(
        "a new distribution in a folder where they are looked for",
        SOUGHT,
        new={
            "new-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: new\nVersion: 1\n",
            "new-1.dist-info/entry_points.txt": "[sought]\na = b:c\n",
        },
        free=("sys", "os", "metadata"),
    ),
    hit("a package that is the same", SITE.format(""), files=package("fakepkg", 1), free=FREE),
    miss("a clock that is read", "%%step s\nimport time\nx = time.time_ns()", free=("x",), same=True),
    miss("a shell command's own text", "%%step s\nx = !echo one", ("one", "two")),
    miss("a shell command's file", "%%step s\nx = !cat f.txt", files={"f.txt": "1"}, new={"f.txt": "2"}),
    miss("the source option", "%%step s source=1\nx = 1", ("source=1", "source=2"), same=True),
    miss(
        "a stale bytecode file",
        "%%step s\nimport m\nx = m.A",
        files={"m.py": "A = 1\n"},
        do="""
            import os, py_compile
            py_compile.compile("m.py")
            was = os.stat("m.py")
            open("m.py", "w").write("A = 2\\n")
            os.utime("m.py", ns=(was.st_atime_ns, was.st_mtime_ns + 10**10))
         """,
        free=FREE,
    ),
    miss(
        "scikit-learn's settings",
        "import sklearn\nsklearn.set_config(working_memory=10)\n# %%\n%%step s\nx = sklearn.get_config()['working_memory']",
        ("=10", "=20"),
    ),
    miss(
        "an edited module that was not reloaded is named",
        "import m\n# %%\nopen('m.py', 'w').write('A = 77777\\ndef f():\\n    return A\\n')\n# %%\n%%step s\nx = m.f()",
        files={"m.py": "A = 1\ndef f():\n    return A\n"},
        do="open('m.py', 'w').write('A = 1\\ndef f():\\n    return A\\n')",
        same=True,
        free=(*FREE, "x"),
        why="load",
    ),
]

test_rows = table(ROWS)
