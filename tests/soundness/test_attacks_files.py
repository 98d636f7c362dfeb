"""Further edits of files and modules: what is found where, what lies inside of what, and who reads it."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq

from tests.soundness.harness import hit, miss, table

S = "%%step s\n"
FREE = ("m", "n", "p", "q", "f", "c", "np", "pd", "pl", "ns", "sys", "os", "importlib", "zlib", "conf")


def zipped(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in members.items():
            made.writestr(zipfile.ZipInfo(f"{name}.py"), content)
    return out.getvalue()


def tarred(content: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        entry = tarfile.TarInfo("a")
        entry.size = len(content)
        made.addfile(entry, io.BytesIO(content.encode()))
    return out.getvalue()


def parquet(value: int) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"a": [value]}), out)
    return out.getvalue()


def changed(name: str, cells: str, old: dict, new: dict, **more: object) -> object:
    """A row whose files change and nothing else."""
    return miss(name, cells, files=old, new=new, **{"free": FREE, **more})  # type: ignore[arg-type]


FILES = [
    changed(
        "gzip",
        S + "import gzip\nx = gzip.open('a.gz').read()",
        {"a.gz": gzip.compress(b"1", mtime=0)},
        {"a.gz": gzip.compress(b"2", mtime=0)},
        free=(*FREE, "gzip"),
    ),
    changed(
        "a member of a zip by pandas",
        S + "import pandas as pd\nx = pd.read_csv('a.zip').values.tolist()",
        {"a.zip": zipped(d="a\n1")},
        {"a.zip": zipped(d="a\n2")},
    ),
    changed(
        "a member of a tar",
        S + "import tarfile\nx = tarfile.open('a.tar').extractfile('a').read()",
        {"a.tar": tarred("1")},
        {"a.tar": tarred("2")},
        free=(*FREE, "tarfile"),
    ),
    changed(
        "package data by importlib.resources",
        S + "import importlib.resources as r\nx = r.files('p').joinpath('d.txt').read_text()",
        {"p/__init__.py": "", "p/d.txt": "1"},
        {"p/d.txt": "2"},
        free=(*FREE, "r"),
    ),
    changed(
        "package data by pkgutil",
        S + "import pkgutil\nx = pkgutil.get_data('p', 'd.txt')",
        {"p/__init__.py": "", "p/d.txt": "1"},
        {"p/d.txt": "2"},
        free=(*FREE, "pkgutil"),
    ),
    changed(
        "a listing of package data",
        S + "import importlib.resources as r\nx = sorted(i.name for i in r.files('p').iterdir() if i.name[0] != '_')",
        {"p/__init__.py": "", "p/d.txt": "1"},
        {"p/e.txt": "2"},
        free=(*FREE, "r"),
    ),
    changed(
        ".env by dotenv",
        S + "import dotenv\nx = dotenv.dotenv_values('.env')['A']",
        {".env": "A=1\n"},
        {".env": "A=2\n"},
        free=(*FREE, "dotenv"),
    ),
    changed(
        ".env loaded by a plain cell",
        "import dotenv, os\ndotenv.load_dotenv('.env')\n# %%\n" + S + "x = os.environ['ZZ_A']",
        {".env": "ZZ_A=1\n"},
        {".env": "ZZ_A=2\n"},
        free=(*FREE, "dotenv"),
    ),
    changed(
        "configuration that a module reads at its import",
        S + "import m\nx = m.get()",
        {"m.py": "import json\nC = json.load(open('c.json'))\ndef get(): return C['a']\n", "c.json": '{"a": 1}'},
        {"c.json": '{"a": 2}'},
    ),
    changed(
        "configuration two imports deep",
        S + "import m\nx = m.n.V",
        {
            "m.py": "import n\n",
            "n.py": "import pathlib\nV = (pathlib.Path(__file__).parent / 'c.txt').read_text()\n",
            "c.txt": "1",
        },
        {"c.txt": "2"},
    ),
    changed(
        "configuration that a function caches",
        "import m\nm.get()\n# %%\n" + S + "x = m.get()",
        {"m.py": "import functools\n@functools.cache\ndef get(): return open('c.txt').read()\n", "c.txt": "1"},
        {"c.txt": "2"},
    ),
    changed(
        "a file by a path in a module",
        S + "import m\nx = open(m.P).read()",
        {"m.py": "P = 'c.txt'\n", "c.txt": "1"},
        {"c.txt": "2"},
    ),
    changed(
        "a file by a path in another file",
        S + "x = open(open('p.txt').read()).read()",
        {"p.txt": "c.txt", "c.txt": "1"},
        {"c.txt": "2"},
    ),
    changed(
        "a file that is not there: a fallback",
        S + "try: x = open('late').read()\nexcept FileNotFoundError: x = 0",
        {},
        {"late": "1"},
    ),
    changed(
        "a file that is not there, for pandas",
        S + "import pandas as pd\ntry: x = len(pd.read_csv('late.csv'))\nexcept FileNotFoundError: x = 0",
        {},
        {"late.csv": "a\n1\n"},
    ),
    changed(
        "a file that is not there, for pathlib",
        S + "import pathlib\nx = pathlib.Path('late').is_file()",
        {},
        {"late": "1"},
        free=(*FREE, "pathlib"),
    ),
    changed(
        "a folder that is not there",
        S + "import os\ntry: x = os.listdir('late')\nexcept FileNotFoundError: x = 0",
        {},
        {"late/a": "1"},
    ),
    changed(
        "a folder that is not there, scanned",
        S + "import glob\nx = glob.glob('late/*')",
        {},
        {"late/a": "1"},
        free=(*FREE, "glob"),
    ),
    changed(
        "the first of two that is there",
        S + "import os\nx = next(open(p).read() for p in ('a', 'b') if os.path.exists(p))",
        {"b": "1"},
        {"a": "2"},
    ),
    changed("a file removed", S + "import os\nx = os.path.exists('a')", {"a": "1"}, {"a": None}),
    changed(
        "a new partition of a Parquet folder",
        S + "import pandas as pd\nx = len(pd.read_parquet('d'))",
        {"d/k=1/a.parquet": parquet(1)},
        {"d/k=2/a.parquet": parquet(2)},
    ),
    changed(
        "a partition's file changed",
        S + "import pandas as pd\nx = pd.read_parquet('d')['a'].tolist()",
        {"d/k=1/a.parquet": parquet(1)},
        {"d/k=1/a.parquet": parquet(2)},
    ),
    changed(
        "a new partition, scanned by polars",
        S + "import polars as pl\nx = pl.scan_parquet('d').collect().height",
        {"d/k=1/a.parquet": parquet(1)},
        {"d/k=2/a.parquet": parquet(2)},
    ),
    changed(
        "a pattern that is built",
        S + "import glob\nx = sorted(glob.glob('d/' + '*' + '.t'))",
        {"d/a.t": "1"},
        {"d/b.t": "1"},
        free=(*FREE, "glob"),
    ),
    changed(
        "a pattern below",
        S + "import glob\nx = sorted(glob.glob('d/**/*.t', recursive=True))",
        {"d/e/a.t": "1"},
        {"d/e/g/b.t": "1"},
        free=(*FREE, "glob"),
    ),
    changed(
        "Path.walk's kin, sizes of files",
        S + "import pathlib\nx = sum(p.stat().st_size for p in pathlib.Path('d').iterdir())",
        {"d/a": "1"},
        {"d/a": "12"},
        free=(*FREE, "pathlib"),
    ),
    changed(
        "filecmp",
        S + "import filecmp\nx = filecmp.cmp('a', 'b', shallow=False)",
        {"a": "1", "b": "1"},
        {"b": "2"},
        free=(*FREE, "filecmp"),
    ),
    changed(
        "fileinput",
        S + "import fileinput\nx = list(fileinput.input('a'))",
        {"a": "1"},
        {"a": "2"},
        free=(*FREE, "fileinput"),
    ),
    changed(
        "mmap",
        S + "import mmap\nwith open('a', 'rb') as f: x = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)[:]\ndel f",
        {"a": "1"},
        {"a": "2"},
        free=(*FREE, "mmap"),
    ),
    changed(
        "os.open and os.read",
        S + "import os\nf = os.open('a', os.O_RDONLY)\nx = os.read(f, 9)\nos.close(f)",
        {"a": "1"},
        {"a": "2"},
    ),
    changed("numpy.memmap", S + "import numpy as np\nx = np.memmap('a', 'u1', 'r').tolist()", {"a": "1"}, {"a": "2"}),
    changed("numpy.fromfile", S + "import numpy as np\nx = np.fromfile('a', 'u1').tolist()", {"a": "1"}, {"a": "2"}),
    changed("numpy.loadtxt", S + "import numpy as np\nx = np.loadtxt('a').tolist()", {"a": "1"}, {"a": "2"}),
    changed(
        "xml",
        S + "import xml.etree.ElementTree as q\nx = q.parse('a').getroot().text",
        {"a": "<a>1</a>"},
        {"a": "<a>2</a>"},
    ),
    changed(
        "xml.sax",
        S + "import xml.dom.minidom as q\nx = q.parse('a').documentElement.firstChild.data",
        {"a": "<a>1</a>"},
        {"a": "<a>2</a>"},
    ),
    changed("yaml", S + "import yaml\nx = yaml.safe_load(open('a'))", {"a": "1"}, {"a": "2"}, free=(*FREE, "yaml")),
    changed(
        "csv.DictReader",
        S + "import csv\nx = list(csv.DictReader(open('a')))",
        {"a": "k\n1"},
        {"a": "k\n2"},
        free=(*FREE, "csv"),
    ),
    miss(
        "a row added in a WAL",
        "import sqlite3\nc = sqlite3.connect('a.db')\nc.execute('create table if not exists t (v)')\nc.commit()\nc.close()\ndel c\n# %%\n"
        + S
        + "c = sqlite3.connect('a.db')\nx = c.execute('select count(*) from t').fetchall()\nc.close()\ndel c",
        do="import sqlite3, os\nc = sqlite3.connect('a.db')\nc.execute('pragma journal_mode=wal')\nc.execute('insert into t values (2)')\nc.commit()\nos._exit(0)",
        free=(*FREE, "sqlite3"),
    ),
    changed(
        "a folder of a helper's own",
        "def f(): return sorted(__import__('os').listdir('d'))\n# %%\n" + S + "x = f()",
        {"d/a": "1"},
        {"d/b": "1"},
    ),
    miss(
        "a file replaced with the same size and times",
        S + "x = open('a').read()",
        files={"a": "1"},
        do="import os\nw = os.stat('a')\nos.remove('a')\nopen('a', 'w').write('2')\nos.utime('a', ns=(w.st_atime_ns, w.st_mtime_ns))",
        free=FREE,
    ),
    miss(
        "a large file changed in the middle with the same times",
        S + "import hashlib\nx = hashlib.md5(open('a', 'rb').read()).hexdigest()",
        files={"a": b"1" * 200_000},
        do="import os\nw = os.stat('a')\nf = open('a', 'r+b')\nf.seek(9)\nf.write(b'2')\nf.close()\nos.utime('a', ns=(w.st_atime_ns, w.st_mtime_ns))",
        free=(*FREE, "hashlib"),
    ),
    miss(
        "the mode of a file",
        S + "import os\nx = os.access('a', os.X_OK)",
        files={"a": "1"},
        do="import os\nos.chmod('a', 0o755)",
        free=FREE,
    ),
    miss(
        "the mode of a file, by stat",
        S + "import os\nx = os.stat('a').st_mode & 0o777",
        files={"a": "1"},
        do="import os\nos.chmod('a', 0o755)",
        free=FREE,
    ),
    miss(
        "the time of a file",
        S + "import os\nx = int(os.path.getmtime('a'))",
        files={"a": "1"},
        do="import os\nos.utime('a', (5, 5))",
        free=FREE,
    ),
    miss(
        "a link that is read",
        S + "import os\nx = os.readlink('l') if os.path.islink('l') else ''",
        files={"l": "1"},
        do="import os\nos.remove('l')\nos.symlink('zz', 'l')",
        free=FREE,
    ),
    miss(
        "a path resolved through a link",
        S + "import os\nx = os.path.basename(os.path.realpath('l'))",
        files={"l": "1", "k": "1"},
        do="import os\nos.remove('l')\nos.symlink('k', 'l')",
        free=FREE,
    ),
    miss(
        "a file relative to a folder that the step goes to",
        S + "import os\nos.chdir('d')\nx = open('a').read()\nos.chdir('..')",
        files={"d/a": "1"},
        new={"d/a": "2"},
        free=FREE,
    ),
    miss(
        "a file beside the notebook's own: a folder",
        S + "import os\nx = sorted(e for e in os.listdir('..') if e == 'zz')",
        do="import os\nos.mkdir('../zz')",
        free=FREE,
    ),
    miss(
        "which program is there",
        S + "import shutil\nx = bool(shutil.which('zz-tool', path='bin'))",
        files={"bin/a": ""},
        do="import os\nopen('bin/zz-tool', 'w').close()\nos.chmod('bin/zz-tool', 0o755)",
        free=(*FREE, "shutil"),
    ),
    miss(
        "the home",
        S + "import os\nx = os.path.expanduser('~')",
        env={"HOME": "/zz1"},
        new_env={"HOME": "/zz2"},
        free=FREE,
    ),
    miss(
        "the home, by pathlib",
        S + "import pathlib\nx = str(pathlib.Path.home())",
        env={"HOME": "/zz1"},
        new_env={"HOME": "/zz2"},
        free=(*FREE, "pathlib"),
    ),
    miss(
        "a variable in a path",
        S + "import os\nx = os.path.expandvars('$ZZ_V/a')",
        env={"ZZ_V": "1"},
        new_env={"ZZ_V": "2"},
        free=FREE,
    ),
    miss(
        "the path of programs",
        S + "import shutil\nx = bool(shutil.which('zz-tool'))",
        files={"bin/a": ""},
        env={"PATH": "/nowhere"},
        new_env={"PATH": "bin"},
        do="import os\nopen('bin/zz-tool', 'w').close()\nos.chmod('bin/zz-tool', 0o755)",
        free=(*FREE, "shutil"),
    ),
    miss(
        "the user",
        S + "import getpass\nx = getpass.getuser()",
        env={"LOGNAME": "a"},
        new_env={"LOGNAME": "b"},
        free=(*FREE, "getpass"),
    ),
    miss(
        "a file elsewhere",
        S + "x = open('../far.txt').read()",
        files={"../far.txt": "1"},
        new={"../far.txt": "2"},
        free=FREE,
    ),
]

MODULES = [
    changed(
        "a module in a zip",
        "import sys\nsys.path.insert(0, 'a.zip')\n# %%\n" + S + "import zm\nx = zm.V",
        {"a.zip": zipped(zm="V = 1")},
        {"a.zip": zipped(zm="V = 2")},
        free=(*FREE, "zm"),
    ),
    changed(
        "a folder that a .pth adds",
        "import site\nsite.addsitedir('st')\n# %%\n" + S + "import pm\nx = pm.V",
        {"st/a.pth": "../one\n", "one/pm.py": "V = 1", "two/pm.py": "V = 2"},
        {"st/a.pth": "../two\n"},
        free=(*FREE, "pm", "site"),
    ),
    changed(
        "a namespace package's second folder",
        "import sys\nsys.path[:0] = ['one', 'two']\n# %%\n" + S + "import nsp.b\nx = nsp.b.V",
        {"one/nsp/a.py": "", "two/nsp/b.py": "V = 1"},
        {"two/nsp/b.py": "V = 2"},
        free=(*FREE, "nsp"),
    ),
    changed(
        "a namespace package that is shadowed",
        "import sys\nsys.path[:0] = ['one', 'two']\n# %%\n" + S + "import nsp.b\nx = nsp.b.V",
        {"one/nsp/a.py": "", "two/nsp/b.py": "V = 1"},
        {"one/nsp/b.py": "V = 2"},
        free=(*FREE, "nsp"),
    ),
    changed(
        "a star import's __all__",
        S + "from m import *\nx = 'B' in globals()",
        {"m.py": "__all__ = ['A']\nA = B = 1\n"},
        {"m.py": "__all__ = ['A', 'B']\nA = B = 1\n"},
        free=(*FREE, "A", "B"),
    ),
    changed(
        "a star import through a package",
        S + "from p import *\nx = A",
        {"p/__init__.py": "from .k import *\n", "p/k.py": "A = 1"},
        {"p/k.py": "A = 2"},
        free=(*FREE, "A"),
    ),
    changed(
        "a fallback for an import",
        S + "try:\n    import late as q\n    x = q.V\nexcept ImportError:\n    import m as q\n    x = q.V",
        {"m.py": "V = 1"},
        {"late.py": "V = 2"},
    ),
    changed(
        "a fallback for an import inside a module",
        S + "import m\nx = m.V",
        {"m.py": "try:\n    from late import V\nexcept ImportError:\n    V = 1\n"},
        {"late.py": "V = 2"},
        free=(*FREE, "late"),
    ),
    changed(
        "a fallback for an import in a plain cell's module",
        "import m\n# %%\n" + S + "x = m.V",
        {"m.py": "try:\n    from late import V\nexcept ImportError:\n    V = 1\n"},
        {"late.py": "V = 2"},
        free=(*FREE, "late"),
    ),
    changed(
        "find_spec of a module",
        S + "import importlib.util\nx = importlib.util.find_spec('late') is None",
        {},
        {"late.py": ""},
    ),
    changed(
        "a module's __getattr__ that imports",
        S + "import m\nx = m.V",
        {"m.py": "def __getattr__(n):\n    import k\n    return getattr(k, n)\n", "k.py": "V = 1"},
        {"k.py": "V = 2"},
        free=(*FREE, "k"),
    ),
    changed(
        "a module that imports by a built name",
        S + "import m\nx = m.get('k')",
        {"m.py": "import importlib\ndef get(n): return importlib.import_module('kk_' + n).V\n", "kk_k.py": "V = 1"},
        {"kk_k.py": "V = 2"},
    ),
    changed(
        "a module that imports by a built name, loaded before",
        "import m\nm.get('k')\n# %%\n" + S + "x = m.get('k')",
        {"m.py": "import importlib\ndef get(n): return importlib.import_module('kk_' + n).V\n", "kk_k.py": "V = 1"},
        {"kk_k.py": "V = 2"},
    ),
    changed(
        "plugins in a folder",
        S
        + "import pkgutil, importlib, plug\nx = sorted(importlib.import_module('plug.' + i.name).V for i in pkgutil.iter_modules(plug.__path__))",
        {"plug/__init__.py": "", "plug/a.py": "V = 1"},
        {"plug/b.py": "V = 2"},
        free=(*FREE, "pkgutil", "plug"),
    ),
    changed(
        "plugins that register themselves",
        S + "import reg\nx = sorted(reg.R)",
        {
            "reg.py": "R = []\nimport glob, runpy\nfor f in sorted(glob.glob('plugs/*.py')): R.append(runpy.run_path(f)['V'])\n",
            "plugs/a.py": "V = 1",
        },
        {"plugs/b.py": "V = 2"},
        free=(*FREE, "reg"),
    ),
    changed(
        "a module run as a program",
        S + "import runpy\nx = runpy.run_module('m')['A']",
        {"m.py": "A = 1"},
        {"m.py": "A = 2"},
        free=(*FREE, "runpy"),
    ),
    changed(
        "a package's __main__",
        S + "import runpy\nx = runpy.run_module('p')['A']",
        {"p/__init__.py": "", "p/__main__.py": "A = 1"},
        {"p/__main__.py": "A = 2"},
        free=(*FREE, "runpy"),
    ),
    changed("%run", S + "%run m.py\nx = A", {"m.py": "A = 1"}, {"m.py": "A = 2"}, free=(*FREE, "A")),
    changed(
        "execfile by hand",
        S + "exec(open('m.py').read())\nx = A",
        {"m.py": "A = 1"},
        {"m.py": "A = 2"},
        free=(*FREE, "A"),
    ),
    changed(
        "a class of a module that is a base",
        "import m\nclass D(m.C):\n    pass\nd = D()\n# %%\n" + S + "x = d.f()",
        {"m.py": "class C:\n    def f(self): return 1\n"},
        {"m.py": "class C:\n    def f(self): return 2\n"},
        free=(*FREE, "D", "d"),
    ),
    changed(
        "an instance of a module's class, pickled before",
        S.replace("s\n", "r\n") + "import m\nd = m.C()\n# %%\n" + S + "x = d.f()",
        {"m.py": "class C:\n    def f(self): return 1\n"},
        {"m.py": "class C:\n    def f(self): return 2\n"},
        free=(*FREE, "d"),
    ),
    changed(
        "a decorator of a module",
        "import m\n@m.deco\ndef f(): return 1\n# %%\n" + S + "x = f()",
        {"m.py": "def deco(f): return lambda: f() + 1\n"},
        {"m.py": "def deco(f): return lambda: f() + 2\n"},
    ),
    changed(
        "a data file's loader in a class's body",
        "import m\n# %%\n" + S + "x = m.C.v",
        {"m.py": "class C:\n    v = open('c.txt').read()\n", "c.txt": "1"},
        {"c.txt": "2"},
    ),
    changed("a module's docstring", S + "import m\nx = m.__doc__", {"m.py": '"""One."""\n'}, {"m.py": '"""Two."""\n'}),
    changed(
        "a function's docstring that a parser shows",
        S + "import m\nx = m.help()",
        {"m.py": 'def help():\n    """One."""\n    return help.__doc__\n'},
        {"m.py": 'def help():\n    """Two."""\n    return help.__doc__\n'},
    ),
    changed(
        "a stub beside a compiled module's source",
        S + "import m\nx = m.A",
        {"m.py": "A = 1", "m.pyi": "A: int"},
        {"m.py": "A = 2"},
    ),
    hit(
        "a comment in a module two imports deep",
        S + "import m\nx = m.n.V",
        files={"m.py": "import n\n", "n.py": "V = 1\n"},
        new={"n.py": "# said\nV = 1\n"},
        free=FREE,
    ),
    hit(
        "a file that no step reads, in a folder that none lists",
        S + "x = open('d/a').read()",
        files={"d/a": "1"},
        new={"d/b": "1"},
        free=FREE,
    ),
    hit(
        "a plugin's comment",
        S
        + "import pkgutil, importlib, plug\nx = sorted(importlib.import_module('plug.' + i.name).V for i in pkgutil.iter_modules(plug.__path__))",
        files={"plug/__init__.py": "", "plug/a.py": "V = 1"},
        new={"plug/a.py": "# said\nV = 1"},
        free=(*FREE, "pkgutil", "plug"),
    ),
]

test_files = table(FILES)
test_modules = table(MODULES)
