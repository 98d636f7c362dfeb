"""Kernels for tests of local workers: IPython shells with Steppe loaded, in a project of their own."""

import io
import os
from contextlib import redirect_stderr, redirect_stdout

import pytest
from IPython.core.interactiveshell import InteractiveShell


class Kernel:
    """An IPython shell with Steppe loaded."""

    def __init__(self):
        InteractiveShell.clear_instance()
        self.shell = InteractiveShell.instance()
        self.pid = os.getpid()
        self.out = self.err = ""
        assert self.run("%load_ext steppe").success

    def run(self, source):
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            result = self.shell.run_cell(source, store_history=True)
        self.out, self.err = out.getvalue(), err.getvalue()
        return result

    def step(self, name, source, options="on=process"):
        return self.run(f"%%step {name} {options}\n{source}")

    @property
    def last(self):
        return self.shell.steppe_cells.steps[-1]

    @property
    def session(self):
        return self.shell.steppe_cells.session

    def __getitem__(self, name):
        return self.shell.user_ns[name]

    def close(self):
        for journey in list(self.session.journeys):  # where a test has failed: unloading waits for them
            journey.cancel()
        self.shell.run_cell("%unload_ext steppe")
        self.shell.reset()
        InteractiveShell.clear_instance()


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Make kernels in one project, one at a time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STEPPE_MACHINE", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / ".ipython"))
    (tmp_path / ".git").mkdir()
    made = []

    def make():
        if made:
            made.pop().close()
        made.append(Kernel())
        return made[-1]

    yield make
    for each in made:
        each.close()
