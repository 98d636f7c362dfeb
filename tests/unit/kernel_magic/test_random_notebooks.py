"""Random notebooks, run plainly, as steps, and as steps in a new session: all show and leave the same."""

from __future__ import annotations

import re

import random_notebooks
from hypothesis import HealthCheck, example, given, settings

from tests.notebooks.corpus.oracle.libraries import BY_NAME
from tests.notebooks.corpus.oracle.reader import Reader
from tests.notebooks.corpus.oracle.standard import BY_TYPE, REPR_IS_ALL

OURS = ("a", "b", "c", "d", "n", "p", "q", "f", "k", "K", "step", "peek", "error", "file", "Out")


def left(notebook):
    """Return a digest of each of the notebook's values, which share parts, and the file that it writes."""
    reader = Reader(BY_TYPE, BY_NAME, REPR_IS_ALL)
    space = notebook.shell.user_ns
    digests = {name: reader.read(space[name], name) for name in OURS if name in space}
    file = notebook.folder / "file.txt"
    return digests, reader.shared(), file.read_text() if file.exists() else None


def ran(notebook, cells, **metadata):
    (notebook.folder / "file.txt").unlink(missing_ok=True)
    notebook.shell.execution_count = 1
    shown = [notebook.run(cell, cell_id=f"c{number}", **metadata) for number, cell in enumerate(cells)]
    shown = [re.sub("0x[0-9a-f]+", "an address", text) for text in shown]
    return shown, left(notebook)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(random_notebooks.notebooks())
@example([random_notebooks.BEGIN, "a = [step, peek]", "step()", "a[1]()"])
@example([random_notebooks.BEGIN, "p = q[:2]", "p *= 2", "q"])
@example([random_notebooks.BEGIN, "k.put(1)", "K.shared, b", "def f():\n    global n\n    n = 2", "f()", "n"])
def test_random_notebooks_are_the_same_cold_and_warm(notebook, cells):
    notebook.close()
    notebook.shell.reset(new_session=False)
    plain = ran(notebook, cells)
    for _ in ("cold", "warm"):
        notebook.restart()
        shown, (digests, shared, file) = ran(notebook, cells, step=True)
        assert (shown, file) == (plain[0], plain[1][2])
        assert digests == plain[1][0]
        assert shared == plain[1][1]
