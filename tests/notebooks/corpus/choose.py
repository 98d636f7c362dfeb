"""Chooses the corpus: runs candidates plainly, keeps those that run, and writes `manifest.json`.

`python -m tests.notebooks.corpus.choose [--cache FOLDER] [--work FOLDER] [NAME…]` goes through each source's candidates
in an order that depends on their paths alone, spread over folders, until the source's quota is filled. A candidate is
kept if two plain runs in fresh kernels succeed within twenty seconds each, without the network. What was left out, and
why, goes to `choice.jsonl` in the work folder, so that an interrupted choice goes on where it stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import itertools
import json
import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from blake3 import blake3
from nbformat import NotebookNode

from tests.notebooks.corpus.compare import compare
from tests.notebooks.corpus.entry import MANIFEST, Entry, read_manifest, write_manifest
from tests.notebooks.corpus.execution import Execution, cell_seconds, run_plainly
from tests.notebooks.corpus.fetch import CACHE, Source, fetch, read_sources
from tests.notebooks.corpus.room import Room, imported_modules
from tests.notebooks.corpus.split import code_cells, split

MOST_SECONDS = 20.0
FEWEST_CELLS, MOST_CELLS = 3, 60
FEWEST_OF_A_SCRIPT = 2
CI_SECONDS, CI_TOTAL, CI_COUNT = 5.0, 55.0, 12
UNSUITABLE = re.compile(
    r"FuncAnimation|ArtistAnimation|ginput|waitforbuttonpress|matplotlib\.use\(|urlopen|fetch_(?!file)\w+\(|input\(\)|get_rdataset|web\.DataReader|sys\.exit"
)
TAGS = {
    "plots": r"plt\.|\.plot\(|\.figure\(",
    "classes": r"^class \w",
    "functions": r"^def \w|lambda",
    "files": r"open\(|savefig|to_csv|read_csv|imread|imsave|h5py\.File|np\.(?:load|save)",
    "random": r"default_rng|np\.random|random_state|import random",
    "mutation": r"\.append\(|\.update\(|\.sort\(|\+=|\]\s*=[^=]|inplace=True|\.pop\(",
    "frames": r"DataFrame|read_csv|\.groupby",
    "magics": r"^\s*[%!]",
    "formulas": r"smf\.|formula",
    "rcparams": r"rcParams|rc\(|style\.use|set_option|printoptions",
    "processes": r"n_jobs|multiprocessing|ProcessPool",
    "threads": r"threading|ThreadPool",
}


def candidates(source: Source, top: Path) -> Iterator[tuple[str, str]]:
    """Yield the paths and kinds of a source's files, spread over folders, in an order that their paths alone decide."""
    folders: dict[str, list[tuple[str, str]]] = {}
    for part in source.parts:
        for file in top.glob(part.glob):
            path = file.relative_to(top).as_posix()
            if not any(fnmatch(path, pattern) for pattern in part.exclude):
                folders.setdefault(path.rpartition("/")[0], []).append((path, part.kind))
    for found in folders.values():
        found.sort(key=lambda each: hashlib.sha256(each[0].encode()).digest())
    rounds = itertools.zip_longest(*(folders[name] for name in sorted(folders)))
    yield from (each for column in rounds for each in column if each)


def cut(file: Path, kind: str) -> tuple[NotebookNode, str]:
    """Return the notebook and the kind that gave it: a gallery script of one block is cut at its paragraphs."""
    notebook = split(file, kind)
    if kind == "gallery" and len(code_cells(notebook)) < FEWEST_OF_A_SCRIPT:
        return split(file, "paragraphs"), "paragraphs"
    return notebook, kind


