"""Schedules as the server tells and changes them, and the scheduler that it starts for them."""

from __future__ import annotations

import asyncio
import time

import nbformat
import pytest

from steppe.catalog import Schedule, open_catalog
from steppe.engine.holder import alive
from steppe.schedules.lease import runs
from steppe.schedules.making import make
from tests.integration.server.notebooks import notebook


@pytest.fixture
def book(project):
    nbformat.write(notebook("day = ''", "print(day)", tags={0: "parameters"}), project / "book.ipynb")
    return project / "book.ipynb"


@pytest.fixture(autouse=True)
def schedulers(jp_serverapp):
    """End the schedulers that the server started: it does so itself only when its process ends."""
    found = jp_serverapp.web_app.settings["steppe_schedulers"]
    yield found
    found.close()


async def test_a_schedule_is_made_paused_run_and_removed(ask, book):
    assert await ask("GET", "schedules") == (200, {"items": [], "scheduler": False})
    asked = {
        "path": "book.ipynb",
        "cron": "0 6 1 1 *",
        "zone": "Europe/Berlin",
        "parameters": {"day": "{scheduled:%Y}"},
    }
    status, made = await ask("POST", "schedules", asked)
    assert (status, made["name"], made["notebook"], made["dues"]) == (200, "book", "book.ipynb", [])
    assert made["next"][0].endswith("-01-01T06:00:00+01:00")
    place = f"schedules/{made['id']}"
    status, told = await ask("POST", "schedules", asked)
    assert (status, "already" in told["message"]) == (400, True)
    assert (await ask("PATCH", place, {"paused": True}))[1]["paused"]
    assert not (await ask("PATCH", place, {"paused": False}))[1]["paused"]
    listed = (await ask("GET", "schedules"))[1]
    assert ([each["id"] for each in listed["items"]], listed["scheduler"]) == ([made["id"]], True)
    status, told = await ask("POST", f"{place}/runs")
    assert (status, told["dues"][0]["origin"]) == (200, "now")
    ends = time.monotonic() + 120
    while (told := (await ask("GET", place))[1])["dues"][0]["state"] != "succeeded":
        assert time.monotonic() < ends, told
        await asyncio.sleep(0.3)
    year = told["dues"][0]["due"][:4]
    assert nbformat.read(told["dues"][0]["output"], 4).cells[-1].outputs[0].text == f"{year}\n"
    assert await ask("DELETE", place) == (200, {"removed": "book"})
    assert (await ask("GET", place))[0] == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cron": "soon"}, "five fields"),
        ({"zone": "Mars"}, "no such time zone"),
        ({"path": "none.ipynb"}, "there is no"),
    ],
)
async def test_what_does_not_fit_is_refused_and_nothing_is_made(ask, book, change, said):
    status, told = await ask("POST", "schedules", {"path": "book.ipynb", "cron": "0 6 * * 1", **change})
    assert (status in (400, 404), said in told["message"]) == (True, True), told
    assert (await ask("GET", "schedules"))[1]["items"] == []


async def test_a_scheduler_is_started_where_there_are_schedules_and_ends_with_the_server(
    ask, book, schedulers, jp_serverapp
):
    projects = jp_serverapp.web_app.settings["steppe_projects"]
    schedulers.look(projects)
    assert schedulers._children == {}
    (book.parent / ".steppe").mkdir()
    with open_catalog(str(book.parent / ".steppe" / "catalog.db")) as catalog:
        schedule = Schedule(id="", name="s", root=str(book.parent), notebook=str(book), cron="0 6 1 1 *")
        make(catalog, str(book.parent), schedule)
        schedulers.look(projects)
        (child,) = schedulers._children.values()
        ends = time.monotonic() + 120
        while not runs(catalog, str(book.parent), alive):
            assert time.monotonic() < ends
            await asyncio.sleep(0.2)
        schedulers.look(projects)
        assert list(schedulers._children.values()) == [child]
        schedulers.close()
        assert child.returncode == 0
        assert not runs(catalog, str(book.parent), alive)
