"""A plan of a notebook of 1,000 hits, as the side bar asks for one after each edit: the first one, and later ones."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from browser import load
from row import Row

from steppe.analysis.cell import remember
from steppe.notebooks.run import run_notebook
from steppe_server.pipelines import pipeline
from steppe_server.planner import CELLS
from tests.ui.notebooks import many_steps, write


class Project:
    """A folder with a notebook in it."""

    def __init__(self, folder: str) -> None:
        """Begin in an empty folder."""
        self.folder = Path(folder)
        (self.folder / ".git").mkdir(exist_ok=True)


def rows(folder: str, *, small: bool) -> Iterator[Row]:
    """Measure the processor's time: other processes take none of that."""
    count, rounds = (20, 2) if small else (1000, 9)
    path = write(Project(folder), "large.ipynb", *many_steps(count))
    run_notebook(path)
    remember(CELLS)
    document = json.loads(path.read_text())

    def planned() -> float:
        began = time.process_time()
        found = pipeline(str(path), "large.ipynb", document, "tagged")
        took = (time.process_time() - began) * 1e3
        assert all(part.plan == "hit" for step in found.steps for part in step.parts)
        return took

    first = planned()
    times = []
    for number in range(rounds):
        cell = document["cells"][number % count]
        cell["source"] = "".join(cell["source"]) + f"  # {number}"
        times.append(planned())
    later = statistics.median(times)
    yield Row(
        f"plan of {count} hits, one cell edited ({load()})", later, "ms", "the first", first, "<= 200 ms", later <= 200
    )
