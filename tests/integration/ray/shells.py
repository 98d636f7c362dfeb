"""IPython shells with Steppe loaded, whose steps run on Ray."""

import io
import re
from contextlib import redirect_stderr, redirect_stdout

from IPython.core.interactiveshell import InteractiveShell


class Kernel:
    """An IPython shell with Steppe loaded."""

    def __init__(self):
        InteractiveShell.clear_instance()
        self.shell = InteractiveShell.instance()
        self.out = self.err = ""
        assert self.run("%load_ext steppe").success

    def run(self, source):
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            result = self.shell.run_cell(source, store_history=True)
        self.out, self.err = out.getvalue(), err.getvalue()
        return result

    def step(self, name, source, options="on=ray wait=true"):
        return self.run(f"%%step {name} {options}\n{source}")

    @property
    def said(self):
        """What the last cell showed, without colours."""
        return re.sub("\\x1b\\[[0-9;]*m", "", self.out + self.err)

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
