"""What a person chose beforehand: cells that are steps by their tags, with no magic at all, and Steppe's settings."""

from __future__ import annotations

import json
import re

import nbformat
import pytest
from playwright.sync_api import expect

from steppe.catalog import StepRunFilter, open_catalog
from tests.ui.notebooks import PATIENCE, badge, cell, menu, open_book, run, write
from tests.ui.test_lab_sidebar import node, show

pytestmark = pytest.mark.slow


@pytest.fixture
def chosen(steppe_lab):
    """Write Steppe's settings, as the settings editor would."""
    file = steppe_lab.folder.parent / "settings" / "steppe-lab" / "plugin.jupyterlab-settings"
    file.parent.mkdir(exist_ok=True)
    yield lambda **settings: file.write_text(json.dumps(settings))
    file.unlink(missing_ok=True)


def test_a_tagged_cell_in_jupyterlab_is_a_step_with_no_magic(page, steppe_lab):
    tagged = nbformat.v4.new_code_cell("squares = [n * n for n in range(4)]", metadata={"tags": ["step:squares"]})
    with_option = nbformat.v4.new_code_cell(
        "import random\nrandom.random()", metadata={"tags": ["step"], "steppe": {"name": "drawn", "seed": 3}}
    )
    cells = [tagged, with_option, nbformat.v4.new_code_cell("print('end')")]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(book, steppe_lab.folder / "tagged.ipynb")
    open_book(page, steppe_lab, "tagged.ipynb")
    expect(badge(page, 0)).to_have_text("not run yet", timeout=PATIENCE)
    menu(page, "Run", re.compile("^Run All Cells$"))
    expect(cell(page, 2).locator(".jp-OutputArea-output")).to_contain_text("end", timeout=PATIENCE)
    for at in (0, 1):
        expect(badge(page, at)).to_contain_text(re.compile("^done in"), timeout=PATIENCE)
    with open_catalog(str(steppe_lab.folder / ".steppe/catalog.db")) as catalog:
        found = {run.step.name: str(run.state) for run in catalog.step_runs.list(StepRunFilter()).items}
    assert found == {"squares": "succeeded", "drawn": "succeeded"}


def test_settings_change_what_is_shown_and_followed(page, steppe_lab, chosen):
    write(steppe_lab, "chosen.ipynb", "%%step slow\nimport time\ntime.sleep(0.3)", "%%step after\nx = 1")
    open_book(page, steppe_lab, "chosen.ipynb")
    run(page, 0)
    run(page, 0)
    expect(badge(page, 0)).to_contain_text(re.compile("^hit .*saved"), timeout=PATIENCE)

    chosen(savedTime=False, liveUpdates=False, refreshDelay=100)
    open_book(page, steppe_lab, "chosen.ipynb")
    expect(badge(page, 0)).to_contain_text(re.compile("^(hit|would hit)"), timeout=PATIENCE)
    expect(badge(page, 0)).not_to_contain_text("saved")
    run(page, 1)
    expect(cell(page, 1).locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]:"), timeout=PATIENCE)
    expect(badge(page, 1)).to_have_text("not run yet")  # asked for after the next edit only
    cell(page, 1).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" + 1")
    expect(badge(page, 1)).to_contain_text("stale: code changed", timeout=PATIENCE)

    chosen(badges=False)
    open_book(page, steppe_lab, "chosen.ipynb")
    show(page)
    expect(node(page, "slow")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".steppe-Badge")).to_have_count(0)


def test_a_notebook_is_left_alone_where_it_is_not_to_be_turned_on(page, steppe_lab, chosen):
    chosen(turnOn=False)
    write(steppe_lab, "alone.ipynb", "%%step one\nx = 1")
    open_book(page, steppe_lab, "alone.ipynb")
    run(page, 0)
    expect(cell(page, 0).locator(".jp-OutputArea-output")).to_contain_text(
        "Cell magic `%%step` not found", timeout=PATIENCE
    )


SCRIPTS = """() => performance.getEntriesByType('resource')
    .filter(({name}) => name.includes('/steppe-lab/') && new URL(name).pathname.endsWith('.js'))
    .map(({name, decodedBodySize}) => [name, decodedBodySize])"""


def test_little_is_loaded_before_it_is_needed(page, steppe_lab):
    page.goto(f"http://127.0.0.1:{steppe_lab.port}/lab?reset")
    page.wait_for_function("window.jupyterapp?.commands.hasCommand('steppe:open-artifact')", timeout=PATIENCE)
    before = dict(page.evaluate(SCRIPTS))
    assert 0 < sum(before.values()) <= 50_000, before
    write(steppe_lab, "few.ipynb", "%%step one\nx = 1")
    open_book(page, steppe_lab, "few.ipynb")
    show(page)
    expect(node(page, "one")).to_be_visible(timeout=PATIENCE)
    after = dict(page.evaluate(SCRIPTS))
    assert sum(after.values()) > 2 * sum(before.values()), "the graph's code came when the side bar was shown"
