"""The site: built strictly, whole without a network, and what it shows is what the pages say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from pages import PAGES, ROOT
from playwright.sync_api import sync_playwright

import steppe
import steppe.testing

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
COUNTED = {"table", "tr", "pre", "li", "img"}


class Page(HTMLParser):
    """Counts elements of a page's content, and collects its anchors and all that it would load."""

    def __init__(self, text, content=False):
        super().__init__()
        self.counts = dict.fromkeys(COUNTED, 0)
        self.ids, self.loads, self.links = set(), [], []
        self.content = content
        self.feed(text)

    def handle_starttag(self, tag, given):
        given = dict(given)
        if tag == "article":
            self.content = True
        if given.get("id"):
            self.ids.add(given["id"])
        if tag == "link" and given.get("rel") != "canonical":
            self.loads.append(given.get("href", ""))
        if tag in {"script", "img", "iframe"} and given.get("src"):
            self.loads.append(given["src"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if self.content and tag in COUNTED:
            self.counts[tag] += 1

    def handle_endtag(self, tag):
        if tag == "article":
            self.content = False


def build(folder):
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {str(path.relative_to(folder)): Page(path.read_text("utf-8")) for path in folder.rglob("*.html")}


def lost_links(built, folder):
    """Return the links of built pages, navigation included, that lead to no file or to no anchor."""
    lost = []
    for name, page in built.items():
        if name == "404.html":
            continue
        for link in page.links:
            path, _, anchor = link.partition("#")
            if "://" in link or link.startswith("mailto:"):
                continue
            target = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
            there = (folder / target).is_file()
            if not there or (anchor and target in built and anchor not in built[target].ids and anchor != "__skip"):
                lost.append((name, link))
    return lost


def found(folder, words):
    """Open the site as files, and return the titles that its search finds, and what it has asked for."""
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path="/usr/bin/chromium", args=list(QUIET))
        page = browser.new_page()
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto((folder / "howto/share.html").as_uri())
        page.keyboard.press("/")
        page.keyboard.type(words)
        results = page.locator(".md-search-result__item h1, .md-search-result__item h2")
        results.first.wait_for(timeout=60_000)
        titles = results.all_inner_texts()
        browser.close()
    return titles, [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]


@pytest.mark.slow
def test_the_site_is_whole_and_needs_no_network(tmp_path):
    built = build(tmp_path)
    for page in PAGES:
        name = str(page.relative_to(ROOT)).removeprefix("docs/").replace(".md", ".html")
        assert name in built or page.name in {"README.md", "CONTRIBUTING.md"}, name
    assert "contributing.html" in built

    assert [(name, url) for name, page in built.items() for url in page.loads if "//" in url] == []
    for sheet in tmp_path.rglob("*.css"):
        assert re.findall(r"""url\(["']?(?:https?:)?//""", sheet.read_text("utf-8")) == [], sheet
    assert lost_links(built, tmp_path) == []

    reference = built["reference/python.html"].ids | built["reference/testing.html"].ids
    public = {f"steppe.{name}" for name in steppe.__all__ if name != "__version__"}
    public |= {f"steppe.testing.{name}" for name in steppe.testing.__all__}
    homes = {anchor.rpartition(".")[2] for anchor in reference}
    assert {name for name in public if name not in reference and name.rpartition(".")[2] not in homes} == set()

    titles, asked = found(tmp_path, "prefetch")
    assert any("Stream" in title or "Python" in title for title in titles), titles
    assert asked == []


def test_the_two_dialects_of_markdown_agree_on_every_page():
    """A list that a forge shows is none for Python-Markdown where no line is left free before it, for example."""
    from markdown import Markdown

    forge = MarkdownIt("commonmark").enable("table")
    for page in PAGES:
        text = re.sub(r"\A---\n.*?^---\n", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
        if '<div class="grid' in text:
            continue  # for the site alone
        text = re.sub("^```python no-run$", "```python", text, flags=re.MULTILINE)  # as .ci/site.py does
        text = re.sub(r"^:::.*\n( .*\n)*", "", text, flags=re.MULTILINE)
        site = Markdown(extensions=["tables", "pymdownx.superfences", "attr_list", "md_in_html"]).convert(text)
        there, here = Page(forge.render(text), content=True).counts, Page(site, content=True).counts
        assert here == there, page
