"""Steps that write all at once, seen in a real JupyterLab: no line is lost, in the side bar or on its way to it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.ui.notebooks import PATIENCE, badge, cell, open_book, write
from tests.ui.test_lab_sidebar import node, show
from tests.ui.writers import hear, heard, writing

STEPS, LINES, RATE = 10, 60, 20


def test_of_ten_steps_that_write_at_once_no_line_is_lost_and_their_bars_move(page, steppe_lab):
    write(steppe_lab, "talk.ipynb", *(f"%%step s{number}\nprint({number})" for number in range(STEPS)))
    open_book(page, steppe_lab, "talk.ipynb")
    show(page)
    expect(node(page, "s3")).to_be_visible(timeout=PATIENCE)
    with writing(steppe_lab.folder, "talk.ipynb", steps=STEPS, processes=2, lines=LINES, rate=RATE) as writers:
        expect(node(page, "s3")).to_have_attribute("data-kind", "running", timeout=PATIENCE)
        node(page, "s3").dblclick()
        expect(page.locator(".steppe-Step")).to_contain_text("It wrote nothing", timeout=PATIENCE)
        hear(page, writers.ids.values())
        writers.go()
        bar = cell(page, 0).locator(".steppe-BadgeRow progress")
        expect(bar).to_be_visible(timeout=PATIENCE)
        first = bar.evaluate("bar => bar.value")
        expect(badge(page, 0)).to_contain_text(re.compile(r"· [1-9]\d %"), timeout=PATIENCE)
        assert bar.evaluate("bar => bar.value") > first
        page.get_by_role("tab", name="Graph", exact=True).click()
        expect(node(page, "s3").locator("progress")).to_be_visible()
        node(page, "s3").dblclick()
        writers.wait()
        expect(page.get_by_role("log")).to_have_accessible_name(f"Log, {LINES} lines", timeout=PATIENCE)
        expect(page.locator(".steppe-Log-line").last).to_have_text(f"s3 line {LINES - 1}")
        assert heard(page, writers.ids.values()) == (STEPS * LINES, 0)
    expect(badge(page, 0)).to_contain_text("done", timeout=PATIENCE)
    expect(bar).to_be_hidden()
