"""Files that a step reads, by whichever library: inputs by their content, whatever their times and sizes say."""

from __future__ import annotations

import io
import pickle
import sqlite3
import zipfile
from typing import Any

import pandas as pd

from tests.soundness.harness import hit, miss, table

CSV = ("a,b\n1,2\n", "a,b\n1,3\n")

MAKE = "import os, shutil\nthere = os.stat('{name}')\nshutil.copyfile('next/{name}', '{name}')\nos.utime('{name}', ns=(there.st_atime_ns, there.st_mtime_ns))"
"""Puts the next content in place of a file's own, and gives it the times that it had."""


def parquet(number: int) -> bytes:
    """Return a small Parquet file."""
    return bytes(pd.DataFrame({"a": [number]}).to_parquet())


def zipped(text: str) -> bytes:
    """Return a small ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", text)
    return out.getvalue()


def database(number: int) -> bytes:
    """Return a small SQLite database."""
    made = sqlite3.connect(":memory:")
    made.execute("create table t (a)")
    made.execute("insert into t values (?)", (number,))
    made.commit()
    return made.serialize()


READERS: list[tuple[str, str, str, Any, Any]] = [
    # name, file, step, its content, its next content
    ("open", "d.csv", "x = open('d.csv').read()", *CSV),
    ("Path.read_text", "d.csv", "from pathlib import Path\nx = Path('d.csv').read_text()", *CSV),
    ("Path.read_bytes", "d.csv", "from pathlib import Path\nx = Path('d.csv').read_bytes()", *CSV),
    ("numpy.loadtxt", "d.txt", "import numpy as np\nx = np.loadtxt('d.txt')", "1 2", "1 3"),
    ("numpy.fromfile", "d.bin", "import numpy as np\nx = np.fromfile('d.bin', 'i1')", b"12", b"13"),
    ("numpy.memmap", "d.bin", "import numpy as np\nx = int(np.memmap('d.bin', 'i1')[1])", b"12", b"13"),
    ("pandas.read_csv", "d.csv", "import pandas as pd\nx = pd.read_csv('d.csv')", *CSV),
    ("pandas.read_csv by pyarrow", "d.csv", "import pandas as pd\nx = pd.read_csv('d.csv', engine='pyarrow')", *CSV),
    ("pandas.read_json", "d.json", "import pandas as pd\nx = pd.read_json('d.json')", '{"a": [1]}', '{"a": [2]}'),
    ("pandas.read_parquet", "d.pq", "import pandas as pd\nx = pd.read_parquet('d.pq')", parquet(1), parquet(2)),
    ("pyarrow.parquet", "d.pq", "import pyarrow.parquet as pq\nx = pq.read_table('d.pq')", parquet(1), parquet(2)),
    ("pyarrow.csv", "d.csv", "import pyarrow.csv as pc\nx = pc.read_csv('d.csv')", *CSV),
    ("a dataset's folder", "d/s/d.parquet", "import pyarrow.dataset as ds\nx = ds.dataset('d').to_table()", parquet(1), parquet(2)),
    ("polars.read_csv", "d.csv", "import polars as pl\nx = pl.read_csv('d.csv')", *CSV),
    ("polars.scan_csv", "d.csv", "import polars as pl\nx = pl.scan_csv('d.csv').collect()", *CSV),
    ("polars.read_parquet", "d.pq", "import polars as pl\nx = pl.read_parquet('d.pq')", parquet(1), parquet(2)),
    ("sqlite3", "d.db", "import sqlite3\nx = sqlite3.connect('d.db').execute('select * from t').fetchall()", database(1), database(2)),
    ("duckdb.sql", "d.csv", "import duckdb\nx = duckdb.sql(\"select * from 'd.csv'\").fetchall()", *CSV),
    ("duckdb's read_csv in SQL", "d.csv", "import duckdb\nx = duckdb.sql(\"select * from read_csv('d.csv')\").fetchall()", *CSV),
    ("a connection's sql", "d.csv", "import duckdb\nc = duckdb.connect()\nx = c.sql(\"select * from 'd.csv'\").fetchall()\ndel c", *CSV),
    ("a connection's sql and a built path", "d1.csv", "import duckdb\nc = duckdb.connect()\nx = c.sql(f\"select * from 'd{3 - 2}.csv'\").fetchall()\ndel c", *CSV),
    ("a connection's execute", "d.csv", "import duckdb\nc = duckdb.connect()\nx = c.execute(\"select * from 'd.csv'\").fetchall()\ndel c", *CSV),
    ("a connection's read_csv", "d.csv", "import duckdb\nc = duckdb.connect()\nx = c.read_csv('d.csv').fetchall()\ndel c", *CSV),
    ("pickle", "d.pkl", "import pickle\nx = pickle.load(open('d.pkl', 'rb'))", pickle.dumps(1), pickle.dumps(2)),
    ("joblib", "d.pkl", "import joblib\nx = joblib.load('d.pkl')", pickle.dumps(1), pickle.dumps(2)),
    ("zipfile", "d.zip", "import zipfile\nx = zipfile.ZipFile('d.zip').read('a.txt')", zipped("1"), zipped("2")),
    ("json", "d.json", "import json\nx = json.load(open('d.json'))", "[1]", "[2]"),
    ("configparser", "d.ini", "import configparser\nc = configparser.ConfigParser()\nc.read('d.ini')\nx = c['a']['b']\ndel c", "[a]\nb=1\n", "[a]\nb=2\n"),
    ("tomllib", "d.toml", "import tomllib\nx = tomllib.load(open('d.toml', 'rb'))", "a = 1", "a = 2"),
    ("linecache", "d.txt", "import linecache\nx = linecache.getline('d.txt', 1)", "1\n", "2\n"),
    ("shutil.copy", "d.txt", "import shutil\nshutil.copy('d.txt', 'e.txt')\nx = open('e.txt').read()", "1", "2"),
    ("a path in a dict", "d.txt", "# %%\n%%step s\nx = open(c['path']).read()", "1", "2"),
]  # fmt: skip


QUICK = ("open", "pandas.read_csv", "polars.scan_csv", "sqlite3", "duckdb.sql")
"""Readers whose hits are seen each time; the others' with the slow rows."""


