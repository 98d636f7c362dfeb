"""Fifty steps that run and write 1,000 lines a second in all, while the side bar shows one of them."""

from __future__ import annotations

from collections.abc import Iterator

from browser import lab, load
from row import Row

from tests.ui.notebooks import write
from tests.ui.writers import hear, heard, writing


def rows(folder: str, *, small: bool) -> Iterator[Row]:
    """Measure."""
    steps, lines, rate, rounds = (10, 20, 20, 1) if small else (50, 200, 20, 3)
    longest, lost = [], 0
    with lab(folder) as (program, watched):
        page = watched.page
        for number in range(rounds):
            name = f"talk-{number}.ipynb"
            write(program, name, *(f"%%step s{each}\nprint({each})" for each in range(steps)))
            page.goto(program.url(name))
            page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
            if not page.locator("#steppe-sidebar").is_visible():
                page.locator(".jp-SideBar.jp-mod-left [data-id='steppe-sidebar']").click()
            page.locator(".steppe-Graph .steppe-Node").first.wait_for()
            watched.rest(steps)
            with writing(program.folder, name, steps=steps, processes=5, lines=lines, rate=rate) as writers:
                page.locator(".steppe-Node[data-kind=running]").first.dblclick()
                page.get_by_text("It wrote nothing.").wait_for()
                hear(page, writers.ids.values())
                page.wait_for_timeout(1000)
                began = watched.now()
                writers.go()
                writers.wait()
                count, wrong = heard(page, writers.ids.values())
                longest.append(max(watched.long_tasks(began), default=0.0))
                page.get_by_role("log", name=f"Log, {lines} lines").wait_for()
                lost += steps * lines - count + wrong
    written = rounds * steps * lines
    name = f"{steps} steps write {steps * rate} lines a second"
    yield Row(f"{name}: {written} lines, lost or told twice", lost, "lines", target="0", met=lost == 0)
    worst = sorted(longest)[len(longest) // 2]
    told = f"{name}: the page's longest task ({load()})"
    yield Row(told, worst, "ms", target="< 100 ms", met=worst < 100)
