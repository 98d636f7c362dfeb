"""`steppe report`: a run as one static page: the notebook with what it showed, its graph, values and steps.

The page holds all that it shows, and says itself (by its Content-Security-Policy) that nothing may be fetched and that
no script of a notebook's may run: only Plotly's own, where there are such figures, and it is installed here.
"""

from __future__ import annotations

import contextlib
import html
import importlib.util
import os
import secrets
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from steppe.catalog import Catalog
from steppe.errors import UsageError
from steppe.lineage.questions import of_run
from steppe.lineage.results import result_of
from steppe.settings import Project
from steppe.sharing import shown_html
from steppe.sharing.steps_picture import mermaid_of, svg_of
from steppe.store.store import Store
from steppe.types import Run, StepRun
from steppe.wording import lasting, short, sized

PAPERMILL = "papermill-error-cell-tag"
"""The tag of the cells that papermill adds to say where an error was."""


def report(project: Project, catalog: Catalog, store: Store, run_id: str) -> str:
    """Return the page of a run."""
    run = catalog.runs.get(run_id)
    assert run is not None, "it was found by its id"
    steps = steps_of(catalog, run_id)
    name = os.path.basename(run.path or run.notebook)
    sections = [
        f"<h1>{html.escape(name)}</h1>{_about(run, steps)}",
        _section("Steps", f'<div class="wide">{svg_of(steps)}</div>{_table(steps)}{_mermaid(steps)}'),
        _section("Values", _values(catalog, steps)),
        _section("Numbers", _numbers(catalog, steps)),
        _section("Notebook", "".join(_notebook(project, store, run, steps))),
    ]
    return page(f"{name}: a run of {time.strftime('%d %B %Y', time.localtime(run.started))}", "".join(sections))


def page(title: str, body: str) -> str:
    """Return a page that fetches nothing."""
    nonce = secrets.token_hex(16)
    script = _plotly(nonce) if 'class="plotly"' in body else ""
    allowed = f"script-src 'nonce-{nonce}'" if script else "script-src 'none'"
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-src 'none'; {allowed}"
    css = files("steppe.sharing").joinpath("page.css").read_text("utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{css}</style></head><body>{body}{script}</body></html>\n"
    )


def steps_of(catalog: Catalog, run_id: str) -> list[StepRun]:
    """Return the StepRuns of a run, whole, in the order in which they began."""
    return [run for _, run in sorted(catalog.step_runs.wholes(of_run(catalog, run_id)).items())]


def shown_of(store: Store, step: StepRun) -> str:
    """Return what a step has shown."""
    result = result_of(step, store)
    return "".join(shown_html.shown(item) for item in result.shown) if result is not None else ""


def executed(project: Project, run: Run) -> list[dict[str, Any]]:
    """Return the cells of a run's notebook: of the executed one where it is kept, else of the notebook as it is."""
    import nbformat

    name = os.path.basename(run.path)
    for place in (project.state / "runs" / run.id / name, Path(project.root, run.path)):
        if run.path and place.is_file():
            with contextlib.suppress(Exception):  # nbformat raises whatever a file that is no notebook makes it raise
                cells: list[dict[str, Any]] = nbformat.read(place, as_version=4).cells
                return cells
    return []


def _section(title: str, inner: str) -> str:
    return f"<h2>{title}</h2>{inner}" if inner else ""


def _about(run: Run, steps: list[StepRun]) -> str:
    began = time.strftime("%d %B %Y %H:%M", time.localtime(run.started))
    took = "" if run.ended is None else f", took {lasting(run.ended - run.started)}"
    hits = sum(1 for step in steps if step.state == "hit")
    told = [f"{run.status}, {began}{took}", f"{len(steps)} steps, {hits} of them hits", f"run {run.id}"]
    told += [f"commit {run.commit}"] if run.commit else []
    told += [", ".join(f"{name} = {value!r}" for name, value in run.parameters.items())] if run.parameters else []
    return f'<p class="soft">{"<br>".join(map(html.escape, told))}</p>'


