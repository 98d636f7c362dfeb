"""jupyter-scheduler in a real Jupyter server, with Steppe's scheduler class: its jobs are asked for by its own REST."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing

import nbformat
import pytest

from steppe.catalog import RunFilter, StepRunFilter, open_catalog
from tests.integration.server.notebooks import notebook

CELLS = (
    "factor = 1\nwho = 'nobody'",
    "%load_ext steppe",
    "%%step double\nfrom helping import numbers\ntotal = factor * sum(numbers())",
    "print(total, who)",
)


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory):
    """A Jupyter server with jupyter-scheduler, whose jobs Steppe runs."""
    home = tmp_path_factory.mktemp("jupyter-scheduler")
    project = home / "project"
    (project / ".git").mkdir(parents=True)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("STEPPE_", "JUPYTER"))}
    environ |= {"JUPYTER_DATA_DIR": str(home / "data"), "JUPYTER_CONFIG_DIR": str(home / "config")}
    environ |= {"JUPYTER_RUNTIME_DIR": str(home / "runtime"), "IPYTHONDIR": str(home / "ipython")}
    words = [sys.executable, "-m", "jupyter_server", "--no-browser", f"--port={port}", "--ServerApp.port_retries=0"]
    words += ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", "--ServerApp.allow_root=True"]
    words += [f"--ServerApp.root_dir={project}", "--ServerApp.jpserver_extensions={'jupyter_scheduler': True}"]
    words += ["--SchedulerApp.scheduler_class=steppe_server.jobs.SteppeScheduler"]
    with open(home / "log", "wb") as log:
        server = subprocess.Popen(words, cwd=project, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    made = Jupyter(project, port)
    try:
        made.until(lambda: made.answers(server), lambda: (home / "log").read_text())
        yield made
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


class Jupyter:
    def __init__(self, project, port):
        self.project = project
        self.port = port

    def ask(self, method, route, body=None):
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}/scheduler/{route}"
        asked = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def answers(self, server):
        assert server.poll() is None
        try:
            return self.ask("GET", "jobs") is not None
        except OSError:
            return False

    def until(self, ready, told=lambda: ""):
        ends = time.monotonic() + 180
        while not (found := ready()):
            assert time.monotonic() < ends, told()
            time.sleep(0.2)
        return found

    def ended(self, job):
        """Wait until a job has ended; return it, its output, and the states of its steps."""
        told = self.until(lambda: (it := self.ask("GET", f"jobs/{job}"))["status"] in ("COMPLETED", "FAILED") and it)
        (staged,) = (self.project.parent / "data/scheduler_staging_area" / job).glob("*-*.ipynb")
        with open_catalog(str(self.project / ".steppe/catalog.db")) as catalog:
            run = catalog.runs.list(RunFilter(), limit=1).items[0]
            states = [step.state.value for step in catalog.step_runs.list(StepRunFilter(run=run.id)).items]
        return told, nbformat.read(staged, 4), run, states


def asked(**more):
    return {"name": "a job", "input_uri": "deep/book.ipynb", "output_formats": ["ipynb"],
            "runtime_environment_name": "", **more}  # fmt: skip


@pytest.fixture
def book(jupyter):
    folder = jupyter.project / "deep"
    folder.mkdir(exist_ok=True)
    nbformat.write(notebook(*CELLS, tags={0: "parameters"}), folder / "book.ipynb")
    (folder / "helping.py").write_text("def numbers():\n    return [int(each) for each in open('numbers.txt')]\n")
    (folder / "numbers.txt").write_text("1\n2\n")
    return folder / "book.ipynb"


def test_a_job_runs_as_steppe_run_does_and_the_second_one_hits_everything(jupyter, book):
    parameters = {"factor": "7", "who": "all of us"}
    first = jupyter.ask("POST", "jobs", asked(parameters=parameters))["job_id"]
    told, output, run, states = jupyter.ended(first)
    assert (told["status"], states) == ("COMPLETED", ["succeeded"])
    assert output.cells[-1].outputs[0].text == "21 all of us\n"
    assert (run.path, run.parameters, run.kind) == ("deep/book.ipynb", {"factor": 7, "who": "all of us"}, "headless")
    second = jupyter.ask("POST", "jobs", asked(parameters=parameters))["job_id"]
    told, output, again, states = jupyter.ended(second)
    assert (told["status"], states, again.id != run.id) == ("COMPLETED", ["hit"], True)
    assert output.cells[-1].outputs[0].text == "21 all of us\n"


def test_a_job_of_a_definition_runs_in_the_folder_of_its_notebook_too(jupyter, book):
    definition = jupyter.ask("POST", "job_definitions", asked(schedule="0 0 1 1 *", timezone="UTC"))
    name = definition["job_definition_id"]
    book.unlink()  # the definition has a copy of it
    job = jupyter.ask("POST", f"job_definitions/{name}/jobs", {"parameters": {"factor": "2"}})["job_id"]
    told, output, run, _ = jupyter.ended(job)
    assert (told["status"], run.path) == ("COMPLETED", "deep/book.ipynb")
    assert output.cells[-1].outputs[0].text == "6 nobody\n"


def test_a_job_that_fails_says_why_and_keeps_its_notebook(jupyter, book):
    nbformat.write(notebook("%load_ext steppe", "print('so far')", "%%step bad\n1 / 0"), book)
    told, output, _, _ = jupyter.ended(jupyter.ask("POST", "jobs", asked())["job_id"])
    assert (told["status"], "division by zero" in told["status_message"]) == ("FAILED", True)
    assert any(cell.get("outputs") and cell.outputs[0].get("text") == "so far\n" for cell in output.cells)
