"""Schedulers that all believe to lead, on real databases: what is due is begun once, and lateness is told."""

from __future__ import annotations

import threading
from collections import Counter

import msgspec
import pytest

from steppe.catalog import Schedule, open_catalog
from steppe.schedules.alerts import send
from steppe.schedules.due_run import begun, finished
from steppe.schedules.scheduler import Scheduler

START = 1_780_000_000.0
TIMES = 60


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return str(tmp_path / "catalog.db")
    return request.getfixturevalue("postgres").database()


def test_each_due_time_is_begun_once_though_the_lease_is_taken_away_all_the_time(url):
    ran: Counter[int] = Counter()
    with open_catalog(url, clock=lambda: START + 60 * TIMES) as catalog:
        catalog.schedules.add(Schedule(id="s", name="s", root="/p", cron="* * * * *", catchup="all", parallel=5,
                                       cursor=START))  # fmt: skip
        wrong: list[BaseException] = []
        done = threading.Event()

        def launch(schedule, due):
            mine = begun(catalog, due.schedule, due.due, due.token, due.token)
            if mine is not None:
                ran[due.due] += 1
                assert finished(catalog, mine, _ended(mine))

        def serve(name):
            made = Scheduler(catalog, "/p", name, launch=launch, tell=lambda *a: None, alive=lambda holder: None)
            try:
                while not done.is_set():
                    made.tick()
                    if sum(due.state == "succeeded" for due in catalog.schedules.dues("s", 1000)) == TIMES:
                        done.set()
            except BaseException as error:
                wrong.append(error)
                done.set()

        def rob():
            while not done.wait(0.002):
                claim = catalog.claims.get("scheduler:/p")
                if claim is not None:
                    catalog.claims.release(claim.key, claim.holder)

        threads = [threading.Thread(target=serve, args=(f"scheduler{n}",)) for n in range(3)]
        threads.append(threading.Thread(target=rob))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert wrong == []
        assert len(ran) == TIMES
        assert set(ran.values()) == {1}


def _ended(due):

    return msgspec.structs.replace(due, state="succeeded", ended=START + 60 * TIMES)


def test_lateness_is_told_once_and_so_is_that_it_is_over(tmp_path, hook):
    now = [START]
    started = []
    with open_catalog(str(tmp_path / "catalog.db"), clock=lambda: now[0]) as catalog:
        catalog.schedules.add(Schedule(id="s", name="s", root="/p", notebook="n.ipynb", cron="0 * * * *", cursor=START,
                                       late=600.0, webhooks=(f"{hook.url}/late",)))  # fmt: skip

        def tell(kind, schedule, due, at, done):
            send(kind, schedule, due, at, pause=0.01)
            done()

        made = Scheduler(catalog, "/p", "me", launch=lambda schedule, due: started.append(due), tell=tell,
                         alive=lambda holder: True)  # fmt: skip
        now[0] += 3600 - START % 3600 + 700  # a due time, and then some
        made.tick()
        made.tick()
        assert [(body["event"], body["state"]) for _, body in hook.got] == [("late", "waiting")]
        assert len(started) == 1
        mine = begun(catalog, "s", started[0].due, started[0].token, "process")
        assert mine is not None
        assert finished(catalog, mine, _ended(mine))
        made.tick()
        made.tick()
        assert [body["event"] for _, body in hook.got] == ["late", "recovered"]
        assert catalog.schedules.due("s", mine.due).told == ("late", "recovered")
        assert catalog.schedules.open(["s"]) == []
