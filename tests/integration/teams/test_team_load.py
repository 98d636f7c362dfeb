"""Many members of a team at once, some killed: each key is executed once, nothing waits for ever, lookups are quick.

`make teams` runs the whole (16 members, 10,000 steps) and prints how long lookups took; here is a sample.
"""

from __future__ import annotations

import os
import statistics
from collections import Counter

import psycopg
import pytest
from team import Team

from steppe.catalog import every, open_catalog
from steppe.catalog.shipped import statements
from steppe.types import State

LONG = os.environ.get("STEPPE_TEST_LONG") == "1"
MEMBERS, STEPS, KILLS, PAUSE = (16, 10_000, 12, 0.1) if LONG else (5, 60, 2, 0.0)
LIMIT = 0.02
"""Seconds in which 95 of 100 lookups are to be answered."""


def test_each_key_is_executed_once_whoever_is_killed(team_places, tmp_path, capsys):
    pause = float(os.environ.get("STEPPE_TEAM_PAUSE", PAUSE))
    team = Team(tmp_path, team_places, size=MEMBERS, chains=STEPS // 2, asked=2, seed=5)
    took = team.work(kills=KILLS, pause=pause)
    with capsys.disabled():
        if LONG:
            tell(team, took, pause)
    assert len(team.killed) == KILLS
    assert team.wrong == []
    assert team.again() == [], f"killed: {team.killed}"
    assert len(team.executed()) == STEPS
    url = team_places["STEPPE_CATALOG"]
    with open_catalog(url) as catalog:
        runs = list(every(lambda after: catalog.step_runs.list(after=after, limit=1000)))
        keys = [run.key for run in runs if run.state is State.SUCCEEDED]
        states = Counter(run.state.value for run in runs)
        assert len(keys) == len(set(keys)) == STEPS, f"a key has two results, or none: {states}"
        assert all(len(found) == 1 for found in catalog.entries.among(keys).values())
        assert [claim for claim in catalog.claims.all() if claim.key in set(keys)] == [], "somebody still holds a key"
    with psycopg.connect(url) as connection:
        asked = "SELECT deadlocks, xact_commit FROM pg_stat_database WHERE datname = current_database()"
        deadlocks, _ = connection.execute(asked).fetchone()
        assert deadlocks == 0
    if LONG:
        assert percentile(team.times["find"], 95) <= LIMIT


def tell(team: Team, took: float, pause: float) -> None:
    print(f"\n{MEMBERS} members, {STEPS} steps, {len(team.killed)} killed, {pause} s between: {took:.0f} s")
    said = {
        "find": "lookup in the catalog",
        "acquire": "claim of a key",
        "keep": "result written down",
        "get": "read from the bucket",
        "call": "a step's call, whole",
    }
    for name, words in said.items():
        times = team.times[name]
        if len(times) < 2:
            continue
        found = [statistics.median(times), percentile(times, 95), percentile(times, 99), max(times)]
        print(f"  {words:24}{len(times):8} p50 p95 p99 max: {' '.join(f'{each * 1e3:8.1f}' for each in found)} ms")


def percentile(times: list[float], which: int) -> float:
    return statistics.quantiles(times, n=100)[which - 1]


ASKED = (
    "entries.find",
    "entries.id",
    "entries.touch",
    "entries.artifacts",
    "claims.get",
    "claims.renew",
    "claims.release",
    "artifacts.get",
    "step_runs.state",
    "step_runs.get",
    "runs.get",
)
"""What is asked for each step: none of it may take longer where there is more history."""


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_for_each_step_goes_by_an_index(team_places, name):
    url = team_places["STEPPE_CATALOG"]
    open_catalog(url).close()
    text = statements("postgresql")[name]
    given = dict.fromkeys(
        ("its_key", "key", "its_holder", "its_trace", "trace_digest", "step_run", "version", "id"), "x"
    )
    given |= {"now": 1.0, "ttl": 1.0}
    with psycopg.connect(url, options="-c search_path=steppe -c enable_seqscan=off") as connection:
        plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN {text}", given).fetchall())
    assert "Seq Scan" not in plan, plan
    assert "Index" in plan, plan
