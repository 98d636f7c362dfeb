"""Runs and StepRuns as the server tells them, tags and notes, two runs compared, and headless runs begun from here."""

from __future__ import annotations

import asyncio
import secrets
import time

import nbformat
import pytest

from steppe.catalog import open_catalog
from steppe.ids import new_id
from steppe.notebooks.run import run_notebook
from steppe.types import Run
from tests.integration.server.notebooks import CELLS, notebook

FIT = """%%step fit
import steppe
for epoch in range(3):
    steppe.log_metric('loss', rate / (epoch + 1), step=epoch)
    print('epoch', epoch)
model = [rate]"""
LOGGING = ("rate = 1", FIT)


@pytest.fixture
def twice(project):
    """A notebook that ran twice, with another parameter; return the ids of the runs."""
    book = notebook("%load_ext steppe", *LOGGING, tags={1: "parameters"})
    nbformat.write(book, project / "book.ipynb")
    outcomes = [run_notebook(project / "book.ipynb", parameters={"rate": rate}) for rate in (1, 2)]
    assert [outcome.status for outcome in outcomes] == ["succeeded", "succeeded"]
    return [outcome.run for outcome in outcomes]


async def test_a_project_in_which_nothing_ran_has_empty_lists(ask, project):
    assert await ask("GET", "runs") == (200, {"items": [], "next": None})
    assert await ask("GET", "step-runs") == (200, {"items": [], "next": None})
    status, told = await ask("GET", "runs/nothing")
    assert (status, "run a step first" in told["message"]) == (404, True)


async def test_runs_are_listed_by_pages_and_filtered(ask, twice):
    status, first = await ask("GET", "runs", limit=1)
    assert (status, [run["id"] for run in first["items"]]) == (200, [twice[1]])
    _, rest = await ask("GET", "runs", limit=1, after=first["next"])
    assert [run["id"] for run in rest["items"]] == [twice[0]]
    assert rest["items"][0]["parameters"] == {"rate": 1}
    assert rest["items"][0]["counts"] == {"succeeded": 1}
    _, none = await ask("GET", "runs", status="failed")
    assert none["items"] == []
    status, told = await ask("GET", "runs", limit=1000)
    assert (status, "limit" in told["message"]) == (400, True)


async def test_tags_and_notes_are_kept_and_found(ask, twice):
    status, told = await ask("PATCH", f"runs/{twice[0]}", {"tags": ["good", "paper"]})
    assert (status, told["run"]["tags"]) == (200, ["good", "paper"])
    _, told = await ask("PATCH", f"runs/{twice[0]}", {"tags": ["paper"]})
    assert told["run"]["tags"] == ["paper"]
    _, found = await ask("GET", "runs", tag="paper")
    assert [run["id"] for run in found["items"]] == [twice[0]]
    _, told = await ask("POST", f"runs/{twice[0]}/notes", {"text": " worth a look "})
    for search, runs in (
        (" PAP", twice[:1]),
        ("a look", twice[:1]),
        ("ook.ip", twice[::-1]),
        ("fit", twice[::-1]),
        ("%", []),
    ):
        _, found = await ask("GET", "runs", search=search)
        assert [run["id"] for run in found["items"]] == runs, search
    note = told["run"]["notes"][0]
    assert note["text"] == "worth a look"
    status, told = await ask("PATCH", f"runs/{twice[0]}/notes/{note['id']}", {"text": "seen\nto "})
    assert (status, told["run"]["notes"]) == (200, [note | {"text": "seen\nto"}])
    _, whole = await ask("GET", f"runs/{twice[0]}")
    assert whole["run"]["notes"] == told["run"]["notes"]
    assert (await ask("PATCH", f"runs/{twice[1]}/notes/{note['id']}", {"text": "x"}))[0] == 404  # another run's
    assert (await ask("PATCH", f"runs/{twice[0]}/notes/{note['id']}", {"text": " "}))[0] == 400
    _, told = await ask("DELETE", f"runs/{twice[0]}/notes/{note['id']}")
    assert told["run"]["notes"] == []


