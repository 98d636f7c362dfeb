"""Two people on one notebook (jupyter-collaboration): badges, the toggle and the form say the same to both."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import built, serving
from tests.ui.notebooks import PATIENCE, badge, cell, menu, open_book, run, write
from tests.ui.test_lab_sidebar import node, picture, show

pytestmark = pytest.mark.slow
CELLS = ("%%step load\nxs = list(range(5))", "%%step total\nt = sum(xs)", "late = 1")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A JupyterLab in which documents are edited together."""
    with serving("jupyterlab", "lab/tree", tmp_path_factory.mktemp("shared"), front=built(), together=True) as found:
        yield found


@pytest.fixture
def other(page):
    """The page of somebody else."""
    context = page.context.browser.new_context(viewport={"width": 1180, "height": 940})
    yield context.new_page()
    context.close()


def test_two_pages_on_one_notebook_follow_each_other(page, other, shared):
    write(shared, "both.ipynb", *CELLS)
    for each in (page, other):
        open_book(each, shared, "both.ipynb")
        expect(badge(each, 1)).to_contain_text("not run yet", timeout=PATIENCE)
        show(each)
        expect(node(each, "total")).to_have_attribute("data-kind", "never", timeout=PATIENCE)

    run(page, 0)  # one runs: both see it
    run(page, 1)
    for each in (page, other):
        expect(badge(each, 1)).to_contain_text(re.compile("^done in"), timeout=PATIENCE)
        expect(node(each, "total")).to_have_attribute("data-kind", "succeeded", timeout=PATIENCE)

    cell(other, 1).locator(".cm-content").click()  # the other edits: both see what is stale
    other.keyboard.press("Control+End")
    other.keyboard.type(" + 1")
    for each in (page, other):
        expect(badge(each, 1)).to_contain_text("stale: code changed", timeout=PATIENCE)

    cell(page, 2).locator(".cm-content").click()  # one makes a cell a step, the other a plain one again
    page.keyboard.press("Alt+s")
    page.keyboard.press("Alt+t")
    for each in (page, other):
        expect(cell(each, 2).locator(".cm-line").first).to_have_text("%%step late", timeout=PATIENCE)
        expect(badge(each, 2)).to_contain_text("not run yet", timeout=PATIENCE)
    cell(other, 2).locator(".cm-content").click()
    other.keyboard.press("Alt+s")
    other.keyboard.press("Alt+t")
    for each in (page, other):
        expect(cell(each, 2).locator(".cm-line").first).to_have_text("late = 1", timeout=PATIENCE)
        expect(badge(each, 2)).to_have_count(0)

    for each in (page, other):  # both look at the form of one step; what one writes, the other reads
        cell(each, 1).locator(".cm-content").click()
        each.get_by_role("tab", name="Property Inspector").click()
        expect(each.locator(".steppe-Options").get_by_label("name", exact=True)).to_have_value(
            "total", timeout=PATIENCE
        )
    memory = page.locator(".steppe-Options").get_by_label("memory", exact=True)
    memory.fill("2Gi")
    memory.press("Enter")
    for each in (page, other):
        expect(cell(each, 1).locator(".cm-line").first).to_have_text("%%step total memory=2Gi", timeout=PATIENCE)
    theirs = other.locator(".steppe-Options").get_by_label("memory", exact=True)
    expect(theirs).to_have_value("2Gi", timeout=PATIENCE)
    picture(page, "together")

    menu(page, "Kernel", re.compile("^Restart Kernel and Run All Cells"))  # and all of it runs as ever
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    for each in (page, other):
        expect(badge(each, 0)).to_contain_text(re.compile("^hit"), timeout=PATIENCE)
        expect(badge(each, 1)).to_contain_text(re.compile("^done in"), timeout=PATIENCE)
        expect(each.locator(".jp-Dialog")).to_have_count(0)
