"""What the two databases say differently: upserts, the clock, membership in a list that is one parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Double,
    Table,
    Text,
    bindparam,
    case,
    cast,
    extract,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect as Compiler
from sqlalchemy.sql.elements import ClauseElement

from steppe.catalog.rows import Shape

Statement: TypeAlias = ClauseElement
Statements: TypeAlias = Mapping[str, Statement]

NAMES = ("sqlite", "postgresql")

NO_OFFSET: ColumnElement[int] = literal_column("0")
"""Goes with every limit: without it, SQLite is given the offset nought as a value of the statement's own."""


def beginning(column: ColumnElement[str]) -> Statement:
    """Select the ids or digests from `low` to before `high`, each once, in order."""
    asked = (column >= bindparam("low"), column < bindparam("high"))
    return select(column).distinct().where(*asked).order_by(column).limit(bindparam("limit")).offset(NO_OFFSET)


class Dialect:
    """The words of one database, from which the statements of `queries` are made."""

    def __init__(self, name: str) -> None:
        """Take `sqlite` or `postgresql`."""
        self.name = name
        self.compiler: Compiler = (
            sqlite.dialect(paramstyle="named") if name == "sqlite" else PGDialect_psycopg(paramstyle="pyformat")  # type: ignore[no-untyped-call]
        )

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Return an insert of one parameter for each column that the database does not number by itself."""
        columns = [column for column in table.columns if column is not table.autoincrement_column]
        values = {column.name: bindparam(column.name, type_=column.type) for column in columns}
        return (sqlite.insert if self.name == "sqlite" else postgresql.insert)(table).values(values).inline()

    def add(self, table: Table) -> Statement:
        """Return an insert that leaves a row of the same key as it is."""
        return self.insert(table).on_conflict_do_nothing()

    def put(self, table: Table, *, keep: Sequence[str] = ()) -> Statement:
        """Return an insert that replaces a row of the same key, all but its columns `keep`."""
        insert = self.insert(table)
        spared = {column.name for column in table.primary_key} | set(keep)
        changed = {name: value for name, value in insert.excluded.items() if name not in spared}
        return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)

    def now(self) -> ColumnElement[float]:
        """Return the time of the one clock: the parameter `now`; where that is null, the database's own."""
        given: ColumnElement[float] = bindparam("now", type_=Double())
        if self.name == "sqlite":
            return given
        return func.coalesce(given, cast(extract("epoch", func.clock_timestamp()), Double))

    def among(self, column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
        """Return the condition that `column` is in the list given as `parameter` (see `Transaction.words`)."""
        return column.in_(select(self.each(parameter)))

    def each(self, parameter: str) -> ColumnElement[str]:
        """Return a column of the words in the list given as `parameter`."""
        if self.name == "sqlite":
            return func.json_each(bindparam(parameter, type_=Text())).table_valued("value").c.value
        return func.unnest(bindparam(parameter, type_=ARRAY(Text))).column_valued(parameter)

    def compile(self, statement: ClauseElement) -> tuple[str, dict[str, Any]]:
        """Return a statement's text and the values of the parameters that it brings along."""
        compiled = statement.compile(dialect=self.compiler, compile_kwargs={"render_postcompile": True})
        return str(compiled), dict(compiled.params)


def columns(table: Table, shape: Shape[Any]) -> list[Column[Any]]:
    """Return the columns that a `Shape` reads, in its order."""
    return [table.c[name] for name in (*shape.columns, *(("more",) if shape.more else ()))]


@cache
def dialect(name: str) -> Dialect:
    """Return the dialect of `sqlite` or `postgresql`."""
    return Dialect(name)


def greatest(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the greater of two, which the databases call by different names."""
    return case((one > other, one), else_=other)
