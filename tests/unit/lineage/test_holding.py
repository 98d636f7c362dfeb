"""What pins, names and leases hold can be loaded after `steppe gc`, whatever has happened before; the rest goes."""

from __future__ import annotations

import copy
import os
import tempfile
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from steppe.catalog import Pin, open_catalog
from steppe.engine.lookup import blobs_of
from steppe.engine.session import ENCODER
from steppe.finding import by_version, execution_of
from steppe.lineage.gc import YOUNG, sweep
from steppe.loading import Loading
from steppe.store.local import LocalStore
from steppe.types import Artifact, Entry, FileOutput, Observation, Result, State, StepId, StepRun
from steppe.values import families as families  # registers the encoders
from steppe.values.changes import changed_roots, places
from steppe.values.codes import CodeTable
from steppe.values.pack import Packing, replace
from steppe.values.walk import Walk
from steppe.worker.sources import Sources

HOLDERS = ("name", "artifact", "step_run", "run", "lease")
KINDS = ("own", "within", "change")
"""A step's value is its own, has the first input within, or is the first input, changed in place."""

STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(KINDS),
            "reads": st.lists(st.integers(0, 9), max_size=2),
            "file": st.none() | st.integers(0, 9),
            "again": st.none() | st.integers(0, 9),
            "run": st.integers(0, 2),
            "notebook": st.sampled_from("nm"),
        }
    ),
    min_size=1,
    max_size=9,
)
HELD = st.lists(st.tuples(st.sampled_from(HOLDERS), st.integers(0, 9)), max_size=3)


class World:
    """A project in which steps have run long ago; each knows what it made and what it was made from."""

    def __init__(self, folder):
        self.store = LocalStore(folder / "store")
        self.catalog = open_catalog(str(folder / "catalog.db"))
        self.folder = folder
        self.made = []

    def execute(self, kind="own", reads=(), file=None, again=None, run=0, notebook="n", value=None):
        """Let a step run: read values and a file that steps have left, and bind `x7`, where it is the seventh."""
        number, sources = len(self.made), Sources()
        reads = [each % number for each in reads] if number else []
        reads = list({self.made[each]["name"]: each for each in reads}.values())
        kind = kind if reads else "own"
        inputs = {self.made[each]["name"]: copy.deepcopy(self.made[each]["value"]) for each in reads}
        before = Walk(sources)
        for name, each in inputs.items():
            before.walk(name, each)
        name, after, changed = f"x{number}", Walk(sources), {}
        if kind == "change":
            name = self.made[reads[0]]["name"]
            inputs[name].append(number)
            changed, value = changed_roots(before, after), inputs[name]
            version = changed[name].version
        else:
            own = value or [number, "own"]
            value = [number, inputs[self.made[reads[0]]["name"]]] if kind == "within" else own
            after.walk(name, value)
            version = after.roots[name].version
        packing = Packing(before, after, places(before), CodeTable(sources.locate), self.store.put)
        parts = [self._in_blob(part) for part in packing.pack([] if changed else [name], changed)]
        path = f"f{number}.csv"
        written = FileOutput(path=path, blob=self.store.put([b"written by %d" % number]), size=12)
        outputs = {name: Artifact(version=version, type="list", part=parts[0])}
        result = Result(parts=tuple(parts), outputs=outputs, files=(written,))
        seen = file % number if file is not None and number else None
        step_run = StepRun(
            id=f"{number:026}",
            run=f"run {run}",
            step=StepId(notebook=notebook, name=f"step {number}"),
            state=State.SUCCEEDED,
            key=self.key(number if again is None or not number else again % number),
            inputs={self.made[each]["name"]: self.made[each]["version"] for each in reads},
            outputs={name: version},
            written=(written,),
            trace=() if seen is None else (Observation(kind="file", name=f"f{seen}.csv", version=self.file(seen)),),
            result=self.store.put([ENCODER.encode(result)]),
        )
        entry = Entry(
            key=step_run.key, result=step_run.result, seconds=1.0, created=100.0 + number, step_run=step_run.id, size=99
        )
        self.catalog.entries.keep(entry, outputs, step_run, blobs=blobs_of(result))
        self.made.append(
            {
                "run": step_run,
                "name": name,
                "value": copy.deepcopy(value),
                "version": version,
                "from": [*reads, *([] if seen is None else [seen])],
                "needs": reads[:1] if kind != "own" else [],
                "blob": parts[0].blob,
                "file": written.blob,
            }
        )

    def key(self, number):
        return f"b3:{blake3(b'key %d' % number).hexdigest()}"

    def file(self, number):
        return self.made[number]["file"]

    def _in_blob(self, part):
        return part if part.inline is None else replace(part, inline=None, blob=self.store.put([part.inline]))

    def hit(self, number, run):
        of = self.made[number]["run"]
        self.catalog.step_runs.record(
            StepRun(id=f"9{number:025}", run=run, step=of.step, state=State.HIT, entry=of.id, outputs=of.outputs)
        )

    def hold(self, how, number):
        """Hold what a step made, by a name, a pin or a lease; return which steps' values must be had after."""
        made = self.made[number]
        if how == "name":
            self.catalog.names.move(f"name {number}", made["version"], now=1.0)
            return self.closure([number], "needs")
        if how == "lease":
            self.catalog.leases.hold("a kernel", [made["blob"]], 3600.0)
            there = any(entry.step_run == made["run"].id for entry in self.catalog.upkeep.entries())
            return self.closure([number], "needs") if there else set()
        target = {"artifact": made["version"], "step_run": made["run"].id, "run": made["run"].run}[how]
        self.catalog.names.pin(Pin(kind=how, target=target))
        if how != "run":
            return self.closure([number], "from")
        return self.closure([each for each, other in enumerate(self.made) if other["run"].run == target], "from")

    def closure(self, roots, way):
        found, todo = set(), list(roots)
        while todo:
            number = todo.pop()
            if number not in found:
                found.add(number)
                todo += self.made[number][way]
        return found

    def gc(self):
        for path in (self.folder / "store").rglob("*"):
            if path.is_file():
                os.utime(path, (1000.0, 1000.0))
        return sweep(self.catalog, self.store, 0, now=lambda: 1000.0 + 3 * YOUNG)

    def load(self, number):
        """Load a value as another process would."""
        sources = Sources()
        loading = Loading(self.catalog, self.store, sources, CodeTable(sources.locate), None)
        place = by_version(self.catalog, self.made[number]["version"], loading.keeps)
        return loading.value(execution_of(self.catalog, place.run), place.name)

    def left(self):
        return {number for number, made in enumerate(self.made) if self.store.has(made["run"].result)}


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    with made.catalog:
        yield made


