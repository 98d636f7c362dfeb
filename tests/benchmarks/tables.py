"""A page of a long frame, as the server extension reads it: seconds, and what its memory grows by.

The floor of a sorted page is to read the column once, from memory, in one thread.

    python tests/benchmarks/tables.py [ROWS] [FOLDER]

Not in CI, which tries two million rows (tests/integration/server/test_long_tables.py): 50 million make 1.7 GB.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from steppe.lineage.views.source import Source
from steppe.lineage.views.tables import open_table
from steppe.store import open_store
from steppe.values import families as families  # registers the encoders
from steppe.values import format_arrow
from steppe.values.walk import Walk
from steppe.worker.sources import Sources
from steppe_server.reader import Reader


def made(rows: int, folder: Path) -> Source:
    """Keep a frame as a step does, and forget it."""
    rng = np.random.default_rng(0)
    columns = {"id": np.arange(rows), "x": rng.normal(size=rows), "whole": rng.integers(0, 1 << 40, rows)}
    frame = pd.DataFrame(columns | {"when": np.arange(rows).astype("M8[s]"), "flag": rng.random(rows) > 0.5})
    frame["kind"] = pd.Categorical.from_codes(rng.integers(0, 5, rows).astype("int8"), list("abcde"))
    store = open_store(str(folder / "store"), folder / "store")
    part = format_arrow.store("frame", Walk(Sources()).walk("frame", frame, None), store.put)
    assert part is not None, "a plain frame is an Arrow file"
    positions = tuple(at for places, _ in part.meta["blocks"] for at in places)
    return Source(version=part.blob, format="arrow", path=str(store.path(part.blob)), positions=positions)


async def measured(source: Source, rows: int, folder: Path) -> dict[str, float]:
    """Read pages, and return seconds; memory in bytes."""
    reader, own = Reader(), psutil.Process()
    resident = own.memory_info().rss

    async def page(offset: int, sort: int | None = None, *, descending: bool = False) -> float:
        began = time.perf_counter()
        found = await reader.page(
            source, folder, at=(), span=(offset, 100), columns=(0, 25), sort=sort, descending=descending, wait=0.0
        )
        assert len(found.rows) == 100, found
        return time.perf_counter() - began

    try:
        told = {"first page of a new process": await page(0)}
        told["page in the middle"] = await page(rows // 2)
        for sort, what in ((1, "floats"), (2, "integers"), (4, "truths"), (5, "categories")):
            for falling in (False, True):
                name = f"first page sorted by {what}{', falling' * falling}, order not known"
                before = spent(reader)
                told[name] = await page(0, sort, descending=falling)
                told[f"{name}: processor"] = spent(reader) - before
                await reader.give_up(source, folder, at=(), sort=sort)
        told["floor: floats read once"] = floor(source, 1)
        await page(0, 1)
        began = time.perf_counter()
        assert reader._tasks, "the order is being computed"
        await asyncio.wait(list(reader._tasks.values()))
        told["order by floats"] = time.perf_counter() - began
        told["order by floats: processor"] = spent(reader, "orders")
        told["memory: process that sorts, its own"] = process_of(reader, "orders").memory_full_info().uss
        told["page in the middle, sorted"] = await page(rows // 2, 1)
        told["last page, sorted, falling"] = await page(rows - 100, 1, descending=True)
        grown = process_of(reader, "pages").memory_full_info()
        told["memory: server"] = own.memory_info().rss - resident
        told["memory: process that reads, its own"] = grown.uss
        return told
    finally:
        reader.close()


def process_of(reader: Reader, name: str) -> psutil.Process:
    """Return one of the processes that read."""
    return psutil.Process(next(iter(reader._processes[name]._pool._processes.values())).pid)


def spent(reader: Reader, name: str = "pages") -> float:
    """Return the processor seconds that one of the processes has used."""
    times = process_of(reader, name).cpu_times()
    return float(times.user + times.system)


def floor(source: Source, at: int) -> float:
    """Return the seconds that it takes to read a column once."""
    column = open_table(source).column(at)
    values = [np.frombuffer(chunk.buffers()[1], np.uint64) for chunk in column.chunks]
    times = []
    for _ in range(5):
        began = time.perf_counter()
        assert max(int(each.max()) for each in values) > 0
        times.append(time.perf_counter() - began)
    return min(times)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000_000
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as folder:
        source = made(rows, Path(folder))
        for name, value in asyncio.run(measured(source, rows, Path(folder, "views"))).items():
            print(f"{name:50} {value / 2**20:10.1f} MiB" if "memory" in name else f"{name:50} {value * 1000:10.1f} ms")


if __name__ == "__main__":
    main()
