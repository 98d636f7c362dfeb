"""Badges stay with their cells: in two views, and where cells are moved, deleted, split, pasted, or end unseen."""

from __future__ import annotations

import os
import re
import signal

import pytest
from playwright.sync_api import expect

from tests.ui.notebooks import PATIENCE, badge, cell, menu, open_book, run, write
from tests.ui.test_lab_sidebar import node, show

A, B, C = "%%step first\na = 1", "%%step second\nb = a + 1", "%%step third\nc = a + b"
WAIT = "%%step slow\nimport pathlib, time\nwhile not pathlib.Path('go').exists():\n    time.sleep(0.1)\nw = 1"
PID = "with open('pid', 'w') as file:\n    file.write(str(os.getpid()))"
pytestmark = pytest.mark.slow


def names(page):
    """Return the names of the nodes, from top to bottom."""
    return page.locator(".steppe-Graph .steppe-Node-name > .steppe-Node-text")


def choose(page, number):
    """Choose a cell in command mode."""
    cell(page, number).locator(".jp-InputPrompt").click()
    expect(cell(page, number)).to_have_class(re.compile("jp-mod-active"))


def says(page, number, text):
    expect(badge(page, number)).to_contain_text(text, timeout=PATIENCE)


def test_moved_deleted_split_and_pasted_cells_keep_or_get_their_badges(page, steppe_lab):
    write(steppe_lab, "moved.ipynb", A, B, C, "plain = 1")
    open_book(page, steppe_lab, "moved.ipynb")
    show(page)
    says(page, 2, "not run yet")
    menu(page, "Run", re.compile("^Run All Cells$"))
    for number in range(3):
        says(page, number, re.compile("^done in"))

    choose(page, 2)  # moved to the top: it has other inputs there
    page.keyboard.press("Control+Shift+ArrowUp")
    page.keyboard.press("Control+Shift+ArrowUp")
    expect(cell(page, 0).locator(".cm-line").first).to_have_text("%%step third")
    expect(badge(page, 0)).to_have_attribute("aria-label", re.compile("^Step third:"))
    expect(badge(page, 1)).to_have_attribute("aria-label", re.compile("^Step first:"))
    expect(names(page)).to_have_text(["third", "first", "second"], timeout=PATIENCE)
    expect(page.locator(".steppe-Badge")).to_have_count(3)
    page.keyboard.press("Control+Shift+ArrowDown")
    page.keyboard.press("Control+Shift+ArrowDown")
    expect(names(page)).to_have_text(["first", "second", "third"], timeout=PATIENCE)
    says(page, 2, re.compile("^done in"))

    choose(page, 1)  # deleted, and back
    page.keyboard.press("d")
    page.keyboard.press("d")
    expect(names(page)).to_have_text(["first", "third"], timeout=PATIENCE)
    expect(page.locator(".steppe-Badge")).to_have_count(2)
    expect(badge(page, 1)).to_have_attribute("aria-label", re.compile("^Step third:"))
    page.keyboard.press("z")
    expect(names(page)).to_have_text(["first", "second", "third"], timeout=PATIENCE)
    says(page, 1, re.compile("^done in"))

    choose(page, 0)  # pasted: the copy is a part of its step, and has not run
    page.keyboard.press("c")
    choose(page, 3)
    page.keyboard.press("v")
    expect(badge(page, 4)).to_have_attribute("aria-label", re.compile("^Step first:"), timeout=PATIENCE)
    says(page, 0, re.compile("^done in"))
    expect(names(page)).to_have_text(["first", "second", "third"], timeout=PATIENCE)
    page.keyboard.press("d")
    page.keyboard.press("d")

    cell(page, 2).locator(".cm-line").nth(1).click()  # split: what is below is no step
    page.keyboard.press("Home")
    page.keyboard.press("Control+Shift+Minus")
    expect(cell(page, 3).locator(".cm-line").first).to_have_text("c = a + b")
    expect(page.locator(".steppe-Badge")).to_have_count(3)
    expect(badge(page, 3)).to_have_count(0)
    says(page, 2, re.compile("stale: code changed|will run|not run yet"))


