"""The migrations lead to the schema that the tables declare, from every schema that was ever released."""

import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from steppe.catalog import open_catalog, schema
from steppe.catalog.database.postgres import PostgreSQL
from steppe.catalog.database.sqlite import SQLite
from steppe.catalog.migrate import FOLDER, upgrade
from steppe.catalog.tables import METADATA
from steppe.errors import CatalogError
from steppe.testing.catalog.made import artifact, digest, entry, file, hit, run, step_run

RELEASED = Path(__file__).parent / "released"
FIRST = "0001"
DIALECTS = ("sqlite", "postgresql")


@pytest.fixture
def place(request, tmp_path):
    """Make the URL of an empty place for a catalog."""

    def make(dialect: str) -> str:
        if dialect == "sqlite":
            return f"sqlite:///{tmp_path}/catalog.db"
        return request.getfixturevalue("postgres").database()

    return make


def backend_of(url: str):
    if url.startswith("sqlite"):
        return SQLite(Path(url.removeprefix("sqlite:///")), create=True, timeout=5)
    return PostgreSQL(url, timeout=5)


def migrate(url: str, revision: str = "head", folder: Path = FOLDER) -> None:
    """Bring a place to a revision by the migrations alone."""
    backend = backend_of(url)
    with closing(backend.connect()) as connection, backend.alone(connection):
        upgrade(backend.dialect, connection, revision, folder)


def load(url: str, dump: str) -> None:
    """Load an SQL dump into an empty place, as it was written by `dump` below or by pg_dump."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.executescript(dump)
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(dump)


def differences(url: str) -> list[object]:
    """Return what alembic finds to be different from the tables' metadata."""
    engine_url = url if url.startswith("sqlite") else url.replace("postgresql://", "postgresql+psycopg://")
    options = {} if url.startswith("sqlite") else {"connect_args": {"options": "-c search_path=steppe"}}
    engine = create_engine(engine_url, **options)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        found = compare_metadata(context, METADATA)
    engine.dispose()
    return found


def described(url: str) -> list[str]:
    """Return all that the database itself tells of its tables, indexes and constraints, in an order of its own."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        words = [
            " ".join(row[0].replace('"', "").replace("(", " ( ").replace(")", " ) ").replace(",", " , ").split())
            for row in rows
        ]
        return sorted(words)
    asked = """
        SELECT concat_ws(' ', table_name, ordinal_position, column_name, data_type, is_nullable, collation_name,
                         column_default)
        FROM information_schema.columns WHERE table_schema = 'steppe'
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'steppe'
        UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'steppe'::regnamespace"""
    with psycopg.connect(url) as connection:
        return sorted(row[0] for row in connection.execute(asked).fetchall())


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_migrations_lead_to_the_schema_that_the_tables_declare(place, dialect):
    url = place(dialect)
    migrate(url)
    assert differences(url) == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_new_catalog_has_the_schema_that_the_tables_declare(place, dialect):
    url = place(dialect)
    open_catalog(url).close()
    assert differences(url) == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_new_catalog_is_as_the_migrations_would_have_made_it(place, dialect, tmp_path):
    made, migrated = place(dialect), place(dialect)
    if made == migrated:
        migrated = f"sqlite:///{tmp_path}/migrated.db"
    open_catalog(made).close()
    migrate(migrated)
    assert described(made) == described(migrated)


def test_the_revisions_that_are_known_are_those_of_the_migrations():
    config_free = ScriptDirectory(str(FOLDER))
    assert [script.revision for script in config_free.walk_revisions()][::-1] == list(schema.REVISIONS)
    assert config_free.get_heads() == [schema.HEAD]


def test_every_released_schema_is_tested():
    found = sorted(path.name for path in RELEASED.glob("*.sql"))
    assert found == sorted(f"{revision}.{dialect}.sql" for revision in schema.REVISIONS for dialect in DIALECTS)


@pytest.mark.parametrize("dump", sorted(RELEASED.glob("*.sql")), ids=lambda path: path.stem)
def test_a_catalog_of_every_released_schema_is_upgraded_with_all_it_holds(place, dump):
    url = place(dump.name.split(".")[1])
    load(url, dump.read_text("utf-8"))
    with open_catalog(url) as catalog:
        execution = released_step_run()
        model = artifact(digest("released"), "model")
        assert catalog.runs.get(run().id) == run(commit="abc", parameters={"lr": 0.1})
        assert catalog.entries.find(execution.key) == [entry(execution)]
        assert catalog.entries.artifacts(entry(execution)) == {"model": model}
        assert catalog.step_runs.get(execution.id) == execution
        assert [use.name for use in catalog.lineage.uses(execution.step)] == ["abc", "a.csv"]
        assert catalog.step_runs.hits_of(execution.id).items[0].id == hit(3, execution).id
        assert catalog.names.history("production")[0].version == model.version
        assert catalog.metrics.latest([execution.id])[execution.id][0].value == 0.25
        assert catalog.notes.tags("run", [run().id]) == {run().id: ["good"]}
        assert catalog.claims.get("k").holder == "me"
        assert catalog.upkeep.check() == []
    assert differences(url) == []


def released_step_run():
    return step_run(source="model = fit()", outputs={"model": digest("released")}, trace=(file("a.csv"),))


def fill(url: str) -> None:
    """Fill a catalog with a little of everything, for a dump of a new release."""
    with open_catalog(url, clock=lambda: 100.0) as catalog:
        execution = released_step_run()
        catalog.runs.begin(run(commit="abc", parameters={"lr": 0.1}))
        catalog.entries.keep(entry(execution), {"model": artifact(digest("released"), "model")}, execution)
        catalog.step_runs.record(hit(3, execution))
        catalog.names.move("production", digest("released"), now=5.0)
        catalog.metrics.log(execution.id, "loss", 0.25, step=1, now=6.0)
        catalog.notes.tag("run", run().id, "good")
        catalog.claims.acquire("k", "me", 10.0)


# Migrations of their own, so that the machinery is tried although there is nothing to upgrade from yet.

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = depends_on = None


def upgrade():
    with op.batch_alter_table("step_runs") as table:
        table.add_column(sa.Column("{column}", sa.Text))
        table.alter_column("why", new_column_name="reason_{column}")
    {then}
"""