async def test_runs_are_found_by_state_owner_time_and_notebook(ask, project):
    now, day = time.time(), 86400
    asked = ((0, "succeeded", "ann", "one"), (9, "failed", "ben", "one"), (18, "lost", "ann", "two"))
    made = [
        Run(id=new_id(at, secrets.randbits), status=status, owner=owner, notebook=book, started=at)
        for at, status, owner, book in ((now - days * day, *rest) for days, *rest in asked)
    ]
    (project / ".steppe").mkdir(exist_ok=True)
    with open_catalog(str(project / ".steppe/catalog.db")) as catalog:
        for run in made:
            catalog.runs.begin(run)
    for query, found in (
        ({}, [0, 1, 2]),
        ({"status": "failed"}, [1]),
        ({"owner": "ann"}, [0, 2]),
        ({"owner": "an"}, []),
        ({"since": now - day}, [0]),
        ({"since": now - 10 * day}, [0, 1]),
        ({"until": now - 10 * day}, [2]),
        ({"notebook": "one"}, [0, 1]),
        ({"notebook": "two", "owner": "ann", "status": "lost"}, [2]),
        ({"notebook": "two", "owner": "ann", "status": "failed"}, []),
    ):
        status, told = await ask("GET", "runs", **query)
        assert (status, [run["id"] for run in told["items"]]) == (200, [made[at].id for at in found]), query


REFUSED = [
    ("PATCH", "runs/{run}", {"tags": [""]}, 400),
    ("PATCH", "runs/{run}", {"tags": "good"}, 400),
    ("POST", "runs/{run}/notes", {"text": "  "}, 400),
    ("PATCH", "runs/{run}/notes/none", {"text": "x"}, 404),
    ("DELETE", "runs/{run}/notes/none", None, 404),
    ("POST", "runs/none/notes", {"text": "x"}, 404),
    ("POST", "runs/{run}/cancel", {}, 404),
    ("GET", "step-runs/none", None, 404),
    ("GET", "step-runs/none/logs", None, 404),
    ("GET", "lineage/b3:none", None, 404),
]


async def test_what_can_not_be_is_refused_in_a_sentence(ask, twice):
    for method, route, body, status in REFUSED:
        got, told = await ask(method, route.format(run=twice[0]), body)
        assert (got, told["message"][-1]) == (status, "."), (method, route)


@pytest.mark.parametrize(
    ("route", "query"),
    [
        ("step-runs", {"part": -1}),
        ("step-runs", {"part": 2**31}),
        ("step-runs", {"part": -(2**70)}),
        ("step-runs/none/logs", {"offset": -(2**70)}),
        (f"artifacts/b3:{'0' * 64}/table", {"offset": 2**70}),
    ],
)
async def test_numbers_that_no_database_holds_are_refused(ask, twice, route, query):
    status, told = await ask("GET", route, **query)
    assert (status, next(iter(query)) in told["message"]) == (400, True)


async def test_a_step_run_tells_why_it_ran_what_it_logged_and_what_it_made(ask, twice):
    _, page = await ask("GET", "step-runs", step="fit")
    step = page["items"][0]
    _, whole = await ask("GET", f"step-runs/{step['id']}")
    assert [(change["kind"], change["name"]) for change in whole["changes"]] == [("input", "rate")]
    assert [(value["name"], value["preview"]) for value in whole["outputs"] if value["name"] == "model"] == [
        ("model", "list of 1")
    ]
    assert whole["before"] == page["items"][1]["id"]
    _, log = await ask("GET", f"step-runs/{step['id']}/logs", search="EPOCH", limit=2)
    assert [(line["number"], line["text"]) for line in log["lines"]] == [(0, "epoch 0"), (1, "epoch 1")]
    assert (log["total"], log["live"]) == (3, False)
    _, last = await ask("GET", f"step-runs/{step['id']}/logs", offset=-1)
    assert [line["text"] for line in last["lines"]] == ["epoch 2"]
    _, metrics = await ask("GET", f"step-runs/{step['id']}/metrics")
    assert [(point["step"], point["value"]) for point in metrics["series"]["loss"]] == [(0, 2.0), (1, 1.0), (2, 2 / 3)]


async def test_two_runs_are_held_side_by_side(ask, twice):
    status, told = await ask("GET", "compare", a=twice[0], b=twice[1])
    assert status == 200, told
    assert told["parameters"] == [{"name": "rate", "a": "1", "b": "2", "same": False}]
    fit = told["steps"][0]
    assert [(pair["name"], pair["same"]) for pair in fit["inputs"]] == [("rate", False)]
    (model,) = (pair for pair in fit["outputs"] if pair["name"] == "model")
    assert [model[side]["preview"] for side in ("a", "b")] == ["list of 1", "list of 1"]
    assert (model["same"], model["a"]["type"], model["a"]["version"][:3]) == (False, "list", "b3:")
    assert fit["metrics"] == [{"name": "loss", "a": "0.333333", "b": "0.666667", "same": False}]
    assert fit["code"] == ""


