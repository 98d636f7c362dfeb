"""Clients of databases and services in native code: Python raises no audit event for a socket that C or Rust opens.

Knows nothing of steps; what a call tells goes to the trace that is on. A connection that is open before a step is an
input that can't be versioned; what is said through a cursor is noted where its class can be wrapped.
"""

from __future__ import annotations

import sys
import threading
from functools import partial
from typing import Any

from steppe.worker import companions
from steppe.worker.adapters import Adapter

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


def leaves(library: str, trace: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    """Note that a call leaves the process."""
    del args, options
    if companions.FOLDERS and companions.asks(sys._getframe(2)):  # noqa: SLF001  # above the one that notes it
        return
    if not threading.current_thread().name.startswith("steppe-"):  # they may ask Steppe's own catalog at any time
        trace.leaves(f"it connects with {library}")


def adapters(module: str) -> list[Adapter]:
    """Return what is noted of the calls of a module."""
    return [Adapter(name, partial(leaves, module.partition(".")[0])) for name in CLIENTS.get(module, ())]
