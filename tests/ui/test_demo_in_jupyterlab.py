"""The demo in an ordinary JupyterLab: `%%step` needs no front end of ours."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from steppe.catalog import RunFilter, StepRunFilter, open_catalog

STEPS = 9
PATIENCE = 150_000  # milliseconds


def run_all(page, lab):
    """Open the demo in a new kernel, and run all of its cells."""
    page.goto(lab.url("digits.ipynb"))
    wait_for_kernel(page)
    run_cells(page)


def run_cells(page):
    """Run all cells of the notebook that is open, and wait until none is left."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    last = page.locator(".jp-CodeCell").last
    expect(last.locator(".jp-OutputArea-output")).to_contain_text("hardest digit", timeout=PATIENCE)
    expect(page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)


def wait_for_kernel(page):
    """Wait until the kernel is there: a cell that is run before would raise a dialog."""
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=PATIENCE)


def states(lab):
    """Return the states of the steps of each kernel so far, the latest first."""
    with open_catalog(str(lab.folder / ".steppe/catalog.db")) as catalog:
        runs = catalog.runs.list(RunFilter()).items
        return [[str(step.state) for step in catalog.step_runs.list(StepRunFilter(run=run.id)).items] for run in runs]


def cell(page, text):
    """Return the code cell that holds a text, scrolled into view (JupyterLab draws what is seen alone)."""
    found = page.locator(".jp-CodeCell", has=page.locator(".cm-content", has_text=text))
    found.scroll_into_view_if_needed()
    return found


@pytest.mark.slow
def test_the_demo_runs_and_shows_all_it_draws_and_in_a_new_kernel_every_step_is_a_hit(page, lab):
    run_all(page, lab)
    assert states(lab) == [["succeeded"] * STEPS]
    expect(cell(page, "%%step confusion").locator("img")).to_be_visible()
    expect(cell(page, "%%step evaluate").locator("table")).to_be_visible()
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel and Clear Outputs of All Cells…").click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(page.locator(".jp-OutputArea-output")).to_have_count(0)
    wait_for_kernel(page)
    run_cells(page)
    assert states(lab)[0] == ["hit"] * STEPS
    expect(cell(page, "%%step confusion").locator("img")).to_be_visible()
    expect(cell(page, "%%step evaluate").locator("table")).to_be_visible()
    expect(cell(page, "%%step show_sweep").locator(".js-plotly-plot .main-svg").first).to_be_visible()
