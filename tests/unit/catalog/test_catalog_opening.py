"""A catalog opens quickly, or says in a sentence why it does not."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from steppe.catalog import open_catalog
from steppe.catalog.schema import HEAD, REVISIONS
from steppe.errors import CatalogError
from steppe.testing.catalog.made import entry, run, step_run
from steppe.types import StepRun


def python(program: str, *arguments: object) -> str:
    """Run a program in a new process and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def as_another_user(work: Callable[[], str]) -> str:
    """Return what `work` returns in a process without root's rights, which would let it write anywhere."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            said = work()
        except BaseException:
            said = traceback.format_exc()
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with open(reading) as told:
        said = told.read()
    os.waitpid(child, 0)
    return said


def one_sentence(error: pytest.ExceptionInfo[CatalogError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith((".", ")"))
    return text


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.db"


@pytest.fixture
def filled(path: Path) -> Path:
    """A catalog that holds one entry, and whose log is in the file."""
    with open_catalog(str(path)) as catalog:
        catalog.entries.keep(entry(step_run()), {}, step_run())
    return path


def test_importing_opening_and_using_a_catalog_imports_no_sqlalchemy(filled):
    said = python(
        "import sys; import steppe.catalog\n"
        "assert not {'sqlalchemy', 'alembic', 'psycopg'} & set(sys.modules)\n"
        "catalog = steppe.catalog.open_catalog(sys.argv[1])\n"
        "found = catalog.entries.find(sys.argv[2])\n"
        "catalog.claims.acquire('k', 'me', 1.0); catalog.step_runs.get('x'); catalog.lineage.makers('v')\n"
        "catalog.close()\n"
        "assert not {'sqlalchemy', 'alembic', 'psycopg'} & set(sys.modules)\n"
        "print(len(found))",
        filled,
        step_run().key,
    )
    assert said == "1"


def test_a_new_catalog_is_made_without_sqlalchemy(path):
    python(
        "import sys, steppe.catalog as c; c.open_catalog(sys.argv[1]).close(); assert 'sqlalchemy' not in sys.modules",
        path,
    )
    with open_catalog(str(path), create=False) as catalog:
        assert catalog.entries.find("k") == []


@pytest.mark.parametrize("name", ["a b.db", "100%.db", "what?.db", "größe#1.db", "x.db?mode=memory", "caf\udce9.db"])
def test_a_file_may_have_any_name(tmp_path, name):
    file = tmp_path / name
    with open_catalog(str(file)) as catalog:
        catalog.runs.begin(run())
    assert file.exists()
    with open_catalog(str(file), create=False) as catalog:
        assert catalog.runs.get(run().id) == run()
        assert catalog.runs.list().items == (run(),)


def test_a_url_and_a_path_lead_to_the_same_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_catalog("sqlite:///deep/er/catalog.db") as catalog:
        catalog.runs.begin(run())
    for same in ("deep/er/catalog.db", f"sqlite:///{tmp_path}/deep/er/catalog.db", "sqlite:///deep/er/catalog%2Edb"):
        with open_catalog(same, create=False) as catalog:
            assert catalog.runs.get(run().id) == run()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", ":memory:"])
def test_a_catalog_in_memory_is_refused(url):
    with pytest.raises(CatalogError, match="kept in a file") as error:
        open_catalog(url)
    one_sentence(error)


def test_another_database_is_refused():
    with pytest.raises(CatalogError, match="can't be on mysql: write sqlite:///") as error:
        open_catalog("mysql://host/db")
    one_sentence(error)


def test_a_missing_catalog_is_not_made_unless_it_may_be(path):
    with pytest.raises(CatalogError, match=f"no catalog at sqlite:///{path}: run a step first") as error:
        open_catalog(str(path), create=False)
    one_sentence(error)
    assert not path.exists()


def test_a_folder_that_can_t_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CatalogError, match="can't be opened: check that its folder exists") as error:
        open_catalog(str(tmp_path / "file" / "catalog.db"))
    one_sentence(error)


def test_a_catalog_of_a_newer_version_is_refused(filled):
    with closing(sqlite3.connect(filled, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CatalogError, match=f"has the schema 9999, .* knows up to {HEAD}: upgrade steppe") as error:
        open_catalog(str(filled))
    one_sentence(error)


def test_the_newest_revision_known_is_the_last_one():
    assert REVISIONS[-1] == HEAD
    assert list(REVISIONS) == sorted(set(REVISIONS))


def test_a_database_of_something_else_is_left_alone(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    with pytest.raises(CatalogError, match="a database of something else") as error:
        open_catalog(str(path))
    one_sentence(error)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]


@pytest.mark.parametrize("content", [b"not a database at all" * 100, None], ids=["text", "overwritten"])
def test_a_damaged_file_is_told(filled, content):
    if content is None:
        whole = filled.read_bytes()
        content = whole[:100] + b"\xff" * (len(whole) - 100)
    filled.write_bytes(content)
    with pytest.raises(CatalogError, match=r"is damaged\. Move it away") as error:
        open_catalog(str(filled))
    one_sentence(error)


def test_damage_that_is_met_later_is_told(filled):
    with open_catalog(str(filled)) as catalog:
        whole = bytearray(filled.read_bytes())
        pages = len(whole) // 4096
        for page in range(3, pages):
            whole[page * 4096 : page * 4096 + 64] = b"\xff" * 64
        filled.write_bytes(bytes(whole))
        with pytest.raises(CatalogError, match="is damaged") as error:
            catalog.entries.find(step_run().key)
        one_sentence(error)


def test_a_lock_that_is_not_let_go_is_told(filled):
    with open_catalog(str(filled), timeout=0.2) as catalog, closing(sqlite3.connect(filled)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert len(catalog.entries.find(step_run().key)) == 1
        with pytest.raises(CatalogError, match=r"is locked: another process has been writing to it for 0.2 s") as error:
            catalog.runs.begin(run())
        one_sentence(error)
        other.rollback()
        catalog.runs.begin(run())


def test_a_full_disk_is_told_and_nothing_is_half_kept(filled):
    with open_catalog(str(filled)) as catalog:
        pool = catalog._database._pool
        connection = pool.take()
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")
        pool.give(connection)
        large = step_run(3, source="x" * 100_000)
        with pytest.raises(CatalogError, match=r"the disk is full\. Make room") as error:
            catalog.entries.keep(entry(large), {}, large)
        one_sentence(error)
        assert catalog.entries.find(large.key) == []
        assert catalog.step_runs.get(large.id) is None
        assert catalog.upkeep.check() == []


def look(path: Path, execution: StepRun) -> str:
    """Read a catalog that can't be written, and try to."""
    with open_catalog(str(path)) as catalog:
        found = catalog.entries.find(execution.key)
        catalog.entries.touch(found[0], 5.0)
        said = f"{len(found)} {catalog.read_only} {len(catalog.step_runs.list().items)}"
        try:
            catalog.claims.acquire("k", "me", 1.0)
        except CatalogError as error:
            return f"{said}\n{error}"
    return said


