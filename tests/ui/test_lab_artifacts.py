"""Artifact pages in a real JupyterLab. `STEPPE_SCREENSHOTS=FOLDER` takes pictures of them, in light and in dark."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from steppe.catalog import StepRunFilter, open_catalog
from steppe.lineage.views.stored import stored
from steppe.notebooks.run import run_notebook
from steppe.store import open_store
from tests.ui.notebooks import PATIENCE, write

MAKE = """%%step make
import numpy as np, pandas as pd
import plotly.graph_objects as go
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(7)
rows = 1_000_000
trips = pd.DataFrame({"trip": np.arange(rows), "distance": rng.gamma(2.0, 3.0, rows), "fare": rng.normal(12, 4, rows)})
trips["start"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(trips["trip"], unit="s")
trips["paid"] = rng.random(rows) > 0.2
trips["zone"] = pd.Categorical.from_codes(rng.integers(0, 4, rows).astype("int8"), ["north", "east", "south", "west"])
trips.loc[10:2000, "fare"] = np.nan
broken = trips[["trip", "distance"]].head(100_000).copy()
picture = (np.add.outer(np.arange(240), np.arange(320)) % 256).astype(np.uint8)
figure = go.Figure(go.Scatter(y=[1, 3, 2, 5], mode="lines+markers"), layout={"title": "Fares"})
model = LogisticRegression(C=0.5).fit([[0.0], [1.0], [2.0], [3.0]], ["no", "no", "yes", "yes"])
settings = {"model": {"C": 0.5, "layers": [1, 2, 3]}, "docs": "https://example.org/docs"}
script = "<img src=x onerror='window.ran = 1'><script>window.ran = 1</script>"
evil_tree = {script: [script, "javascript:window.ran=1"], "html": script}
evil_text = script + " javascript:window.ran=1 https://example.org/?" + script
evil_frame = pd.DataFrame({script: [script, "javascript:window.ran=1"], "n": [1, 2]})
evil_figure = go.Figure(go.Scatter(y=[1, 3], text=[script, script], mode="text"), layout={"title": script})
evil_figure.add_annotation(text=f"<a href='javascript:window.ran=1'>here</a>{script}", x=0, y=1)"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def versions(steppe_lab):
    """The versions of values that a headless run has made, by name."""
    book = write(steppe_lab, "values.ipynb", "%load_ext steppe", MAKE, "%%step use\nmean = trips['fare'].mean()")
    assert run_notebook(book).status == "succeeded"
    state = steppe_lab.folder / ".steppe"
    with open_catalog(str(state / "catalog.db")) as catalog:
        found = catalog.step_runs.list(StepRunFilter(step="make")).items[0].outputs
        store = open_store(str(state / "store"), state / "store")
        place = Path(stored(catalog, store, found["broken"]).source(store).path)
    place.write_bytes(b"\xff" * place.stat().st_size)
    return found


@pytest.fixture
def opened(page, steppe_lab, versions):
    """Open the page of a value; return where it is."""
    page.goto(steppe_lab.url("values.ipynb"))
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_function("window.jupyterapp?.commands.hasCommand('steppe:open-artifact')", timeout=PATIENCE)

    def opening(name):
        page.evaluate(
            "args => void window.jupyterapp.commands.execute('steppe:open-artifact', args)",
            {"path": "values.ipynb", "version": versions[name]},
        )
        found = page.locator(".steppe-artifact:visible")
        expect(found).to_be_visible(timeout=PATIENCE)
        return found

    return opening


def first_cell(found, column):
    return found.get_by_role("gridcell").nth(column)


def test_a_table_is_sorted_by_a_click_and_read_to_its_end(page, opened):
    found = opened("trips")
    grid = found.get_by_role("grid")
    expect(found.get_by_role("status")).to_have_text("1,000,000 rows · 6 columns", timeout=PATIENCE)
    expect(first_cell(found, 0)).to_have_text("0")
    expect(found.get_by_role("columnheader", name="fare")).to_contain_text("1,991 missing", timeout=PATIENCE)
    expect(grid.get_by_role("img", name="Histogram").first).to_be_visible()
    picture(page, "table")
    distance = found.get_by_role("columnheader", name="distance")
    distance.click()
    expect(distance).to_have_attribute("aria-sort", "ascending")
    expect(first_cell(found, 1)).to_contain_text("0.00", timeout=PATIENCE)
    distance.click()
    expect(distance).to_have_attribute("aria-sort", "descending")
    expect(first_cell(found, 1)).not_to_contain_text("0.00", timeout=PATIENCE)
    distance.click()
    expect(first_cell(found, 0)).to_have_text("0", timeout=PATIENCE)
    grid.focus()
    page.keyboard.press("Control+End")
    expect(found.get_by_role("rowheader", name="999,999", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(found.locator("[aria-selected=true]")).to_have_text("north", timeout=PATIENCE)
    page.keyboard.press("Control+Home")
    for plain in (False, True):
        if plain:  # what a page has that came over plain http
            page.evaluate("delete Navigator.prototype.clipboard")
        grid.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Control+c")
        assert pasted(page) == str(plain + 1)
        button = found.get_by_role("button", name="Copy the code that loads it")
        code = button.get_attribute("title")
        button.click()
        expect(found.get_by_role("button", name="Copied")).to_be_visible()
        assert pasted(page) == code
        expect(button).to_be_visible()
    grid.focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(found.get_by_role("columnheader", name="trip")).to_have_attribute("aria-sort", "ascending")
    grid.evaluate("node => { node.scrollLeft = 0; node.scrollTop = node.scrollHeight; }")
    expect(found.get_by_role("gridcell", name="999999", exact=True)).to_be_visible(timeout=PATIENCE)


def pasted(page):
    """Paste into a field, as into another program; return what comes."""
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), {id: 'other-program'}))")
    field = page.locator("#other-program")
    field.press("Control+v")
    expect(field).not_to_have_value("")
    text = field.input_value()
    field.evaluate("node => node.remove()")
    return text


