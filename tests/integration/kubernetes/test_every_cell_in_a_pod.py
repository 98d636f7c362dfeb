"""`steppe run --steps all --on kubernetes`: every cell in a pod where it can be, and each shows the same."""

import json
import shutil

import nbformat
import pytest

from tests.integration.kubernetes.test_kubernetes_steps import SETTINGS
from tests.integration.notebooks.made import Room
from tests.integration.process.test_every_cell_on_process import CELLS as AWKWARD
from tests.integration.process.test_every_cell_on_process import texts

USUAL = {
    "imports": "import numpy as np\nimport pandas as pd\nimport random",
    "seeded": "random.seed(7)\nnp.random.seed(7)",
    "drawn": "drawn = random.random(), float(np.random.rand())\ndrawn",
    "frame": "frame = pd.DataFrame({'a': [3, 1, 2], 'b': list('xyz')})\nframe",
    "longer": "frame.loc[3] = [0, 'w']\nframe['a'].tolist()",
    "alias": "other = frame\nother is frame",
    "class": "class Point:\n    def __init__(self, x):\n        self.x = x\n\npoint = Point(3)\npoint.x",
    "method": "point.x += 1\nisinstance(point, Point), point.x",
    "streams": "import sys\nprint('out')\nprint('err', file=sys.stderr)",
    "written": "from pathlib import Path\nPath('made').mkdir()\nPath('made/a.txt').write_text('a')",
    "read": "Path('made/a.txt').read_text()",
    "global": "total = 0\ndef add(n):\n    global total\n    total += n\nadd(2)\ntotal",
    "options": "pd.set_option('display.max_rows', 3)",
    "long": "pd.Series(range(10))",
}


@pytest.fixture
def room(fake, tmp_path, capsys, monkeypatch):
    project, store = tmp_path / "project", tmp_path / "store"
    project.mkdir()
    store.mkdir()
    monkeypatch.setenv("STEPPE_MACHINE", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / ".ipython"))
    made = Room(project, capsys)
    (project / "pyproject.toml").write_text(SETTINGS.format(store=store))
    fake.nodes["node-1"]["cpu"] = 1000
    return made


def shown(room, cells, *arguments):
    room.write(cells)
    code, out, err = room.steppe("run", "book.ipynb", "--steps", "all", "-o", "done.ipynb", "--json", *arguments)
    assert code == 0, (out, err)
    done = [cell for cell in nbformat.read(room.folder / "done.ipynb", as_version=4).cells if cell.cell_type == "code"]
    return dict(zip(cells, (texts(cell) for cell in done[-len(cells) :]), strict=True)), json.loads(out)["steps"]


@pytest.mark.timeout(300)
def test_each_usual_cell_shows_in_a_pod_what_it_does_in_a_kernel_and_is_a_hit_there(room, fake):
    there, steps = shown(room, USUAL, "--on", "kubernetes")
    assert len(fake.jobs) >= 10, {step["name"]: step["why"] for step in steps}
    here, again = shown(room, USUAL, "--on", "inline")
    assert here == there
    ran = {step["name"]: step["why"] for step in again if step["status"] not in ("hit", "setup")}
    assert set(ran) <= {"long"}, ran  # it was begun before the options were there, and run again: not kept as either
    assert (room.folder / "made" / "a.txt").read_text() == "a"  # what was written in a pod has come back
    shutil.rmtree(room.folder / "made")
    fresh, _ = shown(room, USUAL, "--on", "inline", "--refresh")
    assert fresh == there


@pytest.mark.timeout(300)
def test_each_awkward_cell_shows_what_it_does_in_a_kernel(room):
    there, _ = shown(room, AWKWARD, "--on", "kubernetes")
    assert there["log"] == ["once\n"]
    assert there["seen"] == ["('line\\n', [(0,)])"]
    assert there["again"] == ["(1, 1)"]
    assert there["traceback"] == there["loop"] == ["True"]
    assert there["where"] == there["there"]
    assert there["itself"] == ["shown\n"]
    assert there["quiet"] == []
    assert there["code"] == ["3"]
    assert there["shell"] == ["'ZMQInteractiveShell'"]
