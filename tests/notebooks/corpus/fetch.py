"""Brings the source distributions that the corpus is cut from into a cache outside the repository, and unpacks them.

`python -m tests.notebooks.corpus.fetch [--cache FOLDER] [NAME…]`
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tarfile
import threading
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
CACHE = ROOT / ".corpus"
SOURCES = Path(__file__).with_name("sources.toml")


@dataclass(frozen=True)
class Part:
    """A set of files of a source distribution: a glob, how they are cut into cells, and patterns that are left out."""

    glob: str
    kind: str
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """One source distribution: its name, version, SHA-256, the parts to take and at most how many notebooks."""

    name: str
    version: str
    sha256: str
    quota: int
    parts: tuple[Part, ...]


def read_sources(file: Path = SOURCES) -> tuple[Source, ...]:
    """Return the sources that `sources.toml` names, in its order."""

    def part(table: dict[str, Any]) -> Part:
        return Part(table["glob"], table["kind"], tuple(table.get("exclude", ())))

    return tuple(
        Source(table["name"], table["version"], table["sha256"], table["quota"], tuple(map(part, table["part"])))
        for table in tomllib.loads(file.read_text("utf-8"))["source"]
    )


FETCHING = threading.Lock()


def fetch(source: Source, cache: Path = CACHE) -> Path:
    """Return the folder with the unpacked files of `source`; download and unpack them where they are missing.

    Raises:
        ValueError: what the index gave does not have the digest in `sources.toml`.
    """
    folder = cache / f"{source.name}-{source.version}"
    with FETCHING:  # several notebooks of one source may ask for it at once
        if not folder.is_dir():
            archive = _archive(source, cache / "sdists")
            partial = Path(f"{folder}.part")
            shutil.rmtree(partial, ignore_errors=True)
            with tarfile.open(archive) as tar:
                # Debian's Python 3.11.2 has no filters yet: the archive has the digest that it should.
                tar.extraction_filter = getattr(tarfile, "data_filter", None)
                tar.extractall(partial, members=_wanted(tar, source))
            partial.rename(folder)
    (top,) = folder.iterdir()
    return top


def _archive(source: Source, folder: Path) -> Path:
    """Return the verified archive of `source`, downloading it where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for archive in folder.glob("*.tar.gz"):
        if _sha256(archive) == source.sha256:
            return archive
    script = Path(__file__).with_name("sdist.py")
    command = [sys.executable, str(script), source.name, source.version, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or "pip said nothing").splitlines()[-1]
        raise ValueError(f"the source distribution of {source.name} {source.version} could not be fetched: {last}")
    archive = Path(done.stdout.strip().splitlines()[-1])
    found = _sha256(archive)
    if found != source.sha256:
        raise ValueError(f"{archive.name} has SHA-256 {found}, but sources.toml says {source.sha256}.")
    return archive


def _wanted(tar: tarfile.TarFile, source: Source) -> list[tarfile.TarInfo]:
    """Return the members in the fixed leading folders of the source's globs: what lies beside a script counts."""
    roots = tuple(f"{part.glob.split('*')[0].rpartition('/')[0]}/" for part in source.parts)
    return [member for member in tar if member.isfile() and member.name.partition("/")[2].startswith(roots)]


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def main() -> None:
    """Fetch the named sources, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="sources to fetch; all when none is given")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where they are kept (default: %(default)s)")
    options = parser.parse_args()
    for source in read_sources():
        if not options.names or source.name in options.names:
            print(fetch(source, options.cache))


if __name__ == "__main__":
    main()
