"""Open connections, one thread at a time on each, none across a fork. Knows no SQL."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable

from steppe.catalog.database.backend import Backend, Connection
from steppe.errors import CatalogError

_FORK_WAIT = 5.0
"""Seconds that a fork waits for transactions of other threads to end."""


class Pool:
    """Connections that are not in use, given out last in, first out.

    SQLite keeps its locks by process and inode: a child of a fork that inherits an open file believes that it holds
    locks which are its parent's. So there a fork waits for running transactions and closes all connections first. A
    connection to a server can be left open; the child leaves it alone.
    """

    def __init__(self, backend: Backend, connect: Callable[[], Connection]) -> None:
        """Take the back end, and how to open a connection that is ready to use."""
        self._backend = backend
        self._connect = connect
        self._idle: list[Connection] = []
        self._abandoned: list[Connection] = []
        self._out = 0
        self._closed = False
        self._forking = False
        self._spoiled = False
        self._changed = threading.Condition(threading.Lock())
        _POOLS.add(self)

    def take(self) -> Connection:
        """Return a connection for the calling thread alone; it goes back with `give`."""
        while True:
            with self._changed:
                while self._forking:
                    self._changed.wait()
                self._refuse()
                connection = self._idle.pop() if self._idle else None
                self._out += 1
            try:
                if connection is None:
                    return self._connect()
                if self._backend.usable(connection):
                    return connection
            except BaseException:
                self._back(None)
                raise
            self._back(None)
            connection.close()

    def give(self, connection: Connection) -> None:
        """Take a connection back."""
        self._back(connection)

    def clear(self) -> None:
        """Close the connections that are not in use."""
        with self._changed:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def close(self) -> None:
        """Close all connections, those in use as soon as they come back; nothing can be taken any more."""
        with self._changed:
            self._closed = True
        self.clear()

    def _back(self, connection: Connection | None) -> None:
        with self._changed:
            self._out -= 1
            surplus = connection
            if connection is not None and not self._closed:
                self._idle.append(connection)
                surplus = None
            if self._forking:
                self._changed.notify_all()
        if surplus is not None:
            surplus.close()

    def _refuse(self) -> None:
        if self._closed:
            raise CatalogError("this catalog was closed: open it again with steppe.catalog.open_catalog.")
        if self._spoiled:
            raise CatalogError(
                "this process was forked while its parent wrote to the catalog, so it can't use it: "
                "begin it as a new process, or fork before the first step."
            )

    def before_fork(self) -> None:
        """Let nothing begin; where a child can't have the connections, wait for those in use and close them."""
        with self._changed:
            self._forking = True
            if not self._backend.leave_before_fork:
                return
            self._changed.wait_for(lambda: self._out == 0, _FORK_WAIT)
            idle, self._idle = self._idle, []
        for connection in idle:
            self._backend.leave(connection)

    def after_fork_in_parent(self) -> None:
        """Go on."""
        with self._changed:
            self._forking = False
            self._changed.notify_all()

    def after_fork_in_child(self) -> None:
        """Begin without connections: those that were inherited are never used nor closed."""
        self._changed = threading.Condition(threading.Lock())
        self._abandoned, self._idle = [*self._abandoned, *self._idle], []
        self._spoiled = self._spoiled or (self._backend.leave_before_fork and self._out > 0)
        self._out = 0
        self._forking = False


_POOLS: weakref.WeakSet[Pool] = weakref.WeakSet()


def _before_fork() -> None:
    for pool in list(_POOLS):
        pool.before_fork()


def _after_fork_in_parent() -> None:
    for pool in list(_POOLS):
        pool.after_fork_in_parent()


def _after_fork_in_child() -> None:
    for pool in list(_POOLS):
        pool.after_fork_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
