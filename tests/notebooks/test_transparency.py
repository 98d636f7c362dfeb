"""Notebooks run plainly and with every cell as a step, in a new project and again in a new kernel: nothing differs.

All of our own, and a few real ones whose sources are fetched from the package index. `make corpus` runs every notebook
with every executor: see docs/transparency.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.notebooks.corpus.entry import Entry, own_entries, read_manifest
from tests.notebooks.corpus.fetch import CACHE
from tests.notebooks.corpus.report import failures
from tests.notebooks.corpus.run import examine
from tests.notebooks.corpus.swift import swift

REAL = ("h5py-examples-bytesio", "numpy-doc-source-user-basics.dispatch", "statsmodels-examples-notebooks-categorical")
ENTRIES = [*own_entries(), *(entry for entry in read_manifest() if entry.name.startswith(REAL))]


@pytest.fixture(scope="module", autouse=True)
def forked() -> Iterator[None]:
    """Have kernels and commands forked from warm processes: their imports would take most of the time."""
    with swift():
        yield


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_notebook_is_the_same_as_steps(entry: Entry, tmp_path: Path) -> None:
    row = examine(entry, ["inline"], CACHE, tmp_path)
    assert "unusable" not in row, row["unusable"]
    assert failures(row) == [], row["inline"]
