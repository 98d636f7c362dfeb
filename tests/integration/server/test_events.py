"""Server-sent events: told soon after the change, in order, and again from where a lost connection had ended."""

from __future__ import annotations

import asyncio
import json
import time

import nbformat
import pytest

from steppe.catalog import open_catalog
from steppe.ids import new_id
from steppe.notebooks.run import run_notebook
from steppe.types import Run, State, StepId, StepRun
from tests.integration.server.notebooks import notebook


class Listener:
    """A client that reads events as they come."""

    def __init__(self):
        self.text = ""
        self.times = []
        self.fetched = None

    def close(self):
        """Lose the connection."""
        self.fetched.cancel()

    def __call__(self, chunk):
        self.text += chunk.decode()
        self.times.append(time.monotonic())

    def events(self):
        """Return what was heard: id, kind and data; not that the server is there."""
        found = []
        for block in self.text.split("\n\n")[:-1]:  # the last one may be half
            fields = dict(
                line.split(": ", 1) for line in block.split("\n") if not line.startswith(":") and ": " in line
            )
            if fields.get("event", "here") != "here":
                found.append((fields.get("id"), fields["event"], json.loads(fields["data"])))
        return found

    async def until(self, holds, seconds=10):
        """Wait until something holds of the events."""
        until = time.monotonic() + seconds
        while not holds(self.events()):
            assert time.monotonic() < until, self.text
            await asyncio.sleep(0.005)


@pytest.fixture
def listening(http_server_client, jp_base_url, jp_auth_header):
    """Begin to listen; what it returns ends with the test."""
    tasks = []

    async def begin(query=""):
        listener = Listener()
        url = f"{jp_base_url}steppe/api/events{query}"
        fetched = http_server_client.fetch(url, headers=jp_auth_header, streaming_callback=listener, request_timeout=0)
        listener.fetched = asyncio.ensure_future(fetched)
        tasks.append(listener.fetched)
        await listener.until(lambda _: "event: here" in listener.text)
        return listener

    yield begin
    for task in tasks:
        task.cancel()


@pytest.fixture
def catalog(project):
    """Another process's view of the project's catalog, after a run."""
    nbformat.write(notebook("%load_ext steppe", "%%step a\nx = 1"), project / "book.ipynb")
    run_notebook(project / "book.ipynb")
    with open_catalog(str(project / ".steppe/catalog.db")) as found:
        yield found


def step_run(catalog, number=0, **fields):
    now = time.time() + number / 1e6
    run = catalog.runs.list(limit=1).items[0]
    step = StepId(notebook="book.ipynb", name="a")
    return StepRun(id=new_id(now, lambda _: number), run=run.id, step=step, started=now, **fields)


async def test_a_change_is_told_within_200_ms(listening, catalog):
    listener = await listening()
    waits = []
    for number in range(10):
        began = time.monotonic()
        catalog.step_runs.record(step_run(catalog, number, state=State.HIT, why=f"number {number}"))
        await listener.until(
            lambda events, number=number: any(data.get("why") == f"number {number}" for _, _, data in events)
        )
        waits.append(time.monotonic() - began)
    assert sorted(waits)[5] < 0.2


async def test_of_many_changes_at_once_none_is_left_out(listening, catalog):
    listener = await listening()
    made = [step_run(catalog, number, state=State.HIT) for number in range(1000)]
    for each in made:
        catalog.step_runs.record(each, later=True)
    catalog.flush()
    wanted = {each.id for each in made}
    await listener.until(lambda events: wanted <= {data["id"] for _, kind, data in events if kind == "step"}, 60)
    told = [data["id"] for _, kind, data in listener.events() if kind == "step"]
    assert len(told) == len(set(told))


