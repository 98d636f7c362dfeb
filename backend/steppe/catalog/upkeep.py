"""What `steppe gc` and `steppe doctor` need to know and to do. Which entries have to go is not decided here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from steppe.catalog.database import Database, Journal, Transaction, unpack
from steppe.catalog.found import EntryUse
from steppe.types import Digest, Part

_BATCH = 1000
_COUNTED = ("runs", "step_runs", "entries", "artifacts", "claims")


class Upkeep:
    """Live blobs, entries by their use, orphans, and checks."""

    def __init__(self, database: Database, journal: Journal) -> None:
        """Use the catalog's database and journal."""
        self._database = database
        self._journal = journal

    def entries(self) -> Iterator[EntryUse]:
        """Iterate over all entries, the oldest first."""
        self._journal.settle()
        after = 0
        while True:
            asked = {"after": after, "limit": _BATCH, "now": self._database.now()}
            rows = self._database.rows("upkeep.entries", asked)
            for *row, held in rows:
                yield EntryUse(**dict(zip(EntryUse.__struct_fields__, row, strict=False)), held=bool(held))
            if len(rows) < _BATCH:
                return
            after = rows[-1][0]

    def remove(self, entries: Iterable[EntryUse]) -> int:
        """Remove entries that were not used again since they were looked at, durably; return how many."""
        asked = [{"its_id": entry.id, "its_use": entry.used} for entry in entries]

        def write(tx: Transaction) -> int:
            return sum(tx.run("upkeep.remove", row) for row in asked)

        self._journal.flush()
        return self._database.write(write, durable=True)

    def live(self) -> set[Digest]:
        """Return every blob that an entry, a name, a pin, a lease, a run, an attempt or a failure needs."""
        self._journal.settle()

        def read(tx: Transaction) -> set[Digest]:
            marked = (unpack(row[0], Part) for row in tx.rows("upkeep.marked_parts", {}))
            return {row[0] for row in tx.rows("upkeep.live", {"now": self._database.now()})} | {
                part.blob for part in marked if part.blob is not None
            }

        return self._database.read(read)

    def drop_orphans(self, before: float, keep: Collection[Digest] = ()) -> int:
        """Let go of the bytes of artifacts, made before `before`, that nothing refers to; return how many.

        The artifacts stay known to history, with `part=None`. Those of the versions in `keep` stay as they are.
        """
        dropped, after = 0, ""

        def write(tx: Transaction) -> list[str]:
            rows = tx.rows("upkeep.orphans", {"before": before, "after": after, "limit": _BATCH})
            tx.run_each("upkeep.drop_part", [{"its_version": row[0]} for row in rows if row[0] not in keep])
            return [row[0] for row in rows]

        while versions := self._database.write(write):
            dropped, after = dropped + sum(version not in keep for version in versions), versions[-1]
        return dropped

    def using(self, blob: Digest) -> list[tuple[Digest, str]]:
        """Return the key and the StepRun of each entry that needs a blob: who is hurt where it is corrupt."""
        return [(key, step_run) for key, step_run in self._database.rows("upkeep.using_blob", {"blob": blob})]

    def counts(self) -> dict[str, int]:
        """Return how many rows the main tables have."""
        return {table: self._database.rows(f"upkeep.count_{table}", {})[0][0] for table in _COUNTED}

    def check(self) -> list[str]:
        """Return what is wrong with the catalog, a sentence each; nothing where it is sound."""
        wrong = [f"the database is damaged: {line}" for line in self._database.check()]
        for name, version in self._database.rows("upkeep.dangling_names", {}):
            wrong.append(f"the name `{name}` points at {version}, which is not known: move it or drop it.")
        return wrong