def judge(source: Source, path: str, kind: str, top: Path, work: Path) -> Entry | str:
    """Return the candidate as an entry, or why it is left out."""
    file = top / path
    try:
        notebook, kind = cut(file, kind)
    except Exception as error:
        return f"can't be cut: {type(error).__name__}: {error}"
    cells = code_cells(notebook)
    text = "\n".join(cell.source for cell in cells)
    if not FEWEST_CELLS <= len(cells) <= MOST_CELLS:
        return f"has {len(cells)} cells"
    if found := UNSUITABLE.search(text):
        return f"is interactive, animated or needs the network: {found.group()}"
    room, runs = Room(work / "rooms" / "candidate", file), []
    for _ in range(2):
        runs.append(run_plainly(notebook, room, work / "state" / "candidate", timeout=60))
        if runs[-1].error:
            return f"fails: {runs[-1].error}"
        if sum(cell_seconds(runs[-1].notebook)) > MOST_SECONDS:
            return f"takes {sum(cell_seconds(runs[-1].notebook)):.0f} s"
    seconds = min(sum(cell_seconds(run.notebook)) for run in runs)
    digest = blake3(file.read_bytes()).hexdigest()
    tags = sorted(
        {tag for tag, pattern in TAGS.items() if re.search(pattern, text, re.MULTILINE)} | set(unstable(runs))
    )
    return Entry(
        source.name, source.version, path, kind, digest, len(cells), round(seconds, 2), needs(text), tuple(tags)
    )


def unstable(runs: list[Execution]) -> list[str]:
    """Return the tag of a notebook whose cells' outputs differ between two plain runs, be it by an address alone."""
    comparison = compare(runs[:1] * 2, runs[1])
    return ["unstable"] if any(cell.verdict != "equal" for cell in comparison.cells) else []


def needs(text: str) -> tuple[str, ...]:
    """Return the distributions that a notebook's code imports."""
    plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("%", "!")))
    owners = importlib.metadata.packages_distributions()
    return tuple(
        sorted({owners[name][0] for name in imported_modules(plain) - set(sys.stdlib_module_names) if name in owners})
    )


def choose(source: Source, cache: Path, work: Path, known: dict[str, dict[str, Any]]) -> list[Entry]:
    """Return a source's chosen notebooks; every verdict is noted in the work folder as it falls."""
    top, chosen = fetch(source, cache), []
    for path, kind in candidates(source, top):
        if len(chosen) >= source.quota:
            break
        row = known.get(f"{source.name} {source.version} {path}")
        if row is None:
            verdict = judge(source, path, kind, top, work)
            row = {"of": f"{source.name} {source.version} {path}"}
            row |= {"why": verdict} if isinstance(verdict, str) else {"entry": vars(verdict)}
            with (work / "choice.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(row) + "\n")
            print(source.name, path, row.get("why") or f"{row['entry']['seconds']} s", flush=True)
        if "entry" in row:
            fields = row["entry"]
            chosen.append(Entry(**{**fields, "needs": tuple(fields["needs"]), "tags": tuple(fields["tags"])}))
    return chosen


def sample(entries: list[Entry]) -> list[Entry]:
    """Mark a small and diverse sample for CI: one a package first, then those that show what is not yet shown."""
    chosen: list[Entry] = []
    left = [entry for entry in entries if entry.seconds <= CI_SECONDS and "unstable" not in entry.tags]
    while left and len(chosen) < CI_COUNT:
        packages = {entry.package for entry in chosen}
        shown = {word for entry in chosen for word in (*entry.tags, *entry.needs, entry.kind)}

        def worth(entry: Entry, packages: set[str] = packages, shown: set[str] = shown) -> tuple[bool, float]:
            fresh = len({*entry.tags, *entry.needs, entry.kind} - shown)
            return entry.package not in packages, (1 + fresh) / (1 + entry.seconds)

        best = max(left, key=worth)
        left.remove(best)
        if sum(entry.seconds for entry in chosen) + best.seconds <= CI_TOTAL:
            chosen.append(best)
    return [Entry(**{**vars(entry), "ci": entry in chosen}) for entry in entries]


def main() -> None:
    """Choose from the named sources, or all, and write the manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="sources to choose from anew; all when none is given")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where sources are kept (default: %(default)s)")
    parser.add_argument(
        "--work", type=Path, default=CACHE / "choice", help="where candidates run (default: %(default)s)"
    )
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    log = options.work / "choice.jsonl"
    rows = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
    known = {row["of"]: row for row in rows}
    wanted = [source for source in read_sources() if not options.names or source.name in options.names]
    names = {source.name for source in wanted}
    entries = [entry for entry in read_manifest() if entry.package not in names] if MANIFEST.exists() else []
    for source in wanted:
        entries += choose(source, options.cache, options.work, known)
    write_manifest(sample(entries))


if __name__ == "__main__":
    main()
