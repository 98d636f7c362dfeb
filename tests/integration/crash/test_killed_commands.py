"""`steppe run` killed at any moment: nothing that it had finished is lost, and no kernel is left behind."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_notebook

from steppe.catalog import StepRunFilter, open_catalog
from tests.integration.crash.test_killed_kernels import CELLS

COMMAND = Path(sys.executable).with_name("steppe")
KILLS = int(os.environ.get("STEPPE_KILLS", "12")) // 4


def start(project, notebook):
    command = [str(COMMAND), "run", str(notebook), "--json"]
    return subprocess.Popen(
        command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def finished(project):
    """Return the steps that the catalog holds as succeeded."""
    place = project / ".steppe/catalog.db"
    if not place.exists():
        return set()
    with open_catalog(str(place)) as catalog:
        found = catalog.step_runs.list(StepRunFilter(), limit=200).items
        return {item.step.name for item in found if item.state == "succeeded"}


def test_a_killed_command_loses_no_finished_step_and_leaves_no_kernel(project):
    notebook = project / "work.ipynb"
    cells = [new_code_cell(cell, id=f"cell-{i}") for i, cell in enumerate(CELLS)]
    nbformat.write(
        new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}), notebook
    )
    before = notebook.read_bytes()
    for _ in range(max(KILLS, 1)):
        process = start(project, notebook)
        time.sleep(random.uniform(0.5, 4))
        children = []
        with contextlib.suppress(psutil.NoSuchProcess):  # it may have ended by itself, on a quick machine
            children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        gone, alive = psutil.wait_procs(children, timeout=15)
        assert not alive, [child.cmdline() for child in alive]
        assert len(gone) == len(children)
        assert notebook.read_bytes() == before
        done = finished(project)
        last = start(project, notebook)
        out, err = last.communicate(timeout=120)
        report = json.loads(out)
        assert report["status"] == "succeeded", (report, err)
        hits = {step["name"] for step in report["steps"] if step["status"] == "hit"}
        assert done <= hits, (done, report)
