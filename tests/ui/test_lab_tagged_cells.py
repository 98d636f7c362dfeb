"""A tagged cell in a real JupyterLab is a step without a magic: JupyterLab sends its metadata along with its code."""

from __future__ import annotations

import nbformat
import pytest
from playwright.sync_api import expect

from steppe.catalog import StepRunFilter, open_catalog

PATIENCE = 150_000  # milliseconds


@pytest.mark.slow
def test_a_tagged_cell_in_jupyterlab_is_a_step(page, lab):
    tagged = nbformat.v4.new_code_cell("squares = [n * n for n in range(4)]", metadata={"tags": ["step:squares"]})
    with_option = nbformat.v4.new_code_cell(
        "import random\nrandom.random()", metadata={"tags": ["step"], "steppe": {"name": "drawn", "seed": 3}}
    )
    cells = [
        nbformat.v4.new_code_cell("%load_ext steppe"),
        tagged,
        with_option,
        nbformat.v4.new_code_cell("print('end')"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(book, lab.folder / "tagged.ipynb")
    page.goto(lab.url("tagged.ipynb"))
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    last = page.locator(".jp-CodeCell").last
    expect(last.locator(".jp-OutputArea-output")).to_contain_text("end", timeout=PATIENCE)
    with open_catalog(str(lab.folder / ".steppe/catalog.db")) as catalog:
        found = {run.step.name: str(run.state) for run in catalog.step_runs.list(StepRunFilter()).items}
    assert found == {"squares": "succeeded", "drawn": "succeeded"}
