"""`steppe run --steps all --on process` on cells that no worker can do the same: each shows what a kernel would."""

import json

import nbformat
import pytest

from tests.integration.notebooks.made import Room

CELLS = {
    "log": "print('once')\nlog = open('log.txt', 'a')\nlog.write('line\\n')\nlog.flush()",
    "table": "import sqlite3\ndb = sqlite3.connect('disk.db')\ndb.execute('create table k (v)').fetchall()",
    "seen": "(open('log.txt').read(), db.execute('select count(*) from k').fetchall())",
    "cached": "import functools\n\n@functools.lru_cache\ndef slow(n):\n    print('slow', n)\n    return n\n\nslow(1)",
    "again": "slow(1), slow.cache_info().hits",
    "error": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    kept = error",
    "traceback": "kept.__traceback__ is not None",
    "loop": "import asyncio\nasyncio.get_running_loop().is_running()",
    "where": "def where():\n    import sys\n    return sys._getframe().f_code.co_filename\n\nwhere()",
    "there": "where()",
    "itself": ("class Shown:\n    def _ipython_display_(self):\n        print('shown')\n\nfirst = Shown()\nfirst"),
    "kept-value": "_ is first",
    "quiet": "first;",
    "exit-code": "!exit 3",
    "code": "_exit_code",
    "pid": "import os\nmoved = os.getppid() > 0",
    "shell": "type(get_ipython()).__name__",
    "plain": "import math\nvalue = math.sqrt(16)",
}


@pytest.fixture
def room(tmp_path, capsys, monkeypatch):
    (tmp_path / "project").mkdir()
    monkeypatch.setenv("STEPPE_MACHINE", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / ".ipython"))
    return Room(tmp_path / "project", capsys)


def test_each_cell_shows_and_leaves_what_it_does_in_a_kernel(room):
    room.write(CELLS)
    code, out, err = room.steppe("run", "book.ipynb", "--steps", "all", "--on", "process", "-o", "done.ipynb", "--json")
    assert code == 0, (out, err)
    cells = [cell for cell in nbformat.read(room.folder / "done.ipynb", as_version=4).cells if cell.cell_type == "code"]
    shown = dict(zip(CELLS, (texts(cell) for cell in cells[-len(CELLS) :]), strict=True))
    assert shown["log"] == ["once\n"]
    assert shown["seen"] == ["('line\\n', [(0,)])"]
    assert shown["cached"] == ["slow 1\n", "1"]
    assert shown["again"] == ["(1, 1)"]
    assert shown["traceback"] == shown["loop"] == ["True"]
    assert shown["where"] == shown["there"]
    assert "ipykernel" in shown["where"][0]
    assert shown["itself"] == ["shown\n"]
    assert shown["kept-value"] == ["True"]
    assert shown["quiet"] == []
    assert shown["code"] == ["3"]
    assert shown["shell"] == ["'ZMQInteractiveShell'"]
    why = {step["name"]: step["why"] for step in json.loads(out)["steps"]}
    assert any("open file" in each for each in why.values())
    assert any("cached results" in each for each in why.values())


def texts(cell):
    return [output.get("text") or output.get("data", {}).get("text/plain") for output in cell.outputs]
