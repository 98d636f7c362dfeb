"""What a person sees where something is missing: the server extension, the server, a notebook, steps, runs.

`STEPPE_SCREENSHOTS=FOLDER` keeps pictures.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import built, serving
from tests.ui.notebooks import PATIENCE, badge, cell, menu, open_book, run, write
from tests.ui.test_lab_sidebar import accessible, narrow, node, picture, show

THEME = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
STEPS = ("%%step load\nxs = list(range(5))", "%%step total\nt = sum(xs)\nt")
pytestmark = pytest.mark.slow


def pictures(page, name):
    """Take pictures in both themes; axe finds nothing serious in either."""
    accessible(page)
    picture(page, name)
    page.evaluate(THEME, "JupyterLab Dark")
    page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
    accessible(page)
    picture(page, f"{name}-dark")
    page.evaluate(THEME, "JupyterLab Light")
    page.wait_for_function("document.body.dataset.jpThemeLight === 'true'")


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A JupyterLab that has our front end, and a server without our extension."""
    with serving("jupyterlab", "lab/tree", tmp_path_factory.mktemp("alone"), front=built(), server=False) as found:
        yield found


def test_without_the_server_extension_all_say_what_to_do_and_notebooks_go_on(page, alone):
    write(alone, "alone.ipynb", *STEPS)
    open_book(page, alone, "alone.ipynb")
    expect(badge(page, 0)).to_have_text("not planned: Steppe\u2019s server extension is not running", timeout=PATIENCE)
    to_do = re.compile(
        "server extension is not running.*jupyter server extension enable steppe_server.*start the server"
    )
    expect(badge(page, 0)).to_have_attribute("title", to_do)
    show(page)
    narrow(page)
    expect(page.locator(".steppe-Empty")).to_contain_text(to_do)
    expect(page.locator(".steppe-Empty")).to_have_attribute("role", "alert")
    pictures(page, "no-server")
    page.get_by_role("tab", name="Runs", exact=True).click()
    expect(page.locator(".steppe-Runs .steppe-Error")).to_contain_text(to_do)
    page.get_by_role("tab", name="Graph", exact=True).click()
    page.keyboard.press("Control+Shift+c")
    page.locator(".lm-CommandPalette-input").fill("run stale steps")
    found = page.locator(".lm-CommandPalette-item").first
    expect(found).to_contain_text("Run Stale Steps (Steppe\u2019s server extension is not running)")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=to_do).first).to_be_disabled()  # the toolbar's
    run(page, 0)
    run(page, 1)
    expect(cell(page, 1).locator(".jp-OutputArea-output")).to_have_text("10", timeout=PATIENCE)
    expect(page.locator(".jp-Dialog")).to_have_count(0)
    menu(page, "Kernel", re.compile("^Restart Kernel and Run All Cells"))
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(cell(page, 1).locator(".jp-InputPrompt")).to_have_text("[2]:", timeout=PATIENCE)
    expect(cell(page, 1).locator(".jp-OutputArea-output")).to_have_text("10")


def test_a_server_that_goes_and_comes_back_is_told_and_what_was_known_stays(page, tmp_path):
    with serving("jupyterlab", "lab/tree", tmp_path, front=built()) as lab:
        write(lab, "gone.ipynb", *STEPS)
        open_book(page, lab, "gone.ipynb")
        show(page)
        narrow(page)
        menu(page, "Run", re.compile("^Run All Cells$"))
        expect(node(page, "total")).to_have_attribute("data-kind", "succeeded", timeout=PATIENCE)
        page.keyboard.press("Control+s")
        expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
        lab.stop()
        told = page.locator(".jp-Dialog")  # JupyterLab's own word about it
        expect(told).to_be_visible(timeout=2 * PATIENCE)
        told.locator("button").last.click()
        expect(told).to_have_count(0)
        cell(page, 1).locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.keyboard.type(" + 1")
        lost = page.locator(".steppe-Lost")
        expect(lost).to_contain_text("The Jupyter server does not answer", timeout=PATIENCE)
        expect(node(page, "total")).to_be_attached()
        expect(badge(page, 0)).to_contain_text(re.compile("^done in"))
        accessible(page)
        picture(page, "server-gone")  # a theme can't be chosen without a server
        lab.start()
        expect(lost).to_have_count(0, timeout=2 * PATIENCE)
        expect(node(page, "total")).to_have_attribute("data-kind", "stale-code", timeout=PATIENCE)


def test_without_a_notebook_a_run_or_a_right_line_the_side_bar_says_what_is_next(page, tmp_path):
    with serving("jupyterlab", "lab/tree", tmp_path, front=built()) as lab:
        write(lab, "fresh.ipynb", "%%step load\nxs = [1]", "%%step total cpu=many\nt = sum(xs)")
        page.goto(f"http://127.0.0.1:{lab.port}/lab?reset")
        page.locator(".jp-SideBar.jp-mod-left [data-id='steppe-sidebar']").click(timeout=PATIENCE)
        narrow(page)
        empty = page.locator(".steppe-Empty")
        expect(empty).to_contain_text("No notebook is in front", timeout=PATIENCE)
        pictures(page, "no-notebook")
        open_book(page, lab, "fresh.ipynb")
        show(page)
        narrow(page)
        expect(node(page, "load")).to_have_attribute("data-kind", "never", timeout=PATIENCE)
        expect(node(page, "total")).to_have_attribute("data-kind", "problem")
        expect(badge(page, 1)).to_have_text("mistake in its line")
        expect(badge(page, 1)).to_have_attribute("title", re.compile("number of cores"))
        assert not (lab.folder / ".steppe/catalog.db").exists()
        pictures(page, "mistake")
        node(page, "total").dblclick()
        expect(page.locator(".steppe-Step")).to_contain_text("number of cores")
        expect(page.locator(".steppe-Step")).to_contain_text("It has not run yet.")
        accessible(page)
        page.get_by_role("tab", name="Runs", exact=True).click()
        expect(page.locator(".steppe-Runs")).to_contain_text("There is no run yet: run a cell that is a step")
        pictures(page, "no-run")
        page.get_by_role("searchbox", name="Tag", exact=True).fill("good")
        expect(page.locator(".steppe-Runs")).to_contain_text("No run fits.")
