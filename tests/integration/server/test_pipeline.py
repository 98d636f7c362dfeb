"""A notebook planned by the server: before anything ran, after a run, edited, unsaved, and what is no notebook."""

from __future__ import annotations

import nbformat
import pytest

from steppe.notebooks.run import run_notebook
from tests.integration.server.notebooks import CELLS, notebook


def edges(pipeline):
    return {
        (edge["source"], edge["target"]): [each["name"] for each in edge["variables"]] for edge in pipeline["edges"]
    }


def plans(pipeline):
    return {node["name"]: [(part["plan"], part["stale"]) for part in node["parts"]] for node in pipeline["steps"]}


async def test_a_notebook_that_never_ran_has_its_graph(ask, project):
    status, found = await ask("POST", "pipeline", {"path": "new.ipynb", "notebook": notebook(*CELLS)})
    assert status == 200, found
    assert [node["name"] for node in found["steps"]] == ["load", "fit", "report"]
    assert edges(found) == {("load", "fit"): ["numbers", "scale"], ("fit", "report"): ["total"]}
    assert plans(found)["load"] == [("run", "never")]
    assert found["steps"][0]["parts"][0]["cell"] == "c1"


async def test_a_fan_out_is_one_step_that_reads_what_its_loop_and_its_body_read(ask, project):
    cells = [
        "%%step load\nfiles = ['a', 'b']\nscale = 2",
        '%%step score map="i, f in enumerate(files)" gather=rows,text:frame\nrows = f * scale\ntext = rows',
        "%%step report\nprint(rows)",
    ]
    status, found = await ask("POST", "pipeline", {"path": "new.ipynb", "notebook": notebook(*cells)})
    assert status == 200, found
    assert edges(found) == {("load", "score"): ["files", "scale"], ("score", "report"): ["rows"]}
    score = found["steps"][1]
    assert score["options"]["map"] == "i, f in enumerate(files)"
    assert score["options"]["gather"] == "rows,text:frame"
    assert not {"f", "i"} & set(score["inputs"])
    assert not score["setup"]


@pytest.fixture
def ran(project):
    """The notebook, saved, after a run."""
    nbformat.write(notebook(*CELLS), project / "book.ipynb")
    assert run_notebook(project / "book.ipynb").status == "succeeded"
    return project / "book.ipynb"


async def test_after_a_run_steps_would_hit_and_edges_tell_types_and_sizes(ask, ran):
    status, found = await ask("POST", "pipeline", {"path": "book.ipynb"})
    assert status == 200, found
    assert plans(found)["load"] == plans(found)["fit"] == [("hit", "")]
    flow = next(edge for edge in found["edges"] if edge["target"] == "fit")
    assert [(each["type"], each["bytes"] > 0) for each in flow["variables"]] == [
        ("numpy.ndarray", True),
        ("int", True),
    ]
    assert found["steps"][1]["last"]["state"] == "succeeded"


async def test_what_is_edited_but_not_saved_is_stale_by_its_code(ask, ran):
    edited = notebook(*CELLS)
    edited.cells[2].source = edited.cells[2].source.replace("sum", "mean")
    _, found = await ask("POST", "pipeline", {"path": "book.ipynb", "notebook": edited})
    assert plans(found)["load"] == [("hit", "")]
    assert plans(found)["fit"] == [("run", "code")]
    assert "mean" in found["steps"][1]["parts"][0]["why"][0]


async def test_the_server_stays_in_its_folder(ask, ran, monkeypatch):
    import os
    import sys

    before = os.getcwd(), list(sys.path)
    await ask("POST", "pipeline", {"path": "book.ipynb"})
    assert (os.getcwd(), sys.path) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"path": "none.ipynb"}, 404),
        ({"path": "../book.ipynb"}, 404),
        ({"path": "../x/book.ipynb", "notebook": {"nbformat": 4, "cells": []}}, 404),
        ({"path": "book.ipynb", "notebook": {"cells": 3}}, 400),
        ({"path": "book.ipynb", "notebook": {"nbformat": 9, "cells": []}}, 400),
        ({"path": "book.ipynb", "steps": "some"}, 400),
        ({"path": 3}, 400),
        ({}, 400),
    ],
)
async def test_what_is_no_notebook_is_refused_in_a_sentence(ask, project, body, status):
    nbformat.write(notebook("x = 1"), project / "book.ipynb")
    got, told = await ask("POST", "pipeline", body)
    assert got == status, told
    assert told["message"].endswith((".", "Jupyter."))


async def test_a_notebook_in_another_language_has_no_steps_and_says_so(ask, project):
    other = notebook("x <- 1", language_info={"name": "R"})
    status, found = await ask("POST", "pipeline", {"path": "r.ipynb", "notebook": other})
    assert status == 200, found
    assert (found["steps"], len(found["problems"])) == ([], 1)


async def test_what_only_the_kernel_can_tell_is_no_mistake(ask):
    cells = notebook("n = 1", "%%step a cpu={n}\nx = n", "%%step b cpu=many\ny = 1")
    status, found = await ask("POST", "pipeline", {"path": "new.ipynb", "notebook": cells})
    assert status == 200, found
    open_, wrong = (node["parts"][0] for node in found["steps"])
    assert (open_["plan"], open_["problem"]) == ("unknown", "")
    assert "only the kernel can tell" in open_["why"][0]
    assert "many" in wrong["problem"]
    assert [each[:4] for each in found["problems"]] == ["`b`:"]


async def test_parameters_are_papermills(ask, project):
    nbformat.write(notebook("rate = 0.1  # how fast\nname: str = 'a'", tags={0: "parameters"}), project / "p.ipynb")
    status, found = await ask("GET", "parameters", path="p.ipynb")
    assert status == 200, found
    assert [(each["name"], each["value"], each["help"]) for each in found["parameters"]] == [
        ("rate", "0.1", "how fast"),
        ("name", "'a'", ""),
    ]