def test_two_views_of_a_notebook_say_the_same(page, steppe_lab):
    write(steppe_lab, "views.ipynb", A, B)
    open_book(page, steppe_lab, "views.ipynb")
    says(page, 0, "not run yet")
    page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab", has_text="views.ipynb").click(button="right")
    page.locator(".lm-Menu").get_by_text("New View for Notebook").click()
    left, right = (page.locator(".jp-NotebookPanel").nth(number) for number in range(2))
    expect(right.locator(".steppe-Badge")).to_have_count(2, timeout=PATIENCE)
    expect(right.locator(".steppe-Badge").first).to_contain_text("not run yet")
    left.locator(".jp-CodeCell").first.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    for view in (left, right):
        expect(view.locator(".steppe-Badge").first).to_contain_text(re.compile("^(done in|hit)"), timeout=PATIENCE)
    right.locator(".jp-CodeCell").first.locator(".cm-content").click()
    page.keyboard.press("Alt+s")
    page.keyboard.press("Alt+t")
    for view in (left, right):
        expect(view.locator(".jp-CodeCell").first.locator(".cm-line").first).to_have_text("a = 1")
        expect(view.locator(".steppe-Badge")).to_have_count(1, timeout=PATIENCE)
    page.keyboard.press("Alt+s")
    page.keyboard.press("Alt+t")
    for view in (left, right):
        expect(view.locator(".steppe-Badge").first).to_contain_text(re.compile("^(done in|hit)"), timeout=PATIENCE)


def test_a_step_that_ended_while_its_page_was_closed_shows_its_end(page, steppe_lab):
    write(steppe_lab, "unseen.ipynb", WAIT)
    (steppe_lab.folder / "go").unlink(missing_ok=True)
    open_book(page, steppe_lab, "unseen.ipynb")
    says(page, 0, "not run yet")
    run(page, 0)
    says(page, 0, re.compile("^running"))
    page.keyboard.press("Control+s")
    expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
    page.goto("about:blank")
    (steppe_lab.folder / "go").touch()
    page.goto(steppe_lab.url("unseen.ipynb"))
    says(page, 0, re.compile("^done in"))


def test_a_kernel_restarted_while_a_step_runs_leaves_it_lost_and_the_badge_says_so(page, steppe_lab):
    write(steppe_lab, "restart.ipynb", A, "%%step long\nimport time\ntime.sleep(600)\nz = a")
    open_book(page, steppe_lab, "restart.ipynb")
    show(page)
    says(page, 0, "not run yet")
    menu(page, "Run", re.compile("^Run All Cells$"))
    says(page, 1, re.compile("^running"))
    menu(page, "Kernel", re.compile("^Restart Kernel…"))
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    says(page, 1, re.compile("^(lost|cancelled|failed)"))
    expect(node(page, "long")).to_have_attribute("data-kind", re.compile("failed|cancelled"), timeout=PATIENCE)
    run(page, 0)
    says(page, 0, re.compile("^hit · "))
    run(page, 1)
    says(page, 1, re.compile("^running"))
    page.keyboard.press("Alt+s")
    page.keyboard.press("Alt+c")
    says(page, 1, "cancelled")


def test_a_step_is_cancelled_though_the_kernel_has_yet_to_begin_with_it(page, steppe_lab):
    write(
        steppe_lab,
        "hasty.ipynb",
        f"%%step first cache=false\nimport os\n{PID}",
        "%%step long\nimport time\ntime.sleep(600)",
    )
    open_book(page, steppe_lab, "hasty.ipynb")
    says(page, 1, "not run yet")
    run(page, 0)
    says(page, 0, re.compile("^done in"))
    kernel = int((steppe_lab.folder / "pid").read_text())
    os.kill(kernel, signal.SIGSTOP)  # it ignores an interrupt that comes before it has begun
    try:
        run(page, 1)
        says(page, 1, re.compile("^running"))
        page.keyboard.press("Alt+s")
        page.keyboard.press("Alt+c")
        page.wait_for_timeout(500)  # nothing is to be seen of a command that waits
    finally:
        os.kill(kernel, signal.SIGCONT)
    says(page, 1, "cancelled")
