"""Names that move from one artifact to the next, such as `production`, and pins on what must stay."""

from __future__ import annotations

from collections.abc import Callable

from steppe.catalog.database import Database, Transaction
from steppe.catalog.found import Name, Pin
from steppe.catalog.rows import NAME, PIN
from steppe.ids import new_id
from steppe.types import Digest


class Names:
    """Names by themselves, and pins by kind and target. All changes are durable."""

    def __init__(self, database: Database, random: Callable[[int], int]) -> None:
        """Use the catalog's database; `random` gives bits for ids."""
        self._database = database
        self._random = random

    def move(self, name: str, version: Digest, *, now: float, author: str = "", note: str = "") -> Name | None:
        """Let a name point at an artifact from now on; return where it has pointed before."""
        return self._write(Name(name=name, version=version, author=author, time=now, note=note))

    def drop(self, name: str, *, now: float, author: str = "", note: str = "") -> Name | None:
        """Remove a name; its history stays. Return where it has pointed."""
        return self._write(Name(name=name, version=None, author=author, time=now, note=note))

    def _write(self, name: Name) -> Name | None:
        row = NAME.row(name)
        move = {**row, "id": new_id(name.time, self._random)}

        def write(tx: Transaction) -> Name | None:
            before = tx.row("names.get", {"name": name.name})
            if name.version is None:
                tx.run("names.drop", {"name": name.name})
            else:
                tx.run("names.put", row)
            tx.run("names.add_move", move)
            return NAME.record(before) if before is not None else None

        return self._database.write(write, durable=True)

    def get(self, name: str) -> Name | None:
        """Return where a name points."""
        rows = self._database.rows("names.get", {"name": name})
        return NAME.record(rows[0]) if rows else None

    def all(self) -> list[Name]:
        """Return all names, in order."""
        return [NAME.record(row) for row in self._database.rows("names.all", {})]

    def history(self, name: str) -> list[Name]:
        """Return where a name has pointed, the newest first."""
        return [NAME.record(row) for row in self._database.rows("names.history", {"name": name})]

    def pin(self, pin: Pin) -> None:
        """Pin something, so that `steppe gc` keeps it."""
        self._database.write(lambda tx: tx.run("names.pin", PIN.row(pin)), durable=True)

    def unpin(self, kind: str, target: str) -> None:
        """Remove a pin; no error when there is none."""
        self._database.write(lambda tx: tx.run("names.unpin", {"kind": kind, "target": target}), durable=True)

    def pins(self) -> list[Pin]:
        """Return all pins, in order."""
        return [PIN.record(row) for row in self._database.rows("names.pins", {})]
