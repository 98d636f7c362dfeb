"""What a Catalog on a server meets: clocks, restarts, rights, passwords."""

import os
import time

import psycopg
import pytest

from steppe.catalog import open_catalog
from steppe.errors import CatalogError
from steppe.testing.catalog.made import entry, run, step_run


@pytest.fixture
def url(postgres):
    return postgres.database()


def one_sentence(error: pytest.ExceptionInfo[CatalogError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert "secret" not in text
    return text


def test_claims_go_by_the_server_s_clock(url, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 5.0)
    with open_catalog(url) as catalog:
        claim = catalog.claims.acquire("k", "me", 30.0)
        with psycopg.connect(url) as connection:
            now = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float").fetchone()[0]
        assert now + 25 < claim.expires < now + 31
        assert abs(catalog.claims.now() - now) < 5
        assert catalog.claims.steal(claim, "you", 1.0) == claim
        expired = catalog.claims.acquire("other", "me", -1.0)
        assert catalog.claims.steal(expired, "you", 30.0).holder == "you"


def test_a_connection_that_was_cut_is_made_anew(url):
    """A restart, a firewall: whatever was idle is tried again."""
    with open_catalog(url) as catalog:
        catalog.entries.keep(entry(step_run()), {}, step_run())
        with psycopg.connect(url, autocommit=True) as other:
            for work in (
                lambda: catalog.entries.find(step_run().key),
                lambda: catalog.claims.acquire("k", "me", 5.0),
                lambda: catalog.step_runs.list(),
                lambda: catalog.entries.keep(entry(step_run(3)), {}, step_run(3)),
            ):
                other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
                time.sleep(0.05)
                assert work() is not False
        assert catalog.upkeep.counts()["entries"] == 2


def test_a_server_that_is_not_there_is_told_without_the_password():
    with pytest.raises(CatalogError, match=r"can't be reached: .*Check the server, the URL and the password") as error:
        open_catalog("postgresql://me:secret@127.0.0.1:1/db?connect_timeout=2&sslpassword=secret")
    assert "postgresql://me@127.0.0.1:1/db?connect_timeout=2 " in one_sentence(error)


def test_a_database_that_is_not_there_is_told(postgres):
    with pytest.raises(CatalogError, match=r'database "nowhere" does not exist') as error:
        open_catalog(postgres.url("nowhere"))
    one_sentence(error)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_the_scheme_may_be_libpq_s_or_sqlalchemy_s(url, scheme):
    with open_catalog(url.replace("postgresql", scheme, 1)) as catalog:
        catalog.runs.begin(run())
    with open_catalog(url) as catalog:
        assert catalog.runs.get(run().id) == run()


def test_a_user_without_rights_is_told_what_to_ask_for(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE guest LOGIN") if not connection.execute(
            "SELECT 1 FROM pg_roles WHERE rolname = 'guest'"
        ).fetchone() else None
    guest = url.replace("steppe@", "guest@")
    with pytest.raises(
        CatalogError, match=r"Ask its owner for CREATE on the database and ALL on schema steppe"
    ) as error:
        open_catalog(guest)
    one_sentence(error)
    open_catalog(url).close()
    with pytest.raises(CatalogError, match=r"refuses: permission denied for schema steppe") as error:
        open_catalog(guest)
    one_sentence(error)


def test_tables_of_other_programs_in_the_same_database_are_left_alone(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE runs (mine int)")
        connection.execute("CREATE TABLE alembic_version (version_num text)")
        with open_catalog(url) as catalog:
            catalog.runs.begin(run())
        assert connection.execute("SELECT * FROM public.runs").fetchall() == []


def test_a_catalog_that_can_only_be_read_says_so(url):
    with open_catalog(url) as catalog:
        catalog.entries.keep(entry(step_run()), {}, step_run())
    with open_catalog(f"{url}&options=-c%20default_transaction_read_only%3Don") as catalog:
        assert catalog.read_only
        assert len(catalog.entries.find(step_run().key)) == 1
        catalog.entries.touch(entry(step_run()), 5.0)
        with pytest.raises(CatalogError, match="can only be read") as error:
            catalog.runs.begin(run())
        one_sentence(error)


def test_a_lock_that_is_not_let_go_is_told(url):
    with open_catalog(url, timeout=0.2) as catalog, psycopg.connect(url) as other:
        other.execute("LOCK TABLE steppe.claims IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(CatalogError, match=r"is locked: another process has been writing for 0.2 s") as error:
            catalog.claims.acquire("k", "me", 1.0)
        one_sentence(error)


def test_keeping_waits_for_the_server_s_disk_and_the_journal_does_not(url):
    with open_catalog(url) as catalog:
        said = []
        for durable in (True, False):
            catalog._database.write(
                lambda tx: said.append(tx.rows_of("SHOW synchronous_commit", {})[0][0]), durable=durable
            )
        assert said == ["on", "off"]
        assert catalog._database.rows("claims.all", {}) == []


def test_a_forked_child_uses_a_connection_of_its_own(url):
    with open_catalog(url) as catalog:
        catalog.claims.acquire("k", "parent", 60.0)
        mine = catalog._database.read(lambda tx: tx.rows_of("SELECT pg_backend_pid()", {}))
        child = os.fork()
        if child == 0:
            status = 1
            try:
                other = catalog._database.read(lambda tx: tx.rows_of("SELECT pg_backend_pid()", {}))
                catalog.step_runs.record(step_run(3), later=True)
                status = 0 if other != mine and catalog.claims.get("k").holder == "parent" else 2
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert catalog._database.read(lambda tx: tx.rows_of("SELECT pg_backend_pid()", {})) == mine
        assert catalog.step_runs.get(step_run(3).id) == step_run(3)
