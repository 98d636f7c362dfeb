"""A formatter of JupyterLab beside Steppe: the line of a step stays, and the step is no other for it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import built, serving
from tests.ui.notebooks import PATIENCE, badge, cell, menu, open_book, run, write


@pytest.fixture(scope="module")
def formatting(tmp_path_factory):
    """A JupyterLab that formats cells by black."""
    with serving("jupyterlab", "lab/tree", tmp_path_factory.mktemp("black"), front=built(), formatter=True) as found:
        yield found


@pytest.mark.slow
def test_a_step_that_is_formatted_keeps_its_line_and_is_still_done(page, formatting):
    write(formatting, "loose.ipynb", "%%step load retries=1\nxs   =[1,2 ,3]", "%%step total\nt = sum( xs )")
    open_book(page, formatting, "loose.ipynb")
    run(page, 0)
    run(page, 1)
    expect(badge(page, 1)).to_contain_text(re.compile("^done in"), timeout=PATIENCE)
    for at in (0, 1):
        cell(page, at).locator(".cm-content").click()
        menu(page, "Edit", re.compile("^Apply Black Formatter"))
    lines = ["%%step load retries=1", "xs = [1, 2, 3]"]
    expect(cell(page, 0).locator(".cm-line")).to_have_text(lines, timeout=PATIENCE)
    expect(cell(page, 1).locator(".cm-line")).to_have_text(["%%step total", "t = sum(xs)"], timeout=PATIENCE)
    run(page, 1)
    expect(badge(page, 1)).to_contain_text(re.compile("^hit"), timeout=PATIENCE)
    expect(badge(page, 0)).to_contain_text(re.compile("^done in"))
