"""The page of a run, in a Chromium: light and dark, whole, and without a single request."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.integration.notebooks.made import Room

OUTSIDE = "http://outside.example"
CELLS = [
    v4.new_markdown_cell(f"# Digits\n\nA table | of things\n\n![picture]({OUTSIDE}/a.png) <script>alert(1)</script>"),
    v4.new_code_cell(
        "%%step load\nimport pandas as pd\ntable = pd.DataFrame({'a': range(9), 'b': range(9)})\ntable.head()"
    ),
    v4.new_code_cell(
        "%%step draw\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot(table['a'])\nplt.show()"
    ),
    v4.new_code_cell(
        "%%step figure\nimport plotly.express as px\npx.scatter(table, x='a', y='b', title='In the page')"
    ),
    v4.new_code_cell(
        "%%step score\nimport steppe\nsteppe.log_metric('accuracy', 0.987)\ntotal = int(table['a'].sum())\n"
        "print('\\x1b[31mred\\x1b[0m', total)"
    ),
    v4.new_code_cell(
        "from IPython.display import HTML, display\n"
        f'display(HTML(\'<script>alert(2)</script><img src="{OUTSIDE}/b.png" onerror="alert(3)"><b>framed</b>\'))'
    ),
    v4.new_code_cell("%%step fails\n1 / 0"),
]


@pytest.fixture
def page_of(tmp_path, capsys):
    room = Room(tmp_path, capsys)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(v4.new_notebook(cells=CELLS, metadata={"kernelspec": kernel}), tmp_path / "book.ipynb")
    run = room.json("run", "book.ipynb")
    assert run["status"] == "failed"
    room.json("report", run["run"], "-o", str(tmp_path / "page.html"))
    return tmp_path / "page.html"


def test_a_run_is_one_page_that_asks_nothing_of_anybody(page_of, tmp_path):
    requests, blocked, dialogs = [], set(), []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme=scheme, viewport={"width": 1100, "height": 900})
            page.on("request", lambda request: requests.append(request.url))
            page.on("requestfailed", lambda request: "csp" in (request.failure or "") and blocked.add(request.url))
            page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
            page.goto(page_of.as_uri())
            page.wait_for_selector(".plotly .main-svg")
            words = page.inner_text("body")
            for word in (
                "Digits",
                "load: succeeded",
                "fails: failed",
                "ZeroDivisionError",
                "0.987",
                "[picture]",
                "red 36",
            ):
                assert word in words, word
            assert page.evaluate("[...document.images].every(each => each.complete && each.naturalWidth > 0)")
            assert page.locator("svg[role=img] rect").count() == 5
            assert page.locator("svg[role=img] path").count() == 3
            assert page.frame_locator("iframe").locator("b").inner_text() == "framed"
            paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert paper == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(13, 17, 23)")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.screenshot(path=os.environ.get("STEPPE_PAGES", str(tmp_path)) + f"/{scheme}.png", full_page=True)
            page.close()
        browser.close()
    assert dialogs == []
    asked = {url for url in requests if not url.startswith(("data:", "about:", "blob:"))}
    assert asked - blocked == {page_of.as_uri()}  # some that the page's policy forbids are told of, and never sent
