"""Hazards: files that one step writes and another reads, remembered so that the two don't run side by side again."""

from __future__ import annotations

from steppe.catalog.database import Database
from steppe.catalog.found import Hazard
from steppe.types import StepId


class Hazards:
    """Hazards by notebook."""

    def __init__(self, database: Database) -> None:
        """Use the catalog's database."""
        self._database = database

    def remember(self, hazard: Hazard) -> None:
        """Remember a hazard; seen again, it is the same one."""
        row = {
            "reader_notebook": hazard.reader.notebook,
            "reader_step": hazard.reader.name,
            "writer_notebook": hazard.writer.notebook,
            "writer_step": hazard.writer.name,
            "path": hazard.path,
            "seen": hazard.seen,
        }
        self._database.write(lambda tx: tx.run("hazards.put", row))

    def of(self, notebook: str) -> list[Hazard]:
        """Return the hazards that a step of the notebook has a part in, by reader, writer and path."""
        rows = self._database.rows("hazards.of", {"notebook": notebook})
        return [
            Hazard(
                reader=StepId(notebook=reader_notebook, name=reader),
                writer=StepId(notebook=writer_notebook, name=writer),
                path=path,
                seen=seen,
            )
            for reader_notebook, reader, writer_notebook, writer, path, seen in rows
        ]

    def forget(self, reader: StepId) -> None:
        """Forget all hazards of a step as a reader: its source has changed."""
        place = {"notebook": reader.notebook, "step": reader.name}
        self._database.write(lambda tx: tx.run("hazards.forget", place))
