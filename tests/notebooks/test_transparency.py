"""Notebooks run plainly and with every cell as a step, in a new project and again in a new kernel: nothing differs.

A handful of our own, in the kernel and in workers. `make corpus` runs all and real ones: see docs/transparency.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notebooks.corpus.entry import own_entries
from tests.notebooks.corpus.fetch import CACHE
from tests.notebooks.corpus.report import failures
from tests.notebooks.corpus.run import examine
from tests.notebooks.corpus.swift import swift

HERE = ("aliases", "capture", "cells", "clearing", "conditionals", "deletions", "recursion", "values")
IN_WORKERS = ("aliases", "values")


@pytest.fixture(scope="module", autouse=True)
def forked() -> Iterator[None]:
    """Have kernels and commands forked from warm processes: their imports would take most of the time."""
    with swift():
        yield


@pytest.mark.slow
@pytest.mark.timeout(900)  # a machine that is shared may take long; nothing here measures time
@pytest.mark.parametrize("name", HERE)
def test_a_notebook_is_the_same_as_steps(name: str, tmp_path: Path) -> None:
    [entry] = [entry for entry in own_entries() if entry.name == f"own-{name}"]
    modes = ["inline", "process"] if name in IN_WORKERS else ["inline"]
    row = examine(entry, modes, CACHE, tmp_path)
    assert "unusable" not in row, row["unusable"]
    assert set(modes) <= row.keys()
    assert failures(row) == [], {mode: row[mode] for mode in modes}
