"""Steps in an ordinary Notebook 7, which has a server and a page of its own: cells are run one by one, and hit."""

from __future__ import annotations

import nbformat
import pytest
from playwright.sync_api import expect

from steppe.catalog import RunFilter, StepRunFilter, open_catalog

PATIENCE = 90_000  # milliseconds
CELLS = (
    "%load_ext steppe",
    "%%step squares\nsquares = [n * n for n in range(10)]\nprint('sum', sum(squares))\nsquares",
    "%%step table\nfrom IPython.display import HTML\nHTML(f'<table class=mine><td>{max(squares)}</table>')",
    "max(squares) + 1",
    "%steppe why table",
)


def press_through(page):
    """Run the cells one after another with Shift and Enter, as a person does, and wait for what the last one says."""
    begin(page)
    for number in range(1, len(CELLS)):
        page.keyboard.press("Shift+Enter")
        prompt = page.locator(".jp-CodeCell").nth(number).locator(".jp-InputPrompt")
        expect(prompt).to_have_text(f"[{number + 1}]:", timeout=PATIENCE)
    outputs = [page.locator(".jp-CodeCell").nth(number).locator(".jp-OutputArea-output") for number in range(1, 4)]
    expect(outputs[0].first).to_have_text("sum 285\n")
    expect(outputs[0].last).to_have_text("[0, 1, 4, 9, 16, 25, 36, 49, 64, 81]")
    expect(outputs[1].locator("table.mine td")).to_have_text("81")
    expect(outputs[2]).to_have_text("82")


def begin(page):
    """Run the first cell. Before the page is connected to its kernel, which it shows as idle then, nothing is run."""
    first = page.locator(".jp-CodeCell").first
    for _ in range(30):
        first.locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(3000)
        if first.locator(".jp-InputPrompt").inner_text() != "[ ]:":
            break
    expect(first.locator(".jp-InputPrompt")).to_have_text("[1]:", timeout=PATIENCE)


def states(folder):
    """Return the states of the steps of each kernel so far, the latest first, and the notebook that each was for."""
    with open_catalog(str(folder / ".steppe/catalog.db")) as catalog:
        runs = catalog.runs.list(RunFilter()).items
        return [
            (run.path, [str(step.state) for step in catalog.step_runs.list(StepRunFilter(run=run.id)).items])
            for run in runs
        ]


@pytest.mark.slow
def test_cells_run_in_notebook_7_and_hit_in_the_next_kernel(page, notebook_7):
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(book, notebook_7.folder / "book.ipynb")
    page.goto(notebook_7.url("book.ipynb"))
    press_through(page)
    assert states(notebook_7.folder) == [("book.ipynb", ["succeeded", "succeeded"])]
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel and Clear Outputs of All Cells…").click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(page.locator(".jp-OutputArea-output")).to_have_count(0)
    press_through(page)
    assert states(notebook_7.folder)[0] == ("book.ipynb", ["hit", "hit"])
    expect(page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)
