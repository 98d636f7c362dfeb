"""The lines of steps that a client follows: told soon, each once, also over a lost connection, and to the last one."""

from __future__ import annotations

import asyncio
import os
import socket
import statistics
import time

import msgspec
import nbformat
import pytest

from steppe.engine.live_output import LiveOutput
from steppe.ids import new_id
from steppe.types import Run, Shown, State, StepId, StepRun
from steppe.worker.events import Event
from tests.integration.server.notebooks import notebook
from tests.integration.server.test_events import catalog as catalog
from tests.integration.server.test_events import listening as listening


class Step:
    """A running step of this process, that writes as steps in kernels do."""

    def __init__(self, catalog, project, number):
        self.catalog = catalog
        now = time.time() + number / 1e6
        run = Run(id=new_id(now, lambda _: number), host=socket.gethostname(), pid=os.getpid(), status="running")
        catalog.runs.begin(run)
        name = StepId(notebook="book.ipynb", name=f"step {number}")
        self.now = StepRun(id=new_id(now, lambda _: number), run=run.id, step=name, started=now, state=State.RUNNING)
        catalog.step_runs.record(self.now)
        self.output = LiveOutput(lambda: project / ".steppe")

    @property
    def id(self):
        return self.now.id

    def write(self, text):
        self.output.tell(
            self.id, Event(kind="shown", at=time.time(), shown=Shown(kind="stream", name="stdout", text=text))
        )

    def fail(self):
        """Fail, with the last line still on its way to the file."""
        self.catalog.step_runs.record(msgspec.structs.replace(self.now, state=State.FAILED, ended=time.time()))
        self.output.end(self.id, keep=True)


@pytest.fixture
def running(catalog, project):
    made = []

    def step():
        made.append(Step(catalog, project, len(made) + 11))
        return made[-1]

    yield step
    for each in made:
        each.output.close()


def logged(listener, step):
    """Return the events about a step's log."""
    return [data for _, kind, data in listener.events() if kind == "log" and data["step_run"] == step.id]


def told(listener, step):
    """Return the lines that were told of a step, in the order in which they were: number and text."""
    return [(line["number"], line["text"]) for data in logged(listener, step) for line in data["lines"]]


async def test_a_line_is_told_within_200_ms(listening, running):
    step = running()
    listener = await listening(f"?logs={step.id}:0")
    waits = []
    for number in range(10):
        began = time.monotonic()
        step.write(f"line {number}\n")
        await listener.until(lambda _, number=number: len(told(listener, step)) > number)
        waits.append(time.monotonic() - began)
    assert told(listener, step) == [(number, f"line {number}") for number in range(10)]
    assert statistics.median(waits) < 0.2


async def test_only_lines_of_steps_that_are_followed_are_told_and_only_those_that_are_not_known(listening, running):
    one, other = running(), running()
    for step in (one, other):
        step.write("a\nb\nc\n")
    listener = await listening(f"?logs={one.id}:2")
    one.write("d\n")
    await listener.until(lambda _: len(told(listener, one)) >= 2)
    assert told(listener, one) == [(2, "c"), (3, "d")]
    assert told(listener, other) == []


async def test_over_a_lost_connection_no_line_is_lost_and_none_told_twice(listening, running):
    step, lines = running(), 4000

    async def writes():
        for number in range(lines):
            step.write(f"line {number}\n")
            if number % 20 == 0:
                await asyncio.sleep(0.01)

    writing = asyncio.ensure_future(writes())
    heard = []
    while len(heard) < lines:
        listener = await listening(f"?logs={step.id}:{len(heard)}")
        want = min(lines, len(heard) + 700)
        known = len(heard)
        await listener.until(
            lambda _, listener=listener, known=known, want=want: known + len(told(listener, step)) >= want, 60
        )
        listener.close()
        heard += told(listener, step)
    await writing
    assert heard == [(number, f"line {number}") for number in range(lines)]


async def test_the_last_lines_of_a_step_that_fails_are_told_and_that_no_more_will_come(listening, running):
    step = running()
    step.write("a\n")
    listener = await listening(f"?logs={step.id}:0")
    await listener.until(lambda _: told(listener, step) == [(0, "a")])
    step.write("b\nthe last, without an end")
    step.fail()
    await listener.until(lambda _: not logged(listener, step)[-1]["live"])
    assert told(listener, step) == [(0, "a"), (1, "b"), (2, "the last, without an end")]
    assert logged(listener, step)[-1] == {"step_run": step.id, "lines": [], "total": 3, "live": False}


TALKS = """%%step talks
import time
for number in range(300):
    print('line', number)
    time.sleep(0.005)"""


async def test_a_real_step_is_followed_into_its_result(listening, catalog, project, ask):
    nbformat.write(notebook("%load_ext steppe", TALKS), project / "talks.ipynb")
    states = await listening()
    assert (await ask("POST", "runs", {"path": "talks.ipynb"}))[0] == 200
    await states.until(lambda events: any(data and data.get("name") == "talks" for _, _, data in events), 60)
    id_ = next(data["id"] for _, _, data in states.events() if data and data.get("name") == "talks")
    listener = await listening(f"?logs={id_}:0")

    def logs():
        return [data for _, kind, data in listener.events() if kind == "log"]

    await listener.until(lambda _: logs() and not logs()[-1]["live"], 60)
    lines = {line["number"]: line["text"] for data in logs() for line in data["lines"]}
    assert [lines[number] for number in sorted(lines)] == [f"line {number}" for number in range(300)]
    assert logs()[-1]["total"] == 300


async def test_changes_while_nobody_listens_are_told_to_who_comes_back(listening, running, catalog):
    listener = await listening()
    running()
    await listener.until(lambda events: any(kind == "step" for _, kind, _ in events))
    last = listener.events()[-1][0]
    listener.close()
    step = running()
    again = await listening(f"?last={last}")
    await again.until(lambda events: any(data and data.get("id") == step.id for _, _, data in events))
    assert not any(kind == "reset" for _, kind, _ in again.events())


@pytest.mark.parametrize("logs", ["../etc", "a1:-1", "a1:x", "a1:0,", ",".join(f"a{n}:0" for n in range(101))])
async def test_what_is_no_log_is_refused_in_one_sentence(catalog, ask, logs):
    status, body = await ask("GET", "events", logs=logs)
    assert status == 400
    assert "log" in body["message"]
