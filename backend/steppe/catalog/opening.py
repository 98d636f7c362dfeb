"""Opens a Catalog by its URL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from steppe.catalog.catalog import Catalog
from steppe.catalog.database import Backend, Database
from steppe.catalog.schema import prepare
from steppe.errors import CatalogError

_TIMEOUT = 20.0


def open_catalog(
    url: str, *, create: bool = True, clock: Callable[[], float] | None = None, timeout: float = _TIMEOUT
) -> Catalog:
    """Open the catalog at `url`, made or migrated where need be.

    Args:
        url: `sqlite:///relative/file.db`, `sqlite:////absolute/file.db`, a plain path, or `postgresql://…`.
        create: make it where there is none.
        clock: seconds since 1970, asked instead of the one clock that claims and leases go by (for tests).
        timeout: seconds to wait for another process's lock.

    Raises:
        CatalogError: it can't be reached, is damaged, belongs to a newer version or to something else.
    """
    database = Database(_backend(url, create=create, timeout=timeout), prepare, clock)
    try:
        database.open()
    except BaseException:
        database.close()
        raise
    return Catalog(database)


def _backend(url: str, *, create: bool, timeout: float) -> Backend:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme == "sqlite":
        from steppe.catalog.database.sqlite import SQLite

        path = unquote(rest.removeprefix("/")) if separator else url
        if not path or path == ":memory:":
            raise CatalogError(f"a catalog is kept in a file: write sqlite:///path/to/file.db instead of {url!r}.")
        return SQLite(Path(path).absolute(), create=create, timeout=timeout)
    if scheme.partition("+")[0] in {"postgresql", "postgres"}:
        from steppe.catalog.database.postgres import PostgreSQL

        return PostgreSQL(url, timeout=timeout)
    raise CatalogError(
        f"a catalog can't be on {scheme}: write sqlite:///path/to/file.db or postgresql://host/database."
    )
