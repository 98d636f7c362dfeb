"""What differs from one database to the other, as one seam. Knows no table and no statement."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, ClassVar

Connection = Any
"""A `sqlite3.Connection` or a `psycopg.Connection`: both run a statement with `execute`."""


class Backend(ABC):
    """How to connect to a database, begin and end, read its clock and its errors.

    Attributes:
        dialect: `sqlite` or `postgresql`.
        errors: what its driver raises.
        shared: True where a server keeps the database, which may fail while its clients live on.
        leave_before_fork: True where a forked process can't have connections that its parent opened.
        where: the database's URL, without its password.
        read_only: True where nothing can be written.
    """

    dialect: ClassVar[str]
    errors: ClassVar[tuple[type[Exception], ...]]
    shared: ClassVar[bool]
    leave_before_fork: ClassVar[bool]
    where: str
    read_only: bool = False

    @abstractmethod
    def connect(self) -> Connection:
        """Return a new connection that commits each statement outside transactions."""

    @abstractmethod
    def usable(self, connection: Connection) -> bool:
        """Tell whether an idle connection still leads to the database that is there now."""

    @abstractmethod
    def leave(self, connection: Connection) -> None:
        """Close a connection before a fork, quickly."""

    @abstractmethod
    def begin(self, connection: Connection, *, durable: bool) -> None:
        """Begin a transaction that writes.

        Args:
            connection: where.
            durable: once committed, it is to survive a crash of the machine. Otherwise it survives the death of any
                client, and a crash of the machine may take the last second or so, in order: never the middle.
        """

    @abstractmethod
    def begin_reading(self, connection: Connection) -> None:
        """Begin a transaction in which every statement sees the same state."""

    @abstractmethod
    def commit(self, connection: Connection) -> None:
        """Commit what was begun."""

    @abstractmethod
    def settle(self, connection: Connection) -> None:
        """Roll back what was begun and not committed, and make the connection ready for the next transaction."""

    @abstractmethod
    def alone(self, connection: Connection) -> AbstractContextManager[None]:
        """Return a durable transaction that no other of its kind overlaps: to create and migrate the schema."""

    @abstractmethod
    def revision(self, connection: Connection) -> str | None:
        """Return the schema's revision; None where there is nothing at all.

        Raises:
            CatalogError: there is something, and it is no Catalog.
        """

    def mark(self) -> object:
        """Return, in microseconds, what is another after each write by anybody; None where only a look can tell."""
        return None

    def version(self) -> object:
        """Return what is another once anybody has committed something since; None where only a look can tell."""
        return None

    def unwatch(self) -> None:  # noqa: B027  # most have begun nothing
        """End what `version` may have begun."""

    @abstractmethod
    def untidy(self) -> bool:
        """Tell, in microseconds, whether `tidy` has something to do."""

    @abstractmethod
    def tidy(self, connection: Connection) -> None:
        """Do what slows the next transactions down when it is put off, and this one when it is not."""

    @abstractmethod
    def check(self, connection: Connection) -> list[str]:
        """Return what the database finds wrong with its own file, a line each."""

    @abstractmethod
    def passing(self, error: Exception) -> bool:
        """Tell whether the same transaction may succeed when it is run again: a deadlock, a connection cut."""

    @abstractmethod
    def explain(self, error: Exception) -> Exception:
        """Return the CatalogError that tells a person what to do, or `error` itself where it is a defect of ours."""

    @abstractmethod
    def now(self, clock: Callable[[], float] | None) -> float | None:
        """Return the time to give to statements, or None where they are to ask the database's own clock."""

    @abstractmethod
    def list_of(self, words: Iterable[str]) -> Any:
        """Return a list of words as one parameter (see `queries.dialect.Dialect.each`)."""