@pytest.fixture
def everyones() -> Iterator[Path]:
    """A catalog in a folder that is open to all, as a shared project's is; pytest's own is not."""
    import steppe.catalog.queries.lists  # noqa: F401  # another user may not be able to import it

    folder = Path(tempfile.mkdtemp(prefix="steppe-catalog-"))
    folder.chmod(0o755)
    with open_catalog(str(folder / "catalog.db")) as catalog:
        catalog.entries.keep(entry(step_run()), {}, step_run())
    yield folder / "catalog.db"
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("what", ["folder", "file", "both"])
def test_a_catalog_that_can_t_be_written_can_be_read(everyones, what):
    everyones.chmod(0o444 if what != "folder" else 0o666)
    everyones.parent.chmod(0o555 if what != "file" else 0o777)
    first, second = as_another_user(lambda: look(everyones, step_run())).splitlines()
    assert first == "1 True 1"
    assert re.fullmatch(r"the catalog sqlite:///\S+ can only be read: make it writable, or set .*\.", second)


@pytest.mark.parametrize("found", ["nothing", "an older schema"])
def test_a_catalog_that_would_have_to_be_written_first_is_refused(everyones, monkeypatch, found):
    if found == "nothing":
        everyones.write_bytes(b"")
    else:
        monkeypatch.setattr("steppe.catalog.schema.REVISIONS", (*REVISIONS, "9001"))
        monkeypatch.setattr("steppe.catalog.schema.HEAD", "9001")
    everyones.chmod(0o444)
    said = as_another_user(lambda: look(everyones, step_run()))
    what = "is empty" if found == "nothing" else f"has the schema {HEAD}, older than this version's 9001,"
    assert f"{what} and can only be read: open it where it is writable." in said.splitlines()[-1]