async def test_the_last_number_of_a_step_is_told_with_its_end(listening, catalog):
    listener = await listening()
    step = step_run(catalog, state=State.SUCCEEDED)
    catalog.step_runs.record(step, later=True)
    catalog.metrics.log(step.id, "loss", 0.25, step=3, now=time.time())
    await listener.until(lambda events: any(kind == "metric" for _, kind, _ in events))
    data = next(data for _, kind, data in listener.events() if kind == "metric")
    assert (data["step_run"], data["name"], data["value"], data["step"]) == (step.id, "loss", 0.25, 3)


async def test_states_are_told_in_order_with_rising_numbers(listening, catalog):
    listener = await listening()
    going = step_run(catalog)
    run = Run(id=going.run)
    assert run.id
    for state in (State.QUEUED, State.RUNNING, State.SUCCEEDED):
        going = StepRun(**{**{name: getattr(going, name) for name in going.__struct_fields__}, "state": state})
        catalog.step_runs.record(going)
        await asyncio.sleep(0.15)
    await listener.until(lambda events: any(data.get("state") == "succeeded" for _, _, data in events))
    told = [
        (number, data["state"]) for number, kind, data in listener.events() if kind == "step" and data["id"] == going.id
    ]
    assert told[-1][1] == "succeeded"
    numbers = [int(number.rpartition("-")[2]) for number, _ in told]
    assert numbers == sorted(set(numbers))


async def test_a_lost_connection_goes_on_where_it_had_ended(listening, catalog):
    first = await listening()
    catalog.step_runs.record(step_run(catalog, 1, state=State.HIT, why="one"))
    await first.until(lambda events: len(events) >= 1)
    last = first.events()[-1][0]
    catalog.step_runs.record(step_run(catalog, 2, state=State.HIT, why="two"))
    await first.until(lambda events: any(data.get("why") == "two" for _, _, data in events))
    again = await listening(f"?last={last}")
    await again.until(lambda events: any(data.get("why") == "two" for _, _, data in events))
    assert not any(kind == "reset" or data.get("why") == "one" for _, kind, data in again.events())


@pytest.mark.parametrize("last", ["elsewhere-3", "nonsense", "%00"])
async def test_who_comes_from_another_server_is_told_to_ask_anew(listening, catalog, last):
    listener = await listening(f"?last={last}")
    assert [kind for _, kind, _ in listener.events()] == ["reset"]


async def test_a_step_of_a_killed_kernel_is_told_as_lost(listening, catalog):
    gone = Run(id=new_id(time.time(), lambda _: 7), host=__import__("socket").gethostname(), pid=2**22 - 1)
    catalog.runs.begin(gone)
    listener = await listening()
    step = StepRun(
        id=new_id(time.time(), lambda _: 8), run=gone.id, step=StepId(notebook="n", name="a"), state=State.RUNNING
    )
    catalog.step_runs.record(step)
    await listener.until(
        lambda events: any(data.get("id") == step.id and data.get("state") == "lost" for _, _, data in events)
    )


SLOW = """%%step slow
import time, steppe
for number in range(40):
    steppe.progress(number, 40, 'on it')
    time.sleep(0.1)"""


BAR = """%%step slow
import time
from tqdm import tqdm
for number in tqdm(range(40), desc='on it'):
    time.sleep(0.1)"""


@pytest.mark.parametrize("cell", [SLOW, BAR], ids=["steppe.progress", "tqdm"])
async def test_how_far_a_running_step_is_is_told_while_it_runs(listening, catalog, project, ask, cell):
    nbformat.write(notebook("%load_ext steppe", cell), project / "slow.ipynb")
    listener = await listening()
    assert (await ask("POST", "runs", {"path": "slow.ipynb"}))[0] == 200
    await listener.until(lambda events: sum(kind == "progress" for _, kind, _ in events) >= 3, seconds=60)
    told = [data for _, kind, data in listener.events() if kind == "progress"]
    assert [each["done"] for each in told] == sorted(each["done"] for each in told)
    assert (told[0]["total"], told[0]["text"]) == (40, "on it")
    await listener.until(lambda events: any(data.get("name") == "slow" and data["ended"] for _, _, data in events), 60)
