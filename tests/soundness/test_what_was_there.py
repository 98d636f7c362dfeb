"""A step that goes by what was there before it: run again where it has left something, it does as without Steppe."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

S = "import os, pathlib\n# %%\n%%step s\n"
GROWS = {
    "a file is appended to": "with open('f', 'a') as f: q = f.write('1')\nwith open('f') as f: n = f.read()\ndel f",
    "a log": "import logging\nh = logging.FileHandler('f'); g = logging.getLogger('q'); g.addHandler(h); g.warning('x')\n"
    "g.removeHandler(h); h.close()\nn = open('f').read()\ndel h, g",
    "to_csv that appends": "import pandas as pd\npd.DataFrame({'a': [1]}).to_csv('f', mode='a')\nn = open('f').read()",
    "an archive that grows": "import zipfile\nwith zipfile.ZipFile('f', 'a') as z:\n"
    "    z.writestr(zipfile.ZipInfo(str(len(z.namelist()))), 'x')\n    n = z.namelist()\ndel z",
    "HDF5 that grows": "import h5py\nwith h5py.File('f', 'a') as f:\n    f[str(len(f))] = 1\n    n = len(f)\ndel f",
    "a shelf": "import shelve\nwith shelve.open('f') as f:\n    f[str(len(f))] = 1\n    n = len(f)\ndel f",
    "SQLite that grows": "import sqlite3\nc = sqlite3.connect('f.db')\nq = c.execute('create table if not exists t(x)')\n"
    "q = c.execute('insert into t values(1)'); c.commit()\nn = c.execute('select count(*) from t').fetchone()[0]\n"
    "c.close(); del c, q",
    "DuckDB that grows": "import duckdb\nc = duckdb.connect('f.duckdb')\n"
    "q = c.execute('create table if not exists t(x int)'); q = c.execute('insert into t values(1)')\n"
    "n = c.execute('select count(*) from t').fetchone()[0]\nc.close(); del c, q",
    "a file is opened to be written, whole": "f = os.open('f', os.O_WRONLY | os.O_CREAT); q = os.lseek(f, 0, 2)\n"
    "q = os.write(f, b'1'); os.close(f)\nn = os.path.getsize('f')",
    "a mapped file": "import numpy as np\nif not os.path.exists('f'): pathlib.Path('f').write_bytes(bytes(8))\n"
    "m = np.memmap('f', dtype='int64', mode='r+', shape=(1,)); m[0] += 1; m.flush(); n = int(m[0]); del m",
}
ASKS = {
    "os.path.exists": "n = int(open('f').read()) if os.path.exists('f') else 0",
    "os.path.isfile": "n = int(open('f').read()) if os.path.isfile('f') else 0",
    "os.access": "n = int(open('f').read()) if os.access('f', os.R_OK) else 0",
    "Path.exists": "n = int(open('f').read()) if pathlib.Path('f').exists() else 0",
    "Path.is_file": "n = int(open('f').read()) if pathlib.Path('f').is_file() else 0",
    "os.stat": "try: os.stat('f'); n = int(open('f').read())\nexcept OSError: n = 0",
    "open": "try: n = int(open('f').read())\nexcept FileNotFoundError: n = 0",
    "read_text": "try: n = int(pathlib.Path('f').read_text())\nexcept FileNotFoundError: n = 0",
    "pandas": "import pandas as pd\ntry: n = int(pd.read_csv('f').columns[0])\nexcept FileNotFoundError: n = 0",
    "a function": "def last():\n    return int(open('f').read()) if os.path.exists('f') else 0\nn = last()",
}
LISTS = {
    "os.listdir": "n = len(os.listdir('d'))",
    "os.scandir": "n = len(list(os.scandir('d')))",
    "iterdir": "n = len(list(pathlib.Path('d').iterdir()))",
    "os.walk": "n = sum(len(names) for _, _, names in os.walk('d'))",
    "glob": "import glob\nn = len(glob.glob('d/*'))",
    "rglob": "n = len(list(pathlib.Path('d').rglob('*')))",
}
DECIDE = {
    "a folder that moves": "import shutil\nos.makedirs('e/f', exist_ok=True)\nn = shutil.move('e', 'd')",
    "a folder that is told of": "if not os.path.exists('d'): os.mkdir('d'); print('made')",
    "a folder that decides": "new = not os.path.isdir('d')\nos.makedirs('d', exist_ok=True)",
    "a folder that decides by pathlib": "new = not pathlib.Path('d').is_dir()\npathlib.Path('d').mkdir(exist_ok=True)",
    "a folder that decides, and more": "if not os.path.exists('d'):\n    os.mkdir('d')\n    n = 1\nelse:\n    n = 2",
}
MAKES = {
    "a folder that may be there": "os.makedirs('d', exist_ok=True)\nopen('d/f', 'w').write('1');",
    "a folder, if it is not there": "if not os.path.exists('d'): os.mkdir('d')\nopen('d/f', 'w').write('1');",
    "a folder, or it is there": "os.path.isdir('d') or os.mkdir('d')\nopen('d/f', 'w').write('1');",
    "a folder of a function": "def folder(d):\n    if not os.path.isdir(d):\n        os.makedirs(d)\n    return d\nopen(os.path.join(folder('d/e'), 'f'), 'w').write('1');",
    "folders in a loop": "for d in ('d', 'e'):\n    if not pathlib.Path(d).exists():\n        pathlib.Path(d).mkdir()",
    "a passing file": "import tempfile\nwith tempfile.NamedTemporaryFile('w') as f: q = f.write('1')\ndel f, q",
    "a folder by pathlib": "pathlib.Path('d/e').mkdir(parents=True, exist_ok=True)\npathlib.Path('d/e/f').write_text('1');",
    "a folder that is listed when it is full": "os.makedirs('d', exist_ok=True)\nopen('d/f', 'w').write('1');\nn = os.listdir('d')",
    "a folder that is made anew": "import shutil\nshutil.rmtree('d', ignore_errors=True)\nos.mkdir('d')\nopen('d/f', 'w').write('1');",
    "touch": "pathlib.Path('f').touch()",
    "a file written anew": "open('f', 'w').write('1');\nn = open('f').read()",
    "a figure": "import matplotlib.pyplot as plt\nfig = plt.figure(); fig.savefig('f.png', metadata={'Software': None}); plt.close(fig)\ndel fig, plt",
    "an image": "from PIL import Image\nImage.new('L', (2, 2)).save('f.png')",
    "a table": "import pandas as pd\npd.DataFrame({'a': [1]}).to_csv('f.csv')\npd.DataFrame({'a': [1]}).to_parquet('f.parquet')",
    "an array": "import numpy as np\nnp.save('f.npy', np.ones(2)); np.savez('f.npz', a=np.ones(2))",
    "a copy": "import shutil\nopen('f', 'w').write('1'); q = shutil.copy('f', 'g'); shutil.move('g', 'h')\ndel q",
    "a pickle": "import pickle\nwith open('f', 'wb') as f: pickle.dump([1], f)\nwith open('f', 'rb') as f: n = pickle.load(f)\ndel f",
    "joblib": "import joblib\njoblib.dump([1], 'f');",
    "a model of torch": "import torch\ntorch.save({'a': torch.ones(2)}, 'f.pt')",
}
FREE = ("pd", "np", "plt", "m", "q", "f", "Image", "joblib", "torch", "shutil", "pickle", "h5py", "duckdb", "sqlite3")
ROWS = [
    *(miss(name, S + source, free=FREE) for name, source in GROWS.items()),
    *(
        miss(f"{name} decides", f"{S}{source}\nopen('f', 'w').write(str(n + 1));", free=FREE)
        for name, source in ASKS.items()
    ),
    *(
        miss(
            f"{name} of a folder that is made, and then filled",
            f"{S}os.makedirs('d', exist_ok=True)\n{source}\nopen(f'd/{{n}}', 'w').write('1');",
            free=FREE,
        )
        for name, source in LISTS.items()
    ),
    *(
        miss(
            f"{name} of a folder that is there, and then filled",
            f"{S}{source}\nopen(f'd/{{n}}', 'w').write('1');",
            files={"d/a": "1"},
            free=FREE,
        )
        for name, source in LISTS.items()
    ),
    *(miss(name, S + source, free=(*FREE, "q")) for name, source in DECIDE.items()),
    *(hit(name, S + source, free=FREE) for name, source in MAKES.items()),
    miss("what was there is another", S + GROWS["a file is appended to"], files={"f": "a"}, new={"f": "b"}),
    miss("nothing is there any more", S + GROWS["a file is appended to"], files={"f": "a"}, new={"f": None}),
    hit("what was there is there again", S + GROWS["a file is appended to"], files={"f": "a"}, new={"f": "a"}),
    hit("what was made is gone", f"{S}{ASKS['os.path.exists']}\nopen('f', 'w').write(str(n + 1));", new={"f": None}),
    miss(
        "a file appended to in the middle",
        S + "f = open('f', 'r+'); q = f.seek(0, 2); q = f.write('1'); f.close()\nn = open('f').read()\ndel f",
        files={"f": "1"},
        free=("q",),
    ),
]
test_rows = table(ROWS)
