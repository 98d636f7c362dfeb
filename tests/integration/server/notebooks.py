"""Notebooks for the server to plan, and a kernel's run of them."""

from __future__ import annotations

import nbformat


def notebook(*cells, tags=None, **metadata):
    """Return a notebook of code cells, whose ids are c0, c1, …"""
    made = [nbformat.v4.new_code_cell(source, id=f"c{number}") for number, source in enumerate(cells)]
    for number, tag in (tags or {}).items():
        made[number].metadata["tags"] = [tag]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel, **metadata})


CELLS = (
    "%load_ext steppe",
    "%%step load\nimport numpy as np\nnumbers = np.arange(10.0)\nscale = 2",
    "%%step fit\nmodel = numbers.sum() * scale\nprint('fitted')",
    "total = model + 1",
    "%%step report\nprint(total)",
)
