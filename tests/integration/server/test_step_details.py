"""The parts of a step's details: what it used over time and what that cost, its environment, attempts, earlier code."""

from __future__ import annotations

import subprocess
from importlib.metadata import version

import nbformat
import pytest

from steppe.catalog import open_catalog
from steppe.notebooks.run import run_notebook
from steppe.types import Attempt, State
from tests.integration.server.notebooks import notebook

BUSY = """%%step busy
block = bytearray(30_000_000)
total = sum(n * n for n in range(15_000_000))"""
PRICES = "[tool.steppe.prices]\ncpu = 3600\nmemory = 360\ncurrency = 'EUR'\n"


def run(project, *cells):
    nbformat.write(notebook("%load_ext steppe", *cells), project / "book.ipynb")
    return run_notebook(project / "book.ipynb")


async def newest(ask, step):
    _, page = await ask("GET", "step-runs", step=step)
    return page["items"][0]["id"]


@pytest.fixture
def repository(project):
    """The project as a git repository with one commit, and a module that has changed since."""
    (project / ".git").rmdir()
    (project / "helpers.py").write_text("def twice(x):\n    return x + x\n")
    (project / ".gitignore").write_text("*.ipynb\n")
    for words in (
        "init --quiet --initial-branch=main",
        "add --all",
        "-c user.name=me -c user.email=a@b commit --quiet -m begin",
    ):
        subprocess.run(["git", *words.split()], cwd=project, check=True, capture_output=True)
    (project / "helpers.py").write_text("def twice(x):\n    return 2 * x\n")
    return project


async def test_what_a_step_used_is_told_over_time_with_what_it_cost_and_hits_saved(ask, project):
    (project / "pyproject.toml").write_text(PRICES)
    for _ in range(2):
        assert run(project, BUSY).status == "succeeded"
    _, page = await ask("GET", "step-runs", step="busy")
    hit, execution = (item["id"] for item in page["items"])
    _, usage = await ask("GET", f"step-runs/{execution}/usage")
    samples = usage["samples"]
    assert (usage["live"], len(samples) >= 3, samples[0]["cpu"], samples[0]["gpu"]) == (False, True, None, None)
    assert usage["ray_tasks"] == {}
    assert max(sample["memory"] for sample in samples) > 30_000_000
    assert 0.3 < max(sample["cpu"] for sample in samples[1:]) < 2
    assert (await ask("GET", f"step-runs/{hit}/usage"))[1] == usage
    _, whole = await ask("GET", f"step-runs/{execution}")
    seconds, gib = whole["brief"]["seconds"], whole["used"]["memory"] / 2**30
    busy = max(seconds, whole["used"]["cpu_seconds"])
    assert whole["cost"] == pytest.approx(busy + gib * seconds / 10, rel=0.01)
    assert (whole["hits"], whole["currency"]) == (1, "EUR")
    assert whole["saved"] == pytest.approx(seconds, rel=0.01)
    assert whole["saved_cost"] == pytest.approx(whole["cost"])
    _, of_hit = await ask("GET", f"step-runs/{hit}")
    assert of_hit["cost"] == pytest.approx(whole["cost"])


async def test_without_prices_no_cost_is_told(ask, project):
    run(project, "%%step a\nx = 1")
    _, whole = await ask("GET", f"step-runs/{await newest(ask, 'a')}")
    assert (whole["cost"], whole["saved_cost"], whole["currency"]) == (None, None, "")
    assert [(each["number"], each["state"]) for each in whole["attempts"]] == [(1, "succeeded")]
    assert whole["attempts"][0]["explained"].startswith("It ran in the kernel to its end, in ")


async def test_the_environment_has_commit_and_difference_machine_image_and_all_that_is_installed(
    ask, repository, monkeypatch
):
    monkeypatch.setenv("JUPYTER_IMAGE_SPEC", "lab:7")
    run(repository, "%%step a\nimport numpy as np\nfrom helpers import twice\nx = twice(np.arange(3))")
    head = (repository / ".git" / "refs" / "heads" / "main").read_text().strip()
    status, told = await ask("GET", f"step-runs/{await newest(ask, 'a')}/environment")
    assert status == 200, told
    assert told["commit"] == f"{head}+"
    assert "-    return x + x\n+    return 2 * x" in told["difference"]
    assert (told["image"], "processors" in told["machine"], bool(told["host"])) == ("lab:7", True, True)
    assert told["packages"] == {"numpy": version("numpy")}
    assert told["installed"]["ipykernel"] == version("ipykernel")
    _, runs = await ask("GET", "runs")
    assert runs["items"][0]["commit"] == told["commit"]


async def test_a_step_that_ran_in_a_pod_has_the_image_of_that(ask, project):
    run(project, "%%step a\nx = 1")
    id_ = await newest(ask, "a")
    with open_catalog(str(project / ".steppe" / "catalog.db")) as catalog:
        ran = Attempt(id="t", step_run=id_, executor="kubernetes", state=State.SUCCEEDED, image="steps:1@sha256:0a")
        catalog.attempts.record(ran, durable=True)
    status, told = await ask("GET", f"step-runs/{id_}/environment")
    assert (status, told["image"]) == (200, "steps:1@sha256:0a")


async def test_code_is_held_beside_any_earlier_version_and_what_it_calls_counts(ask, project):
    cell = "%%step a\nfrom helpers import rate\nx = {} * rate"
    for rate, number in ((1, 1), (2, 1), (2, 2), (2, 2), (2, 3)):
        (project / "helpers.py").write_text(f"rate = {rate}\n")
        assert run(project, cell.format(number)).status == "succeeded"
    id_ = await newest(ask, "a")
    status, told = await ask("GET", f"step-runs/{id_}/code-versions")
    assert status == 200, told
    assert [each["changed"] for each in told["versions"]] == [
        ["the cell"],
        ["the cell"],
        ["the cell", "module helpers"],
    ]
    assert [each["state"] for each in told["versions"]] == ["hit", "succeeded", "succeeded"]
    assert told["more"] is False
    _, latest = await ask("GET", f"step-runs/{id_}/code-versions", most=1)
    assert (latest["versions"], latest["more"]) == (told["versions"][:1], True)
    _, before = await ask("GET", f"step-runs/{id_}/diff")
    assert before["old_id"] == told["versions"][0]["step_run"]
    _, first = await ask("GET", f"step-runs/{id_}/diff", other=told["versions"][2]["step_run"])
    assert first["changed"] == ["the cell", "module helpers"]
    assert "-x = 1 * rate\n+x = 3 * rate" in first["unified"]
    _, page = await ask("GET", "step-runs", step="a", limit=1, after=told["versions"][1]["step_run"])
    _, told = await ask("GET", f"step-runs/{page['items'][0]['id']}/code-versions")
    assert told == {"versions": [], "more": False}


@pytest.mark.parametrize("part", ["usage", "environment", "code-versions"])
async def test_parts_of_a_step_that_is_not_there_are_refused(ask, project, part):
    run(project, "%%step a\nx = 1")
    status, told = await ask("GET", f"step-runs/none/{part}")
    assert (status, told["message"]) == (404, "there is no step run none.")
