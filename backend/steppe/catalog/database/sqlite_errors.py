"""SQLite's errors in words that tell a person what to do."""

from __future__ import annotations

import sqlite3

from steppe.errors import CatalogError

_DEFECTS = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.NotSupportedError)


def name_of(error: Exception) -> str:
    """Return SQLite's own name of an error, such as `SQLITE_BUSY`; empty where it comes from Python's module."""
    return getattr(error, "sqlite_errorname", "") or ""


def is_no_table(error: Exception) -> bool:
    """Tell whether a statement failed because its table is not there."""
    return name_of(error) == "SQLITE_ERROR" and "no such table" in str(error)


def explain(error: Exception, url: str, timeout: float) -> Exception:
    """Return a CatalogError that says what is wrong with the file at `url`, or a defect of ours as it is."""
    name = name_of(error)
    where = f"the catalog {url}"
    for beginning, words in (
        (
            ("SQLITE_BUSY", "SQLITE_LOCKED"),
            f"is locked: another process has been writing to it for {timeout:g} s. End it, or try again.",
        ),
        (
            ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT"),
            "is damaged. Move it away (steps will run again; the store keeps its bytes), or restore a copy of it.",
        ),
        (("SQLITE_FULL",), "can't grow: the disk is full. Make room, or run `steppe gc`."),
        (("SQLITE_READONLY", "SQLITE_PERM"), "can't be written: check its permissions and those of its folder."),
        (
            ("SQLITE_CANTOPEN", "SQLITE_NOTFOUND"),
            "can't be opened: check that its folder exists, that you may write there, and `ulimit -n`.",
        ),
        (("SQLITE_IOERR",), "could not be read or written: check the disk."),
        (("SQLITE_NOMEM",), "could not be used: there is not enough memory."),
    ):
        if name.startswith(beginning):
            return CatalogError(f"{where} {words} (SQLite: {error})")
    if isinstance(error, _DEFECTS) or not isinstance(error, sqlite3.OperationalError):
        return error
    return CatalogError(f"{where} can't be used: {error}. If nothing else explains it, please report this.")
