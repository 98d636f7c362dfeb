"""Whatever two catalogs have, a push adds what the team has not, changes nothing that it has, and may be repeated."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from steppe.catalog import Catalog, every, open_catalog
from steppe.engine.lookup import ENCODER
from steppe.sharing.push import Place, Push
from steppe.sharing.pushed_marks import push_marks
from steppe.store import open_store
from steppe.testing.catalog.made import digest, entry, file, hit, identity, run, step_run
from steppe.types import Artifact, Entry, Part, Result, State

STEPS = st.tuples(
    st.integers(0, 3),  # which step: its key
    st.integers(0, 2),  # the version of the file that it reads, or no file
    st.integers(0, 1),  # what comes out
    st.sampled_from(["kept", "hit", "failed"]),
)
HISTORIES = st.lists(STEPS, max_size=6)
MARKS = st.lists(st.tuples(st.sampled_from(["production", "sample"]), st.integers(0, 1)), max_size=3)


def fill(place: Place, made: list[tuple[int, int, int, str]], moves: list[tuple[str, int]], first: int) -> None:
    """Make a history that is always the same for the same words, its runs apart from those of other `first`s."""
    catalog, known = place.catalog, {}
    catalog.runs.begin(run(first, id=identity(first), status="succeeded"))
    for number, (step, read, value, end) in enumerate(made):
        second, name = first + number + 1, f"step {step}"
        trace = (file("data.csv", read),) if read else ()
        if end == "hit" and step in known:
            catalog.step_runs.record(hit(second, known[step], run=identity(first)))
            continue
        if end == "failed":
            catalog.step_runs.record(step_run(second, name, run=identity(first), state=State.FAILED, error="no"))
            continue
        blob = place.store.put([f"value {value}".encode()])
        part = Part(names=("x",), format="npy", blob=blob, size=7)
        artifact = Artifact(version=digest("x", value), type="int", size=7, part=part)
        result = place.store.put([ENCODER.encode(Result(parts=(part,), outputs={"x": artifact}, seconds=float(value)))])
        known[step] = one = step_run(
            second,
            name,
            run=identity(first),
            key=digest("key", step),
            trace=trace,
            outputs={"x": artifact.version},
            result=result,
        )
        catalog.entries.keep(entry(one, result=result), {"x": artifact}, one, blobs=[blob])
    for number, (name, value) in enumerate(moves):
        catalog.names.move(name, digest("x", value), now=float(first + number))


def entries(catalog: Catalog) -> list[Entry]:
    keys = {use.key for use in catalog.upkeep.entries()}
    return sorted(
        (each for found in catalog.entries.among(keys).values() for each in found), key=lambda each: each.step_run
    )


def agree(one: Entry, other: Entry) -> bool:
    return one.key == other.key and (not one.trace or not other.trace or one.trace == other.trace)


def push(here: Place, there: Place) -> tuple[Push, list[str]]:
    done = Push(here, there)
    for each in done.runs():
        done.run(each)
    done.finish()
    return done, push_marks(here.catalog, there.catalog, done.subjects, all_of_it=True)


@settings(max_examples=12, deadline=None)
@given(ours=HISTORIES, theirs=HISTORIES, our_moves=MARKS, their_moves=MARKS)
def test_a_push_adds_what_is_missing_and_changes_nothing(ours, theirs, our_moves, their_moves):
    with (
        tempfile.TemporaryDirectory() as folder,
        open_catalog(f"{folder}/a.db") as one,
        open_catalog(f"{folder}/b.db") as two,
    ):
        here, there = (
            Place(each, open_store(f"{folder}/{name}", Path(folder))) for each, name in ((one, "a"), (two, "b"))
        )
        fill(here, ours, our_moves, 1000)
        fill(there, theirs, their_moves, 2000)
        before, names = entries(two), {name.name: two.names.history(name.name) for name in two.names.all()}
        done, left = push(here, there)

        listed = list(every(lambda after: one.step_runs.list(after=after)))
        steps = one.step_runs.wholes(step.id for step in listed)
        assert two.step_runs.wholes(steps) == steps
        after = entries(two)
        assert [each for each in after if each in before] == before
        added = [each for each in entries(one) if not any(agree(each, known) for known in before)]
        ours_there = [each for each in after if each not in before]
        assert [each for each in ours_there if each not in added] == []
        assert {each.key for each in added} == {each.key for each in ours_there}
        for each in after:
            there.store.verify(each.result)
        for each in ours_there:
            assert all(artifact.part is not None for artifact in two.entries.artifacts(each).values())
        otherwise = {
            one.step_runs.get(mine.step_run).step.name
            for mine in entries(one)
            for known in before
            if agree(mine, known)
            and one.step_runs.get(mine.step_run).outputs != two.step_runs.get(known.step_run).outputs
        }
        assert otherwise <= set(done.told.differ)
        for name, moves in names.items():
            assert two.names.history(name) == moves, "the team's own name was moved"
            now = one.names.get(name)
            assert (name in left) == (now is not None and now.version != moves[0].version)

        again, left_again = push(here, there)
        assert (again.told.steps, again.told.blobs, again.told.known) == (0, 0, len(steps))
        assert entries(two) == after
        assert left_again == left
