"""Notes and tags that people put on runs, StepRuns and artifacts."""

from __future__ import annotations

from collections.abc import Iterable

from steppe.catalog.database import Database
from steppe.catalog.found import Note
from steppe.catalog.rows import NOTE


class Notes:
    """Notes and tags by subject: its kind (`run`, `step_run`, `artifact`), and its id or version."""

    def __init__(self, database: Database) -> None:
        """Use the catalog's database."""
        self._database = database

    def add(self, note: Note) -> None:
        """Add a note, durably."""
        self._database.write(lambda tx: tx.run("notes.add", NOTE.row(note)), durable=True)

    def edit(self, note_id: str, text: str) -> None:
        """Give a note another text, durably; no error when there is none."""
        self._database.write(lambda tx: tx.run("notes.edit", {"its_id": note_id, "its_text": text}), durable=True)

    def remove(self, note_id: str) -> None:
        """Remove a note; no error when there is none."""
        self._database.write(lambda tx: tx.run("notes.remove", {"id": note_id}), durable=True)

    def of(self, kind: str, subject: str) -> list[Note]:
        """Return the notes on a subject, the oldest first."""
        return [NOTE.record(row) for row in self._database.rows("notes.of", {"kind": kind, "subject": subject})]

    def tag(self, kind: str, subject: str, tag: str) -> None:
        """Put a tag on a subject, durably; once is enough."""
        row = {"kind": kind, "subject": subject, "tag": tag}
        self._database.write(lambda tx: tx.run("notes.tag", row), durable=True)

    def untag(self, kind: str, subject: str, tag: str) -> None:
        """Take a tag off a subject; no error when it has none."""
        row = {"kind": kind, "subject": subject, "tag": tag}
        self._database.write(lambda tx: tx.run("notes.untag", row), durable=True)

    def tags(self, kind: str, subjects: Iterable[str]) -> dict[str, list[str]]:
        """Return the tags of each subject, in order."""
        found: dict[str, list[str]] = {subject: [] for subject in subjects}
        asked = {"kind": kind, "subjects": self._database.list_of(found)}
        for subject, tag in self._database.rows("notes.tags", asked):
            found[subject].append(tag)
        return found
