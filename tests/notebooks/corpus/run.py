"""Runs the corpus plainly and as steps, cold and warm, and writes what differs: the proof that steps are transparent.

`python -m tests.notebooks.corpus.run [--sample ci|own|all] [--modes plain,inline,process] [--jobs N] [--swift]
[--keep-plain] [NAME…]`

A notebook is run plainly twice, then as steps with each executor in a fresh project (cold), then again in a new kernel
with that project's `.steppe` (warm). Where something differs, up to two more plain runs tell whether it is unstable.
The report is written as JSON and as Markdown; the exit code is 0 only if nothing differs but what is unstable.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.notebooks.corpus.compare import ALLOWED_KINDS, compare, describe
from tests.notebooks.corpus.entry import Entry, own_entries, read_manifest
from tests.notebooks.corpus.execution import Execution, cell_seconds, run_plainly
from tests.notebooks.corpus.fetch import CACHE
from tests.notebooks.corpus.kept import keep_plain, read_plain
from tests.notebooks.corpus.report import excess, failures, markdown
from tests.notebooks.corpus.room import Room
from tests.notebooks.corpus.steppe_run import run_as_steps
from tests.notebooks.corpus.swift import swift
from tests.notebooks.corpus.warm import warmth

MOST_PLAIN_RUNS = 4
Row = dict[str, Any]


class Trial:
    """One notebook being run in every way, in one room; the plain runs are what all others are compared with."""

    def __init__(self, entry: Entry, cache: Path, work: Path, *, keep: bool = False) -> None:
        self.notebook = entry.notebook(cache)
        self.room = Room(work / "rooms" / entry.name, entry.file(cache))
        self.state = work / "state" / entry.name
        self.keep = keep
        self.plain = read_plain(self.state, self.notebook) if keep else []
        while len(self.plain) < 2:
            self.plain.append(self.run_plainly())
        self._keep()

    def _keep(self) -> None:
        if self.keep:
            keep_plain(self.state, self.notebook, self.plain)

    def run_plainly(self) -> Execution:
        """Run the notebook plainly; `.steppe` waits aside meanwhile."""
        ours, aside = self.room.folder / ".steppe", self.state / "steppe"
        if ours.exists():
            ours.rename(aside)
        executed = run_plainly(self.notebook, self.room, self.state)
        if aside.exists():
            aside.rename(ours)
        return executed

    def verdict(self, other: Execution) -> Row:
        """Compare a run with the plain ones, and run plainly again while it differs."""
        comparison = compare(self.plain, other, ALLOWED_KINDS)
        while not comparison.equal and len(self.plain) < MOST_PLAIN_RUNS:
            self.plain.append(self.run_plainly())
            comparison = compare(self.plain, other, ALLOWED_KINDS)
            self._keep()
        return describe(comparison)

    def as_steps(self, executor: str) -> Row:
        """Run the notebook as steps, cold and warm; a run without a report is a failure with its reason."""
        try:
            cold = run_as_steps(self.notebook, self.room, self.state, executor)
            row: Row = {"cold": self.verdict(cold)}
            warm = run_as_steps(self.notebook, self.room, self.state, executor, warm=True)
        except RuntimeError as error:
            return {"failed": str(error)}
        about = asdict(warmth(self.plain[0], warm)) | {"wall": warm.seconds, "wall_cold": cold.seconds}
        return row | {"warm": self.verdict(warm), "warmth": about}


def examine(entry: Entry, modes: list[str], cache: Path, work: Path, *, keep: bool = False) -> Row:
    """Run one notebook in every way and return what came of it, as plain data."""
    trial = Trial(entry, cache, work, keep=keep)
    seconds = sum(cell_seconds(trial.plain[0].notebook))
    row: Row = {"name": entry.name, "package": entry.package, "seconds": seconds}
    for run in trial.plain:
        if run.error:
            return row | {"unusable": run.error}
    for mode in modes:
        row[mode] = {"cold": trial.verdict(trial.run_plainly())} if mode == "plain" else trial.as_steps(mode)
    return row


def chosen(sample: str, names: list[str]) -> list[Entry]:
    """Return the notebooks of a sample; with names, those of them whose name holds one of these."""
    entries = [*own_entries(), *read_manifest()]
    if sample == "own":
        entries = [entry for entry in entries if entry.package == "own"]
    elif sample == "ci":
        entries = [entry for entry in entries if entry.ci or entry.package == "own"]
    return [entry for entry in entries if not names or any(name in entry.name for name in names)]


def run(entries: list[Entry], modes: list[str], cache: Path, work: Path, jobs: int, *, keep: bool = False) -> list[Row]:
    """Examine the notebooks, `jobs` at a time, and say on stderr as each is done."""

    def one(entry: Entry) -> Row:
        try:
            row = examine(entry, modes, cache, work, keep=keep)
        except Exception as error:  # one notebook that can't be examined must not end the others, nor pass
            said = f"{type(error).__name__}: {error}".splitlines()[0]
            row = {"name": entry.name, "package": entry.package, modes[0]: {"failed": said}}
        print(f"{entry.name}: {'; '.join(failures(row)) or 'equal'}", file=sys.stderr, flush=True)
        return row

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(one, entries))


def main() -> None:
    """Run the sample and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only notebooks whose name holds one of these")
    parser.add_argument("--sample", choices=("ci", "own", "all"), default="ci")
    parser.add_argument("--modes", default="inline,process", help="of plain, inline, process (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--swift", action="store_true", help="fork kernels and commands from warm processes")
    parser.add_argument("--keep-plain", action="store_true", help="keep plain runs and use those that are kept")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where sources are kept (default: %(default)s)")
    parser.add_argument("--work", type=Path, default=CACHE / "work", help="where notebooks run (default: %(default)s)")
    parser.add_argument("--report", type=Path, default=CACHE / "report", help="written with .json and .md")
    options = parser.parse_args()
    modes = options.modes.split(",")
    entries = chosen(options.sample, options.names)
    with swift() if options.swift else nullcontext():
        rows = run(entries, modes, options.cache, options.work.resolve(), options.jobs, keep=options.keep_plain)
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.with_suffix(".json").write_text(json.dumps(rows, indent=1), "utf-8")
    text = markdown(rows, modes)
    options.report.with_suffix(".md").write_text(text, "utf-8")
    print(text)
    raise SystemExit(bool(excess(rows, modes)) or any(failures(row) for row in rows))


if __name__ == "__main__":
    main()
