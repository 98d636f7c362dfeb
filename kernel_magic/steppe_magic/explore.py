"""`steppe.explore()`: runs and the metrics of their steps, picked with widgets and drawn with Plotly.

ipywidgets and Plotly are imported only here, when it is called.
"""

from __future__ import annotations

import time
from typing import Any

from steppe.catalog import Catalog, RunFilter, StepRunFilter
from steppe.engine.current import current
from steppe.errors import UsageError
from steppe.lineage.living import status_of
from steppe.wording import ago
from steppe.worker.trace import unseen

LIMIT = 50
"""Runs that are offered, the newest."""

Row = dict[str, Any]
"""A run: `run`, `status`, `notebook`, `started`, `numbers` (its parameters that are numbers, and its metrics)."""


def explore() -> Any:
    """Return the picker. See `steppe.explore`."""
    widgets, graphs = _libraries()
    session = current()
    if session is None:
        raise UsageError("steppe.explore() needs a notebook with Steppe on: run `%load_ext steppe` first.")
    with unseen():
        found = rows(session.catalog)
    if not found:
        raise UsageError("no run has logged a number yet: call steppe.log_metric('loss', loss) in a step.")
    names = sorted({name for row in found for name in row["numbers"]})
    now = time.time()
    labels = [(f"{row['notebook']} · {row['run'][:10]} · {row['status']} · {ago(now - row['started'])}", row["run"])
              for row in found]  # fmt: skip
    runs = widgets.SelectMultiple(options=labels, value=[row["run"] for row in found], description="Runs", rows=6)
    runs.layout.width = "auto"
    drawn = widgets.ToggleButtons(options=["Parallel coordinates", "Scatter"], description="Draw")
    across = widgets.Dropdown(options=names, value=names[0], description="Across")
    up = widgets.Dropdown(options=names, value=names[-1], description="Up")
    figure = widgets.Output()

    def draw(_: Any = None) -> None:
        chosen = [row for row in found if row["run"] in runs.value]
        made = (
            _parallel(graphs, chosen, names) if drawn.index == 0 else _scatter(graphs, chosen, across.value, up.value)
        )
        across.layout.display = up.layout.display = "none" if drawn.index == 0 else ""
        figure.clear_output(wait=True)
        with figure:
            made.show()

    for each in (runs, drawn, across, up):
        each.observe(draw, names="value")
    draw()
    return widgets.VBox([runs, widgets.HBox([drawn, across, up]), figure])


def rows(catalog: Catalog) -> list[Row]:
    """Return the newest runs that have numbers: their numeric parameters, and the last number of each series."""
    found = []
    for run in catalog.runs.list(RunFilter(), limit=LIMIT).items:
        steps = catalog.step_runs.list(StepRunFilter(run=run.id), limit=500).items[::-1]
        numbers = {
            name: float(value)
            for name, value in run.parameters.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        }
        latest = catalog.metrics.latest([run.id, *(step.id for step in steps)])
        for id_ in (run.id, *(step.id for step in steps)):
            numbers |= {item.name: item.value for item in latest[id_]}
        if numbers:
            of_run = {"run": run.id, "status": status_of(run), "notebook": run.path or run.notebook}
            found.append({**of_run, "started": run.started, "numbers": numbers})
    return found


def _parallel(graphs: Any, chosen: list[Row], names: list[str]) -> Any:
    """Draw an axis for each number that all of them have, a line for each run."""
    shared = [name for name in names if chosen and all(name in row["numbers"] for row in chosen)]
    axes = [{"label": name, "values": [row["numbers"][name] for row in chosen]} for name in shared]
    color = axes[-1]["values"] if axes else []
    return graphs.Figure(graphs.Parcoords(dimensions=axes, line={"color": color, "showscale": bool(axes)}))


def _scatter(graphs: Any, chosen: list[Row], across: str, up: str) -> Any:
    there = [row for row in chosen if across in row["numbers"] and up in row["numbers"]]
    points = graphs.Scatter(
        x=[row["numbers"][across] for row in there],
        y=[row["numbers"][up] for row in there],
        text=[f"{row['notebook']} {row['run']}" for row in there],
        mode="markers",
    )
    return graphs.Figure(points, {"xaxis": {"title": {"text": across}}, "yaxis": {"title": {"text": up}}})


def _libraries() -> tuple[Any, Any]:
    missing = []
    try:
        import ipywidgets
    except ImportError:
        missing.append("ipywidgets")
    try:
        import plotly.graph_objects
    except ImportError:
        missing.append("plotly")
    if missing:
        names = " and ".join(missing)
        raise UsageError(
            f"steppe.explore() needs {names}: `%pip install {' '.join(missing)}`, then run the cell again."
        )
    return ipywidgets, plotly.graph_objects
