"""A large DataFrame of mixed columns: kept, and bound again; beside plain writes of Parquet and Arrow files."""

from __future__ import annotations

import functools
import os
import statistics
import tempfile
from collections.abc import Iterator
from typing import Any

from notebook import Notebook, anew
from row import Row, interleaved

MADE = """
import numpy as np
import pandas as pd

def made(rows, seed):
    random = np.random.default_rng(seed)
    names = np.array([f"name {i}" for i in range(1000)])
    cities = np.array([f"a city called {i}" for i in range(50)])
    return pd.DataFrame({
        "id": np.arange(rows),
        "count": random.integers(0, 1000, rows, dtype=np.int32),
        "price": random.random(rows),
        "weight": random.normal(size=rows),
        "name": pd.Series(names[random.integers(0, 1000, rows)], dtype="str"),
        "city": pd.Series(cities[random.integers(0, 50, rows)], dtype="str"),
        "kind": pd.Categorical.from_codes(random.integers(0, 4, rows), list("abcd")),
        "when": pd.Timestamp(2026, 1, 1) + pd.to_timedelta(random.integers(0, 10**7, rows), unit="s"),
    })
"""

KEPT = "%%step keep\nframe = made({rows}, {number})"

BOUND = """
from notebook import Notebook
notebook = Notebook(".")
notebook.step("%%step first\\nx = 1", "hit")
notebook.run({made!r})
hit = notebook.step({kept!r}, "hit")
print(hit, notebook.time("float(frame['price'].iloc[5])"))
"""
"""What the next kernel does: hit the step, and use its value."""


def rows(folder: str, *, small: bool) -> Iterator[Row]:
    """Measure."""
    count = 20_000 if small else 5_000_000
    shared = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(prefix="steppe-bench-", dir=shared) as ram:
        notebook = Notebook(folder)
        yield from _kept(notebook, folder, count, "on this disk")
        yield from _bound(notebook, folder, count)
        os.environ["STEPPE_STORE"] = f"{ram}/store"
        yield from _kept(Notebook(f"{ram}/project"), ram, count, "on a disk in memory")
        del os.environ["STEPPE_STORE"]
        os.chdir(folder)


def _kept(notebook: Notebook, folder: str, count: int, where: str) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.feather
    import pyarrow.parquet

    notebook.step("%%step first\nx = 1", "succeeded")
    notebook.run(MADE)
    writers = {
        "parquet": pa.parquet.write_table,
        "arrow": functools.partial(pa.feather.write_feather, compression="uncompressed"),
    }

    def kept(number: int) -> float:
        notebook.run("frame = None")
        return notebook.step_alone(KEPT.format(rows=count, number=number))

    def plain(kind: str) -> Any:
        def written(_: int) -> None:
            table = pa.Table.from_pandas(notebook["frame"], preserve_index=False)
            writers[kind](table, f"{folder}/frame.{kind}")
            with open(f"{folder}/frame.{kind}", "rb") as file:
                os.fsync(file.fileno())

        return written

    took = interleaved(3, kept=kept, **{kind: plain(kind) for kind in writers})
    kept_ms = took["kept"]
    name = f"{count / 1e6:g}M x 8 DataFrame: keep it, {where}"
    yield Row(name, kept_ms, "ms", "a Parquet file, synced", took["parquet"], "<= 400 ms", kept_ms <= 400)
    yield Row("  beside an Arrow file", kept_ms, "ms", "an Arrow file, synced", took["arrow"])


def _bound(notebook: Notebook, folder: str, count: int) -> Iterator[Row]:
    import pyarrow.parquet

    kept = KEPT.format(rows=count, number=2)
    path = f"{folder}/frame.parquet"

    def bound(_: int) -> float:
        notebook.run("frame = None")
        return notebook.step(kept, "hit") + notebook.time("used = float(frame['price'].iloc[5])")

    def read(_: int) -> None:
        pyarrow.parquet.read_table(path).to_pandas()

    took = interleaved(9, bound=bound, parquet=read)
    name = "  bind it again, and use it"
    yield Row(name, took["bound"], "ms", "reading Parquet", took["parquet"], "<= 10 ms", took["bound"] <= 10)
    times = [anew(folder, BOUND.format(made=MADE, kept=kept)) for _ in range(5)]
    total = statistics.median(hit for hit, _ in times) + statistics.median(use for _, use in times)
    yield Row("  the same as a new kernel's first hit, which imports pyarrow's parts", total)
