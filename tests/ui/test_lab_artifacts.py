"""Artifact pages, and the cards that lead to them, in a real JupyterLab.

`STEPPE_SCREENSHOTS=FOLDER` takes pictures of them, in light and in dark.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from steppe.catalog import StepRunFilter, open_catalog
from steppe.lineage.views.stored import stored
from steppe.notebooks.run import run_notebook
from steppe.store import open_store
from tests.ui.notebooks import PATIENCE, cell, menu, open_book, run, save_until, write

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


def test_the_cell_of_another_notebook_is_opened_and_of_one_that_is_gone_it_is_said(page, opened, steppe_lab, versions):
    gone = write(steppe_lab, "gone.ipynb", "%load_ext steppe", "%%step lost\nlost = [1] * 7")
    other = write(steppe_lab, "other.ipynb", "%load_ext steppe", "%%step theirs\ntheirs = [2] * 9")
    for book in (gone, other):
        assert run_notebook(book).status == "succeeded"
    gone.unlink()
    with open_catalog(str(steppe_lab.folder / ".steppe/catalog.db")) as catalog:
        for name in ("lost", "theirs"):
            versions[name] = catalog.step_runs.list(StepRunFilter(step=name)).items[0].outputs[name]
    lost = opened("lost")
    button = lost.get_by_role("button", name="Open the cell that made it")
    expect(button).to_be_disabled(timeout=PATIENCE)
    expect(lost).to_contain_text("Its notebook is not to be found")
    expect(lost.get_by_role("complementary", name="Lineage").get_by_role("button", name="lost")).to_be_disabled()
    theirs = opened("theirs")
    theirs.get_by_role("complementary", name="Lineage").get_by_role("button", name="theirs").press("Enter")
    active = page.locator(".jp-Notebook:visible .jp-CodeCell.jp-mod-active")
    expect(active).to_contain_text("%%step theirs", timeout=PATIENCE)


CARDS = (
    "import steppe",
    "%%step load\nrows = [1, 2, 3]",
    "%%step total\ntotal = sum(rows)",
    "%steppe lineage total",
    "steppe.lineage(rows)",
    "%steppe show total",
    "%steppe show rows",
)
SLOW = """%%step slow on=process wait=false
import time
for number in range(80):
    if number % 5 == 0:
        print('line', number)
    steppe.progress(number, 80, 'counting')
    time.sleep(0.1)
counted = number"""


def test_cards_are_clicked_walked_and_quiet_when_saved_also_without_a_kernel(page, steppe_lab):
    path = write(steppe_lab, "cards.ipynb", *CARDS)
    open_book(page, steppe_lab, "cards.ipynb")
    menu(page, "Run", re.compile("^Run All Cells$"))
    cards = page.locator(".steppe-card")
    expect(cards).to_have_count(4, timeout=PATIENCE)
    boxes = cards.first.locator("button.steppe-box")
    expect(boxes).to_have_text(["load succeeded", "rows list of 3", "total succeeded", "total 6"])
    picture(page, "cards")
    click_cards(page, cards, boxes, "cards.ipynb")
    book = save_until(page, path, lambda book: len(book.cells[-1].outputs) == 1)
    assert set(book.metadata) <= {"kernelspec", "language_info"}
    assert [set(cell.metadata) - {"execution"} for cell in book.cells] == [set()] * len(CARDS)
    assert [cell.outputs for cell in book.cells[:3]] == [[]] * 3  # steps show what the cell shows, and nothing more
    kinds = {"application/vnd.steppe.card+json", "text/html", "text/plain"}
    assert [set(cell.outputs[0].data) for cell in book.cells[3:]] == [kinds] * 4
    book.metadata = {}  # JupyterLab asks for a kernel then
    nbformat.write(book, steppe_lab.folder / "reopened.ipynb")
    page.goto(steppe_lab.url("reopened.ipynb"))
    expect(page.locator(".jp-Dialog")).to_contain_text("Select Kernel", timeout=PATIENCE)
    page.keyboard.press("Escape")
    expect(boxes).to_have_text(["load succeeded", "rows list of 3", "total succeeded", "total 6"], timeout=PATIENCE)
    click_cards(page, cards, boxes, "reopened.ipynb")
    expect(page.get_by_text("No Kernel").first).to_be_visible()


def click_cards(page, cards, boxes, name):
    """Open what cards stand for: by mouse, and by Tab and Enter."""
    shown, notebook = page.locator(".steppe-artifact:visible h2"), page.get_by_role("tab", name=name)
    boxes.nth(1).click()
    expect(shown).to_have_text("rows", timeout=PATIENCE)
    notebook.click()
    boxes.nth(0).focus()
    page.keyboard.press("Tab")
    expect(boxes.nth(1)).to_be_focused()
    boxes.nth(0).press("Enter")
    expect(page.locator(".steppe-Step h2")).to_contain_text("load", timeout=PATIENCE)
    expect(cell(page, 1)).to_have_class(re.compile("jp-mod-active"))
    page.keyboard.press("Shift")  # until some key, the side bar that was just opened holds the keyboard
    cards.nth(1).locator(".steppe-box", has_text="total 6").press("Enter")
    expect(shown).to_have_text("total", timeout=PATIENCE)
    notebook.click()
    cards.nth(2).get_by_role("button", name="Open its details").click()
    expect(page.locator(".steppe-Step h2")).to_contain_text("total", timeout=PATIENCE)
    page.keyboard.press("Shift")
    cards.nth(2).get_by_role("button", name="Show its cell").press("Enter")
    expect(cell(page, 2)).to_have_class(re.compile("jp-mod-active"))
    cards.nth(3).get_by_role("button", name="Open the value").press("Enter")
    expect(shown).to_have_text("rows", timeout=PATIENCE)
    notebook.click()


def test_the_card_of_a_step_in_the_background_follows_it_to_its_end(page, steppe_lab):
    path = write(steppe_lab, "slow.ipynb", "import steppe", SLOW, "%steppe show slow", "counted")
    open_book(page, steppe_lab, "slow.ipynb")
    for number in range(3):
        run(page, number)
        expect(cell(page, number).locator(".jp-InputPrompt")).to_have_text(f"[{number + 1}]:", timeout=PATIENCE)
    card = page.locator(".steppe-card")
    state = card.locator(".steppe-card-state")
    expect(state).to_have_text(re.compile(r"^slow: running · \d+ s · [1-9]\d? % · counting$"), timeout=PATIENCE)
    share = card.get_by_role("progressbar", name="How far slow is")
    expect(share).to_be_visible()
    before = share.evaluate("bar => bar.value")
    log = card.get_by_role("log")
    expect(log).to_contain_text(re.compile(r"line [1-7][05]$"), timeout=PATIENCE)
    card.scroll_into_view_if_needed()
    picture(page, "card-running")
    page.wait_for_function("before => document.querySelector('.steppe-card progress').value > before", arg=before)
    expect(log).to_contain_text("line 75", timeout=PATIENCE)
    run(page, 3)
    expect(card).to_contain_text("slow: ran just now", timeout=PATIENCE)
    expect(share).to_have_count(0)
    card.get_by_role("button", name="Open its details").press("Enter")
    expect(page.locator(".steppe-Step h2")).to_contain_text("slow", timeout=PATIENCE)
    cell(page, 3).locator(".cm-content").click()
    save_until(page, path, lambda book: "ran just now" in book.cells[2].outputs[0].data["text/html"])


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
