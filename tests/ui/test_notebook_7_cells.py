"""Steppe in a real Notebook 7: badges and the toggle, side bar, form, menu, and pages below the notebook."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from steppe.notebooks.run import run_notebook
from tests.ui.notebooks import PATIENCE, badge, cell, menu, run, write
from tests.ui.test_lab_sidebar import accessible, node, picture

LOAD = "%%step load\nxs = [7] * 3\nprint('three sevens')"


@pytest.mark.slow
def test_all_of_steppe_works_in_notebook_7(page, steppe_notebook_7):
    path = write(steppe_notebook_7, "seven.ipynb", LOAD, "y = sum(xs)", "%steppe lineage xs")
    page.goto(steppe_notebook_7.url("seven.ipynb"))
    expect(badge(page, 0)).to_contain_text("not run yet", timeout=PATIENCE)
    for _ in range(20):  # before the page is connected to its kernel, nothing is run
        cell(page, 0).locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        page.wait_for_timeout(2000)
        if cell(page, 0).locator(".jp-InputPrompt").inner_text() != "[ ]:":
            break
    expect(badge(page, 0)).to_contain_text(re.compile("^(done in|hit)"), timeout=PATIENCE)
    cell(page, 1).locator(".cm-content").click()
    page.keyboard.press("Alt+s")
    page.keyboard.press("Alt+t")
    expect(cell(page, 1).locator(".cm-line").first).to_have_text("%%step y")
    assert run_notebook(path).status == "succeeded"  # a second run, to be held beside that of the kernel
    walk_through_the_side_bar(page)
    open_a_value(page)
    compare_two_runs(page)
    open_from_a_card(page)
    change_an_option(page)


def side_bar(page, side, entry):
    """Choose from one of Notebook's menus of what its side bars show."""
    menu(page, "View")
    page.locator(".lm-Menu-item[data-type=submenu]", has_text=f"{side} Sidebar").click()
    page.locator(".lm-Menu-item", has_text=entry).click()


def walk_through_the_side_bar(page):
    """Open the graph from Notebook's own menu; walk, and read the log of a step."""
    side_bar(page, "Left", "Show Steppe")
    expect(node(page, "load")).to_have_attribute("data-kind", "hit", timeout=PATIENCE)  # of the other run
    page.locator(".steppe-Graph").press("ArrowDown")
    page.locator(".steppe-Graph").press("ArrowDown")
    expect(cell(page, 1)).to_have_class(re.compile("jp-mod-active"))
    node(page, "load").dblclick()
    step = page.locator(".steppe-Step")
    step.locator("summary", has_text="Log").click()
    expect(step.locator(".steppe-Log-line")).to_have_text(["three sevens"], timeout=PATIENCE)


def open_a_value(page):
    """Open a value by mouse and by keyboard: its page is below the notebook, and Escape closes it."""
    page.locator(".steppe-Step").get_by_role("button", name="xs", exact=True).click()
    shown = page.locator(".steppe-artifact:visible")
    expect(shown.locator("h2")).to_have_text("xs", timeout=PATIENCE)
    below = shown.bounding_box()
    assert below["height"] > 250
    accessible(page, ".steppe-artifact")
    picture(page, "notebook-7-artifact")
    shown.get_by_role("button", name="Open the cell that made it").click()
    expect(cell(page, 0)).to_have_class(re.compile("jp-mod-active"))
    assert len(page.context.pages) == 1
    page.get_by_role("tab", name="xs: list").locator(".lm-TabBar-tabCloseIcon").click()
    expect(shown).to_have_count(0)
    cell(page, 0).locator(".cm-content").click()
    page.keyboard.press("Alt+s")
    page.keyboard.press("Alt+o")
    expect(page.locator(".jp-Dialog")).to_contain_text("Open which value?", timeout=PATIENCE)
    page.keyboard.press("Enter")
    expect(shown.locator("h2")).to_have_text("xs", timeout=PATIENCE)
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)


def compare_two_runs(page):
    """Choose the runs from the menu Steppe, and hold two of them side by side."""
    menu(page, "Steppe", "Open Runs")
    expect(page.locator(".steppe-Run")).to_have_count(2, timeout=PATIENCE)
    for number in range(2):
        page.locator(".steppe-Run").nth(number).get_by_role("checkbox").check()
    page.get_by_role("button", name="Compare the two").press("Enter")
    compared = page.locator(".steppe-Compare:visible")
    compared.get_by_role("checkbox").check(timeout=PATIENCE)
    expect(compared.locator("section h2")).to_have_text(["load"])
    picture(page, "notebook-7-compare")


def open_from_a_card(page):
    """Open a value from the lineage in a cell's output."""
    run(page, 2)
    cell(page, 2).locator(".steppe-box", has_text="xs").press("Enter", timeout=PATIENCE)
    expect(page.locator(".steppe-artifact:visible h2")).to_have_text("xs", timeout=PATIENCE)


def change_an_option(page):
    """Give a step an option by the form, in the bar at the right."""
    cell(page, 0).locator(".cm-content").click()
    side_bar(page, "Right", "Show Notebook Tools")
    form = page.locator(".steppe-Options")
    expect(form.get_by_label("name", exact=True)).to_have_value("load", timeout=PATIENCE)
    form.get_by_label("cpu", exact=True).fill("2")
    form.get_by_label("cpu", exact=True).press("Tab")
    expect(cell(page, 0).locator(".cm-line").first).to_have_text("%%step load cpu=2", timeout=PATIENCE)