@pytest.fixture
def future(tmp_path, monkeypatch):
    """A version of Steppe from the future: it has one more revision."""
    folder = tmp_path / "100% migrations"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))

    before = schema.HEAD

    def write(then: str = "pass") -> None:
        text = SECOND.format(revision="9001", before=before, column="added", then=then)
        (folder / "versions" / "9001_future.py").write_text(text)

    monkeypatch.setattr("steppe.catalog.schema.REVISIONS", (*schema.REVISIONS, "9001"))
    monkeypatch.setattr("steppe.catalog.schema.HEAD", "9001")
    monkeypatch.setattr("steppe.catalog.migrate.upgrade.__defaults__", ("head", folder))
    write()
    return write


def look(url: str, sql: str) -> list[tuple]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return connection.execute(sql).fetchall()
    with psycopg.connect(url, options="-c search_path=steppe") as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_older_catalog_is_upgraded_as_it_is_opened_and_loses_nothing(place, dialect, future):
    url = place(dialect)
    load(url, (RELEASED / f"{FIRST}.{dialect}.sql").read_text("utf-8"))
    open_catalog(url).close()
    assert look(url, "SELECT version_num FROM alembic_version") == [("9001",)]
    assert look(url, "SELECT count(*), count(reason_added), count(added) FROM step_runs") == [(2, 2, 0)]
    assert look(url, "SELECT name FROM step_outputs") == [("model",)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_migration_that_fails_changes_nothing(place, dialect, future):
    url = place(dialect)
    load(url, (RELEASED / f"{FIRST}.{dialect}.sql").read_text("utf-8"))
    future("raise RuntimeError('half way')")
    with pytest.raises(RuntimeError, match="half way"):
        open_catalog(url)
    assert look(url, "SELECT version_num FROM alembic_version") == [(FIRST,)]
    assert look(url, "SELECT count(why) FROM step_runs") == [(2,)]
    future()
    open_catalog(url).close()
    assert look(url, "SELECT count(reason_added) FROM step_runs") == [(2,)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_many_upgrade_an_older_catalog_at_once_and_one_does_it(place, dialect, future):
    url = place(dialect)
    load(url, (RELEASED / f"{FIRST}.{dialect}.sql").read_text("utf-8"))
    wrong, begin = [], threading.Barrier(4)

    def work() -> None:
        begin.wait()
        try:
            open_catalog(url).close()
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert look(url, "SELECT version_num FROM alembic_version") == [("9001",)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_catalog_of_the_future_is_refused(place, dialect):
    url = place(dialect)
    open_catalog(url).close()
    backend = backend_of(url)
    with closing(backend.connect()) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CatalogError, match=r"has the schema 9999.*upgrade steppe"):
        open_catalog(url)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_processes_that_make_a_new_catalog_at_once_all_succeed(place, dialect):
    url = place(dialect)
    program = (
        "import sys; from steppe.catalog import open_catalog\n"
        "with open_catalog(sys.argv[1]) as catalog: catalog.claims.acquire(sys.argv[2], 'me', 1)"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", program, url, str(n)], stderr=subprocess.PIPE) for n in range(6)
    ]
    said = [child.communicate()[1] for child in children]
    assert [(child.returncode, words) for child, words in zip(children, said, strict=True)] == [(0, b"")] * 6
    with open_catalog(url) as catalog:
        assert [claim.key for claim in catalog.claims.all()] == [str(n) for n in range(6)]