async def test_the_code_of_a_step_is_held_beside_its_earlier_code(ask, project):
    for text in ("x = 1", "x = 2"):
        nbformat.write(notebook("%load_ext steppe", f"%%step a\n{text}"), project / "book.ipynb")
        run_notebook(project / "book.ipynb")
    _, page = await ask("GET", "step-runs")
    status, diff = await ask("GET", f"step-runs/{page['items'][0]['id']}/diff")
    assert status == 200
    assert diff["old_id"] == page["items"][1]["id"]
    assert "-x = 1\n+x = 2" in diff["unified"]


async def test_lineage_goes_from_a_value_to_what_made_it(ask, project):
    nbformat.write(notebook(*CELLS), project / "book.ipynb")
    run_notebook(project / "book.ipynb")
    _, page = await ask("GET", "step-runs", step="fit")
    _, whole = await ask("GET", f"step-runs/{page['items'][0]['id']}")
    version = next(value["version"] for value in whole["outputs"] if value["name"] == "model")
    status, graph = await ask("GET", f"lineage/{version}")
    assert status == 200, graph
    assert {(node["kind"], node["name"]) for node in graph["nodes"]} >= {
        ("step", "fit"),
        ("step", "load"),
        ("artifact", "numbers"),
    }
    assert {node["path"] for node in graph["nodes"] if node["kind"] == "step"} == {"book.ipynb"}
    (project / "book.ipynb").rename(project / "moved.ipynb")
    _, graph = await ask("GET", f"lineage/{version}")
    assert {node["path"] for node in graph["nodes"]} == {None}  # where it was there is nothing now
    _, known = await ask("GET", f"artifacts/{version}")
    assert [maker["path"] for maker in known["makers"]] == [None]


async def test_a_notebook_is_run_headless_and_its_executed_copy_is_beside_it(ask, project):
    nbformat.write(notebook("rate = 1", *LOGGING[1:], tags={0: "parameters"}), project / "book.ipynb")
    status, begun = await ask("POST", "runs", {"path": "book.ipynb", "parameters": {"rate": 5}})
    assert status == 200, begun
    for _ in range(300):
        status, told = await ask("GET", f"runs/{begun['run']}")
        if status == 200 and told["run"]["status"] not in ("running", "lost"):  # its kernel ends before it does
            break
        await asyncio.sleep(0.1)
    assert told["run"]["status"] == "succeeded", told
    assert told["run"]["parameters"] == {"rate": 5}
    executed = nbformat.read(project / begun["output"], 4)
    assert [cell for cell in executed.cells if cell.cell_type == "code" and cell.outputs]


SLOW = """%%step slow
import time
for number in range(600):
    print('line', number)
    time.sleep(0.1)"""


async def test_a_running_step_is_read_as_it_writes_and_can_be_ended(ask, project):
    nbformat.write(notebook("%load_ext steppe", SLOW), project / "book.ipynb")
    _, begun = await ask("POST", "runs", {"path": "book.ipynb"})

    async def until(holds, route, **query):
        for _ in range(600):
            status, told = await ask("GET", route, **query)
            if status == 200 and holds(told):
                return told
            await asyncio.sleep(0.1)
        raise AssertionError(told)

    page = await until(lambda told: told["items"] and told["items"][0]["state"] == "running", "step-runs", step="slow")
    step = page["items"][0]["id"]
    log = await until(lambda told: told["total"] >= 3, f"step-runs/{step}/logs")
    assert log["live"]
    assert [line["text"] for line in log["lines"][:2]] == ["line 0", "line 1"]
    assert (await ask("POST", f"runs/{begun['run']}/cancel"))[0] == 200
    await until(lambda told: told["run"]["status"] == "cancelled", f"runs/{begun['run']}")
    log = await until(lambda told: not told["live"], f"step-runs/{step}/logs")
    assert log["total"] >= 3


async def test_what_steppe_run_refuses_is_refused_here_in_its_words(ask, project):
    nbformat.write(notebook("x = 1"), project / "book.ipynb")
    status, told = await ask("POST", "runs", {"path": "book.ipynb", "on": "moon"})
    assert status == 400
    assert "moon" in told["message"]
