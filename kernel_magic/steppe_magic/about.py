"""`%steppe why`, `show` and `lineage`: what is known of one step, one value, and of what led to it, as plain text."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

from steppe.states import LIVE
from steppe.types import Artifact, State, StepRun
from steppe.wording import ago, lasting, short, sized, table
from steppe_magic.past import Past

VALUE = "Out[n]"
DEEP = 30
"""Levels of lineage that are shown."""
LAST = 8
"""Lines of a running step that are shown."""


def why(run: StepRun, past: Past) -> str:
    """Say why a step hit, ran, was not kept or failed."""
    now = time.time()
    said = run.why or "it is not known why"
    lines = [f"{_called(run)}: {_state(run)} {ago(now - (run.ended or now))}: {said}"]
    if run.entry:
        made = past.catalog.step_runs.get(run.entry)
        if made is not None:
            took = lasting(made.seconds or (made.ended or made.started) - made.started)
            lines.append(f"  its result was made {ago(now - (made.ended or now))} in {took}, by {made.run}")
    if run.error:
        lines.append(f"  {run.error}")
    return "\n".join(lines)


def _called(run: StepRun) -> str:
    return run.step.name + (f" [{run.part + 1}]" if run.part else "")


def _state(run: StepRun) -> str:
    words = {State.SUCCEEDED: "ran", State.SETUP: "ran", State.HIT: "hit"}
    return words.get(run.state, str(run.state))


def show_step(run: StepRun, past: Past) -> str:
    """Show what a step read, bound, wrote and logged, and how it went; of one that goes on, how far it is."""
    lines = list(_going(run, past)) if run.state in LIVE else [why(run, past)]
    if run.used.get("memory"):
        lines.append(f"  used {sized(int(run.used['memory']))} of memory at the peak, on {run.executor}")
    lines += _section("read", _variables(run.inputs, past))
    lines += _section("bound", _variables(run.outputs, past))
    lines += _section("wrote", [(file.path, sized(file.size) if file.blob else "removed") for file in run.written])
    lines += _section("logged", metrics(run, past))
    return "\n".join(lines)


def _going(run: StepRun, past: Past) -> Iterator[str]:
    yield f"{_called(run)}: {run.state} for {lasting(time.time() - run.started)}, on {run.executor}"
    done, written = past.live(run.id)
    if done is not None:
        share = f"{100 * done.done / done.total:.0f} %" if done.total else f"{done.done:g}"
        yield "  " + " ".join(part for part in (share, done.text) if part)
    if written:
        yield "  has written"
        yield from (f"    {line}" for line in written[-LAST:])


def _section(title: str, rows: list[tuple[str, ...]]) -> Iterator[str]:
    if rows:
        yield f"  {title}"
        yield from ("    " + line for line in table(rows[0], rows[1:]).splitlines())


def _variables(versions: dict[str, str], past: Past) -> list[tuple[str, ...]]:
    return [
        (name if name != VALUE else "the cell's value", *_about(past.catalog.artifacts.get(version)), short(version))
        for name, version in sorted(versions.items())
    ]


def _about(artifact: Artifact | None) -> tuple[str, str, str]:
    if artifact is None:
        return "", "", ""
    said = artifact.preview.removeprefix(artifact.type).strip()
    return artifact.type, said, sized(artifact.size) if artifact.size else ""


def metrics(run: StepRun, past: Past) -> list[tuple[str, ...]]:
    """Return the last measurement of each series that a step logged, as rows."""
    latest = past.catalog.metrics.latest([run.id])[run.id]
    return [(item.name, f"{item.value:.6g}", "" if item.step is None else f"at step {item.step}") for item in latest]


def show_variable(name: str, run: StepRun, past: Past) -> str:
    """Show a variable's type, size, preview and version, and which step bound it."""
    version = run.outputs[name]
    kind, said, size = _about(past.catalog.artifacts.get(version))
    now = time.time()
    lines = [f"{name}: {' '.join(part for part in (kind, said) if part)}"]
    if size:
        lines.append(f"  size     {size}")
    lines.append(f"  version  {version}")
    lines.append(f"  bound by {_called(run)}, which {_state(run)} {ago(now - (run.ended or now))} (run {run.run})")
    lines.append(f"  load it  steppe.load({f'{run.step.name}.{name}'!r}) or steppe.load({short(version)!r})")
    return "\n".join(lines)


def lineage(name: str, run: StepRun, past: Past) -> str:
    """Return the tree of what led to a variable: its step, what that read, the steps that bound it, and so on."""
    return "\n".join(_value(name, run.outputs[name], run, past, set(), DEEP))


def _value(name: str, version: str, maker: StepRun | None, past: Past, seen: set[str], depth: int) -> Iterable[str]:
    kind, said, _ = _about(past.catalog.artifacts.get(version))
    yield "  ".join(part for part in (name, said or kind, short(version)) if part)
    if maker is None:
        return
    if version in seen:
        yield "└─ (see above)"
        return
    seen.add(version)
    yield f"└─ {_called(maker)} ({_state(maker)} {ago(time.time() - (maker.ended or maker.started))})"
    made = past.catalog.step_runs.get(maker.entry) if maker.entry else maker
    inputs: dict[str, str] = (made or maker).inputs
    origins: dict[str, Any] = past.catalog.lineage.origins(inputs.values())
    for number, (read, its) in enumerate(sorted(inputs.items())):
        last = number == len(inputs) - 1
        origin = past.catalog.step_runs.get(origins[its]) if its in origins and depth else None
        for line_number, line in enumerate(_value(read, its, origin, past, seen, depth - 1)):
            branch = ("└─ " if last else "├─ ") if line_number == 0 else ("   " if last else "│  ")
            yield "   " + branch + line
