"""Plain runs kept on disk, so that a corpus can be run as steps again and again while Steppe's code changes.

A plain run knows nothing of Steppe. It is used again only for the same notebook, oracle, Python, packages and
environment.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from importlib.metadata import distributions
from pathlib import Path

import nbformat
from blake3 import blake3
from nbformat import NotebookNode

from tests.notebooks.corpus import steppe_run
from tests.notebooks.corpus.execution import Execution

HERE = Path(__file__).parent
NOT_OF_THE_RUN = {"_", "SHLVL", "OLDPWD", "PWD", "JUPYTER_PATH"}
"""Variables that a shell or the swift way of running sets anew for each command."""


def read_plain(state: Path, notebook: NotebookNode) -> list[Execution]:
    """Return the plain runs that are kept for a notebook; none where anything that they depend on has changed."""
    file = _file(state)
    if not file.exists():
        return []
    kept = json.loads(file.read_text("utf-8"))
    if kept["stamp"] != _stamp(notebook):
        return []
    return [Execution(nbformat.from_dict(run.pop("notebook")), **run) for run in kept["runs"]]


def keep_plain(state: Path, notebook: NotebookNode, runs: list[Execution]) -> None:
    """Keep the plain runs of a notebook."""
    text = json.dumps({"stamp": _stamp(notebook), "runs": [asdict(run) for run in runs]})
    _file(state).write_text(text, "utf-8")


def _file(state: Path) -> Path:
    return state / "plain.json"


def _stamp(notebook: NotebookNode) -> str:
    """Return a digest of all that a plain run depends on."""
    digest = blake3(f"{sys.version} {len(steppe_run.COMMAND)}".encode())  # forked kernels have more environment
    for cell in notebook.cells:
        digest.update(f"{cell.id} {len(cell.source)} {cell.source}".encode("utf-8", "surrogatepass"))
    for name, text in sorted(os.environ.items()):
        if name not in NOT_OF_THE_RUN:
            digest.update(f"{name}={text}\n".encode("utf-8", "surrogateescape"))
    installed = {f"{found.name} {found.version}" for found in distributions() if found.name != "steppe"}
    digest.update("\n".join(sorted(installed)).encode())
    for file in sorted(
        [
            *HERE.glob("oracle/*.py"),
            *(HERE / name for name in ("summary.py", "execution.py", "room.py", "forkserver.py")),
        ]
    ):
        digest.update(file.read_bytes())
    return digest.hexdigest()
