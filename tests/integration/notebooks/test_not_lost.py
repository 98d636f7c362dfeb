"""A headless run runs until who started it has written down its end: its kernel ends before that."""

from __future__ import annotations

import os

import nbformat

from steppe.catalog import open_catalog
from steppe.lineage.living import status_of
from steppe.notebooks import run as runs
from steppe.notebooks.run import run_notebook


def test_a_run_whose_kernel_has_ended_is_not_lost_before_its_end_is_written_down(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    cells = [nbformat.v4.new_code_cell("%load_ext steppe"), nbformat.v4.new_code_cell("%%step a\nx = 1")]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), tmp_path / "book.ipynb")
    seen = []

    def before(outcome, *words, finish=runs._finish):
        with open_catalog(str(tmp_path / ".steppe/catalog.db")) as catalog:
            run = catalog.runs.get(outcome.run)
            seen.append((run.pid, status_of(run)))
        finish(outcome, *words)

    monkeypatch.setattr(runs, "_finish", before)
    assert run_notebook(tmp_path / "book.ipynb").status == "succeeded"
    assert seen == [(os.getpid(), "running")]
