"""What is left for later is written, in order, behind the caller's back, by this process alone."""

import itertools
import logging
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from steppe.catalog import open_catalog
from steppe.errors import CatalogError
from steppe.testing.catalog.made import entry, hit, identity, step_run
from steppe.types import State

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "catalog.db")


@pytest.fixture
def catalog(path):
    with open_catalog(path) as catalog:
        yield catalog


def ids(path: str) -> list[str]:
    """Look with a connection of our own, which asks no journal."""
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM step_runs ORDER BY rowid")]


def eventually(test, seconds=20.0):
    until = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.01)


def in_a_child(work) -> int:
    """Fork, as a user's code may, run `work` in the child, and return how it ended."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = work() or 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_records_appear_by_themselves_in_their_order(catalog, path):
    many = [step_run(n) for n in (5, 3, 9, 4)]
    for one in many:
        catalog.step_runs.record(one, later=True)
    eventually(lambda: ids(path) == [one.id for one in many])


def test_a_record_does_not_wait_for_a_lock_that_another_holds(catalog, path):
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        start = time.perf_counter()
        for second in range(2, 102):
            catalog.step_runs.record(step_run(second), later=True)
        assert time.perf_counter() - start < 1.0
        other.rollback()
    catalog.flush()
    assert len(ids(path)) == 100


def test_records_wait_while_the_database_is_out_of_reach(path, caplog):
    with open_catalog(path, timeout=0.05) as catalog, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with caplog.at_level(logging.WARNING, logger="steppe.catalog"):
            catalog.step_runs.record(step_run(2), later=True)
            eventually(lambda: "records wait for the catalog" in caplog.text)
        with pytest.raises(CatalogError, match="is locked"):
            catalog.flush()
        assert catalog.step_runs.get(identity(2)) is None
        other.rollback()
        assert catalog.step_runs.get(identity(2)) == step_run(2)


def test_a_record_at_once_comes_after_those_of_the_same_id_that_were_left_for_later(catalog):
    catalog.step_runs.record(step_run(2, state=State.QUEUED), later=True)
    catalog.step_runs.record(step_run(2, state=State.RUNNING), later=True)
    catalog.entries.keep(entry(step_run(2)), {}, step_run(2))
    catalog.flush()
    assert catalog.step_runs.get(identity(2)) == step_run(2)


ENDS = {
    "by itself": "",
    "with an error": "raise SystemExit(0)",
    "by sys.exit in atexit's sight": "import sys; sys.exit(0)",
    "closing": "catalog.close()",
    "in a function of atexit": "import atexit\n"
    "atexit.register(lambda: catalog.step_runs.record(step_run(9999), later=True))",
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_nothing_is_lost_when_the_interpreter_ends(path, end):
    program = (
        "import sys\nfrom steppe.catalog import open_catalog\nfrom steppe.testing.catalog.made import step_run\n"
        "catalog = open_catalog(sys.argv[1])\n"
        "for second in range(2, 1202): catalog.step_runs.record(step_run(second), later=True)\n" + end
    )
    subprocess.run([sys.executable, "-c", program, path], check=True)
    assert len(ids(path)) == 1200 + ("9999" in end)


def test_nothing_is_lost_that_many_threads_record_while_it_closes(path):
    catalog = open_catalog(path)
    done, stop = [], threading.Event()

    def work(first: int) -> None:
        second = first
        while not stop.is_set():
            try:
                catalog.step_runs.record(step_run(second), later=True)
            except CatalogError:
                return
            done.append(identity(second))
            second += 4

    threads = [threading.Thread(target=work, args=(2 + n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    stop.set()
    for thread in threads:
        thread.join()
    catalog.close()
    assert len(done) > 100
    assert sorted(ids(path)) == sorted(done)


def test_a_forked_child_writes_what_it_records_and_not_what_its_parent_did(catalog, path):
    catalog.step_runs.record(step_run(2), later=True)

    def child() -> None:
        catalog.step_runs.record(step_run(3), later=True)
        assert catalog.step_runs.get(identity(3)) == step_run(3)

    assert in_a_child(child) == 0
    assert identity(3) in ids(path)
    catalog.step_runs.record(step_run(4), later=True)
    catalog.flush()
    assert sorted(ids(path)) == [identity(2), identity(3), identity(4)]


def test_a_child_of_multiprocessing_loses_nothing(catalog, path):
    """It ends by os._exit, without any farewell."""
    children = [
        FORK.Process(target=catalog.step_runs.record, args=(step_run(n),), kwargs={"later": True}) for n in range(2, 8)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * 6
    assert sorted(ids(path)) == [identity(n) for n in range(2, 8)]


def test_parent_and_child_never_share_a_connection(catalog, path):
    """Neither a file nor a lock of the parent's is the child's; both go on, and the parent's end takes nothing away."""
    catalog.entries.keep(entry(step_run(2)), {}, step_run(2))
    begin, end = os.pipe()

    def child() -> None:
        opened = [os.path.realpath(file) for file in Path("/proc/self/fd").iterdir()]
        assert not [name for name in opened if name.startswith(path)]
        os.read(begin, 1)  # the parent has written and closed meanwhile
        assert len(catalog.entries.find(step_run(3).key)) == 1
        catalog.entries.keep(entry(step_run(4)), {}, step_run(4))

    number = os.fork()
    if number == 0:
        status = 1
        try:
            child()
            status = 0
        finally:
            os._exit(status)
    catalog.entries.keep(entry(step_run(3)), {}, step_run(3))
    catalog.close()
    os.write(end, b"x")
    assert os.waitpid(number, 0)[1] == 0
    with open_catalog(catalog.url) as again:
        assert len(again.entries.find(step_run(4).key)) == 1
        assert again.upkeep.check() == []


