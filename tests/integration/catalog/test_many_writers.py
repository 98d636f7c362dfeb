"""On a server many write at once: none of them waits for another for ever, and none undoes what another has written."""

import psycopg
import pytest
from children import Child, all_succeed

from steppe.catalog import open_catalog
from steppe.catalog.database.transactions import Transaction
from steppe.testing.catalog.made import entry, file, hit, step_run
from steppe.types import State

TURNS = 60


@pytest.fixture
def url(postgres):
    url = postgres.database()
    open_catalog(url).close()
    return url


def test_journals_that_tell_of_the_same_steps_in_other_orders_never_lock_each_other_out(url):
    """Each batch is about the same steps and entries: a deadlock costs a second, and four of them the batch."""
    names = [f"step {number}" for number in range(8)]
    with open_catalog(url) as catalog:
        made = [step_run(number + 2, name, trace=(file(name),)) for number, name in enumerate(names)]
        for each in made:
            catalog.entries.keep(entry(each), {}, each)

    def work(tell, number: int) -> None:
        with open_catalog(url) as catalog:
            for turn in range(TURNS):
                for place, each in enumerate(made if number % 2 else made[::-1]):
                    fresh = hit(1000 + (number * TURNS + turn) * 10 + place, each, trace=each.trace)
                    catalog.step_runs.record(fresh, later=True)
                    catalog.entries.touch(entry(each), float(1000 + number * TURNS + turn))
            catalog.flush()

    all_succeed([Child(work, number) for number in range(4)])
    with psycopg.connect(url) as connection:
        asked = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert connection.execute(asked).fetchone() == (0,)
        counted = connection.execute("SELECT count(*) FROM steppe.step_runs WHERE state = 'hit'").fetchone()
        assert counted == (4 * TURNS * len(names),)


@pytest.mark.parametrize("known", [False, True])
def test_where_a_step_stands_never_takes_the_place_of_its_end(url, monkeypatch, known):
    """It is told in another thread: its look at the row and its write may stand on both sides of the end."""
    running, ended = step_run(state=State.RUNNING), step_run()
    with open_catalog(url) as telling, open_catalog(url) as keeping:
        if known:
            telling.step_runs.record(step_run(state=State.PENDING))
        plain, waiting = Transaction.run_each, [True]

        def between(self, name, rows):
            if name == "step_runs.document" and waiting and not known:
                waiting.clear()
                keeping.entries.keep(entry(ended), {}, ended)
            return plain(self, name, rows)

        monkeypatch.setattr(Transaction, "run_each", between)
        telling.step_runs.stand(running)
        if known:
            keeping.entries.keep(entry(ended), {}, ended)
            telling.step_runs.stand(running)
        assert telling.step_runs.get(ended.id) == ended
