"""Questions that nobody would ask: each route refuses them in a sentence, and reads nothing outside Jupyter's folder.

Some hundred in all; `make fuzz` asks 10,000 (STEPPE_FUZZ=N for others).
"""

from __future__ import annotations

import os
import secrets
import time
from collections import Counter
from urllib.parse import quote

import nbformat
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from steppe.catalog import open_catalog
from steppe.ids import new_id
from steppe.notebooks.run import run_notebook
from steppe.types import Artifact, Run, State, StepId, StepRun
from steppe_server.openapi import document
from steppe_server.table import ROUTES
from tests.integration.server.live import serving
from tests.integration.server.notebooks import CELLS, notebook

STARTING = ("/steppe/api/runs", "/steppe/api/schedules")
ASKED = int(os.environ.get("STEPPE_FUZZ", "0"))
SECRET = "what-nobody-may-read"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SCHEMA = schemathesis.openapi.from_dict(document("0"))
OPERATIONS = [(route.method, route.path) for route in ROUTES if route.media == "application/json"]
FINITE = {"openapi.json", "health", "options"}
"""Routes that can be asked little: what is to be asked in all is shared by the others."""
CASES = max(-(-ASKED // sum(path not in FINITE for _, path in OPERATIONS)), 10)


class World:
    """What is there to be asked for, inside the folder and outside of it."""

    def __init__(self, live, catalog, outside):
        self.live = live
        run = catalog.runs.list().items[0]
        steps = catalog.step_runs.list().items
        self.names = {
            "id": [run.id, *(step.id for step in steps)],
            "version": [version for step in steps for version in step.outputs.values()],
            "note": [run.id],
        }
        up = "../" * len(outside.parent.parts)
        self.paths = ["", "book.ipynb", "/", "folder", ".steppe", ".steppe/catalog.db", "link", "link/out.ipynb"]
        self.paths += ["../outside", "../outside/out.ipynb", "folder/../../outside/out.ipynb", f"{outside}/out.ipynb"]
        self.paths += [f"{up}etc/passwd", "%2e%2e/outside/out.ipynb", "..\\outside\\out.ipynb", "book.ipynb/x"]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A server on a project that has run, beside a project that it must not read."""
    top = tmp_path_factory.mktemp("fuzz")
    root, outside = top / "root", top / "outside"
    for folder in (root / ".git", root / "folder", outside / ".git", top / "home"):
        folder.mkdir(parents=True)
    nbformat.write(notebook(*CELLS), root / "book.ipynb")
    nbformat.write(notebook(f"rate = '{SECRET}'", tags={0: "parameters"}), outside / "out.ipynb")
    (root / "link").symlink_to(outside)
    assert run_notebook(root / "book.ipynb").status == "succeeded"
    keep_a_secret(outside)
    with open_catalog(str(root / ".steppe" / "catalog.db")) as catalog, serving(root, top / "home") as live:
        yield World(live, catalog, outside)
        assert "Traceback" not in live.log.read_text(), live.log.read_text()


def keep_a_secret(outside):
    (outside / ".steppe").mkdir()
    with open_catalog(str(outside / ".steppe" / "catalog.db")) as catalog:
        now = time.time()
        run = Run(id=new_id(now, secrets.randbits), notebook=SECRET, path=SECRET, owner=SECRET, started=now)
        catalog.runs.begin(run)
        step = StepId(notebook=SECRET, name=SECRET)
        catalog.artifacts.put(Artifact(version="b3:" + "a" * 64, type=SECRET, preview=SECRET), now)
        catalog.step_runs.record(
            StepRun(id=new_id(now, secrets.randbits), run=run.id, step=step, state=State.SUCCEEDED, source=SECRET)
        )


def aimed(case, data, world):
    """Aim a case at what is there, and at what must not be read: at random, nearly all would ask for nothing."""
    for name in case.path_parameters or {}:
        if data.draw(st.booleans()):
            case.path_parameters[name] = quote(data.draw(st.sampled_from(world.names[name])), safe="")
    path = st.sampled_from(world.paths)
    if isinstance(case.body, dict) and "path" in case.body and data.draw(st.booleans()):
        inside = case.path in STARTING  # what starts processes has tests of its own
        case.body["path"] = data.draw(path.filter(lambda each: each != "book.ipynb") if inside else path)
    elif isinstance(case.query, dict) and data.draw(st.booleans()):
        case.query["path"] = data.draw(path)
    return case


@pytest.mark.parametrize(("method", "route"), OPERATIONS)
def test_no_question_fails_or_reads_outside_the_folder(world, method, route, capsys):
    operation = SCHEMA[f"/steppe/api/{route}"][method]
    cases = st.one_of(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)
    session = requests.Session()
    statuses = Counter()

    @settings(max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(cases, st.data())
    def ask(case, data):
        case = aimed(case, data, world)
        answer = case.call(base_url=world.live.url, session=session, headers=world.live.headers, timeout=60)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)
        assert SECRET not in answer.text.replace(repr(case.query), "")
        assert "root:x:" not in answer.text
        if answer.status_code >= 400:
            assert answer.json()["message"].strip(), answer.text

    ask()
    if ASKED:
        with capsys.disabled():
            said = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
            print(f"\n{method} {route}: {sum(statuses.values())} cases, {said}", end=" ")