def test_a_fork_waits_for_a_transaction_of_another_thread(catalog):
    started, go_on = threading.Event(), threading.Event()

    def slowly(tx):
        started.set()
        go_on.wait(10)
        tx.run("claims.release", {"its_key": "k", "its_holder": "h"})

    writer = threading.Thread(target=catalog._database.write, args=(slowly,))
    writer.start()
    started.wait(10)
    threading.Timer(0.3, go_on.set).start()
    start = time.monotonic()
    assert in_a_child(lambda: catalog.runs.get("none") and None) == 0
    assert time.monotonic() - start > 0.2
    writer.join()


def test_a_child_that_was_forked_in_the_middle_of_a_transaction_is_refused(catalog, monkeypatch):
    monkeypatch.setattr("steppe.catalog.database.pool._FORK_WAIT", 0.1)

    def child() -> int:
        try:
            catalog.entries.find("k")
        except CatalogError as error:
            return 7 if "forked while its parent wrote" in str(error) else 8
        return 9

    statuses = []
    catalog._database.write(lambda tx: statuses.append(in_a_child(child)))
    assert statuses == [7]
    assert catalog.entries.find("k") == []


def test_threads_go_on_after_a_fork_of_another(catalog):
    wrong, stop = [], threading.Event()

    def work(name: str) -> None:
        while not stop.is_set():
            claim = catalog.claims.acquire(name, name, 1.0)
            if claim.holder != name or not catalog.claims.release(name, name):
                wrong.append(name)

    threads = [threading.Thread(target=work, args=(f"thread {n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        assert in_a_child(lambda: catalog.claims.get("k") and None) == 0
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_child_that_is_killed_does_the_parent_no_harm(catalog):
    def child() -> None:
        catalog.claims.acquire("k", "child", 60.0)
        catalog._database.write(lambda tx: os.kill(os.getpid(), signal.SIGKILL))

    assert in_a_child(child) == -signal.SIGKILL
    assert catalog.claims.acquire("k", "parent", 60.0).holder == "child"
    catalog.entries.keep(entry(step_run(2)), {}, step_run(2))
    assert catalog.upkeep.check() == []


def test_a_long_log_is_brought_into_the_file_meanwhile(catalog, path):
    large = "x" * 50_000
    for second in range(2, 402):
        catalog.step_runs.record(step_run(second, source=f"{second}{large}"))
    eventually(lambda: Path(path).stat().st_size > 15 << 20)
    seconds = itertools.count(500)

    def is_short_again() -> bool:
        catalog.step_runs.record(step_run(next(seconds)))
        return Path(f"{path}-wal").stat().st_size < 8 << 20

    eventually(is_short_again)


def test_a_hit_that_is_left_for_later_names_its_execution(catalog):
    execution = step_run(2, outputs={"x": "b3:x"})
    catalog.entries.keep(entry(execution), {}, execution)
    catalog.step_runs.record(hit(3, execution), later=True)
    assert [one.id for one in catalog.step_runs.hits_of(execution.id).items] == [identity(3)]


def test_the_journal_does_not_grow_without_end(catalog, path, caplog, monkeypatch):
    monkeypatch.setattr("steppe.catalog.database.journal._LIMIT", 3)
    with closing(sqlite3.connect(path)) as other, caplog.at_level(logging.ERROR, logger="steppe.catalog"):
        other.execute("BEGIN IMMEDIATE")
        for second in range(2, 9):
            catalog.step_runs.record(step_run(second), later=True)
        other.rollback()
    catalog.flush()
    assert "takes no writes: a record is lost" in caplog.text
    assert len(ids(path)) == 3
