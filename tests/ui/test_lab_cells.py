"""Badges, the toggle and the form in a real JupyterLab. `STEPPE_SCREENSHOTS=FOLDER` keeps pictures."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import expect

from tests.ui.notebooks import PATIENCE, badge, cell, open_book, run, save_until, write

LOAD = "%%step load\nxs = list(range(5))"
TOTAL = "%%step total\nt = sum(xs)"
SLOW = "%%step slow\nimport time\ntime.sleep(6)\nw = 1"


@pytest.mark.slow
def test_a_badge_goes_through_running_and_done_to_hit_and_stale(page, steppe_lab):
    write(steppe_lab, "badges.ipynb", LOAD, TOTAL, SLOW, "plain = 1", "%%step broken\nraise ValueError('no rows')")
    open_book(page, steppe_lab, "badges.ipynb")
    expect(badge(page, 0)).to_contain_text("not run yet", timeout=PATIENCE)
    expect(badge(page, 0)).to_be_visible()
    expect(badge(page, 3)).to_have_count(0)
    run(page, 0)
    expect(badge(page, 0)).to_contain_text(re.compile("^done in"), timeout=PATIENCE)
    run(page, 1)
    run(page, 2)
    run(page, 4)
    expect(badge(page, 4)).to_have_text("queued behind slow", timeout=PATIENCE)
    expect(badge(page, 2)).to_contain_text(re.compile("^running · [1-9] s"), timeout=PATIENCE)
    expect(badge(page, 2)).to_contain_text(re.compile("^done in"), timeout=PATIENCE)
    expect(badge(page, 4)).to_have_text("failed · ValueError: no rows", timeout=PATIENCE)
    open_by_badge_and_status(page)
    run(page, 1)
    expect(badge(page, 1)).to_contain_text(re.compile("^hit · "), timeout=PATIENCE)
    cell(page, 1).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" + 1")
    expect(badge(page, 1)).to_contain_text("stale: code changed", timeout=PATIENCE)
    run(page, 1)
    expect(badge(page, 1)).to_contain_text(re.compile("^done in"), timeout=PATIENCE)


def open_by_badge_and_status(page):
    """A badge opens its step by a click and by Enter; what the status bar counts opens the side bar."""
    side = page.locator("#steppe-sidebar")
    badge(page, 4).click()
    expect(side.locator(".steppe-Step h2")).to_contain_text("broken", timeout=PATIENCE)
    expect(side.locator(".steppe-Step .steppe-Error")).to_contain_text("ValueError: no rows", timeout=PATIENCE)
    badge(page, 0).press("Enter")
    expect(side.locator(".steppe-Step h2")).to_contain_text("load")
    page.locator(".jp-SideBar.jp-mod-left [data-id='steppe-sidebar']").click()
    expect(side).not_to_be_visible()
    counted = page.locator(".steppe-Status").get_by_role("button")
    expect(counted).to_have_text("1 failed")
    counted.click()
    expect(side).to_be_visible()


def choose(page, name):
    """Choose from the Steppe menu."""
    page.get_by_role("menuitem", name="Steppe", exact=True).click()
    page.locator(".lm-Menu").get_by_text(name, exact=True).click()


def picture(page, name):
    folder = os.environ.get("STEPPE_SCREENSHOTS")
    if folder:
        for theme in ("light", "dark"):
            page.evaluate("theme => document.body.dataset.jpThemeLight = String(theme === 'light')", theme)
            page.evaluate(
                "theme => window.jupyterapp?.commands.execute('apputils:change-theme', {theme})",
                f"JupyterLab {theme.title()}",
            )
            page.wait_for_timeout(1200)
            page.screenshot(path=f"{folder}/lab-cells-{name}-{theme}.png")


@pytest.mark.slow
def test_a_button_makes_a_cell_a_step_and_undo_takes_it_back(page, steppe_lab):
    write(steppe_lab, "toggle.ipynb", "model = [1]", "%%step model gpu=0\nx = 1", metadata={0: {"tags": ["mine"]}})
    open_book(page, steppe_lab, "toggle.ipynb")
    cell(page, 0).locator(".cm-content").click()
    cell(page, 0).locator("[data-jp-item-name='steppe-toggle']").click()
    expect(cell(page, 0).locator(".cm-line").first).to_have_text("%%step model_2")
    expect(badge(page, 0)).to_contain_text("not run yet", timeout=PATIENCE)
    cell(page, 0).locator(".cm-content").click()
    page.keyboard.press("Control+z")
    expect(cell(page, 0).locator(".cm-line").first).to_have_text("model = [1]")
    expect(badge(page, 0)).to_have_count(0)
    cell(page, 1).locator(".cm-content").click()
    page.keyboard.press("Alt+s")
    page.keyboard.press("Alt+t")
    expect(cell(page, 1).locator(".cm-line").first).to_have_text("x = 1")
    page.keyboard.press("Alt+s")
    page.keyboard.press("Alt+t")
    expect(cell(page, 1).locator(".cm-line").first).to_have_text("%%step model gpu=0")


@pytest.mark.slow
def test_the_form_writes_the_line_and_says_why_a_value_does_not_fit(page, steppe_lab):
    write(steppe_lab, "form.ipynb", "%%step load files={paths}\nx = 1", "y = 2", metadata={1: {"tags": ["step:last"]}})
    open_book(page, steppe_lab, "form.ipynb")
    cell(page, 0).locator(".cm-content").click()
    page.get_by_role("tab", name="Property Inspector").click()
    form = page.locator(".steppe-Options")
    expect(form.get_by_label("name", exact=True)).to_have_value("load", timeout=PATIENCE)
    expect(form.get_by_label("files", exact=True)).to_have_value("{paths}")
    form.get_by_label("memory", exact=True).fill("2Gi")
    form.get_by_label("memory", exact=True).press("Enter")
    first = cell(page, 0).locator(".cm-line").first
    expect(first).to_have_text("%%step load files={paths} memory=2Gi")
    form.get_by_label("cpu", exact=True).fill("many")
    form.get_by_label("cpu", exact=True).press("Tab")
    expect(form.get_by_role("alert")).to_contain_text("number of cores")
    expect(first).to_have_text("%%step load files={paths} memory=2Gi")
    picture(page, "form")
    form.get_by_label("cpu", exact=True).fill("2")
    form.get_by_label("cpu", exact=True).press("Tab")
    form.get_by_label("cache", exact=True).select_option("false")
    expect(first).to_have_text("%%step load files={paths} memory=2Gi cpu=2 cache=false")
    cell(page, 1).locator(".cm-content").click()
    expect(form.get_by_label("name", exact=True)).to_have_value("last", timeout=PATIENCE)
    form.get_by_label("retries", exact=True).fill("2")
    form.get_by_label("retries", exact=True).press("Enter")
    book = save_until(page, steppe_lab.folder / "form.ipynb", lambda book: "steppe" in book.cells[1].metadata)
    saved = book.cells[1]
    assert (saved.metadata["tags"], saved.metadata["steppe"], saved.source) == (
        ["step:last"],
        {"retries": "2"},
        "y = 2",
    )


@pytest.mark.slow
def test_what_is_stale_is_run_and_what_runs_is_cancelled(page, steppe_lab):
    write(
        steppe_lab,
        "run.ipynb",
        "n = 3",
        "%%step count\nks = [n] * 7",
        "%%step mean\nt = sum(ks)",
        "%%step long\nimport time\ntime.sleep(60)\nz = t",
    )
    open_book(page, steppe_lab, "run.ipynb")
    expect(badge(page, 1)).to_contain_text("not run yet", timeout=PATIENCE)
    cell(page, 2).locator(".cm-content").click()
    choose(page, "Run to Here")
    expect(badge(page, 2)).to_contain_text(re.compile("^done in"), timeout=PATIENCE)
    expect(page.locator(".steppe-Status")).to_have_text("1 not run yet", timeout=PATIENCE)
    page.locator(
        "[data-jp-item-name='steppe-run-stale'] jp-button, [data-jp-item-name='steppe-run-stale'] button"
    ).first.click()
    expect(badge(page, 3)).to_contain_text(re.compile("^running"), timeout=PATIENCE)
    expect(page.locator(".steppe-Status")).to_contain_text("1 running", timeout=PATIENCE)
    picture(page, "running")
    page.reload()
    expect(badge(page, 3)).to_contain_text(re.compile("^running"), timeout=PATIENCE)
    cell(page, 3).locator(".cm-content").click()
    page.keyboard.press("Alt+s")
    page.keyboard.press("Alt+c")
    expect(badge(page, 3)).to_contain_text("cancelled", timeout=PATIENCE)
    picture(page, "states")
    cell(page, 2).locator(".cm-content").click()
    choose(page, "Run This Step Again")
    expect(badge(page, 2)).to_contain_text(re.compile("^done in .*(new|[0-9] s old)"), timeout=PATIENCE)


@pytest.mark.slow
def test_a_notebook_is_run_from_the_file_browser_with_its_parameters(page, steppe_lab):
    path = write(
        steppe_lab,
        "params.ipynb",
        "size = 3",
        "%%step load\nxs = list(range(size))\nprint(xs)",
        metadata={0: {"tags": ["parameters"]}},
    )
    page.goto(f"http://127.0.0.1:{steppe_lab.port}/lab?reset")
    item = page.locator(".jp-DirListing-item", has_text=path.name)
    item.click(button="right", timeout=PATIENCE)
    page.locator(".lm-Menu").get_by_text("Run with Steppe…").click()
    page.get_by_label("size", exact=True).fill("5")
    picture(page, "parameters")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Open the executed notebook").click(timeout=PATIENCE)
    expect(page.locator(".jp-OutputArea-output", has_text="[0, 1, 2, 3, 4]")).to_be_visible(timeout=PATIENCE)
