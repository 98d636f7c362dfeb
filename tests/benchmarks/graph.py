"""The graph of a notebook of 1,000 steps in JupyterLab: how soon it is there, and how smoothly it moves."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from browser import PATIENCE, Frames, Watched, lab, load
from playwright.sync_api import Page
from row import Row

from tests.ui.notebooks import many_steps, write

ROUNDS = 5
MOVES = 60


def rows(folder: str, *, small: bool) -> Iterator[Row]:
    """Measure."""
    count, rounds = (160, 1) if small else (1000, ROUNDS)
    with lab(folder) as (program, watched):
        write(program, "large.ipynb", *many_steps(count))
        page = watched.page
        began = time.perf_counter()
        page.goto(program.url("large.ipynb"))
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        opened = time.perf_counter() - began
        page.locator(".jp-SideBar.jp-mod-left [data-id='steppe-sidebar']").click()
        page.locator(".steppe-Graph .steppe-Node").first.wait_for()
        shown = time.perf_counter() - began
        yield Row(f"graph of {count} steps: until it is there", shown, "s", "the notebook's first cell", opened)
        watched.rest(count)
        times = [laid_out(page) for _ in range(rounds)]
        took = statistics.median(times)
        yield Row(f"graph of {count} steps: laid out ({load()})", took, "ms", target="<= 1000 ms", met=took <= 1000)
        for gesture in gestures(page):
            yield moved(f"graph of {count} steps: {gesture.name}", watched, gesture, rounds)


def laid_out(page: Page) -> float:
    """Have the graph laid out anew, in layers and in a column; return how long the longer of the two took."""
    page.evaluate("performance.clearMeasures('steppe:layout')")
    drag_to(page, 300)
    page.locator(".steppe-Graph[data-narrow=true]").wait_for()
    drag_to(page, 720)
    page.locator(".steppe-Graph[data-narrow=false]").wait_for()
    return max(page.evaluate("performance.getEntriesByName('steppe:layout').map(each => each.duration)"))


def drag_to(page: Page, width: int) -> None:
    """Drag the side bar to a width."""
    panel = page.locator("#steppe-sidebar").bounding_box()
    assert panel is not None
    page.mouse.move(panel["x"] + panel["width"] + 2, 500)
    page.mouse.down()
    page.mouse.move(panel["x"] + width, 500, steps=4)
    page.mouse.up()


class Gesture(NamedTuple):
    """What a person does with a graph, once it is in place."""

    name: str
    place: Callable[[], None]
    move: Callable[[], None]


def gestures(page: Page) -> list[Gesture]:
    """Return what a person does with a graph, all of it in view or some of it near."""
    graph = page.locator(".steppe-Graph").bounding_box()
    assert graph is not None
    x, y = graph["x"] + graph["width"] / 2, graph["y"] + graph["height"] / 2

    def fit() -> None:
        page.get_by_role("button", name="Fit all").click()
        page.wait_for_function("!document.querySelector('.steppe-Graph .steppe-Node')")
        page.mouse.move(x, y)

    def near() -> None:
        page.get_by_role("searchbox", name="Find a step").focus()
        fit()
        page.locator(".steppe-Graph").press("ArrowDown")  # walks to the first step, near enough to be read
        page.locator(".steppe-Graph .steppe-Node").first.wait_for()
        page.mouse.move(x, y)

    def pan() -> None:
        page.mouse.down()
        for move in range(MOVES):
            page.mouse.move(x + 2 * (move % 40), y - 3 * (move % 50))
        page.mouse.up()
        page.mouse.move(x, y)

    def zoom() -> None:
        for move in range(MOVES):
            page.mouse.wheel(0, -40 if move % 20 < 10 else 40)

    return [
        Gesture("all of it panned", fit, pan),
        Gesture("all of it zoomed", fit, zoom),
        Gesture("near, panned", near, pan),
        Gesture("near, zoomed", near, zoom),
    ]


def moved(name: str, watched: Watched, gesture: Gesture, rounds: int) -> Row:
    """Move the graph some times, in turn with a page that does nothing."""
    found: list[Frames] = []
    idle: list[float] = []
    for _ in range(rounds):
        gesture.place()
        idle.append(watched.frames(lambda: watched.page.wait_for_timeout(500)).rate)
        before = view(watched.page)
        found.append(watched.frames(gesture.move))
        assert view(watched.page) != before or "zoomed" in name, "nothing has moved"
    rate, busy = statistics.median(each.rate for each in found), statistics.median(each.busy for each in found)
    told = f"{name}, {busy:.1f} ms of the processor a frame ({load()})"
    return Row(told, rate, "/s", "the page at rest", statistics.median(idle), ">= 50 /s", rate >= 50)


def view(page: Page) -> str:
    """Return how the graph is moved and enlarged."""
    return str(page.locator(".steppe-Graph .react-flow__viewport").get_attribute("style", timeout=PATIENCE))
