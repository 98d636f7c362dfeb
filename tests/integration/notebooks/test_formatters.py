"""Formatters on notebooks with steps: `%%step` stays the first line, the notebook valid, and results hold."""

from __future__ import annotations

import subprocess
import sys

import nbformat
import pytest

from steppe.notebooks.planning import plan_notebook
from steppe.notebooks.run import run_notebook

CELLS = {
    "on": "%load_ext steppe",
    "ugly": "%%step ugly cpu=1\nxs=[ 1,2,\n 3]",
    "colab": "%%step named\nimport   math\nroot = math.sqrt( sum(xs) )",
    "plain": "y=  root+1",
}
FORMATTERS = {
    "black": ["black", "--quiet", "--python-cell-magics", "step"],
    "black as it comes": ["black", "--quiet"],
    "ruff": ["ruff", "format", "--quiet", "--isolated"],
}


@pytest.mark.parametrize("words", FORMATTERS.values(), ids=FORMATTERS)
def test_a_formatted_notebook_has_its_steps_and_their_results(tmp_path, words):
    (tmp_path / ".git").mkdir()
    path = tmp_path / "ugly.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in CELLS.items()]
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    assert run_notebook(path).status == "succeeded"
    subprocess.run([sys.executable, "-m", *words, path], check=True, cwd=tmp_path)
    book = nbformat.read(path, 4)
    nbformat.validate(book)
    sources = {each.id: each.source for each in book.cells}
    assert sources["plain"] == "y = root + 1"
    assert sources["ugly"].splitlines()[0] == "%%step ugly cpu=1"
    assert sources["colab"].splitlines()[0] == "%%step named"
    if "step" in words:
        assert sources["ugly"] == "%%step ugly cpu=1\nxs = [1, 2, 3]"
    assert [type(each.decision).__name__ for each in plan_notebook(path)] == ["Hit", "Hit"]