def _table(steps: list[StepRun]) -> str:
    rows = []
    for step in steps:
        took = lasting(step.seconds or (step.ended or step.started) - step.started)
        bound = ", ".join(name for name in step.outputs if name.isidentifier())
        why = step.error or step.why
        cells = (step.step.name, str(step.state), took, step.executor, bound, why)
        rows.append("".join(f"<td>{html.escape(cell)}</td>" for cell in cells))
    return _tabled(("step", "state", "time", "ran", "bound", "why"), rows)


def _values(catalog: Catalog, steps: list[StepRun]) -> str:
    known = catalog.artifacts.among(version for step in steps for version in step.outputs.values())
    rows = []
    for step in steps:
        for name, version in step.outputs.items():
            artifact = known.get(version)
            if artifact is not None and name.isidentifier():
                full = f"{step.step.name}.{name}"
                cells = (full, artifact.type, artifact.preview, sized(artifact.size), short(version))
                rows.append("".join(f"<td>{html.escape(cell)}</td>" for cell in cells))
    return _tabled(("value", "type", "preview", "size", "version"), rows) if rows else ""


def _numbers(catalog: Catalog, steps: list[StepRun]) -> str:
    latest = catalog.metrics.latest(step.id for step in steps)
    rows = [
        f"<td>{html.escape(step.step.name)}</td><td>{html.escape(metric.name)}</td><td>{metric.value:.6g}</td>"
        for step in steps
        for metric in latest[step.id]
    ]
    return _tabled(("step", "number", "value"), rows) if rows else ""


def _tabled(head: tuple[str, ...], rows: list[str]) -> str:
    names = "".join(f"<th>{name}</th>" for name in head)
    return f'<div class="wide"><table><tr>{names}</tr>{"".join(f"<tr>{row}</tr>" for row in rows)}</table></div>'


def _mermaid(steps: list[StepRun]) -> str:
    return f"<details><summary>As Mermaid</summary><pre>{html.escape(mermaid_of(steps))}</pre></details>"


def _notebook(project: Project, store: Store, run: Run, steps: list[StepRun]) -> Iterator[str]:
    """Yield the cells with what they showed; of a run whose notebook is gone, its steps alone."""
    cells = executed(project, run)
    by_cell = {step.cell: step for step in steps if step.cell}
    for cell in cells:
        source = cell.get("source", "")
        if PAPERMILL in cell.get("metadata", {}).get("tags", ()):
            continue
        if cell["cell_type"] == "markdown":
            yield shown_html.markdown(source)
        elif cell["cell_type"] == "code" and source.strip():
            step = by_cell.get(cell.get("id", ""))
            outputs = "".join(shown_html.output_of(each) for each in cell.get("outputs", ()))
            yield _cell(source, step, outputs or (shown_of(store, step) if step is not None else ""))
    if not cells:
        for step in steps:
            yield _cell(step.source, step, shown_of(store, step))


def _cell(source: str, step: StepRun | None, outputs: str) -> str:
    badge = f'<span class="badge {step.state}">{html.escape(step.step.name)}: {step.state}</span>' if step else ""
    return f'<div class="code">{badge}{shown_html.code(source)}</div>{outputs}'


def _plotly(nonce: str) -> str:
    """Return Plotly's library, where it is installed, and what draws the figures with it."""
    spec = importlib.util.find_spec("plotly")
    place = Path(spec.origin).parent / "package_data" / "plotly.min.js" if spec is not None and spec.origin else None
    if place is None or not place.is_file():
        return ""
    draw = (
        'for (const place of document.querySelectorAll(".plotly")) { const told = JSON.parse('
        "place.firstChild.textContent); place.replaceChildren(); "
        "Plotly.newPlot(place, told.data, told.layout, {displaylogo: false}); }"
    )
    library = place.read_text("utf-8").replace("</script", "<\\/script")
    return f'<script nonce="{nonce}">{library}</script><script nonce="{nonce}">{draw}</script>'


def write(path: Path, text: str) -> None:
    """Write a page, whole or not at all.

    Raises:
        UsageError: it can't be written there.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        fresh.write_text(text, "utf-8", errors="replace")
        fresh.replace(path)
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror or error}.") from error
