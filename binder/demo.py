"""`make demo`: run the notebook, run it again, and show its pipeline; fails unless every step of the second run is a hit."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from steppe.catalog import StepRunFilter, open_catalog
from steppe.settings import load_project
from steppe.types import StepRun

NOTEBOOK, EXECUTED = sys.argv[1:3]
STEPPE = Path(sys.executable).with_name("steppe")


def run() -> float:
    """Run the notebook as anyone would, and return the seconds that it took."""
    words = ["run", NOTEBOOK, "-o", EXECUTED]
    print(f"\n$ steppe {' '.join(words)}", flush=True)
    began = time.monotonic()
    subprocess.run([STEPPE, *words], check=True, stdin=subprocess.DEVNULL)
    return time.monotonic() - began


def last_steps() -> list[StepRun]:
    """Return the steps of the run that was begun last, in order."""
    project = load_project(Path(NOTEBOOK).parent, os.environ)
    with open_catalog(project.settings.catalog or str(project.state / "catalog.db")) as catalog:
        latest = catalog.runs.list(limit=1).items[0]
        return sorted(catalog.step_runs.list(StepRunFilter(run=latest.id), limit=200).items, key=lambda step: step.id)


def pipeline(steps: list[StepRun]) -> list[str]:
    """Return the graph as lines: each step, and below it the variables that it reads from others."""
    lines = []
    made: dict[str, str] = {}
    for step in steps:
        read: dict[str, list[str]] = {}
        for name in step.inputs:
            if name in made:
                read.setdefault(made[name], []).append(name)
        lines.append(
            f"  {step.step.name} → {', '.join(name for name in step.outputs if name.isidentifier()) or 'shown only'}"
        )
        lines += [f"    ← {maker}: {', '.join(names)}" for maker, names in read.items()]
        made.update(dict.fromkeys(step.outputs, step.step.name))
    return lines


def main() -> int:
    """Run everything, and tell what to do next."""
    print("1. The notebook, from its first cell to its last:")
    first = run()
    print("\n2. The same again. Nothing has changed, so no step runs; plain cells do:")
    second = run()
    steps = last_steps()
    missed = [f"{step.step.name}: {step.state}, {step.why}" for step in steps if step.state != "hit"]
    print("\n3. The pipeline that the cells make, by the variables that they read:\n")
    print("\n".join(pipeline(steps)))
    print(
        f"\n{len(steps) - len(missed)} of {len(steps)} steps were hits in the second run ({second:.1f} s, the first took {first:.1f} s)."
    )
    print(f"Executed notebook:      {EXECUTED}")
    print("Open it in JupyterLab:  make lab")
    if missed or not steps:
        print("\nThese should have been hits:\n  " + "\n  ".join(missed or ["there are no steps"]), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