@given(STEPS, HELD, st.lists(st.integers(0, 9), max_size=3))
@settings(max_examples=40)
def test_what_is_held_can_be_loaded_after_gc_and_the_rest_is_gone(steps, held, forgotten):
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        with world.catalog:
            for step in steps:
                world.execute(**step)
            for number in forgotten:
                world.catalog.entries.forget(world.key(number))
            must, leased = set(), []
            for how, number in held:
                number %= len(steps)
                must |= world.hold(how, number)
                leased += [world.made[number]["blob"]] if how == "lease" else []
            for _ in range(2):
                world.gc()
                for number in must:
                    assert world.load(number) == world.made[number]["value"]
                    assert world.store.has(world.file(number))
                assert all(world.store.has(blob) for blob in leased)
                assert world.left() == must


def test_what_an_entry_no_longer_has_stays_while_it_is_named(world):
    world.execute()
    world.execute(again=0)  # run again: the key's entry is the second's
    world.hold("name", 0)
    done = world.gc()
    assert world.left() == {0}
    assert world.load(0) == [0, "own"]
    assert [(hold.step, hold.why) for hold in done.holds] == [("step 0", ("named name 0",))]
    world.catalog.names.drop("name 0", now=2.0)
    world.gc()
    assert world.left() == set()


def test_a_pin_holds_what_a_run_has_hit_and_what_led_to_it(world):
    for reads in ([], [0], [1]):
        world.execute(reads=reads)
    world.hit(2, "later")
    world.catalog.names.pin(Pin(kind="run", target="later", reason="paper"))
    done = world.gc()
    assert world.left() == {0, 1, 2}
    assert {hold.why for hold in done.holds} == {("pinned run later (paper)",)}
    assert all(hold.bytes > 0 for hold in done.holds)
    world.catalog.names.unpin("run", "later")
    assert world.gc().entries == 3


def test_a_name_holds_no_more_than_its_value_needs(world):
    world.execute()
    world.execute(reads=[0])
    world.execute(reads=[1], kind="within")
    world.hold("name", 2)
    world.gc()
    assert world.left() == {1, 2}


def test_a_constant_holds_nothing_of_another_notebook(world):
    world.execute(notebook="m", value=[0.1])
    world.execute(notebook="n", value=[0.1])
    world.execute(notebook="m", value=[0.1])
    world.execute(notebook="n", reads=[1])
    assert world.made[0]["version"] == world.made[1]["version"]
    world.hold("step_run", 3)
    world.gc()
    assert world.left() == {1, 3}
