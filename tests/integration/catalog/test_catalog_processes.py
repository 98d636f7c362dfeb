"""Sixteen kernels at once: one execution a key, nothing kept is lost or half kept, whoever is killed."""

import os
import random
import signal
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from children import Child, all_succeed

from steppe.catalog import Catalog, open_catalog
from steppe.testing.catalog.made import artifact, digest, entry, file, step_run
from steppe.types import Artifact, Ingredient, StepRun

PROCESSES = 16
KILLS = int(os.environ.get("STEPPE_KILLS", "15"))

Tell = Callable[[object], None]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """A catalog that is there, and that this process has not open."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/catalog.db"
    else:
        url = request.getfixturevalue("postgres").database()
    open_catalog(url).close()
    return url


def test_of_sixteen_processes_one_at_a_time_holds_a_key(url, tmp_path):
    def work(tell: Tell, number: int) -> None:
        me = f"process {number}"
        with open_catalog(url) as catalog:
            for turn in range(40):
                key = f"key {(number + turn) % 3}"
                while catalog.claims.acquire(key, me, 60.0, attempt=str(turn)).holder != me:
                    time.sleep(0.001)
                held = os.open(tmp_path / key, os.O_CREAT | os.O_EXCL)  # fails where another holds it
                os.close(held)
                os.unlink(tmp_path / key)
                assert catalog.claims.release(key, me)

    all_succeed([Child(work, number) for number in range(PROCESSES)])
    with open_catalog(url) as catalog:
        assert catalog.claims.all() == []


def test_a_holder_that_is_killed_leaves_its_key_to_another_when_its_lease_ends(url, tmp_path):
    """Those that are killed hold the key or wait for it; never do two hold it, and never does it stay with the dead."""
    stop = tmp_path / "stop"

    def work(tell: Tell) -> None:
        me = f"process {os.getpid()}"
        with open_catalog(url) as catalog:
            while not stop.exists():
                claim = catalog.claims.acquire("k", me, 0.5)
                if claim.holder != me and claim.expires <= catalog.claims.now():
                    claim = catalog.claims.steal(claim, me, 0.5)
                if claim.holder != me:
                    time.sleep(0.002)
                    continue
                begun = catalog.claims.now()
                time.sleep(0.005)
                if catalog.claims.renew("k", me, 0.5):
                    tell(f"{begun} {catalog.claims.now()}")
                    catalog.claims.release("k", me)

    def holder_among(children: list[Child]) -> Child | None:
        claim = catalog.claims.get("k")
        return next((child for child in children if claim and claim.holder == f"process {child.pid}"), None)

    told, killed = [], 0
    children = [Child(work) for _ in range(PROCESSES)]
    with open_catalog(url) as catalog:
        while killed < 6:
            child = holder_among(children)
            if child is None:
                continue
            os.kill(child.pid, signal.SIGSTOP)
            if holder_among(children) is child:
                child.kill()
                told += child.end()
                killed += 1
                children.remove(child)
                children.append(Child(work))
            else:
                os.kill(child.pid, signal.SIGCONT)
        time.sleep(1.0)
        stop.touch()
        for child in children:
            told += child.end()
        left = catalog.claims.get("k")
    held = sorted(tuple(map(float, line.split())) for line in told)
    assert len(held) > killed
    for (_, ended), (begun, _) in pairwise(held):
        assert ended <= begun, "two held the key at once"
    assert left is None


def made(second: float) -> tuple[StepRun, dict[str, Artifact]]:
    values = {f"v{n}": artifact(digest(second, n), f"v{n}") for n in range(5)}
    outputs = {name: value.version for name, value in values.items()}
    trace = (file("a", second),)
    return step_run(second, f"step {second % 7}", outputs=outputs, trace=trace, source="x" * 3000), values


def whole(catalog: Catalog, second: float) -> bool:
    """Tell whether an entry was kept, and see that it is whole or not there at all."""
    execution, values = made(second)
    found = catalog.entries.find(execution.key)
    if not found:
        assert catalog.step_runs.get(execution.id) is None
        assert [catalog.artifacts.get(value.version) for value in values.values()] == [None] * 5
        assert catalog.lineage.outputs([execution.id]) == []
        return False
    assert found == [entry(execution)]
    assert catalog.entries.artifacts(entry(execution)) == values
    assert catalog.step_runs.get(execution.id) == execution
    assert len(catalog.lineage.outputs([execution.id])) == 5
    return True


def test_nothing_that_was_kept_is_lost_when_its_process_is_killed(url):
    """At random moments, with two processes at work; what was not kept yet is not there by halves."""

    def work(tell: Tell, first: int) -> None:
        catalog = open_catalog(url)
        for second in range(first, first + 1_000_000):
            execution, values = made(second)
            catalog.entries.keep(entry(execution), values, execution, blobs=["b3:file"])
            tell(second)
            catalog.step_runs.record(step_run(second + 0.5, name="later"), later=True)

    chosen, told = random.Random(5), {}
    for kill in range(KILLS):
        children = {first: Child(work, first) for first in (2_000_000 * (kill + 1), 2_000_000 * (kill + 1) + 1_000_000)}
        firsts = {first: [int(child.line())] for first, child in children.items()}
        time.sleep(chosen.uniform(0, 0.2))
        for child in children.values():
            child.kill()
        told |= {first: firsts[first] + [int(line) for line in child.end()] for first, child in children.items()}
    with open_catalog(url) as catalog:
        for first, seconds in told.items():
            assert seconds == list(range(first, first + len(seconds)))
            assert all(whole(catalog, second) for second in seconds)
            whole(catalog, seconds[-1] + 1)  # kept, perhaps, before it could tell
            assert not whole(catalog, seconds[-1] + 2)
        assert catalog.upkeep.check() == []


def test_sixteen_processes_open_write_and_close_at_once(url):
    """The last to close brings the log into the file and removes it, while another opens it: none is locked out."""

    def work(tell: Tell, number: int) -> None:
        for turn in range(6):
            with open_catalog(url) as catalog:
                one = step_run(number * 1000 + turn + 2)
                catalog.entries.keep(entry(one), {}, one)
                assert catalog.entries.find(one.key) == [entry(one)]
                catalog.step_runs.record(step_run(number * 1000 + turn + 500), later=True)
                assert catalog.claims.acquire(f"k{number}", "me", 5).holder == "me"

    all_succeed([Child(work, number) for number in range(PROCESSES)])
    with open_catalog(url) as catalog:
        counts = catalog.upkeep.counts()
        assert (counts["step_runs"], counts["entries"], counts["claims"]) == (12 * PROCESSES, 6 * PROCESSES, PROCESSES)
        assert catalog.upkeep.check() == []


def test_processes_that_keep_the_same_artifacts_of_the_same_step_do_not_lock_each_other_out(url):
    """In whatever order each names them."""

    def work(tell: Tell, number: int) -> None:
        with open_catalog(url) as catalog:
            for turn in range(20):
                order = range(20) if turn % 2 else range(19, -1, -1)
                values = {f"v{n}": artifact(digest(n), f"v{n}") for n in order}
                packages = tuple(Ingredient(kind="package", name=f"p{n}", version=str(turn % 3)) for n in range(10))
                outputs = {name: value.version for name, value in values.items()}
                one = step_run(
                    2 + 1000 * number + turn, key="k", outputs=outputs, ingredients=packages, trace=(file("a"),)
                )
                catalog.entries.keep(entry(one), values, one)
                catalog.artifacts.alias("b3:a", f"b3:{turn}")

    all_succeed([Child(work, number) for number in range(6)])
    with open_catalog(url) as catalog:
        newest = step_run(2 + 5000 + 19).id
        assert [found.step_run for found in catalog.entries.find("k")] == [newest]
        assert catalog.upkeep.counts()["artifacts"] == 20
        assert catalog.artifacts.stored("b3:a") == "b3:19"
        current = [use for use in catalog.lineage.uses(step_run().step) if use.current]
        assert {use.step_run for use in current} == {newest}
        assert len(current) == 11


def test_the_log_of_processes_that_were_killed_is_brought_in_by_the_next(tmp_path):
    """Nobody closed the file properly: whoever opens it next reads what its log says."""
    url = f"sqlite:///{tmp_path}/catalog.db"

    def work(tell: Tell) -> None:
        catalog = open_catalog(url)
        for second in range(2, 40):
            execution, values = made(second)
            catalog.entries.keep(entry(execution), values, execution)
        tell("kept")
        time.sleep(60)

    child = Child(work)
    assert child.line() == "kept"
    child.kill()
    child.end()
    assert Path(f"{tmp_path}/catalog.db-wal").stat().st_size > 0
    with open_catalog(url) as catalog:
        assert all(whole(catalog, second) for second in range(2, 40))
    assert not Path(f"{tmp_path}/catalog.db-wal").exists()