def test_figures_pictures_models_and_trees_are_drawn(page, opened):
    figure = opened("figure")
    expect(figure.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=PATIENCE)
    figure.locator(".js-plotly-plot .scatterlayer .point").nth(1).hover(force=True)
    expect(figure.locator(".js-plotly-plot .hoverlayer .hovertext").first).to_be_attached(timeout=PATIENCE)
    picture(page, "figure")
    image = opened("picture")
    expect(image.locator("img")).to_be_visible(timeout=PATIENCE)
    assert image.locator("img").evaluate("node => node.naturalWidth") == 320
    picture(page, "array")
    model = opened("model")
    expect(model.get_by_text("sklearn.linear_model._logistic.LogisticRegression").first).to_be_visible(timeout=PATIENCE)
    expect(model.locator("dd", has_text="no, yes")).to_be_visible()
    picture(page, "model")
    settings = opened("settings")
    settings.get_by_role("button", name="model").first.click()
    expect(settings.get_by_text("0.5")).to_be_visible(timeout=PATIENCE)
    expect(settings.get_by_role("link", name="https://example.org/docs")).to_be_visible()


def test_nothing_in_a_value_runs_as_a_script(page, opened):
    for name, shown in (
        ("evil_tree", ".steppe-tree"),
        ("evil_text", ".steppe-artifact-text"),
        ("evil_frame", "[role=gridcell]"),
        ("evil_figure", ".main-svg"),
    ):
        found = opened(name)
        expect(found.locator(shown).first).to_be_visible(timeout=PATIENCE)
        found.get_by_role("complementary", name="Lineage").wait_for()
        links = found.locator("a").evaluate_all("nodes => nodes.map(node => String(node.href.baseVal ?? node.href))")
        assert not [link for link in links if link.strip().lower().startswith("javascript:")], name
    page.wait_for_timeout(500)  # a picture that is not there says so a moment later
    assert page.evaluate("window.ran") is None


def test_a_damaged_value_says_what_is_wrong_and_the_way_to_its_cell_is_open(page, opened):
    broken = opened("broken")
    expect(broken.get_by_role("alert")).to_contain_text("can’t be shown", timeout=PATIENCE)  # noqa: RUF001
    expect(broken.get_by_role("button", name="Try again")).to_be_visible()
    picture(page, "damaged")
    broken.get_by_role("button", name="Open the cell that made it").click()
    expect(page.locator(".jp-Notebook .jp-CodeCell.jp-mod-active")).to_contain_text("%%step make", timeout=PATIENCE)


def test_a_page_shows_what_was_made_from_its_value_and_comes_back_after_a_reload(page, opened, steppe_lab):
    found = opened("trips")
    side = found.get_by_role("complementary", name="Lineage")
    side.get_by_role("button", name="mean").click()
    expect(page.locator(".steppe-artifact:visible h2")).to_have_text("mean", timeout=PATIENCE)
    page.wait_for_timeout(1500)  # JupyterLab saves its layout a second after the last change
    page.goto(steppe_lab.url("values.ipynb").replace("?reset", ""))
    expect(page.get_by_role("tab", name="mean: ")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("tab", name="trips: DataFrame")).to_be_visible(timeout=PATIENCE)


def picture(page, name):
    """Take a picture in both themes, where they are asked for."""
    folder = os.environ.get("STEPPE_SCREENSHOTS")
    if not folder:
        return
    for theme in ("dark", "light"):
        page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme: `JupyterLab ${theme}`})",
            theme.capitalize(),
        )
        page.wait_for_timeout(1500)
        page.screenshot(path=Path(folder, f"lab-artifact-{name}-{theme}.png"))
