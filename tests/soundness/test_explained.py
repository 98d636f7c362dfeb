"""Planted changes: the first line of `steppe why` names the very variable, column, function, file or package."""

from __future__ import annotations

from tests.soundness.harness import miss, table

PANDAS = "import pandas as pd\n# %%\n"
NUMPY = "import numpy as np\n# %%\n"
FRAME = PANDAS + "df = pd.DataFrame({'price': [1, 2, 3], 'city': ['a', 'b', 'c']})\n# %%\n%%step s\nx = df.to_csv()"
ARRAY = (
    NUMPY + "weights = np.array([[1, 2], [3, 4]])\n# %%\n%%step s\nx = repr((weights, weights.strides, weights.sum()))"
)
CHAIN = "def inner(v):\n    return v + 1\ndef outer(v):\n    return inner(v) * 2\n# %%\n%%step s\nx = outer(3)\n"
CLASS = "class Model:\n    size = 3\n    def fit(self, v=1):\n        return v + self.size\n# %%\n%%step s\nx = Model().fit()"
NESTED = (
    "class Conf:\n    pass\nconf = Conf()\nconf.net = Conf()\nconf.net.depth = 3\n# %%\n%%step s\nx = conf.net.depth"
)
DEEP = {
    "top.py": "import low\ndef run(v):\n    return low.scale(v)\n",
    "low.py": "FACTOR = 2\ndef scale(v):\n    return v * FACTOR\ndef other(v):\n    return v\n",
}
USE = "import top\n# %%\n%%step s\nx = top.run(3)"

