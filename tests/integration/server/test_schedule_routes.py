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
    assert (status, told["message"]) == (409, "there is a schedule book already: give this one another name.")
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
    assert (book.parent / told["dues"][0]["opens"]).samefile(told["dues"][0]["output"])
    assert told["path"] == "book.ipynb"
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


async def test_it_is_told_when_a_line_is_due_next_or_what_is_wrong_with_it(ask):
    status, told = await ask("GET", "due-times", cron="30 6 * * 1", zone="Asia/Tokyo")
    assert (status, told["zone"], told["wrong"], len(told["next"])) == (200, "Asia/Tokyo", "", 3)
    assert all(each.endswith("T06:30:00+09:00") for each in told["next"])
    for cron, zone, wrong, said in [
        ("soon", "UTC", "cron", "Give five fields"),
        ("0 6 30 2 *", "UTC", "cron", "bad day-of-month"),
        ("0 6 * * 1", "Mars/Olympus", "zone", "there is no such time zone"),
    ]:
        told = (await ask("GET", "due-times", cron=cron, zone=zone))[1]
        assert (told["next"], told["wrong"], said in told["problem"]) == ([], wrong, True), told
    assert (await ask("GET", "due-times", cron="0 6 * * 1"))[1]["zone"]


async def test_a_schedule_is_changed_and_keeps_its_past_and_what_is_not_told(ask, book):
    asked = {"path": "book.ipynb", "cron": "0 6 * * 1", "zone": "UTC", "webhooks": ["http://127.0.0.1:9/secret"]}
    made = (await ask("POST", "schedules", asked))[1]
    place = f"schedules/{made['id']}"
    change = {"cron": "0 7 * * 2", "catchup": "all", "parallel": 3, "retries": 2, "retry_wait": 30, "late": 60}
    status, told = await ask("PATCH", place, change | {"parameters": {"day": "x"}})
    assert (status, told["next"][0][11:16], told["alerts"], told["name"]) == (200, "07:00", 1, "book")
    assert {name: told[name] for name in change} == change
    assert (await ask("PATCH", place, {"webhooks": []}))[1]["alerts"] == 0
    for wrong, said in [
        ({"cron": "soon"}, "five fields"),
        ({"parameters": {"not a name": "1"}}, "no name of a variable"),
        ({"slack": ["ftp://x"]}, "https://host/path"),
    ]:
        status, refused = await ask("PATCH", place, wrong)
        assert (status, said in refused["message"]) == (400, True), refused
    assert (await ask("GET", place))[1]["cron"] == "0 7 * * 2"


async def test_times_of_the_past_are_run_and_a_range_that_makes_no_sense_is_refused(ask, book, schedulers):
    asked = {"path": "book.ipynb", "cron": "0 6 * * 1", "zone": "Europe/Berlin"}
    made = (await ask("POST", "schedules", asked))[1]
    place = f"schedules/{made['id']}/backfill"
    for since, until, said in [
        ("soon", "2026-05-05", "such as 2026-05-03"),
        ("2026-05-05", "2026-05-01", "before it begins"),
        ("2026-05-05", "2999-05-01", "is not over"),
        ("2026-05-05", "2026-05-06", "nothing to do"),
    ]:
        status, told = await ask("POST", place, {"since": since, "until": until})
        assert (status, said in told["message"]) == (400, True), told
    status, told = await ask("POST", place, {"since": "2026-05-04", "until": "2026-05-11"})
    assert status == 200
    assert [due["due"] for due in told["dues"]] == ["2026-05-11T06:00:00+02:00", "2026-05-04T06:00:00+02:00"]
    await ask("DELETE", f"schedules/{made['id']}")
