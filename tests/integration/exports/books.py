"""Notebooks that exports for other schedulers are made of."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat

STEPPE = Path(sys.executable).with_name("steppe")

CELLS = {
    "given:parameters": 'n = 3\nwho = "all"',
    "tools": "import math\ndef double(x):\n    return 2 * x",
    "load": "%%step load\nrows = list(range(1, n + 1))",
    "count": "%%step count cpu=2 memory=4Gi retries=2 timeout=1h\nsize = len(rows)",
    "plain": "twice = double(math.prod(rows)) // 2",
    "train": "%%step 'train it' gpu=1 memory=1500M\nmodel = twice",
    "last": "print(model, who)",
}


def write(folder, cells, *, name="book.ipynb", root=None, language="python"):
    """Write a notebook of code cells by their ids, `id:tag` tags one, in a repository."""
    ((root or folder) / ".git").mkdir(exist_ok=True)
    made = []
    for key, source in cells.items():
        id_, _, tag = key.partition(":")
        made.append(nbformat.v4.new_code_cell(source, id=id_, metadata={"tags": [tag]} if tag else {}))
    kernel = {"name": "python3", "display_name": language, "language": language}
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel}), folder / name)
    return folder / name
