"""What has changed is told apart in a real JupyterLab: code, data, environment.

`STEPPE_SCREENSHOTS=FOLDER` keeps pictures.
"""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import built, serving
from tests.ui.notebooks import PATIENCE, badge, cell, menu, open_book, write
from tests.ui.test_lab_sidebar import darken, narrow, node, picture, show

READ = "%%step read\nrows = open('sales.csv').read().split()"
MEASURE = "%%step measure env=lock\nlong = 30"
COUNT = "%%step count\nn = len([1, 2, 3])"
WRITE = "# open('sales.csv', 'w').write('3 4 5')"


def install(folder, number):
    """Have a package `rulers` of this version be installed in a folder, and no other."""
    shutil.rmtree(folder, ignore_errors=True)
    info = folder / f"rulers-{number}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: rulers\nVersion: {number}\n")


def come_back(page):
    """Leave the page and come back to it, as far as the page is told of it."""
    page.evaluate("window.dispatchEvent(new Event('focus'))")


def look_at_a_file(page):
    """Have files be nodes, and open the one that a step has read."""
    page.get_by_role("button", name="files", exact=True).click()
    page.locator(".steppe-Thing[data-kind=file]", has_text="sales.csv").click()
    expect(page.locator(".steppe-Chosen").get_by_role("status")).to_have_text(
        re.compile(r"^file sales\.csv · .*read by read$")
    )
    page.locator(".steppe-Graph").press("Enter")
    opened = page.locator(".lm-TabBar-tab", has_text="sales.csv")
    expect(opened).to_be_visible(timeout=PATIENCE)
    opened.locator(".lm-TabBar-tabCloseIcon").click()
    expect(node(page, "read")).to_be_attached(timeout=PATIENCE)
    page.get_by_role("button", name="files", exact=True).click()
    expect(page.locator(".steppe-Thing")).to_have_count(0)


@pytest.mark.slow
def test_changed_code_data_and_environment_have_badges_and_marks_of_their_own(page, tmp_path):
    packages = tmp_path / "packages"
    install(packages, "1.0")
    with serving("jupyterlab", "lab/tree", tmp_path, front=built(), packages=packages) as lab:
        (lab.folder / "sales.csv").write_text("3 4 5")
        write(lab, "stale.ipynb", READ, MEASURE, COUNT, WRITE)
        open_book(page, lab, "stale.ipynb")
        show(page)
        narrow(page)
        menu(page, "Run", re.compile("^Run All Cells$"))
        for name in ("read", "measure", "count"):
            expect(node(page, name)).to_have_attribute("data-kind", "succeeded", timeout=PATIENCE)
        page.keyboard.press("Control+s")
        expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)

        # the file, as another program changes it: who comes back to the page sees it
        (lab.folder / "sales.csv").write_text("3 4 5 6")
        come_back(page)
        expect(badge(page, 0)).to_have_text("stale: data changed", timeout=PATIENCE)
        expect(badge(page, 0)).to_have_attribute("title", re.compile("sales.csv"))
        expect(node(page, "read")).to_have_attribute("data-kind", "stale-data")
        expect(node(page, "measure")).to_have_attribute("data-kind", "succeeded")

        # a plain cell writes it anew, as it was
        cell(page, 3).locator(".cm-content").click()
        page.keyboard.press("Control+Home")
        page.keyboard.press("Delete")
        page.keyboard.press("Control+Enter")
        expect(node(page, "read")).to_have_attribute("data-kind", "succeeded", timeout=PATIENCE)
        (lab.folder / "sales.csv").write_text("3 4 5 6")

        cell(page, 2).locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.keyboard.type(" + 1")
        expect(badge(page, 2)).to_have_text("stale: code changed", timeout=PATIENCE)
        expect(node(page, "count")).to_have_attribute("data-kind", "stale-code")

        install(packages, "2.0")
        come_back(page)
        expect(badge(page, 1)).to_have_text("stale: environment changed", timeout=PATIENCE)
        expect(badge(page, 1)).to_have_attribute("title", re.compile("rulers was 1.0, is 2.0"))
        expect(node(page, "measure")).to_have_attribute("data-kind", "stale-environment")
        marks = page.locator(".steppe-Graph .steppe-Node .steppe-Node-icon").evaluate_all(
            "all => all.map(each => each.innerHTML)"
        )
        assert len(set(marks)) == 3
        page.mouse.move(2, 2)
        picture(page, "stale")
        look_at_a_file(page)
        page.keyboard.press("Control+s")
        expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
        darken(page, lab)
        show(page)
        expect(node(page, "count")).to_have_attribute("data-kind", "stale-code", timeout=PATIENCE)
        picture(page, "stale-dark")
