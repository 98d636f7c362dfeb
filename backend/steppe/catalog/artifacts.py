"""Artifacts by data version, and the aliases of versions. Knows nothing of bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from steppe.catalog.database import Database, Journal, pack, unpack
from steppe.catalog.found import Page
from steppe.catalog.lists import listed
from steppe.catalog.rows import ARTIFACT
from steppe.types import Artifact, Digest, Part


class Artifacts:
    """What is known of each value that was ever kept."""

    def __init__(self, database: Database, journal: Journal) -> None:
        """Use the catalog's database and journal."""
        self._database = database
        self._journal = journal

    def get(self, version: Digest) -> Artifact | None:
        """Return an artifact; its `part` is None where its bytes are no longer kept."""
        rows = self._database.rows("artifacts.get", {"version": version})
        return artifact_of(rows[0]) if rows else None

    def among(self, versions: Iterable[Digest]) -> dict[Digest, Artifact]:
        """Return the artifacts of these versions that are known, by version."""
        asked = {"versions": self._database.list_of(dict.fromkeys(versions))}
        return {found.version: found for found in map(artifact_of, self._database.rows("artifacts.among", asked))}

    def beginning(self, prefix: str, limit: int = 5) -> list[Digest]:
        """Return the versions that begin with `prefix`, in order."""
        asked = {"low": prefix, "high": f"{prefix}~", "limit": limit}
        return [row[0] for row in self._database.rows("artifacts.beginning", asked)]

    def put(self, artifact: Artifact, now: float) -> None:
        """Note an artifact that belongs to no entry. Take a lease on its bytes, or `steppe gc` may remove them.

        Where it is known already, the newest bytes win, but for bytes that need live inputs to be read.
        """
        self._database.write(lambda tx: tx.run("artifacts.put", artifact_row(artifact, now)))

    def alias(self, version: Digest, stored: Digest) -> None:
        """Note that a value stored as `stored` has another data version when it is loaded; written a moment later."""
        row = {"version": version, "stored": stored}
        self._journal.put(lambda tx: tx.run("artifacts.alias", row), contended=True)

    def stored(self, version: Digest) -> Digest | None:
        """Return the version as which a value was stored, if it has an alias."""
        self._journal.settle()
        rows = self._database.rows("artifacts.stored", {"version": version})
        return rows[0][0] if rows else None

    def list(self, *, of_type: str | None = None, after: str | None = None, limit: int = 50) -> Page[Artifact]:
        """Return artifacts of one class or of all, newest first: their version, type, size and preview."""
        created, _, version = (after or "").partition("/")
        place = (float(created), version) if after else None
        rows = listed(self._database, "artifacts", of_type, place, limit + 1)
        items = tuple(Artifact(**dict(zip(ARTIFACT.columns, row, strict=False))) for row in rows[:limit])
        more = f"{rows[limit - 1][-1]!r}/{items[-1].version}" if len(rows) > limit else None
        return Page(items, more)


def artifact_of(row: Sequence[Any]) -> Artifact:
    """Return the artifact of a row that ends with its part."""
    *fields, part = row
    return Artifact(**ARTIFACT.fields(fields), part=None if part is None else unpack(part, Part))


def artifact_row(artifact: Artifact, now: float) -> dict[str, Any]:
    """Return the row of an artifact that was made at `now`."""
    anchored = artifact.part is None or artifact.part.anchored
    return {**ARTIFACT.row(artifact), "part": pack(artifact.part), "anchored": int(anchored), "created": now}
