"""Clients of databases and services in native code: Python raises no audit event for a socket that C or Rust opens.

Knows nothing of steps; what a call tells goes to the trace that is on. A connection that is open before a step is an
input that can't be versioned; what is said through a cursor is noted where its class can be wrapped.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

CLIENTS: dict[str, tuple[str, ...]] = {
    "psycopg": (
        *("Connection", "AsyncConnection"),
        *("Cursor.execute", "Cursor.executemany", "Cursor.copy", "Cursor.stream", "ServerCursor.execute"),
        *("AsyncCursor.execute", "AsyncCursor.executemany", "AsyncCursor.copy", "AsyncCursor.stream"),
        "AsyncServerCursor.execute",
    ),
    "psycopg2": ("connect", "_connect"),
    "pyodbc": ("connect",),
    "turbodbc": ("connect",),
    "MySQLdb": ("connect", "Connect", "Connection"),
    "mysql.connector": ("connect",),
    "pymssql": ("connect",),
    "oracledb": ("connect", "connect_async", "create_pool"),
    "cx_Oracle": ("connect", "SessionPool"),
    "ibm_db_dbi": ("connect", "pconnect"),
    "adbc_driver_manager.dbapi": ("connect", "Connection"),
    "connectorx": ("read_sql", "get_meta", "partition_sql"),
    "polars": ("read_database_uri",),
    "grpc": ("insecure_channel", "secure_channel"),
    "pyarrow.flight": ("connect",),
    "lancedb": ("connect",),
    "curl_cffi.curl": ("Curl.perform",),
}
"""Functions, classes and methods that connect, or speak through what is connected, when they are called."""


def watch_client(module: str, found: Any, undo: list[Callable[[], None]]) -> None:
    """Have the trace told of each call that leaves the process by way of a module that is loaded."""
    for dotted in CLIENTS.get(module, ()):
        owner, _, name = dotted.rpartition(".")
        kind = getattr(found, owner, None) if owner else found
        original = getattr(kind, name, None)
        if isinstance(original, type):
            kind, name, original = original, "__init__", original.__init__  # type: ignore[misc]
        if kind is not None and original is not None:
            _wrap(kind, name, original, partial(_leaves, module.partition(".")[0]), undo)


def _wrap(kind: Any, name: str, original: Any, note: Callable[[], None], undo: list[Callable[[], None]]) -> None:
    had = vars(kind).get(name)

    @functools.wraps(original)
    def wrapped(*args: Any, **options: Any) -> Any:
        note()
        return original(*args, **options)

    try:
        setattr(kind, name, wrapped)
    except TypeError:  # a class in C
        return
    undo.append(partial(setattr, kind, name, had) if had is not None else partial(delattr, kind, name))


def _leaves(library: str) -> None:
    from steppe.worker.trace import is_unseen, note_outside

    # Steppe's own threads may ask its catalog at any time.
    if not is_unseen() and not threading.current_thread().name.startswith("steppe-"):
        note_outside(f"it connects with {library}")  # to the trace of now: a cell may keep a function that it imported