ROWS = [
    # The cell's own text.
    miss(
        "a constant in the cell",
        "%%step s\na = 1\nx = a + 10",
        ("+ 10", "+ 11"),
        why="line 3 was `x = a + 10`, is `x = a + 11`",
    ),
    miss("a new line", "%%step s\nx = 1", "%%step s\nx = 1\nx += 1", why="line 3 is new: `x += 1`"),
    miss("a line that is gone", "%%step s\nx = 1\nx += 1", "%%step s\nx = 1", why="`x += 1` is gone"),
    # Functions and classes of the notebook.
    miss("a helper", CHAIN, ("* 2", "* 3"), why="outer() changed"),
    miss("a helper's helper", CHAIN, ("v + 1", "v + 2"), why="inner() changed"),
    miss(
        "a helper's default",
        "def f(v=1):\n    return v\n# %%\n%%step s\nx = f()",
        ("v=1", "v=2"),
        why="f() changed",
    ),
    miss(
        "a decorator",
        "def twice(f):\n    return lambda v: f(f(v))\ndef once(f):\n    return lambda v: f(v)\n# %%\n"
        "@once\ndef g(v):\n    return v + 1\n# %%\n%%step s\nx = g(1)",
        ("@once", "@twice"),
        why="g() changed",
    ),
    miss(
        "a closure's value",
        "def make(rate):\n    def g(v):\n        return v * rate\n    return g\n# %%\ng = make(2)\n# %%\n%%step s\nx = g(3)",
        ("make(2)", "make(3)"),
        why="g() changed",
    ),
    miss("a method", CLASS, ("v + self", "v - self"), why="the class Model changed: fit"),
    miss("a class's attribute", CLASS, ("size = 3", "size = 4"), why="the class Model changed: size"),
    miss("a method's default", CLASS, ("v=1", "v=2"), why="the class Model changed: fit"),
    # Values.
    miss("a variable", "rate = 1\n# %%\n%%step s\nx = rate", ("rate = 1", "rate = 2"), why="`rate` changed"),
    miss("a list's element", "xs = [1, 2, 3]\n# %%\n%%step s\nx = sum(xs)", ("2,", "5,"), why="`xs` changed: [1]"),
    miss("a tuple's element", "xs = (1, [2])\n# %%\n%%step s\nx = xs[1][0]", ("[2]", "[3]"), why="`xs` changed: [1]"),
    miss(
        "a dict's key",
        "conf = {'lr': 1, 'depth': 2}\n# %%\n%%step s\nx = conf['lr']",
        ("'lr': 1", "'lr': 3"),
        why="`conf` changed: ['lr']",
    ),
    miss("a nested attribute", NESTED, ("depth = 3", "depth = 4"), why="`conf` changed: .net"),
    miss("a column's values", FRAME, ("[1, 2, 3]", "[1, 2, 4]"), why="`df` changed: ['price']"),
    miss("a column added", FRAME, ("'c']}", "'c'], 'tax': 0}"), why="`df` changed: ['tax'] added"),
    miss("a column removed", FRAME, (", 'city': ['a', 'b', 'c']", ""), why="`df` changed: ['city'] removed"),
    miss("a column renamed", FRAME, ("'price'", "'cost'"), why="`df` changed: ['cost'] added, ['price'] removed"),
    miss(
        "columns reordered",
        FRAME,
        ("'price': [1, 2, 3], 'city': ['a', 'b', 'c']", "'city': ['a', 'b', 'c'], 'price': [1, 2, 3]"),
        why="`df` changed: the order of the columns",
    ),
    miss("an index", FRAME, ("'c']}", "'c']}, index=[5, 6, 7]"), why="`df` changed: index"),
    miss(
        "a column's dtype",
        FRAME.replace("to_csv()", "dtypes.to_string()"),
        ("'c']}", "'c']}).astype({'price': 'int32'}"),
        why="`df` changed: ['price']",
    ),
    miss(
        "a column's categories",
        PANDAS + "df = pd.DataFrame({'size': pd.Categorical(['s'], ['s', 'm'])})\n# %%\n%%step s\n"
        "x = list(df['size'].cat.categories)",
        ("['s', 'm']", "['s', 'l']"),
        why="`df` changed: ['size']",
    ),
    miss("an array's content", ARRAY, ("4]]", "5]]"), why="`weights` changed"),
    miss("an array's dtype", ARRAY, ("4]]", "4]], dtype='f4'"), why="`weights` changed: dtype"),
    miss("an array's shape", ARRAY, ("4]])", "4]]).reshape(4)"), why="`weights` changed: shape"),
    miss("an array's order", ARRAY, ("4]]", "4]], order='F'"), why="`weights` changed: memory order"),
    miss(
        "inputs that share",
        "a = [1]\nb = [1]\n# %%\n%%step s\na.append(2)\nx = len(b)",
        ("b = [1]", "b = a"),
        why="`a` and `b` share parts now",
    ),
    # Modules of the project.
    miss(
        "a module's function two imports deep",
        USE,
        files=DEEP,
        new={"low.py": DEEP["low.py"].replace("v * FACTOR", "v + FACTOR")},
        why="low.py changed: scale",
    ),
    miss(
        "a module's constant",
        USE,
        files=DEEP,
        new={"low.py": DEEP["low.py"].replace("= 2", "= 3")},
        why="low.py changed: FACTOR",
    ),
    miss(
        "a module's global that the notebook sets",
        "import low, top\n# %%\nlow.FACTOR = 5\n# %%\n%%step s\nx = top.run(3)",
        ("= 5", "= 6"),
        files=DEEP,
        why="low.FACTOR changed",
    ),
    # Files and the environment.
    miss(
        "a file",
        "%%step s\nx = open('a.txt').read()",
        files={"a.txt": "1"},
        new={"a.txt": "2"},
        why="the file a.txt has changed",
    ),
    miss(
        "a listing",
        "import os\n# %%\n%%step s\nx = sorted(os.listdir('parts'))",
        files={"parts/a": "1"},
        new={"parts/b": "1"},
        why="the names in the folder parts have changed",
    ),
    miss(
        "a file that was absent",
        "import os\n# %%\n%%step s\nx = os.path.exists('flag')",
        new={"flag": ""},
        why="flag is there now",
    ),
    miss(
        "an environment variable",
        "import os\n# %%\n%%step s\nx = os.environ['LEVEL']",
        env={"LEVEL": "1"},
        new_env={"LEVEL": "2"},
        why="the environment variable LEVEL has changed",
    ),
    # State that is in no variable.
    miss(
        "a seed",
        "import random\n# %%\nrandom.seed(1)\n# %%\n%%step s\nx = random.random()",
        ("seed(1)", "seed(2)"),
        why="generator of random is",
    ),
    miss(
        "a generator's state",
        NUMPY + "np.random.seed(1)\n# %%\n%%step s\nx = float(np.random.rand())",
        ("seed(1)", "seed(2)"),
        why="generator of numpy is",
    ),
    miss(
        "numpy's settings",
        NUMPY + "np.set_printoptions(precision=3)\n# %%\n%%step s\nx = str(np.array([1 / 3]))",
        ("=3", "=5"),
        why="numpy's setting print precision was 3, is 5",
    ),
    miss(
        "pandas' settings",
        PANDAS + "pd.set_option('display.precision', 3)\n# %%\n%%step s\nx = str(pd.Series([1 / 3]))",
        (", 3)", ", 5)"),
        why="setting display.precision was 3, is 5",
    ),
    miss(
        "matplotlib's settings",
        "import matplotlib as mpl\n# %%\nmpl.rcParams['lines.linewidth'] = 3\n# %%\n%%step s\n"
        "x = mpl.rcParams['lines.linewidth']",
        ("] = 3", "] = 5"),
        why="setting lines.linewidth was 3.0, is 5.0",
    ),
    miss(
        "a filter of warnings",
        "import warnings\n# %%\nwarnings.simplefilter('ignore')\n# %%\n%%step s\nx = warnings.filters[0][0]",
        ("'ignore'", "'always'"),
        why="warnings's setting filters was",
    ),
    miss(
        "the the working directory was a, is b",
        "import os\n# %%\nos.chdir('a')\n# %%\n%%step s\nx = os.path.basename(os.getcwd())",
        ("'a'", "'b'"),
        files={"a/x": "", "b/x": ""},
        why="the working directory was a, is b",
    ),
    # Options and setup.
    miss(
        "the value of source=",
        "v = 1\nimport time\n# %%\n%%step s source=\"open('stamp').read()\"\nx = v",
        files={"stamp": "1"},
        new={"stamp": "2"},
        same=True,
        why="source open('stamp').read() was '1', is '2'",
    ),
    miss(
        "outputs=",
        "%%step s outputs=x\nx = 1\ny = 2",
        ("outputs=x", "outputs=x,y"),
        same=True,
        why="outputs= was ('x',), is ('x', 'y')",
    ),
    miss(
        "env=", NUMPY + "%%step s\nx = int(np.int64(1))", ("step s", "step s env=ignore"), same=True, why="env= changed"
    ),
    miss(
        "a setup cell",
        "import decimal\n# %%\n%%step prepare setup=true\nlevel = 1\nimport sys; sys.level = level\n# %%\n%%step s\n"
        "import sys\nx = sys.level",
        ("level = 1", "level = 2"),
        why="the setup of sys changed: sys.level",
    ),
]

test_rows = table(ROWS)
