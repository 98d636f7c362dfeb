"""What a step's children read and write: processes that multiprocessing, joblib or `os.fork` make of this one."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

S = "%%step s\n"
FREE = ("m", "mp", "os", "Pool", "joblib", "ProcessPoolExecutor", "np", "random", "pool", "time")

M = {"m.py": "def f(n):\n    return open('a' + '.txt').read() * n\n"}
OLD, NEW = {**M, "a.txt": "1"}, {"a.txt": "2"}

FORK = "import multiprocessing as mp, m\n"
USES = {
    "a forked Pool": FORK + "with mp.get_context('fork').Pool(2) as p:\n    x = p.map(m.f, [1, 2])\ndel p",
    "a Pool with a timeless end": FORK
    + "p = mp.get_context('fork').Pool(2)\nx = p.map(m.f, [1, 2])\np.terminate()\ndel p",
    "a ProcessPoolExecutor": FORK
    + "from concurrent.futures import ProcessPoolExecutor\n"
    + "with ProcessPoolExecutor(2, mp_context=mp.get_context('fork')) as p:\n    x = list(p.map(m.f, [1, 2]))\ndel p",
    "a forked Process": FORK
    + "c = mp.get_context('fork')\nq = c.SimpleQueue()\np = c.Process(target=lambda: q.put(m.f(1)))\n"
    + "p.start()\nx = q.get()\np.join()\ndel c, q, p",
    "os.fork": "import os, m\nr, w = os.pipe()\nif not os.fork():\n    os.write(w, m.f(1).encode())\n    os._exit(0)\n"
    "x = os.read(r, 9)\nos.close(r), os.close(w)\nos.wait()\ndel r, w",
    "a child's child": FORK
    + "import os\ndef g(n):\n    r, w = os.pipe()\n    if not os.fork():\n        os.write(w, m.f(n).encode())\n"
    + "        os._exit(0)\n    return os.read(r, 9)\n"
    + "with mp.get_context('fork').Pool(1) as p:\n    x = p.map(g, [1])\ndel p, g",
    "a child that has closed all": "import os, m\nr, w = os.pipe()\nif not os.fork():\n    os.dup2(w, 3)\n"
    "    os.closerange(4, 4096)\n    os.write(3, m.f(1).encode())\n    os._exit(0)\n"
    "x = os.read(r, 9)\nos.close(r), os.close(w)\nos.wait()\ndel r, w",
    "a spawned Pool": FORK + "with mp.get_context('spawn').Pool(1) as p:\n    x = p.map(m.f, [1, 2])\ndel p",
    "a Pool of a fork server": FORK
    + "with mp.get_context('forkserver').Pool(1) as p:\n    x = p.map(m.f, [1, 2])\ndel p",
    "joblib": "import joblib, m\nx = joblib.Parallel(n_jobs=2)(joblib.delayed(m.f)(n) for n in (1, 2))",
    "joblib with multiprocessing": "import joblib, m\n"
    "x = joblib.Parallel(n_jobs=2, backend='multiprocessing')(joblib.delayed(m.f)(n) for n in (1, 2))",
}

READS = [
    row
    for name, cell in USES.items()
    for row in (
        miss(name, S + cell, files=OLD, new=NEW, free=FREE),
        hit(f"{name}, unchanged", S + cell, files=OLD, new={"b.txt": "2"}, free=FREE),
    )
]

test_reads = table(READS)

EARLIER = [
    miss(
        "workers of joblib from a plain cell before the step",
        f"import joblib, m\n_ = joblib.Parallel(n_jobs=2)(joblib.delayed(abs)(n) for n in (1, 2))\n# %%\n{S}"
        "x = joblib.Parallel(n_jobs=2)(joblib.delayed(m.f)(n) for n in (1, 2))",
        files=OLD,
        new=NEW,
        free=FREE,
    ),
    miss(
        "workers of joblib from an earlier step that reads the same file",
        f"%%step r\nimport joblib, m\ny = joblib.Parallel(n_jobs=2)(joblib.delayed(m.f)(n) for n in (1, 2))\n# %%\n{S}"
        "x = joblib.Parallel(n_jobs=2)(joblib.delayed(m.f)(n) for n in (1, 2))",
        files=OLD,
        new=NEW,
        free=FREE,
    ),
    miss(
        "a Pool that a module keeps from before the step",
        f"import m, k\nk.begin()\n# %%\n{S}x = k.ask()\n# %%\nk.end()",
        files={
            **OLD,
            "k.py": "import multiprocessing as mp, m\n"
            "def begin():\n    global ask, p\n    p = mp.get_context('fork').Pool(1)\n    ask = lambda: p.map(m.f, [1])\n"
            "def end():\n    p.terminate()\n",
        },
        new=NEW,
        free=(*FREE, "k"),
    ),
]

test_earlier = table(EARLIER)


def asked(items: str) -> str:
    """A cell in which a child calls `m.f` for each of some items."""
    return f"{FORK}with mp.get_context('fork').Pool(1) as p:\n    x = p.map(m.f, {items})\ndel p"


POOL = FORK + "with mp.get_context('fork').Pool(2) as p:\n    x = p.map(m.f, ['b', 'c'])\ndel p"
OTHERS = [
    miss(
        "a folder that a child lists",
        S + asked("'d'"),
        files={"m.py": "import os\ndef f(n):\n    return sorted(os.listdir(n))\n", "d/a": "1"},
        new={"d/b": "1"},
        free=FREE,
    ),
    miss(
        "a file that a child asks for",
        S + asked("'d'"),
        files={"m.py": "import os\ndef f(n):\n    return os.path.exists(n + '.txt')\n"},
        new={"d.txt": "1"},
        free=FREE,
    ),
    miss(
        "a variable that a child reads",
        S + asked("'A'"),
        files={"m.py": "import os\ndef f(n):\n    return os.environ['ZZ_' + n]\n"},
        env={"ZZ_A": "1"},
        new_env={"ZZ_A": "2"},
        free=FREE,
    ),
    miss(
        "a variable that a worker of joblib reads",
        S + "import joblib, m\nx = joblib.Parallel(n_jobs=2)(joblib.delayed(m.f)(n) for n in 'AA')",
        files={"m.py": "import os\ndef f(n):\n    return os.environ['ZZ_' + n]\n"},
        env={"ZZ_A": "1"},
        new_env={"ZZ_A": "2"},
        free=FREE,
    ),
    miss(
        "Parquet that a child reads in native code",
        S + asked("'d'"),
        files={
            "m.py": "import pyarrow.parquet as q\ndef f(n):\n    return q.read_table(n + '.parquet')['a'].to_pylist()\n"
        },
        new={},
        do="import pyarrow as pa, pyarrow.parquet as q\nq.write_table(pa.table({'a': [1]}), 'd.parquet')",
        free=FREE,
        same=True,
    ),
    miss(
        "a seed that children inherit",
        "import numpy as np\nnp.random.seed(1)\n# %%\n" + S + asked("[1]"),
        ("seed(1)", "seed(2)"),
        files={"m.py": "import numpy as np\ndef f(n):\n    return float(np.random.rand())\n"},
        free=FREE,
    ),
    hit(
        "files that children leave",
        S + POOL,
        files={"m.py": "def f(n):\n    open(n + '.txt', 'w').write(n)\n    return open(n + '.txt').read()\n"},
        new={"b.txt": None},
        free=FREE,
    ),
    hit(
        "files that children leave and the step reads",
        S
        + POOL
        + "\nimport os\ny = [sorted(n for n in os.listdir('o')), open('o/b.txt').read(), os.path.exists('o/c.txt')]",
        files={
            "o/a": "",
            "m.py": "def f(n):\n    open('o/' + n + '.txt', 'w').write(n)\n    return open('o/' + n + '.txt').read()\n",
        },
        new={"o/b.txt": None, "o/c.txt": None},
        free=FREE,
    ),
    hit(
        "a file that the step leaves and children read",
        S
        + FORK
        + "with mp.get_context('fork').Pool(1) as p:\n    open('b.txt', 'w').write('1')\n    x = p.map(m.f, ['b'])\ndel p",
        files={"m.py": "def f(n):\n    return open(n + '.txt').read()\n"},
        new={"b.txt": None},
        free=FREE,
    ),
    hit(
        "a search of scikit-learn with two jobs",
        S
        + "from sklearn.model_selection import cross_val_score\nfrom sklearn.svm import SVC\n"
        + "from sklearn.datasets import load_iris\nx = cross_val_score(SVC(), *load_iris(return_X_y=True), n_jobs=2)\n"
        + "# %%\n%%step t\ny = cross_val_score(SVC(C=2), *load_iris(return_X_y=True), n_jobs=2)",
        files={},
        new={"b.txt": "1"},
        free=(*FREE, "cross_val_score", "SVC", "load_iris"),
    ),
    hit(
        "a forest with two jobs",
        S
        + "from sklearn.ensemble import RandomForestClassifier as RF\nfrom sklearn.datasets import load_iris\n"
        + "x = RF(5, random_state=1, n_jobs=2).fit(*load_iris(return_X_y=True)).predict([[1, 2, 3, 4]])",
        new={"b.txt": "1"},
        free=(*FREE, "RF", "load_iris"),
    ),
]

test_others = table(OTHERS)
