"""Fifty steps that run and write 1,000 lines a second in all, while one is shown; a change until it is seen."""

from __future__ import annotations

import os
import secrets
import socket
import statistics
import time
from collections.abc import Iterator

import msgspec
from browser import Watched, lab, load
from row import Row

from steppe.catalog import open_catalog
from steppe.ids import new_id
from steppe.types import Run, State, StepId, StepRun
from tests.ui.conftest import Program
from tests.ui.notebooks import write
from tests.ui.writers import hear, heard, writing


def rows(folder: str, *, small: bool) -> Iterator[Row]:
    """Measure."""
    steps, lines, rate, rounds = (10, 20, 20, 1) if small else (50, 200, 20, 3)
    longest, lost = [], 0
    with lab(folder) as (program, watched):
        yield from changes(program, watched, rounds=2 if small else 30)
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


WATCH = """() => {
    window.steppeSeen = {};
    const look = () => {
        const kind = document.querySelector('.jp-Notebook .steppe-Badge')?.textContent ?? '';
        window.steppeSeen[kind.slice(0, 4)] ??= Date.now();
    };
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


def changes(program: Program, watched: Watched, rounds: int) -> Iterator[Row]:
    """Measure how long after a change of state in the Catalog a badge shows it."""
    write(program, "change.ipynb", "%%step s0\nprint(0)")
    page = watched.page
    page.goto(program.url("change.ipynb"))
    page.locator(".jp-Notebook .steppe-Badge").wait_for()
    page.wait_for_timeout(2000)
    page.evaluate(WATCH)
    (program.folder / ".steppe").mkdir(exist_ok=True)
    waits = []
    with open_catalog(str(program.folder / ".steppe/catalog.db")) as catalog:
        now = time.time()
        run = Run(
            id=new_id(now, secrets.randbits),
            kind="kernel",
            status="running",
            notebook="change.ipynb",
            host=socket.gethostname(),
            pid=os.getpid(),
            started=now,
        )
        catalog.runs.begin(run)
        for _ in range(rounds):
            began = time.time()
            step = StepRun(
                id=new_id(began, secrets.randbits),
                run=run.id,
                step=StepId(notebook="change.ipynb", name="s0"),
                cell="c0",
                state=State.RUNNING,
                started=began,
            )
            ended = msgspec.structs.replace(step, state=State.SUCCEEDED, ended=began + 1)
            for state, word in ((step, "runn"), (ended, "done")):
                page.evaluate("window.steppeSeen = {}")
                told = time.time()
                catalog.step_runs.record(state)
                page.wait_for_function("word => window.steppeSeen[word]", arg=word)
                waits.append(page.evaluate("word => window.steppeSeen[word]", word) - told * 1000)
                page.wait_for_timeout(300)
        catalog.runs.finish(run, status="succeeded", ended=time.time())
    waits.sort()
    name = f"a change of state until its badge shows it, {len(waits)} times ({load()})"
    p95 = waits[int(0.95 * len(waits))]
    yield Row(f"{name}: p95", p95, "ms", "the median", statistics.median(waits), "<= 200 ms", p95 <= 200)
