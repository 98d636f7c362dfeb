"""What steps do to the disk: on a hit it is as after plain execution, and nothing that a person has edited is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soundness.harness import hit, miss, run, table, write

S = "%%step s\nimport os, shutil, pathlib\n"
END = "\n# %%\nx = os.path.exists('out')"
MADE = "import pathlib, shutil, os\nfor p in ('d', 'out'): os.remove(p) if os.path.isfile(p) else shutil.rmtree(p, ignore_errors=True)\nos.makedirs('d/e')\npathlib.Path('d/a').write_text('1')\npathlib.Path('d/e/b').write_text('2')\n"
GONE = "import os, shutil\n[shutil.rmtree(p) if os.path.isdir(p) else os.remove(p) for p in os.listdir() if p.startswith('out')]"
FREE = (
    "os",
    "shutil",
    "pathlib",
    "pd",
    "pl",
    "np",
    "pa",
    "pq",
    "h5py",
    "torch",
    "sqlite3",
    "duckdb",
    "plt",
    "Image",
    "ds",
    "joblib",
    "json",
    "pickle",
    "csv",
    "zipfile",
    "tarfile",
    "gzip",
    "tempfile",
    "matplotlib",
    "m",
    "logging",
    "subprocess",
    "shelve",
    "dbm",
    "skio",
    "wavfile",
    "ET",
)

WRITERS = [
    ("open", "open('out', 'w').write('1');"),
    ("a folder", "os.makedirs('out/b/c')"),
    ("a file in new folders", "os.makedirs('out/b'); open('out/b/c', 'w').write('1');"),
    ("os.open", "f = os.open('out', os.O_CREAT | os.O_WRONLY)\nos.write(f, b'1')\nos.close(f)\ndel f"),
    ("a file that can be executed", "open('out', 'w').write('1'); os.chmod('out', 0o755)"),
    ("a file that is private", "open('out', 'w').write('1'); os.chmod('out', 0o600)"),
    ("a temporary file that is renamed", "open('out.tmp', 'w').write('1'); os.replace('out.tmp', 'out')"),
    (
        "a temporary file of the project",
        "import tempfile\nwith tempfile.NamedTemporaryFile('w', dir='.', delete=False) as f: f.write('1')\nos.rename(f.name, 'out')\ndel f",
    ),
    ("a hard link", "open('out1', 'w').write('1'); os.link('out1', 'out')"),
    ("shutil.copytree", "shutil.copytree('src', 'out')"),
    ("shutil.move", "shutil.copytree('src', 'out1'); shutil.move('out1', 'out')"),
    ("a folder renamed", "shutil.copytree('src', 'out1'); os.rename('out1', 'out')"),
    ("pandas.to_csv", "import pandas as pd\npd.DataFrame({'a': [1]}).to_csv('out')"),
    ("pandas.to_parquet", "import pandas as pd\npd.DataFrame({'a': [1]}).to_parquet('out.parquet')"),
    ("pandas.to_pickle", "import pandas as pd\npd.DataFrame({'a': [1]}).to_pickle('out')"),
    (
        "pyarrow's dataset",
        "import pyarrow as pa, pyarrow.dataset as ds\nds.write_dataset(pa.table({'a': [1, 2]}), 'out', format='parquet', partitioning=['a'])",
    ),
    (
        "polars",
        "import polars as pl\npl.DataFrame({'a': [1]}).write_csv('out.csv'); pl.DataFrame({'a': [1]}).write_parquet('out.pq')",
    ),
    ("polars' sink", "import polars as pl\npl.LazyFrame({'a': [1]}).sink_csv('out.csv')"),
    (
        "polars' frame with partitions",
        "import polars as pl\npl.DataFrame({'a': [1, 2]}).write_parquet('out', partition_by='a')",
    ),
    (
        "numpy.save",
        "import numpy as np\nnp.save('out.npy', np.arange(3)); np.savez('out.npz', a=np.arange(3)); np.savetxt('out.txt', [1.0])",
    ),
    ("ndarray.tofile", "import numpy as np\nnp.arange(3).tofile('out')"),
    ("numpy.memmap", "import numpy as np\nm = np.memmap('out', 'u1', 'w+', shape=(4,))\nm[:] = 7\nm.flush()\ndel m"),
    ("torch.save", "import torch\ntorch.save({'a': torch.ones(2)}, 'out.pt')"),
    ("h5py", "import h5py\nwith h5py.File('out.h5', 'w') as f: f['a'] = [1, 2]\ndel f"),
    (
        "sqlite3",
        "import sqlite3\nc = sqlite3.connect('out.db')\nc.execute('create table t (a)')\nc.execute('insert into t values (1)')\nc.commit()\nc.close()\ndel c",
    ),
    ("duckdb's copy", "import duckdb\nc = duckdb.connect()\nc.sql(\"copy (select 1 as a) to 'out.csv'\")\ndel c"),
    (
        "duckdb's database",
        "import duckdb\nc = duckdb.connect('out.duckdb')\nc.execute('create table t as select 1 as a')\nc.close()\ndel c",
    ),
    ("matplotlib", "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.savefig('out.png'); plt.close('all')"),
    ("pillow", "from PIL import Image\nImage.new('RGB', (2, 2)).save('out.png')"),
    ("joblib", "import joblib\njoblib.dump([1], 'out');"),
    ("json and pickle", "import json, pickle\njson.dump([1], open('out1', 'w')); pickle.dump([1], open('out2', 'wb'))"),
    (
        "zipfile",
        "import zipfile\nwith zipfile.ZipFile('out.zip', 'w') as f: f.writestr(zipfile.ZipInfo('a'), '1')\ndel f",
    ),
    (
        "extraction",
        "shutil.make_archive('out', 'tar', 'src'); shutil.unpack_archive('out.tar', 'out')\nos.remove('out.tar')",
    ),
    ("gzip", "import gzip\nwith gzip.GzipFile('out.gz', 'w', mtime=0) as f: f.write(b'1')\ndel f"),
    (
        "logging",
        "import logging\nh = logging.FileHandler('out')\nh.emit(logging.makeLogRecord({'msg': 'a'}))\nh.close()\ndel h",
    ),
    ("shelve", "import shelve\nwith shelve.open('out') as f: f['a'] = 1\ndel f"),
    (
        "a thread",
        "import threading\nt = threading.Thread(target=lambda: open('out', 'w').write('1'))\nt.start(); t.join()\ndel t",
    ),
    ("print to a file", "with open('out', 'w') as f: print(1, file=f)\ndel f"),
    ("%%writefile", None),
]
CHANGES = [
    ("a file appended", "import pathlib\npathlib.Path('f').write_text('1')", "open('f', 'a').write('2');"),
    ("a file written over", "import pathlib\npathlib.Path('f').write_text('1')", "open('f', 'w').write('2');"),
    ("a file removed", "import pathlib\npathlib.Path('f').write_text('1')", "os.remove('f')"),
    ("a file unlinked", "import pathlib\npathlib.Path('f').write_text('1')", "pathlib.Path('f').unlink()"),
    ("a file renamed", "import pathlib\npathlib.Path('f').write_text('1')", "os.rename('f', 'out')"),
    ("a file truncated", "import pathlib\npathlib.Path('f').write_text('123')", "os.truncate('f', 1)"),
    (
        "a file changed in the middle",
        "import pathlib\npathlib.Path('f').write_text('123')",
        "f = open('f', 'r+')\nf.seek(1)\nf.write('x')\nf.close()\ndel f",
    ),
    ("a folder removed", MADE, "shutil.rmtree('d')"),
    ("an empty folder removed", "import os\nos.makedirs('d', exist_ok=True)", "os.rmdir('d')"),
    ("a folder of the folder removed", MADE, "shutil.rmtree('d/e')"),
    ("all but a folder removed", MADE, "os.remove('d/e/b')"),
    ("a folder removed with its parents", "import os\nos.makedirs('d/e/f', exist_ok=True)", "os.removedirs('d/e/f')"),
    ("a folder renamed", MADE, "os.rename('d', 'out')"),
    ("a folder moved", MADE, "shutil.move('d', 'out')"),
    ("a folder made anew", MADE, "shutil.rmtree('d'); os.mkdir('d'); open('d/n', 'w').write('1');"),
    ("a file in place of a folder", MADE, "shutil.rmtree('d'); open('d', 'w').write('1');"),
    (
        "a folder in place of a file",
        "import os, pathlib, shutil\nos.path.isdir('f') and shutil.rmtree('f')\npathlib.Path('f').write_text('1')",
        "os.remove('f'); os.mkdir('f')",
    ),
]
NOT_KEPT = [
    ("a symbolic link", "import os\nos.path.islink('out') and os.remove('out')", "os.symlink('src', 'out')"),
    ("the mode of a file", "import os\nos.chmod('src/a', 0o644)", "os.chmod('src/a', 0o755)"),
    ("the mode of a folder", "import os\nos.chmod('src', 0o755)", "os.chmod('src', 0o700)"),
    ("the times of a file", "import os\nos.utime('src/a', (5, 5))", "os.utime('src/a', (1, 1))"),
    (
        "a file outside of the project",
        "import os\nos.path.exists('../far') and os.remove('../far')",
        "open('../far', 'w').write('1');",
    ),
    (
        "a folder outside of the project",
        "import os\nos.path.exists('../far') and os.rmdir('../far')",
        "os.mkdir('../far')",
    ),
    ("a file removed outside of the project", "open('../far', 'w').write('1');", "os.remove('../far')"),
]
SRC = {"src/a": "1", "src/b/c": "2"}
SEEN = "\n# %%\nimport os\nx = sorted((r, sorted(n)) for r, _, n in os.walk('.') if '.steppe' not in r and '.git' not in r)"


def _step(done: str | None) -> str:
    first = done.partition("\n")[0] if done else ""
    first = f"{first}\n# %%\n" if first.startswith("import ") and first.split()[1] in ("torch", "h5py") else ""
    return f"{first}{S}{done}" if done else "%%step s\n%%writefile out\none\n"


ROWS = [
    *(
        hit(f"written and gone: {name}", _step(done), files=SRC, do=GONE, free=FREE)
        for name, done in WRITERS
    ),
    *(hit(f"{name}, again", f"{made}\n# %%\n{S}{done}{SEEN}", files=SRC, free=FREE) for name, made, done in CHANGES),
    *(miss(f"uncached: {name}", f"{made}\n# %%\n{S}{done}\n# %%\nx = os.stat('src/a').st_mode, os.path.exists('../far')", files=SRC, free=FREE, same=True, step="s") for name, made, done in NOT_KEPT),
    miss("a folder that is removed holds a new file", f"n = 1\n{MADE}open(f'd/{{n}}', 'w').write('1');\n# %%\n{S}shutil.rmtree('d')\nx = 1", ("n = 1", "n = 2"), files=SRC, free=(*FREE, "n"), same=True),
    miss("a folder where a file was written", f"{S}open('out', 'w').write('1');", do="import os\nos.remove('out')\nos.mkdir('out')", free=FREE, same=True),
    miss("a file in a temporary folder", f"{S}import tempfile\np = os.path.join(tempfile.gettempdir(), f'steppe-row-{{os.getppid()}}')\nopen(p, 'w').write('1')\nx = 1\n# %%\nos.remove(p)", free=(*FREE, "p"), same=True),
    hit("a temporary folder that is gone", f"{S}import tempfile\nwith tempfile.TemporaryDirectory() as t:\n    open(t + '/a', 'w').write('1')\n    x = open(t + '/a').read()\ndel t", free=FREE),
]  # fmt: skip
test_rows = table(ROWS)


@pytest.mark.parametrize(
    ("name", "first", "step", "edit", "kept"),
    [
        ("what a step wrote, edited", "", "open('out', 'w').write('1');", {"out": "mine"}, ["out.kept-1"]),
        ("what a step wrote, as it was", "", "open('out', 'w').write('1');", {}, []),
        ("what it wrote over, edited", "open('out', 'w').write('0');", "open('out', 'w').write('1');", None, []),
        ("what a step moved, edited", "", "open('a', 'w').write('1'); os.rename('a', 'out.csv')", {"out.csv": "mine"}, ["out.kept-1.csv"]),
    ],
)  # fmt: skip
def test_a_hit_keeps_a_copy_of_what_a_person_has_edited(name, first, step, edit, kept, tmp_path: Path):
    (tmp_path / ".git").mkdir()
    cells = (f"{first}\n# %%\n" if first else "") + f"{S}{step}"
    for _ in range(2 if edit is None else 1):
        run(tmp_path, cells)
    write(tmp_path, edit or {})
    cell = run(tmp_path, cells)["cells"][-1]
    assert cell["state"] == "hit", cell["why"]
    assert sorted(path.name for path in tmp_path.glob("*.kept-*")) == kept
    assert (tmp_path / ("out.csv" if "csv" in step else "out")).read_text() == "1"
    if kept:
        assert (tmp_path / kept[0]).read_text() == "mine"
        assert f"was edited since: your version is kept as {kept[0]}" in "; ".join(cell["why"])
