"""An environment with Steppe and what it requires, and nothing else: no numpy, pandas, scikit-learn or Matplotlib."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[3]
OWN = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]


def closure(name):
    """Return the names of a distribution and of all that it requires, as far as that is installed."""
    found, todo = set(), [name]
    while todo:
        each = todo.pop().lower().replace("_", "-").replace(".", "-")
        if each in found:
            continue
        try:
            lines = OWN if each == "steppe" else importlib.metadata.requires(each) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        found.add(each)
        wanted = (Requirement(line) for line in lines)
        todo += [need.name for need in wanted if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found


def make(folder: Path) -> Path:
    """Make the environment by links to what is installed here; return its interpreter."""
    venv.create(folder, with_pip=False, symlinks=True)
    site = next(folder.glob("lib/python*/site-packages"))
    for name in closure("steppe"):
        distribution = importlib.metadata.distribution(name)
        home = Path(distribution.locate_file(""))
        for top in {Path(file).parts[0] for file in distribution.files or () if ".." not in Path(file).parts}:
            if not (site / top).exists() and (home / top).exists():
                os.symlink(home / top, site / top)
    python = folder / "bin" / "python"
    (site / "steppe-source.pth").write_text(
        "\n".join(path for path in sys.path if path.endswith(tuple(SOURCES))) + "\n"
    )
    return python


SOURCES = ("backend", "kernel_magic", "jupyter_ext")


def steppe(python: Path, project: Path, home: Path, *words: str) -> dict:
    """Run a command with that interpreter, in a home of its own, and return its document."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "IPYTHONDIR": str(home / ".ipython")}
    done = subprocess.run(
        [python, "-c", "from steppe.cli import main; main()", *words, "--json"],
        cwd=project,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.count("\n") == 1, done.stdout + done.stderr
    return {**json.loads(done.stdout), "said": done.stderr}
