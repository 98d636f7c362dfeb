"""A notebook of the corpus as the manifest names it: where it lies, its digest, what it needs; none of its code."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from blake3 import blake3
from nbformat import NotebookNode

from tests.notebooks.corpus.fetch import CACHE, ROOT, fetch, read_sources
from tests.notebooks.corpus.split import split

MANIFEST = Path(__file__).with_name("manifest.json")
OWN = ROOT / "tests" / "notebooks" / "own"


@dataclass(frozen=True)
class Entry:
    """One notebook.

    Attributes:
        package: the source distribution that it comes from, or `own`.
        version: that distribution's.
        path: the file in it, relative to its top folder.
        kind: how the file is cut into cells: see `split.py`.
        digest: BLAKE3 of the file.
        cells: how many code cells it has.
        seconds: what its cells took in a plain run, when it was chosen.
        needs: the distributions that it imports.
        tags: what it shows, and `unstable` where two plain runs differed.
        ci: whether the sample that CI runs holds it.
    """

    package: str
    version: str
    path: str
    kind: str
    digest: str
    cells: int
    seconds: float
    needs: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    ci: bool = False

    @property
    def name(self) -> str:
        """A name that can be a folder's: the package and the path."""
        return f"{self.package}-{self.path.rpartition('.')[0].replace('/', '-')}"

    def file(self, cache: Path = CACHE) -> Path:
        """Return where the file lies; its source is fetched where it is missing.

        Raises:
            ValueError: the file is not the one that was chosen.
        """
        if self.package == "own":
            return OWN / self.path
        (source,) = (each for each in read_sources() if each.name == self.package)
        file = fetch(source, cache) / self.path
        found = blake3(file.read_bytes()).hexdigest()
        if found != self.digest:
            raise ValueError(
                f"{file} has digest {found}, but the manifest says {self.digest}: choose the corpus again."
            )
        return file

    def notebook(self, cache: Path = CACHE) -> NotebookNode:
        """Return the notebook, without outputs."""
        return split(self.file(cache), self.kind)


def read_manifest(file: Path = MANIFEST) -> tuple[Entry, ...]:
    """Return the chosen notebooks."""
    return tuple(
        Entry(**{**row, "needs": tuple(row["needs"]), "tags": tuple(row["tags"])})
        for row in json.loads(file.read_text("utf-8"))
    )


def write_manifest(entries: list[Entry], file: Path = MANIFEST) -> None:
    """Write the chosen notebooks, one a line, so that a change of one is a change of one line."""
    ordered = sorted(entries, key=lambda entry: (entry.package, entry.path))
    file.write_text("[\n" + ",\n".join(json.dumps(asdict(entry)) for entry in ordered) + "\n]\n", "utf-8")


def own_entries() -> tuple[Entry, ...]:
    """Return the notebooks that are written for the corpus and kept in the repository."""
    return tuple(
        Entry("own", "", file.name, "percent", blake3(file.read_bytes()).hexdigest(), 0, 0.0)
        for file in sorted(OWN.glob("*.py"))
    )
