"""axe finds nothing serious in what is ours, in light and in dark: cells, form, artifact pages, explore(), dialogs."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.ui.notebooks import PATIENCE, badge, cell, open_book, run, write
from tests.ui.test_lab_sidebar import accessible

CELLS = (
    "%%step load\nimport pandas, steppe\nrows = pandas.DataFrame({'day': range(20_000)})\nsettings = {'a': [1, 2]}",
    "%%step train\nsteppe.log_metric('loss', 0.5)\nloss = 0.5",
    "%%step wrong cpu=many\nx = 1",
    "%%step failing\n1 / 0",
    "%%step waits\ny = rows.shape[0]",
    "steppe.explore()",
    "steppe.lineage(rows)",
)
pytestmark = pytest.mark.slow


@pytest.fixture(params=["JupyterLab Light", "JupyterLab Dark"])
def themed(request, page, steppe_lab):
    """The page, in one of JupyterLab's themes."""
    folder = steppe_lab.folder.parent / "settings/@jupyterlab/apputils-extension"
    (folder / "themes.jupyterlab-settings").write_text(f'{{"theme": "{request.param}"}}')
    yield page
    (folder / "themes.jupyterlab-settings").unlink()


def test_nothing_serious_is_found_in_cells_forms_pages_and_dialogs(themed, steppe_lab):
    page = themed
    write(steppe_lab, "axe.ipynb", *CELLS, metadata={0: {"tags": ["parameters"]}})
    open_book(page, steppe_lab, "axe.ipynb")
    expect(badge(page, 0)).to_be_visible(timeout=PATIENCE)
    for number in (0, 1, 5, 6, 3):
        run(page, number)
    expect(cell(page, 5).locator(".js-plotly-plot").first).to_be_visible(timeout=PATIENCE)
    expect(cell(page, 6).locator(".steppe-card button").first).to_be_visible(timeout=PATIENCE)
    accessible(page, ".steppe-BadgeRow", ".steppe-Status", ".steppe-card")
    accessible(page, ".jp-Cell:nth-child(6) .jp-OutputArea-child .widget-box")

    cell(page, 1).locator(".cm-content").click()
    page.get_by_role("tab", name="Property Inspector").click()
    form = page.locator(".steppe-Options")
    expect(form.get_by_label("name", exact=True)).to_have_value("train", timeout=PATIENCE)
    form.get_by_label("cpu", exact=True).fill("many")
    form.get_by_label("cpu", exact=True).press("Tab")
    expect(form.get_by_role("alert")).to_contain_text("number of cores")
    accessible(page, ".steppe-Options")

    for keys, word in (("o", "Open which value?"), ("e", "Export the pipeline as")):
        cell(page, 0).locator(".cm-content").click()
        page.keyboard.press("Alt+s")
        page.keyboard.press(f"Alt+{keys}")
        expect(page.locator(".jp-Dialog")).to_contain_text(word, timeout=PATIENCE)
        accessible(page, ".jp-Dialog-content")
        page.keyboard.press("Escape")
        expect(page.locator(".jp-Dialog")).to_have_count(0)
    page.evaluate("void window.jupyterapp.commands.execute('steppe:run-notebook', {path: 'axe.ipynb'})")
    expect(page.locator(".jp-Dialog")).to_contain_text("Run axe.ipynb with Steppe", timeout=PATIENCE)
    accessible(page, ".jp-Dialog-content")
    page.keyboard.press("Escape")

    for name in ("rows", "settings"):
        cell(page, 0).locator(".cm-content").click()
        page.keyboard.press("Alt+s")
        page.keyboard.press("Alt+o")
        expect(page.locator(".jp-Dialog")).to_be_visible(timeout=PATIENCE)
        page.keyboard.press("Control+a")
        page.keyboard.type(f"{name} of load")
        page.keyboard.press("Enter")
        shown = page.locator(".steppe-artifact:visible")
        expect(shown.locator("h2")).to_have_text(name, timeout=PATIENCE)
        expect(shown.locator("[role=grid] [role=gridcell], [role=tree]").first).to_be_visible(timeout=PATIENCE)
        accessible(page, ".steppe-artifact:not(.lm-mod-hidden)")
        page.get_by_role("tab", name="axe.ipynb").click()
