"""Badges, the toggle and the form in a real JupyterLab. `STEPPE_SCREENSHOTS=FOLDER` keeps pictures."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.ui.notebooks import PATIENCE, badge, cell, open_book, run, write

LOAD = "%%step load\nxs = list(range(5))"
TOTAL = "%%step total\nt = sum(xs)"
SLOW = "%%step slow\nimport time\ntime.sleep(6)\nw = 1"


@pytest.mark.slow
def test_a_badge_goes_through_running_and_done_to_hit_and_stale(page, steppe_lab):
    write(
        steppe_lab, "badges.ipynb", "%%step load\nxs = list(range(5))", "%%step total\nt = sum(xs)", SLOW, "plain = 1"
    )
    open_book(page, steppe_lab, "badges.ipynb")
    expect(badge(page, 0)).to_contain_text("not run yet", timeout=PATIENCE)
    expect(badge(page, 3)).to_have_count(0)
    run(page, 0)
    expect(badge(page, 0)).to_contain_text(re.compile("^done in"), timeout=PATIENCE)
    run(page, 1)
    run(page, 2)
    expect(badge(page, 2)).to_contain_text(re.compile("^running · [1-9] s"), timeout=PATIENCE)
    expect(badge(page, 2)).to_contain_text(re.compile("^done in"), timeout=PATIENCE)
    run(page, 1)
    expect(badge(page, 1)).to_contain_text(re.compile("^hit · "), timeout=PATIENCE)
    cell(page, 1).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" + 1")
    expect(badge(page, 1)).to_contain_text("stale: code changed", timeout=PATIENCE)
    run(page, 1)
    expect(badge(page, 1)).to_contain_text(re.compile("^done in"), timeout=PATIENCE)
