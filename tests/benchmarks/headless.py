"""A headless run of a notebook without steps, beside papermill's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from row import Row, interleaved

CELLS = [
    "import math\nimport json",
    *(f"values_{n} = [math.sqrt(i) for i in range(1000)]\nprint(sum(values_{n}))" for n in range(10)),
    "json.dumps({'total': sum(values_9)})",
]


def rows(folder: str, *, small: bool) -> Iterator[Row]:
    """Measure."""
    Path(folder, ".git").mkdir(exist_ok=True)
    cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), f"{folder}/plain.ipynb")
    tools = Path(sys.executable).parent

    def ran(*command: str) -> None:
        subprocess.run([tools / command[0], *command[1:]], cwd=folder, check=True, capture_output=True)

    def steppe(_: int) -> None:
        ran("steppe", "run", "plain.ipynb", "-o", "by_steppe.ipynb")

    def papermill(_: int) -> None:
        ran("papermill", "plain.ipynb", "by_papermill.ipynb")

    steppe(0)
    papermill(0)
    took = interleaved(1 if small else 9, steppe=steppe, papermill=papermill)
    met = took["steppe"] <= 1.05 * took["papermill"]
    name = "headless: a notebook without steps, `steppe run`"
    yield Row(name, took["steppe"], "ms", "papermill", took["papermill"], "<= 1.05 x", met)
