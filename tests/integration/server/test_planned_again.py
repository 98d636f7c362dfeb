"""A notebook that is planned again and again by one process: what has changed meanwhile is seen each time."""

from __future__ import annotations

import asyncio

import nbformat
import pytest

from steppe.catalog import open_catalog
from steppe.notebooks.run import run_notebook
from steppe_server.planner import Planner
from tests.integration.server.notebooks import notebook
from tests.integration.server.test_pipeline import plans

CELLS = (
    "%load_ext steppe\nimport os\nimport ours",
    "%%step read\ntext = open('data.txt').read()",
    "%%step told\nword = os.environ.get('PLANNED_AGAIN', '')",
    "%%step made\nlong = ours.twice(text)",
)


@pytest.fixture
def ran(project):
    (project / "data.txt").write_text("one")
    (project / "ours.py").write_text("def twice(x):\n    return x + x\n")
    nbformat.write(notebook(*CELLS), project / "book.ipynb")
    assert run_notebook(project / "book.ipynb").status == "succeeded"
    return project


@pytest.fixture
def planned(ask):
    async def words():
        status, found = await ask("POST", "pipeline", {"path": "book.ipynb"})
        assert status == 200, found
        return {name: parts[0] for name, parts in plans(found).items()}

    return words


async def test_what_has_changed_between_two_plans_is_never_a_hit(ran, planned):
    hits = {"read": ("hit", ""), "told": ("hit", ""), "made": ("hit", "")}
    assert await planned() == hits
    assert await planned() == hits
    (ran / "data.txt").write_text("two")
    assert (await planned())["read"] == ("run", "data")
    (ran / "data.txt").write_text("one")
    assert await planned() == hits
    (ran / "ours.py").write_text("def twice(x):\n    return x * 2\n")
    assert (await planned())["made"] == ("run", "code")
    (ran / "ours.py").write_text("def twice(x):\n    return x + x\n")
    assert await planned() == hits


async def test_what_another_process_has_kept_or_removed_is_seen(ran, planned):
    assert (await planned())["read"] == ("hit", "")
    (ran / "data.txt").write_text("two")
    assert (await planned())["read"] == ("run", "data")
    assert run_notebook(ran / "book.ipynb").status == "succeeded"
    assert (await planned())["read"] == ("hit", "")
    with open_catalog(str(ran / ".steppe/catalog.db")) as catalog:
        step = next(item for item in catalog.step_runs.list().items if item.step.name == "read")
        for entry in catalog.entries.find(catalog.step_runs.get(step.id).key):
            (ran / ".steppe/store").joinpath(*found_in(ran, entry.result)).unlink()
    assert (await planned())["read"][0] == "run"


def found_in(project, digest):
    """Return where in the store the bytes of a digest are."""
    name = digest.removeprefix("b3:")
    store = project / ".steppe/store"
    return (
        next(path for path in store.rglob("*") if name in "".join(path.relative_to(store).parts))
        .relative_to(store)
        .parts
    )


async def test_what_nobody_waits_for_any_more_is_not_planned(project):
    planner = Planner()
    book = notebook("%load_ext steppe", *(f"%%step s{n}\nx{n} = {n}" for n in range(300)))
    asked = [str(project / "book.ipynb"), "book.ipynb", book]
    try:
        await planner.plan(*asked, "tagged")
        began = [asyncio.ensure_future(planner.plan(*asked, "tagged")) for _ in range(30)]
        await asyncio.sleep(0)
        for each in began[:-1]:
            each.cancel()
        assert len((await began[-1]).steps) == 300
        assert all(each.cancelled() for each in began[:-1])
        pool = planner._process._pool
        assert pool is not None
        assert pool._queue_count <= 4, "those that waited never reached the process"
    finally:
        planner.close()
