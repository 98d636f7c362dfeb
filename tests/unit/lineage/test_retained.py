"""What a project's rules of retention keep, and what they let go although there is room."""

from __future__ import annotations

import os

import pytest
from click.testing import CliRunner

from steppe.cli.gc import command
from steppe.errors import UsageError
from steppe.lineage.gc import YOUNG, doomed, sweep
from steppe.settings import Retention, load_project
from steppe.types import Run
from tests.unit.lineage.test_gc import use
from tests.unit.lineage.test_holding import World

NOW = 1000.0 + 3 * YOUNG


@pytest.fixture
def world(tmp_path):
    """Three runs of one notebook and one of another; each ran one step of its own, the last hit that of the second."""
    made = World(tmp_path)
    with made.catalog:
        for number, notebook in enumerate(("n", "n", "n", "m")):
            run = Run(id=f"run {number}", notebook=notebook, path=f"{notebook}.ipynb", started=50.0 + number)
            made.catalog.runs.begin(run)
            made.execute(run=number, notebook=notebook, reads=[0] if number == 1 else [])
            made.catalog.runs.finish(run, status="succeeded", ended=60.0 + number)
        yield made


def clean(world, limit=0, **rules):
    for path in (world.folder / "store").rglob("*"):
        if path.is_file():
            os.utime(path, (1000.0, 1000.0))
    return sweep(world.catalog, world.store, limit, rules=Retention(**rules), now=lambda: NOW)


def test_without_rules_nothing_is_kept_over_the_limit(world):
    clean(world)
    assert world.left() == set()


def test_the_last_runs_of_each_notebook_keep_their_results(world):
    done = clean(world, runs=1)
    assert world.left() == {2, 3}
    assert {hold.why for hold in done.holds} == {("the last run of n.ipynb",), ("the last run of m.ipynb",)}
    assert world.load(2) == world.made[2]["value"]


def test_what_a_last_run_has_hit_stays_too(world):
    again = Run(id="run 9", notebook="n", path="n.ipynb", started=90.0)
    world.catalog.runs.begin(again)
    world.hit(1, "run 9")
    world.catalog.runs.finish(again, status="succeeded", ended=91.0)
    clean(world, runs=1)
    assert world.left() == {1, 3}


def test_a_run_of_nothing_is_no_last_run(world):
    empty = Run(id="run 9", notebook="n", path="n.ipynb", started=90.0)
    world.catalog.runs.begin(empty)
    world.catalog.runs.finish(empty, status="succeeded", ended=91.0)
    clean(world, runs=1)
    assert world.left() == {2, 3}


def test_a_tagged_run_keeps_all_that_led_to_it(world):
    world.catalog.notes.tag("run", "run 1", "release")
    done = clean(world, tags=("release",))
    assert world.left() == {0, 1}, "the first made what the second has read"
    assert {why for hold in done.holds for why in hold.why} == {"run run 1 is tagged release"}


def test_what_nobody_has_used_for_long_goes_although_there_is_room():
    old, new = use(1, used=10.0), use(2, used=900.0)
    assert doomed([old, new], -1, 1000.0, 2000.0, unused_since=500.0) == [old]
    assert doomed([use(1, used=10.0, held=True)], -1, 1000.0, 2000.0, unused_since=500.0) == []


def test_days_are_counted_from_the_last_use(world):
    assert clean(world, limit=10**9, days=1).entries == 0
    assert clean(world, limit=10**9, days=0.01).entries == 4
    assert world.left() == set()


def test_the_rules_are_settings(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.steppe.retention]\nruns = 3\ndays = 90\ntags = ["release"]\n')
    assert load_project(tmp_path, {}).settings.retention == Retention(runs=3, days=90, tags=("release",))
    (tmp_path / "pyproject.toml").write_text("[tool.steppe.retention]\nruns = -1\n")
    with pytest.raises(UsageError, match="runs"):
        load_project(tmp_path, {})


def test_the_command_follows_the_rules_and_says_so(world, monkeypatch):
    (world.folder / ".git").mkdir()
    state = world.folder / ".steppe"
    state.mkdir()
    (world.folder / "store").rename(state / "store")
    world.catalog.close()
    (world.folder / "catalog.db").rename(state / "catalog.db")
    (world.folder / "pyproject.toml").write_text("[tool.steppe.retention]\nruns = 1\n")
    monkeypatch.chdir(world.folder)
    said = CliRunner().invoke(command, ["--dry-run", "--limit", "1"])
    assert "the last run of n.ipynb" in said.output, said.output
