"""Brings a database's schema to what this version needs. Knows nothing of what the tables mean."""

from __future__ import annotations

from steppe.catalog import shipped
from steppe.catalog.database import Backend, Connection
from steppe.errors import CatalogError

REVISIONS = ("0001", "0002")
"""Every revision of the schema that was ever released, oldest first; a file in `migrations/versions` each."""

HEAD = REVISIONS[-1]


def prepare(backend: Backend, connection: Connection) -> None:
    """See to it that the schema is the newest: create it, migrate it, or refuse.

    Several processes may do so at once. Where there is nothing to do, nothing is locked and nothing heavy imported.

    Raises:
        CatalogError: the database belongs to a newer version or to something else, or may not be written.
    """
    found = backend.revision(connection)
    if found == HEAD:
        return
    _refuse_newer(backend, found)
    if backend.read_only:
        what = "is empty" if found is None else f"has the schema {found}, older than this version's {HEAD},"
        raise CatalogError(f"the catalog {backend.where} {what} and can only be read: open it where it is writable.")
    with backend.alone(connection):
        found = backend.revision(connection)
        _refuse_newer(backend, found)
        if found is None:
            _create(backend, connection)
        elif found != HEAD:
            from steppe.catalog.migrate import upgrade

            upgrade(backend.dialect, connection)


def _refuse_newer(backend: Backend, found: str | None) -> None:
    if found is not None and found not in REVISIONS:
        raise CatalogError(
            f"the catalog {backend.where} has the schema {found}, and this version of Steppe knows up to {HEAD}: "
            "upgrade steppe, or set another catalog with STEPPE_CATALOG."
        )


def _create(backend: Backend, connection: Connection) -> None:
    """Make all tables as they are today, and say so in the table that alembic reads."""
    for statement in shipped.schema(backend.dialect):
        connection.execute(statement)
    connection.execute(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.execute(f"INSERT INTO alembic_version (version_num) VALUES ('{HEAD}')")  # noqa: S608  # our own word