def test_a_catalog_that_can_t_be_written_is_read_with_its_log(everyones):
    """It was copied, or mounted, while somebody wrote to it."""
    folder = everyones.parent / "snapshot"
    with open_catalog(str(everyones)) as catalog:
        catalog.entries.keep(entry(step_run(3)), {}, step_run(3))
        folder.mkdir()
        for file in (everyones, Path(f"{everyones}-wal")):
            shutil.copy(file, folder)
            (folder / file.name).chmod(0o444)
    folder.chmod(0o555)
    assert as_another_user(lambda: look(folder / everyones.name, step_run(3))).startswith("1 True 2")
    folder.chmod(0o755)


def test_a_catalog_of_another_user_is_read_while_that_user_writes(everyones):
    with open_catalog(str(everyones)) as catalog:
        catalog.entries.keep(entry(step_run(3)), {}, step_run(3))
        for file in everyones.parent.glob("catalog.db*"):
            file.chmod(0o444)
        everyones.parent.chmod(0o555)
        assert as_another_user(lambda: look(everyones, step_run(3))).startswith("1 True 2")


def test_a_catalog_that_was_removed_under_a_session_is_made_again(filled):
    """`git clean` takes it away: what is kept from then on is kept in a new file, not in one that has no name."""
    with open_catalog(str(filled)) as catalog:
        catalog.runs.begin(run())
        for file in filled.parent.glob("catalog.db*"):
            file.unlink()
        assert catalog.entries.find(step_run().key) == []
        catalog.entries.keep(entry(step_run(3)), {}, step_run(3))
        with open_catalog(str(filled), create=False) as other:
            assert len(other.entries.find(step_run(3).key)) == 1


def test_keeping_reaches_the_disk_and_claims_need_not(filled):
    with open_catalog(str(filled)) as catalog:
        connection = catalog._database._pool.take()
        said: list[str] = []
        connection.set_trace_callback(said.append)
        catalog._database._pool.give(connection)
        catalog.claims.acquire("k", "me", 1.0)
        assert not any("synchronous" in line for line in said)
        catalog.entries.keep(entry(step_run(3)), {}, step_run(3))
        begun = said.index("PRAGMA synchronous=FULL")
        assert said[begun + 1] == "BEGIN IMMEDIATE"
        assert said[-2:] == ["COMMIT", "PRAGMA synchronous=NORMAL"]
        assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_transaction_that_fails_leaves_its_connection_as_it_was(filled):
    with open_catalog(str(filled)) as catalog:

        def fail(tx):
            tx.run("claims.acquire", {"key": "k", "holder": "h", "ttl": 1.0, "now": 1.0, "attempt": "", "executor": "",
                                      "handle": "", "label": ""})  # fmt: skip
            raise KeyboardInterrupt

        for durable in (True, False):
            with pytest.raises(KeyboardInterrupt):
                catalog._database.write(fail, durable=durable)
        assert catalog.claims.get("k") is None
        connection = catalog._database._pool.take()
        assert not connection.in_transaction
        assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
        catalog._database._pool.give(connection)


def test_a_defect_of_ours_is_not_called_the_user_s(filled):
    with open_catalog(str(filled)) as catalog, pytest.raises(sqlite3.ProgrammingError):
        catalog._database.rows("claims.get", {})


def test_a_closed_catalog_says_so(filled):
    catalog = open_catalog(str(filled))
    catalog.close()
    catalog.close()
    with pytest.raises(CatalogError, match="was closed") as error:
        catalog.entries.find("k")
    one_sentence(error)


def test_many_threads_open_a_new_catalog_at_once(path):
    opened, begin = [], threading.Barrier(8)

    def work() -> None:
        begin.wait()
        opened.append(open_catalog(str(path)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 8
    for number, catalog in enumerate(opened):
        catalog.claims.acquire(f"k{number}", "me", 1.0)
    assert len(opened[0].claims.all()) == 8
    for catalog in opened:
        catalog.close()
