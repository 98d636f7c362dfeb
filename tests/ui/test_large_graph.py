"""The graph of a large notebook in a real JupyterLab: it is there, it moves, and one can walk in it and find things."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.ui.notebooks import many_steps, open_book, write
from tests.ui.test_lab_sidebar import narrow, node, show

STEPS = 1000
PATIENCE = 120_000


@pytest.mark.slow
def test_a_thousand_steps_are_shown_walked_and_found(page, steppe_lab):
    write(steppe_lab, "large.ipynb", *many_steps(STEPS))
    open_book(page, steppe_lab, "large.ipynb")
    show(page)
    expect(node(page, "s0")).to_be_visible(timeout=PATIENCE)
    drawn = page.locator(".steppe-Graph .steppe-Node")
    assert drawn.count() < 100, "only what is in sight is drawn"
    assert laid_out(page) < 1000
    graph = page.locator(".steppe-Graph")
    graph.press("ArrowDown")
    expect(node(page, "s0")).to_have_attribute("data-chosen", "true")
    graph.press("ArrowDown")
    expect(node(page, "s0")).to_have_attribute("data-chosen", "false")
    expect(page.locator(".steppe-Node[data-chosen=true]")).to_contain_text("v0")
    narrow(page, 720)
    page.get_by_role("button", name="Fit all").click()
    afar(page)
    search = page.get_by_role("searchbox", name="Find a step")
    search.fill("s50")
    search.press("Enter")
    expect(page.locator(".steppe-Node[data-chosen=true]")).to_contain_text("s50", timeout=PATIENCE)
    search.press("Enter")
    expect(page.locator(".steppe-Node[data-chosen=true]")).to_contain_text("s500", timeout=PATIENCE)
    assert drawn.count() < 300
    assert laid_out(page) < 1000
    moved_by_an_edge(page)


def laid_out(page):
    """Return how long the longest layout took."""
    return max(page.evaluate("performance.getEntriesByName('steppe:layout').map(each => each.duration)"))


def afar(page):
    """See all as a painting, move it, and click a step there: it is chosen."""
    painting = page.locator(".steppe-Overview")
    expect(painting).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".steppe-Graph .steppe-Node")).to_have_count(0, timeout=PATIENCE)
    place = painting.bounding_box()
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    viewport = page.locator(".steppe-Graph .react-flow__viewport")
    before = viewport.get_attribute("style")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 30, steps=4)
    page.mouse.up()
    expect(viewport).not_to_have_attribute("style", before)
    page.get_by_role("button", name="Fit all").click()
    colours = "canvas => new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size"
    assert painting.evaluate(colours) > 2, "something is painted"
    page.get_by_role("img", name="Map of the pipeline").click(position={"x": 55, "y": 40})


def moved_by_an_edge(page):
    """Take hold of an edge and drag it: the graph moves, and the steps that come into view are told by their names."""
    viewport = page.locator(".steppe-Graph .react-flow__viewport")
    page.wait_for_timeout(300)  # walking to the step has come to rest
    x, y = page.locator(".steppe-Edge-near path.react-flow__edge-path").first.evaluate(
        """path => {
            const point = path.getPointAtLength(path.getTotalLength() - 12).matrixTransform(path.getScreenCTM());
            return [point.x, point.y];
        }"""
    )
    before = viewport.get_attribute("style")
    names = page.locator(".steppe-Graph .steppe-Node").all_inner_texts()
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 250, steps=10)
    page.mouse.up()
    expect(viewport).not_to_have_attribute("style", before)
    new = "some(node => !names.includes(node.innerText))"
    told = f"names => [...document.querySelectorAll('.steppe-Graph .steppe-Node')].{new}"
    page.wait_for_function(told, arg=names)
