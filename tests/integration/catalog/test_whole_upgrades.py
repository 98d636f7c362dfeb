"""A catalog of every revision, with rows in every table, is upgraded and loses nothing: by two at once, killed, too."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from children import Child, all_succeed
from test_catalog_migrations import DIALECTS, future, look, migrate, place

from steppe.catalog import open_catalog, schema

__all__ = ["future", "place"]

ROWS = 3


def engine_of(url: str) -> sa.Engine:
    if url.startswith("sqlite"):
        return sa.create_engine(url)
    to = url.replace("postgresql://", "postgresql+psycopg://")
    return sa.create_engine(to, connect_args={"options": "-c search_path=steppe"})


def value(column: sa.Column, row: int) -> object:
    """Return a value for a column, another one in each row; parents and their children have the same."""
    if isinstance(column.type, sa.LargeBinary):
        return bytes([row, 0, 255])
    if isinstance(column.type, sa.Integer):
        return row + 1
    if isinstance(column.type, sa.Float):
        return row + 0.25
    return f"größer {row} 🦔"


def rows_of(url: str) -> dict[str, list[dict[str, object]]]:
    """Return all rows of all tables, by their columns' names."""
    engine, found = engine_of(url), sa.MetaData()
    with engine.connect() as connection:
        found.reflect(connection)
        rows = {
            table.name: sorted((dict(row) for row in connection.execute(table.select()).mappings()), key=repr)
            for table in found.sorted_tables
            if table.name != "alembic_version"
        }
    engine.dispose()
    return rows


def fill_all(url: str) -> dict[str, list[dict[str, object]]]:
    """Put rows into every table of a catalog, whatever its revision; return them."""
    engine, found = engine_of(url), sa.MetaData()
    with engine.begin() as connection:
        found.reflect(connection)
        for table in found.sorted_tables:
            if table.name != "alembic_version":
                rows = [{column.name: value(column, row) for column in table.columns} for row in range(ROWS)]
                connection.execute(table.insert(), rows)
    engine.dispose()
    filled = rows_of(url)
    assert filled
    assert {name: len(rows) for name, rows in filled.items()} == dict.fromkeys(filled, ROWS)
    return filled


def lost(before: dict[str, list[dict[str, object]]], after: dict[str, list[dict[str, object]]]) -> dict[str, object]:
    """Return the tables whose rows are not as they were, in the columns that they had."""
    return {
        name: (rows, after.get(name))
        for name, rows in before.items()
        if [{column: row.get(column) for column in rows[0]} for row in after.get(name, [])] != rows
    }


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("revision", schema.REVISIONS)
def test_every_row_of_every_table_is_there_after_an_upgrade(place, dialect, revision):
    url = place(dialect)
    migrate(url, revision)
    before = fill_all(url)
    open_catalog(url).close()
    assert look(url, "SELECT version_num FROM alembic_version") == [(schema.HEAD,)]
    assert lost(before, rows_of(url)) == {}


def working(tell, url: str) -> None:
    with open_catalog(url) as catalog:
        tell(catalog.upkeep.counts()["runs"])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_upgrade_that_is_killed_half_way_leaves_the_catalog_as_it_was(place, dialect, future, tmp_path):
    url = place(dialect)
    migrate(url, schema.REVISIONS[0])
    before, mark = fill_all(url), tmp_path / "half way"
    future(f"import pathlib, time; pathlib.Path({str(mark)!r}).touch(); time.sleep(600)")
    child = Child(working, url)
    while not mark.exists():
        assert child.pid
    child.kill()
    child.end()
    assert look(url, "SELECT version_num FROM alembic_version") == [(schema.REVISIONS[0],)]
    assert lost(before, rows_of(url)) == {}
    future()
    open_catalog(url).close()
    assert look(url, "SELECT version_num FROM alembic_version") == [("9001",)]
    after = rows_of(url)
    assert lost({name: rows for name, rows in before.items() if name != "step_runs"}, after) == {}
    assert sorted(row["reason_added"] for row in after["step_runs"]) == sorted(
        row["why"] for row in before["step_runs"]
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_processes_that_upgrade_at_once_lose_nothing(place, dialect, future):
    url = place(dialect)
    migrate(url, schema.REVISIONS[0])
    before = fill_all(url)
    all_succeed([Child(working, url) for _ in range(3)])
    assert look(url, "SELECT version_num FROM alembic_version") == [("9001",)]
    assert lost({name: rows for name, rows in before.items() if name != "step_runs"}, rows_of(url)) == {}
