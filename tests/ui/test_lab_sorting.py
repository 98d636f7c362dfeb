"""A long table sorted in a real JupyterLab: first rows at once, the rest with a bar, and an order that is stopped."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from steppe.catalog import StepRunFilter, open_catalog
from steppe.notebooks.run import run_notebook
from tests.ui.notebooks import PATIENCE, write
from tests.ui.test_lab_sidebar import AXE, picture

ROWS = 16_000_000
MAKE = f"""%%step make
import numpy as np, pandas as pd
rng = np.random.default_rng(7)
long = pd.DataFrame({{"fare": rng.permutation({ROWS}) / 2, "tip": rng.random({ROWS})}})"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def version(steppe_lab):
    assert run_notebook(write(steppe_lab, "long.ipynb", "%load_ext steppe", MAKE)).status == "succeeded"
    with open_catalog(str(steppe_lab.folder / ".steppe/catalog.db")) as catalog:
        return catalog.step_runs.list(StepRunFilter(step="make")).items[0].outputs["long"]


def test_the_first_rows_come_at_once_and_the_order_can_be_stopped_and_made(page, steppe_lab, version):
    page.goto(steppe_lab.url("long.ipynb"))
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_function("window.jupyterapp?.commands.hasCommand('steppe:open-artifact')", timeout=PATIENCE)
    page.evaluate(
        "args => void window.jupyterapp.commands.execute('steppe:open-artifact', args)",
        {"path": "long.ipynb", "version": version},
    )
    found = page.locator(".steppe-artifact:visible")
    expect(found.get_by_role("status")).to_have_text("16,000,000 rows · 2 columns", timeout=PATIENCE)
    head = found.get_by_role("columnheader", name="fare")
    first = found.get_by_role("gridcell").first
    sorting = found.locator(".steppe-artifact-sorting")
    head.click()
    expect(first).to_have_text("0", timeout=PATIENCE)
    expect(sorting).to_contain_text("Sorting the rest…")
    expect(sorting).to_contain_text(re.compile(r"\d+ %"))
    page.add_script_tag(path=AXE)
    seen = page.evaluate("axe.run({include: [['.steppe-artifact']]}, {resultTypes: ['violations']})")
    assert [each["id"] for each in seen["violations"] if each["impact"] in ("serious", "critical")] == []
    picture(page, "sorting")
    found.get_by_role("grid").press("Control+End")  # there, the whole order is needed
    expect(sorting).to_contain_text("Sorting…")
    sorting.get_by_role("button", name="Stop").press("Enter")
    expect(sorting).to_have_count(0)
    expect(head).to_have_attribute("aria-sort", "none")
    expect(found.get_by_role("gridcell").first).not_to_be_empty(timeout=PATIENCE)
    head.click()
    expect(first).to_have_text("0", timeout=PATIENCE)
    expect(head).to_have_attribute("aria-sort", "ascending")
    found.get_by_role("grid").press("Control+End")
    expect(found.get_by_role("gridcell").filter(has_text=re.compile(r"^7999999\.5$"))).to_be_visible(timeout=30_000)
    expect(sorting).to_have_count(0)