def rows_of(name: str, file: str, step: str, old: Any, new: Any) -> list[Any]:
    """Return a reader's two rows: the content changes and nothing else does, and nothing changes."""
    code = f"c = {{'path': '{file}'}}\n{step}" if step.startswith("# %%") else f"%%step s\n{step}"
    return [
        miss(f"{name}: content", code, files={file: old, f"next/{file}": new}, do=MAKE.format(name=file)),
        hit(f"{name}: nothing", code, files={file: old}, slow=name not in QUICK),
    ]


ROWS = [
    *(row for reader in READERS for row in rows_of(*reader)),
    miss("a file that was absent", "%%step s\nimport os\nx = os.path.exists('a')", new={"a": "1"}),
    miss("a listed folder", "%%step s\nimport os\nx = sorted(os.listdir('d'))", files={"d/a": ""}, new={"d/b": ""}),
    miss("a scanned folder", "%%step s\nimport os\nx = sorted(e.name for e in os.scandir('d'))", files={"d/a": ""}, new={"d/b": ""}),
    miss("a walked folder", "%%step s\nimport os\nx = sorted(r for r, *_ in os.walk('d'))", files={"d/a": ""}, new={"d/e/b": ""}),
    miss("glob", "%%step s\nimport glob\nx = sorted(glob.glob('d/*'))", files={"d/a": ""}, new={"d/b": ""}),
    miss("rglob", "%%step s\nfrom pathlib import Path\nx = sorted(map(str, Path('d').rglob('*.t')))", files={"d/a": "", "d/e/f": ""}, new={"d/e/b.t": ""}),
    miss("getsize", "%%step s\nimport os\nx = os.path.getsize('a')", files={"a": "1"}, new={"a": "12"}),
    miss("polars: a new file under a pattern", "%%step s\nimport polars as pl\nx = pl.scan_csv('d/*.csv').collect()", files={"d/a.csv": "a\n1\n"}, new={"d/b.csv": "a\n2\n"}),
    miss("duckdb: a new file under a pattern", "%%step s\nimport duckdb\nx = sorted(duckdb.sql(\"select * from 'd/*.csv'\").fetchall())", files={"d/a.csv": "a\n1\n"}, new={"d/b.csv": "a\n2\n"}),
    miss("a dataset's new file", "%%step s\nimport pyarrow.dataset as ds\nx = ds.dataset('d').count_rows()", files={"d/a.parquet": parquet(1)}, new={"d/b.parquet": parquet(2)}),
    miss("a link that leads elsewhere", "%%step s\nx = open('l').read()", files={"a": "1", "b": "2", "l": "0"}, do="import os\nos.remove('l')\nos.symlink('b', 'l')"),
    miss("a folder that a plain cell goes to", "import os\nos.chdir('a')\n# %%\n%%step s\nx = open('f').read()", ("chdir('a')", "chdir('b')"), files={"a/f": "1", "b/f": "2"}),
    *(
        miss(f"a variable of the environment: {how}", f"%%step s\nimport os\nx = {how}", env={"V": "1"}, new_env={"V": "2"})
        for how in ("os.environ['V']", "os.environ.get('V')", "os.getenv('V')", "dict(os.environ)['V']")
    ),
    miss("a secret that changes", "%%step s\nimport os\nx = len(os.environ['MY_TOKEN'])", env={"MY_TOKEN": "1"}, new_env={"MY_TOKEN": "12"}),
    hit("a secret that stays", "%%step s\nimport os\nx = len(os.environ['MY_TOKEN'])", env={"MY_TOKEN": "1"}),
]  # fmt: skip

test_rows = table(ROWS)
