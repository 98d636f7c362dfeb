"""A Catalog that remembers answers gives none that another process has made wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from steppe.catalog import open_catalog
from steppe.catalog.remembered import Remembered
from steppe.types import Run, State, StepId, StepRun

ROOT = Path(__file__).parents[3]
STEP = StepId(notebook="book.ipynb", name="a")


def record(catalog, id_, why=""):
    catalog.runs.begin(Run(id=f"run{id_}"))
    catalog.step_runs.record(StepRun(id=id_, run=f"run{id_}", step=STEP, state=State.HIT, why=why))


ELSEWHERE = """
import sys
from steppe.catalog import open_catalog
from tests.unit.catalog.test_remembered_catalog import record
with open_catalog(sys.argv[1]) as catalog:
    record(catalog, sys.argv[2])
"""


def asks(remembered):
    """Count the questions that reach the database."""
    count = []
    rows = remembered.catalog._database.rows
    remembered.catalog._database.rows = lambda *words: count.append(words) or rows(*words)
    return count


def test_an_answer_is_asked_for_once_while_nobody_writes(tmp_path):
    with open_catalog(str(tmp_path / "catalog.db")) as catalog:
        record(catalog, "a")
        remembered = Remembered(catalog)
        remembered.begin()
        count = asks(remembered)
        for _ in range(3):
            remembered.begin()
            assert remembered.step_runs.last(STEP, part=0).id == "a"
            assert remembered.step_runs.last(STEP, part=1) is None
        assert len(count) == 2


def test_what_another_process_or_connection_writes_is_seen_at_once(tmp_path):
    path = str(tmp_path / "catalog.db")
    with open_catalog(path) as catalog, open_catalog(path) as other:
        remembered = Remembered(catalog)
        remembered.begin()
        assert remembered.step_runs.last(STEP) is None
        for number in range(50):  # faster than the clock of any file system ticks
            record(other, f"b{number:02}")
            remembered.begin()
            assert remembered.step_runs.last(STEP).id == f"b{number:02}"
        subprocess.run([sys.executable, "-c", ELSEWHERE, path, "c"], check=True, cwd=ROOT)
        remembered.begin()
        assert remembered.step_runs.last(STEP).id == "c"


def test_a_catalog_that_was_written_anew_is_looked_at_anew(tmp_path):
    path = tmp_path / "catalog.db"
    with open_catalog(str(path)) as catalog:
        record(catalog, "old")
        remembered = Remembered(catalog)
        remembered.begin()
        assert remembered.step_runs.last(STEP).id == "old"
        for file in tmp_path.glob("catalog.db*"):
            file.unlink()
        with open_catalog(str(path)) as other:
            record(other, "new")
            remembered.begin()
            assert remembered.step_runs.last(STEP).id == "new"
