"""Runs alembic's migrations on an open connection. Imported only where a database is behind."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from steppe.catalog.database import Connection

_ALEMBIC = threading.Lock()
"""Alembic keeps what it is doing in variables of its modules."""

FOLDER = Path(__file__).parent / "migrations"

_ENGINES: dict[str, dict[str, Any]] = {
    "sqlite": {"url": "sqlite://"},
    "postgresql": {"url": "postgresql+psycopg://", "use_native_hstore": False},
}


def upgrade(dialect: str, connection: Connection, revision: str = "head", folder: Path = FOLDER) -> None:
    """Run all migrations in `folder` up to `revision`, within the transaction that is open on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    engine = create_engine(creator=lambda: _Borrowed(connection), poolclass=StaticPool, **_ENGINES[dialect])
    with _ALEMBIC, engine.connect() as config.attributes["connection"]:
        command.upgrade(config, revision)


class _Borrowed:
    """A connection whose transaction is another's: SQLAlchemy and alembic may neither end it nor close it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def commit(self) -> None:
        pass

    def rollback(self) -> None:
        pass

    def close(self) -> None:
        pass
