"""What is open comes back after a reload; the graph is zoomed, fitted, searched, collapsed by mouse and keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from steppe.notebooks.run import run_notebook
from tests.ui.notebooks import PATIENCE, cell, open_book, wait_for_layout, write
from tests.ui.test_lab_sidebar import narrow, node, picture, show

STEPS = [f"%%step step_{number}\nv{number} = {f'v{number - 1} + 1' if number else '0'}" for number in range(14)]
pytestmark = pytest.mark.slow


def place(page):
    """Return how the graph is moved and zoomed."""
    return page.locator(".react-flow__viewport").evaluate("node => node.style.transform")


def zoom(page):
    return float(re.search(r"scale\(([\d.]+)\)", place(page)).group(1))


def reach(page, name):
    """Go to a button by the Tab key, and press it."""
    button = page.get_by_role("button", name=name, exact=True)
    for _ in range(20):
        page.keyboard.press("Tab")
        if button.evaluate("node => node === document.activeElement"):
            break
    expect(button).to_be_focused()
    page.keyboard.press("Enter")


def test_the_side_bar_its_tab_and_artifact_pages_come_back_after_a_reload(page, steppe_lab):
    path = write(steppe_lab, "layout.ipynb", "%load_ext steppe", "%%step load\nxs = list(range(5))\ntable = [1, 2]")
    assert run_notebook(path).status == "succeeded"
    open_book(page, steppe_lab, "layout.ipynb")
    show(page)
    node(page, "load").dblclick(timeout=PATIENCE)
    page.locator(".steppe-Step").get_by_role("button", name="xs", exact=True).click(timeout=PATIENCE)
    expect(page.locator(".steppe-artifact:visible h2")).to_have_text("xs", timeout=PATIENCE)
    wait_for_layout(page, steppe_lab, "steppe-artifact")
    wait_for_layout(page, steppe_lab, '"tab": "step"')
    page.goto(steppe_lab.url("layout.ipynb").replace("?reset", ""))
    expect(page.locator("#steppe-sidebar .steppe-Sidebar")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("tab", name="Step", exact=True)).to_have_attribute(
        "aria-selected", "true", timeout=PATIENCE
    )
    expect(page.locator(".steppe-Step h2")).to_contain_text("load", timeout=PATIENCE)
    expect(page.get_by_role("tab", name="xs: list")).to_be_visible(timeout=PATIENCE)


def test_the_graph_is_zoomed_fitted_searched_and_collapsed(page, steppe_lab):
    write(steppe_lab, "long.ipynb", *STEPS)
    open_book(page, steppe_lab, "long.ipynb")
    show(page)
    narrow(page, 640)
    expect(node(page, "step_3")).to_be_visible(timeout=PATIENCE)
    chart = page.get_by_role("img", name="Map of the pipeline")
    expect(chart).to_be_visible()
    expect(page.locator(".react-flow__edge")).not_to_have_count(0)
    page.get_by_role("button", name="Fit all", exact=True).click()
    page.wait_for_function("document.querySelector('.react-flow__viewport').style.transform !== ''")
    fitted = zoom(page)

    page.get_by_role("button", name="Zoom in", exact=True).click()  # by mouse
    page.wait_for_function(f"{SCALE} > {fitted} * 1.1")
    before = place(page)
    chart.click(position={"x": 55, "y": 70})
    page.wait_for_function(
        "before => document.querySelector('.react-flow__viewport').style.transform !== before", arg=before
    )
    box = page.locator(".steppe-Graph").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, 200)
    page.wait_for_function(f"{SCALE} < {fitted} * 1.15")
    page.get_by_role("button", name="Fit all", exact=True).click()
    page.wait_for_function(f"Math.abs({SCALE} - {fitted}) < 0.02")

    search = page.get_by_role("searchbox", name="Find a step")  # by keyboard alone
    search.focus()
    page.keyboard.type("step_3")
    expect(node(page, "step_4")).to_have_attribute("data-dimmed", "true")
    search.fill("")
    reach(page, "Zoom in")
    page.wait_for_function(f"{SCALE} > {fitted} * 1.1")
    reach(page, "Fit all")
    page.wait_for_function(f"Math.abs({SCALE} - {fitted}) < 0.02")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")  # zoom out
    page.wait_for_function(f"{SCALE} < {fitted} * 0.95")
    page.locator(".steppe-Graph").focus()
    page.keyboard.press("Escape")  # none is chosen: the first arrow chooses the first
    for number in range(4):
        page.keyboard.press("ArrowDown")
        expect(node(page, f"step_{number}")).to_have_attribute("data-chosen", "true")
    expect(cell(page, 3)).to_have_class(re.compile("jp-mod-active"))
    page.keyboard.press("Space")
    expect(node(page, "step_2")).to_have_count(0)
    expect(page.locator(".steppe-Node-hidden")).to_have_text("+3")
    page.keyboard.press("Space")
    expect(node(page, "step_2")).to_have_count(1)
    page.get_by_role("button", name="Hide or show what leads to the chosen node").click()
    expect(node(page, "step_2")).to_have_count(0)
    page.get_by_role("button", name="Hide or show what leads to the chosen node").click()
    page.get_by_role("button", name="Fit all", exact=True).click()
    picture(page, "graph-wide")


SCALE = "Number(/scale\\(([\\d.]+)\\)/.exec(document.querySelector('.react-flow__viewport').style.transform)[1])"
