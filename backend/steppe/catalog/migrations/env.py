"""What alembic runs around the migrations: they go over the connection that `migrate.upgrade` hands in."""

from __future__ import annotations

from alembic import context

from steppe.catalog.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite alters a table by making it anew
    transactional_ddl=False,  # one transaction is around all of it already
)
context.run_migrations()
