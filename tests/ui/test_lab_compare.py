"""Two runs side by side in JupyterLab, narrow too, and picked in a cell. `STEPPE_SCREENSHOTS=FOLDER` keeps pictures."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from steppe.notebooks.run import run_notebook
from tests.ui.notebooks import PATIENCE, cell, open_book, run, write
from tests.ui.test_lab_sidebar import accessible, picture, show

TRAIN = """%%step train
import steppe
import matplotlib.pyplot as plt
import plotly.graph_objects as go

losses = [1 / (1 + epoch * rate) for epoch in range(20)]
for epoch, loss in enumerate(losses):
    steppe.log_metric("loss", loss, step=epoch)
plt.plot(losses)
plt.show()
curve = go.Figure(go.Scatter(y=losses, mode="lines+markers"), layout={"title": "Loss", "height": 260})"""


NARROW = """Math.max(...[...document.querySelectorAll('SELECTOR')].map(each => {
    const right = each.getBoundingClientRect().left + each.clientWidth;
    const inside = [...each.querySelectorAll('h2, h3, h4, p, button, select, input, th, td, img')];
    const hides = one => getComputedStyle(one).overflowX !== 'visible';
    const scrolls = one => one !== each && (hides(one) || scrolls(one.parentElement));
    return Math.max(...inside.filter(one => !scrolls(one)).map(one => one.getBoundingClientRect().right)) - right;
}))"""
"""How far anything reaches out of a page to its right, but for what scrolls by itself."""


@pytest.mark.slow
def test_figures_and_numbers_of_two_runs_stand_side_by_side(page, steppe_lab):
    path = steppe_lab.folder / "rates.ipynb"
    for rate, code in ((0.5, TRAIN), (2.0, f"{TRAIN}\nbest = min(losses)")):
        write(steppe_lab, "rates.ipynb", "%load_ext steppe", "rate = 0.5", code, metadata={1: {"tags": ["parameters"]}})
        assert run_notebook(path, parameters={"rate": rate}).status == "succeeded"
    write(steppe_lab, "rates.ipynb", "%load_ext steppe", "import steppe\nsteppe.explore()")
    open_book(page, steppe_lab, "rates.ipynb")
    _explored(page)
    page.locator(".jp-Notebook .jp-Cell").first.locator(".cm-content").click()
    page.keyboard.press("Alt+s")
    page.keyboard.press("Alt+m")
    show(page)
    runs = page.locator(".steppe-Run")
    expect(runs).to_have_count(2, timeout=PATIENCE)
    expect(page.get_by_role("tab", name="Runs", exact=True)).to_be_focused()
    for _ in range(30):  # by keyboard alone: to the boxes of both runs, and to the button
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('aria-label')?.startsWith('Choose run')"):
            page.keyboard.press("Space")
        if page.locator(".steppe-Run input:checked").count() == 2:
            break
    page.get_by_role("button", name="Compare the two").press("Enter")
    compared = page.locator(".steppe-Compare")
    expect(compared.locator("tr", has_text="rate").first).to_contain_text("0.5", timeout=PATIENCE)
    expect(compared.locator("[data-sign='-']")).to_have_text(["-best = min(losses)\n"])  # A is the newer one
    expect(compared.locator("[data-sign='+']")).to_have_count(0)
    expect(compared.get_by_role("button", name=re.compile(r"^best \(A\): 0\.0"))).to_have_count(1)
    expect(compared.get_by_role("button", name=re.compile(r"^best \(B\)"))).to_have_count(0)
    loss = compared.get_by_role("figure", name=re.compile("^loss: 20 measurements in A, the last .*; 20 in B"))
    expect(loss.locator("canvas")).to_be_visible(timeout=PATIENCE)
    pairs = compared.locator(".steppe-Figures-pair")
    expect(pairs).to_have_count(2, timeout=PATIENCE)
    expect(pairs.first.locator("img")).to_have_count(2)
    plots = pairs.last.locator(".js-plotly-plot")
    expect(plots).to_have_count(2, timeout=PATIENCE)
    plots.first.scroll_into_view_if_needed()
    for side in range(2):
        plots.nth(side).locator(".scatterlayer .point").nth(3).hover(force=True)
        expect(plots.nth(side).locator(".hoverlayer .hovertext").first).to_be_attached(timeout=PATIENCE)
    left, right = (plots.nth(side).bounding_box() for side in range(2))
    assert left["x"] + left["width"] <= right["x"] + 1
    accessible(page)
    picture(page, "compare-figures")
    page.evaluate("window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    expect(page.locator("body[data-jp-theme-light=false]")).to_be_attached(timeout=PATIENCE)
    accessible(page)
    picture(page, "compare-figures-dark")
    compared.get_by_role("button", name="losses (A): list of 20").click()
    shown = page.locator(".steppe-artifact:visible")
    expect(shown).to_contain_text("0.3333333333333333", timeout=PATIENCE)  # the second loss, at a rate of 2
    page.get_by_role("tab", name="Compare runs").click()
    compared.get_by_role("button", name="losses (B): list of 20").press("Enter")
    expect(shown).to_contain_text("0.6666666666666666", timeout=PATIENCE)
    _narrow(page)


def _explored(page):
    """Pick runs and draw them with the widgets."""
    run(page, 0)
    run(page, 1)
    picker = cell(page, 1).locator(".jp-OutputArea")
    expect(picker.locator(".js-plotly-plot .parcoords")).to_be_attached(timeout=PATIENCE)
    picker.get_by_role("button", name="Scatter").click()
    points = picker.locator(".js-plotly-plot .scatterlayer .point")
    expect(points).to_have_count(2, timeout=PATIENCE)
    picker.get_by_label("Across").select_option("rate")
    expect(picker.locator(".js-plotly-plot .xtitle")).to_have_text("rate", timeout=PATIENCE)
    picker.get_by_label("Up").select_option("loss")
    expect(picker.locator(".js-plotly-plot .ytitle")).to_have_text("loss", timeout=PATIENCE)
    picture(page, "explore")
    picker.get_by_label("Runs").select_option(index=0)
    expect(points).to_have_count(1, timeout=PATIENCE)


def _narrow(page):
    """At 300 pixels nothing reaches out of a page of an artifact, nor of a comparison."""
    page.evaluate("window.jupyterapp.shell.collapseLeft(), window.jupyterapp.shell.collapseRight()")
    for name, tab, selector in (
        ("artifact", None, ".steppe-artifact:not(.lm-mod-hidden)"),
        ("compare", "Compare runs", ".steppe-Compare"),
    ):
        page.set_viewport_size({"width": 1180, "height": 940})
        if tab is not None:
            page.get_by_role("tab", name=tab).click()
        page.set_viewport_size({"width": 370, "height": 940})  # 300 and the bars at both sides
        page.wait_for_function(f"document.querySelector('{selector}').clientWidth <= 300")
        picture(page, f"{name}-narrow")
        assert page.evaluate(NARROW.replace("SELECTOR", selector)) <= 1, name
        if tab is None:  # the lineage stands below
            assert page.locator(f"{selector} .steppe-artifact-main:visible").bounding_box()["width"] > 250
