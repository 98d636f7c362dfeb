"""Badges and the toggle in a real Notebook 7."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.ui.notebooks import PATIENCE, badge, cell, write


@pytest.mark.slow
def test_badges_and_the_toggle_work_in_notebook_7(page, steppe_notebook_7):
    write(steppe_notebook_7, "seven.ipynb", "%%step load\nxs = [7] * 3", "y = sum(xs)")
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
