"""The debugger and completion in step cells of a real JupyterLab. `STEPPE_SCREENSHOTS=FOLDER` keeps pictures."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.ui.notebooks import PATIENCE, badge, cell, menu, open_book, run, write
from tests.ui.test_lab_sidebar import picture

pytestmark = pytest.mark.slow
LOOP = "%%step loop\ntotal = 0\nfor number in range(3):\n    total += number\n    last = number"
LARGE = "%%step large\nlargest = {number: str(number) for number in range(200_000)}\nlarge_set = set(range(300_000))"


def test_a_breakpoint_in_a_step_stops_at_its_line(page, steppe_lab):
    write(steppe_lab, "debug.ipynb", "import steppe", LOOP)
    open_book(page, steppe_lab, "debug.ipynb")
    expect(badge(page, 1)).to_contain_text("not run yet", timeout=PATIENCE)
    page.locator("[data-jp-item-name='debugger-icon'] jp-button, .jp-DebuggerBugButton").first.click()
    gutter = cell(page, 1).locator(".cm-gutter.cm-breakpoint-gutter")
    number = cell(page, 1).locator(".cm-lineNumbers .cm-gutterElement", has_text=re.compile("^4$"))
    expect(number).to_be_visible(timeout=PATIENCE)
    row, column = number.bounding_box(), gutter.bounding_box()
    page.mouse.click(column["x"] + column["width"] / 2, row["y"] + row["height"] / 2)
    expect(page.locator(".jp-DebuggerBreakpoints-body")).to_contain_text("4", timeout=PATIENCE)  # it was told
    run(page, 1)
    stopped = cell(page, 1).locator(".jp-DebuggerEditor-highlight")
    expect(stopped).to_have_text("    total += number", timeout=PATIENCE)
    expect(page.locator(".jp-DebuggerCallstack-body li").first).to_contain_text("4", timeout=PATIENCE)
    expect(badge(page, 1)).to_contain_text(re.compile("^running"))
    picture(page, "debugger")
    for _ in range(3):
        expect(stopped).to_have_text("    total += number", timeout=PATIENCE)
        page.keyboard.press("F9")
        page.wait_for_timeout(300)
    expect(badge(page, 1)).to_contain_text(re.compile("^done in"), timeout=PATIENCE)
    expect(stopped).to_have_count(0)
    expect(cell(page, 1).locator(".jp-OutputArea-output")).to_have_count(0)


def test_names_that_a_hit_has_bound_lazily_are_completed_in_a_step(page, steppe_lab):
    write(steppe_lab, "complete.ipynb", LARGE, "%%step use\n")
    open_book(page, steppe_lab, "complete.ipynb")
    expect(badge(page, 0)).to_contain_text("not run yet", timeout=PATIENCE)
    run(page, 0)
    expect(badge(page, 0)).to_contain_text(re.compile("^done in"), timeout=PATIENCE)
    menu(page, "Kernel", re.compile("^Restart Kernel…"))
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").first).to_be_attached(timeout=PATIENCE)
    run(page, 0)
    expect(badge(page, 0)).to_contain_text(re.compile("^hit · "), timeout=PATIENCE)
    cell(page, 1).locator(".cm-line").last.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("size = larg")
    found = page.locator(".jp-Completer-item")
    complete(page, found.filter(has_text="largest"))
    expect(found.filter(has_text="large_set")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.type("e_set.isdisj")
    complete(page, cell(page, 1).locator(".cm-content", has_text="size = large_set.isdisjoint"))


def complete(page, found):
    """Ask for completions until they come: JupyterLab waits a second for the kernel, and then shows none."""
    for _ in range(PATIENCE // 2000):
        page.keyboard.press("Tab")
        try:
            expect(found).to_be_visible(timeout=2000)
        except AssertionError:
            continue
        return
    expect(found).to_be_visible()
