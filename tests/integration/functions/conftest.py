"""Scripts of a project, run as people run them, and what the catalog then knows of their steps."""

import os
import subprocess
import sys
import textwrap

import pytest

from steppe.catalog import StepRunFilter, open_catalog


class Project:
    """A folder with scripts and modules in it."""

    def __init__(self, root):
        self.root = root
        (root / ".git").mkdir()
        self.environ = {**os.environ, "STEPPE_MACHINE": str(root), "PYTHONDONTWRITEBYTECODE": "1"}

    def write(self, name, text):
        path = self.root / name
        path.write_text(textwrap.dedent(text))
        return path

    def start(self, name, *args, **environ):
        return subprocess.Popen(
            [sys.executable, name, *args],
            cwd=self.root,
            env={**self.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, name, *args, fails=False, **environ):
        """Run a script; return what it printed."""
        process = self.start(name, *args, **environ)
        out, self.err = process.communicate(timeout=120)
        assert bool(process.returncode) == fails, self.err
        return out

    def script(self, text, *args, **more):
        """Write the script `flow.py`, and run it."""
        self.write("flow.py", text)
        return self.run("flow.py", *args, **more)

    def catalog(self):
        return open_catalog(str(self.root / ".steppe" / "catalog.db"))

    def steps(self):
        """Return the StepRuns of all runs, oldest first, whole."""
        with self.catalog() as catalog:
            found, after = [], None
            while True:
                page = catalog.step_runs.list(StepRunFilter(), after=after, limit=500)
                found += page.items
                after = page.next
                if after is None:
                    break
            wholes = catalog.step_runs.wholes(item.id for item in found)
        return sorted(wholes.values(), key=lambda run: run.id)

    def states(self, step=None):
        """Return step and state of each StepRun, oldest first."""
        found = [(run.step.name, str(run.state)) for run in self.steps()]
        return [state for name, state in found if name == step] if step else found

    def runs(self):
        with self.catalog() as catalog:
            return sorted(catalog.runs.list(limit=100).items, key=lambda run: run.id)


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)
