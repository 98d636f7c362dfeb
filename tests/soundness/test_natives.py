"""Functions that read in native code, by whichever name a cell, a step or a module of the project calls them."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

NEXT = {"files": {"d.csv": "a,b\n1,2\n"}, "new": {"d.csv": "a,b\n1,3\n"}}
READ = "\n# %%\n%%step s\nx = read(''.join(['d', '.csv']))"
DUCK = "import duckdb, pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})\n# %%\n%%step s"
FOUND = "\nx = duckdb.sql('select sum(a) from df').fetchall()"
CONNECTED = "\nc = duckdb.connect()\nx = c.execute('select sum(a) from df').fetchall()\ndel c"
MINE = {"mine.py": "from polars import read_csv\ndef read(path):\n    return read_csv(path)"}

ROWS = [
    miss("a reader that a step imported", "%%step one\nfrom polars import read_csv as read\ny = 1" + READ, **NEXT),
    miss(
        "a reader that a step imported of what was loaded before",
        "import polars\n# %%\n%%step one\nfrom polars import read_csv as read\ny = 1" + READ,
        **NEXT,
    ),
    miss("a reader that a setup cell imported", "%%step one\nfrom polars import read_csv as read" + READ, **NEXT),
    miss("a reader that a plain cell imported", "from polars import read_csv as read" + READ, **NEXT),
    miss("a reader from a part of its library", "from polars.io import read_csv as read" + READ, **NEXT),
    miss("a reader in C", "from pyarrow.csv import read_csv as read" + READ, **NEXT, free=("read",)),
    miss("a reader in a dict", "import polars\nreaders = {'csv': polars.read_csv}" + READ.replace("read(", "readers['csv']("), **NEXT),
    miss(
        "a reader in a module of the project",
        "from mine import read" + READ,
        files={**NEXT["files"], **MINE},
        new=NEXT["new"],
    ),
    miss(
        "DuckDB's sql that a plain cell imported",
        "from duckdb import sql\n# %%\n%%step s\nx = sql(\"select * from '\" + ''.join(['d', '.csv']) + \"'\").fetchall()",
        **NEXT,
    ),
    hit("a frame that DuckDB finds by its name", DUCK + FOUND),
    miss("a frame that DuckDB finds by its name has changed", DUCK + FOUND, ("[1, 2]", "[1, 3]")),
    hit("a local frame that DuckDB finds", DUCK + "\ndef f():\n    df = pd.DataFrame({'a': [5]})\n    return duckdb.sql('select sum(a) from df').fetchall()\nx = f()"),
    hit("a frame that a connection finds", DUCK + CONNECTED),
    hit("a frame that a connection finds in a worker", DUCK + " on=process" + CONNECTED),
]  # fmt: skip

test_rows = table(ROWS)
