"""The demo with Steppe's front end: graph, badges and status bar follow it.

`STEPPE_SCREENSHOT=FILE` takes the README's picture.
"""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import expect

from tests.ui.notebooks import open_book
from tests.ui.test_demo_in_jupyterlab import cell, run_cells
from tests.ui.test_lab_sidebar import narrow, node, show

PATIENCE = 150_000  # milliseconds
STEPS = ("load", "clean", "features", "project", "sweep", "show_sweep", "train", "evaluate", "confusion")


@pytest.mark.slow
def test_the_demo_shows_its_hits_and_what_an_edit_makes_stale(page, steppe_lab):
    open_book(page, steppe_lab, "digits.ipynb")
    show(page)
    narrow(page)
    run_cells(page)
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel and Clear Outputs of All Cells…").click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(page.locator(".jp-OutputArea-output")).to_have_count(0)
    run_cells(page)
    for name in STEPS:
        expect(node(page, name)).to_have_attribute("data-kind", "hit", timeout=PATIENCE)
    expect(page.locator(".steppe-Status")).to_contain_text(f"{len(STEPS)} steps up to date")
    train = cell(page, "%%step train")
    expect(train.locator(".steppe-Badge")).to_contain_text(re.compile("^hit · "))
    train.locator(".cm-line", has_text="model = candidate").click()
    page.keyboard.press("End")
    page.keyboard.type("  # a comment changes nothing")
    expect(train.locator(".steppe-Badge")).to_contain_text(re.compile("^hit · "))
    edit(page, train)
    expect(node(page, "train")).to_have_attribute("data-kind", "stale-code", timeout=PATIENCE)
    expect(node(page, "evaluate")).to_have_attribute("data-kind", "unknown")
    expect(node(page, "evaluate")).to_contain_text("unsure: needs train")
    expect(node(page, "sweep")).to_have_attribute("data-kind", "hit")
    expect(page.locator(".steppe-Status")).to_contain_text("1 stale")
    if os.environ.get("STEPPE_SCREENSHOT"):
        take_picture(page, os.environ["STEPPE_SCREENSHOT"])


def edit(page, train):
    """Have the model trained with twice the strength."""
    line = train.locator(".cm-line", has_text="model = candidate")
    line.click()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+End")
    page.keyboard.type('model = candidate(2 * best["C"], best["gamma"]).fit(X_train, y_train)')


def take_picture(page, path):
    """Take the README's picture: the graph, badges, and what two steps show."""
    cell(page, "%%step show_sweep").evaluate("node => node.scrollIntoView({block: 'start'})")
    cell(page, "%%step train").locator(".jp-InputPrompt").click()
    page.mouse.move(2, 2)
    page.wait_for_timeout(1500)
    page.screenshot(path=path)
