"""Runs, StepRuns, attempts and metrics: what happened is told as it was."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import TypeVar

import msgspec
import pytest

from steppe.catalog import Catalog, Note, Page, RunFilter, StepRunFilter, open_catalog
from steppe.errors import IllegalTransition
from steppe.testing.catalog.made import digest, file, hit, identity, run, step_run
from steppe.types import Attempt, FileOutput, Ingredient, Resources, Run, State, StepRun

T = TypeVar("T")
replace = msgspec.structs.replace


def all_pages(ask: Callable[[str | None], Page[T]]) -> list[T]:
    """Return the items of all pages of a list."""
    page = ask(None)
    found = list(page.items)
    while page.next is not None:
        page = ask(page.next)
        assert page.items, "a page that is announced has something on it"
        found += page.items
    return found


def listed(one: StepRun) -> StepRun:
    """Return a StepRun as lists show it."""
    return replace(one, source="", ingredients=(), trace=())


class HistorySuite:
    """The promises of `Catalog.runs`, `step_runs`, `attempts` and `metrics`."""

    def test_runs_and_step_runs_are_found_by_the_beginning_of_their_ids(self, catalog: Catalog) -> None:
        """An id's beginning finds all that begin so, in order, up to the limit."""
        for second in (1, 2, 3):
            catalog.runs.begin(run(second))
            catalog.step_runs.record(step_run(second + 10, f"step {second}"))
        ids = [identity(second) for second in (1, 2, 3)]
        common = ids[0][:3]
        assert catalog.runs.beginning(ids[1]) == [ids[1]]
        assert catalog.runs.beginning(common) == ids
        assert catalog.runs.beginning(common, limit=2) == ids[:2]
        assert catalog.runs.beginning("zzz") == []
        assert catalog.step_runs.beginning(identity(12)) == [identity(12)]

    def test_a_run_is_told_from_its_beginning_to_its_end(self, catalog: Catalog) -> None:
        """All its fields, numbers beyond 64 bits too."""
        begun = run(kind="headless", path="nb.ipynb", owner="me", host="h", pid=2**33, commit="abc+", lock="b3:l")
        begun = replace(begun, parameters={"n": 10**30, "xs": [1, None, {"a": 0.5}], "s": "\udcff"})
        assert catalog.runs.get(begun.id) is None
        catalog.runs.begin(begun)
        assert catalog.runs.get(begun.id) == begun
        ended = catalog.runs.finish(begun, status="failed", ended=9.0)
        assert (ended.status, ended.ended) == ("failed", 9.0)
        assert catalog.runs.get(begun.id) == ended

    def test_what_a_run_stands_on_is_told_later_and_stays_whoever_ends_it(self, catalog: Catalog) -> None:
        """Whoever ends it knows nothing of it."""
        begun = run(path="nb.ipynb")
        catalog.runs.begin(begun)
        catalog.runs.describe(
            begun.id, commit="abc+", difference="+ä = '\udcff'\n" * 100, machine="Linux", image="lab:1", lock="b3:l"
        )
        catalog.runs.finish(begun, status="succeeded", ended=9.0)
        told = catalog.runs.get(begun.id)
        assert told is not None
        assert (told.status, told.commit, told.machine, told.image, told.lock) == (
            "succeeded",
            "abc+",
            "Linux",
            "lab:1",
            "b3:l",
        )
        assert catalog.runs.difference(told) == "+ä = '?'\n" * 100
        assert catalog.runs.difference(begun) == ""
        catalog.runs.describe("nobody", commit="abc")
        assert catalog.runs.get("nobody") is None

    def test_the_codes_of_a_steps_cell_are_told_once_each(self, catalog: Catalog) -> None:
        """The latest StepRun that had each; none of other cells, and none after the one asked about."""
        sources = ("x = 1", "x = 2", "x = 1", "x = 3", "x = 4")
        made = [step_run(number, source=source) for number, source in enumerate(sources, 2)]
        others = [step_run(9, part=1, source="y"), step_run(10, "other", source="z")]
        for one in (*made, *others):
            catalog.step_runs.record(one)
        found = catalog.step_runs.codes(made[0].step, part=0, before=made[4].id)
        assert [(id_, source) for id_, source, _ in found] == [(made[n].id, sources[n]) for n in (3, 2, 1)]
        assert [ingredients for _, _, ingredients in found] == [made[n].ingredients for n in (3, 2, 1)]
        assert len(catalog.step_runs.codes(made[0].step, part=0, before=made[4].id, limit=2)) == 2

    def test_several_step_runs_are_told_whole_at_once(self, catalog: Catalog) -> None:
        """Those that are known, each once; with what they are made of."""
        made = [step_run(number, source=f"x = {number}", trace=(file("a.csv"),)) for number in (2, 3)]
        for one in made:
            catalog.step_runs.record(one, later=True)
        asked = [made[1].id, "nobody", made[0].id, made[1].id]
        assert catalog.step_runs.wholes(asked) == {one.id: one for one in made}
        assert catalog.step_runs.wholes([]) == {}

    def test_hits_are_counted(self, catalog: Catalog) -> None:
        """Those of one execution."""
        first, second = step_run(2), step_run(3, "other")
        for one in (first, second, hit(4, first), hit(5, first)):
            catalog.step_runs.record(one, later=True)
        assert [catalog.step_runs.count_hits(one.id) for one in (first, second)] == [2, 0]

    @pytest.mark.parametrize("limit", [1, 2, 3, 10])
    def test_runs_are_listed_newest_first_page_by_page(self, catalog: Catalog, limit: int) -> None:
        """All, or those that are asked for."""
        runs = [
            run(n, notebook=f"nb {n % 2}", status=("running", "failed")[n % 3 == 0], owner=f"o{n % 2}", commit=f"c{n}")
            for n in range(1, 8)
        ]
        for one in runs:
            catalog.runs.begin(one)
        catalog.notes.tag("run", runs[2].id, "good")
        catalog.notes.tag("step_run", runs[3].id, "good")

        def some(which: RunFilter) -> list[Run]:
            return all_pages(lambda after: catalog.runs.list(which, after=after, limit=limit))

        newest: list[Run] = runs[::-1]
        assert some(RunFilter()) == newest
        assert some(RunFilter(notebook="nb 0")) == [one for one in newest if one.notebook == "nb 0"]
        assert some(RunFilter(status="failed", owner="o0")) == [runs[5]]
        assert some(RunFilter(commit="c4")) == [runs[3]]
        assert some(RunFilter(kind="headless")) == []
        assert some(RunFilter(tag="good")) == [runs[2]]
        assert some(RunFilter(since=3.0, until=5.0)) == [runs[3], runs[2]]

    @pytest.mark.parametrize("limit", [1, 10])
    def test_runs_are_found_by_a_part_of_what_a_person_knows_them_by(self, catalog: Catalog, limit: int) -> None:
        """The path, a step's name, a tag, a note; letters that mean something to the database mean themselves."""
        one, other, third = runs = [
            run(n, notebook=f"id{n}", path=f"{path}.ipynb") for n, path in enumerate(("Sales/north", "50%_off", "x"), 1)
        ]
        for each in runs:
            catalog.runs.begin(each)
        catalog.notes.tag("run", other.id, "Good one")
        catalog.notes.tag("step_run", third.id, "good too")
        note = Note(id="n", kind="run", subject=third.id, text="Größer als\nzuvor", time=1.0)
        for kind, subject in (("run", third.id), ("step_run", one.id)):
            catalog.notes.add(replace(note, id=f"{kind} note", kind=kind, subject=subject))
        catalog.step_runs.record(step_run(9, "Train_all", notebook="id1", run=one.id))

        def found(text: str) -> list[Run]:
            asked = RunFilter(search=text)
            return all_pages(lambda after: catalog.runs.list(asked, after=after, limit=limit))

        assert found("SALES") == found("north.ip") == found("train_") == [one]
        assert found("%") == found("50%_o") == found("good") == [other]
        assert found("Größer ALS") == found("zuvor") == [third]
        assert found("ipynb") == runs[::-1]
        assert found("trainxall") == found("id\x00") == found("_%") == []
        narrow = RunFilter(search="ipynb", tag="Good one")
        assert catalog.runs.list(narrow).items == (other,)

    def test_runs_are_tallied_by_the_states_of_their_steps(self, catalog: Catalog) -> None:
        """Those without any, too."""
        for second, state in ((2, State.HIT), (3, State.HIT), (4, State.FAILED)):
            catalog.step_runs.record(step_run(second, run="r1", state=state), later=True)
        assert catalog.runs.tally(["r1", "r2"]) == {"r1": {State.HIT: 2, State.FAILED: 1}, "r2": {}}

    def test_a_step_run_is_told_whole(self, catalog: Catalog) -> None:
        """All its fields."""
        whole = step_run(
            part=3,
            cell="c1",
            why="its input changed",
            source="x = 1\n",
            ingredients=(Ingredient(kind="input", name="df", version="b3:1", detail={"a": "b3:2"}),),
            inputs={"df": "b3:1"},
            outputs={"x": "b3:2", "y": "b3:3"},
            trace=(file("a.csv"), file("d", kind="listing")),
            written=(FileOutput(path="out.csv", blob="b3:4", size=3, mode=0o600), FileOutput(path="gone", blob=None)),
            result="b3:5",
            executor="process",
            ended=5.5,
            seconds=2.25,
            asked=Resources(cpu=0.5, memory=2**34, gpu=2),
            used={"cpu_seconds": 1.5, "memory": 2.0**35},
            error="ValueError: no",
            state=State.FAILED,
        )
        for one in (whole, step_run(3, key=None, state=State.PENDING)):
            catalog.step_runs.record(one, durable=True)
            assert catalog.step_runs.get(one.id) == one
        assert catalog.step_runs.get(identity(99)) is None
        assert catalog.step_runs.list().items == (step_run(3, key=None, state=State.PENDING), listed(whole))

    def test_a_step_run_goes_through_its_states(self, catalog: Catalog) -> None:
        """Each record takes the place of the one before, edges included."""
        states = (
            State.PENDING,
            State.QUEUED,
            State.RUNNING,
            State.RETRYING,
            State.QUEUED,
            State.RUNNING,
            State.SUCCEEDED,
        )
        for number, state in enumerate(states):
            one = step_run(state=state, inputs={"x": f"b3:{number}"}, outputs={f"y{number}": "b3:y"})
            catalog.step_runs.record(one, later=number % 2 == 1)
            assert catalog.step_runs.get(one.id) == one
        assert [edge.version for edge in catalog.lineage.inputs([one.id])] == ["b3:6"]
        assert [edge.name for edge in catalog.lineage.outputs([one.id])] == ["y6"]

    def test_a_state_that_may_not_follow_is_refused(self, catalog: Catalog) -> None:
        """And what was recorded stays as it was."""
        done = step_run(why="first")
        catalog.step_runs.record(done)
        with pytest.raises(IllegalTransition, match="succeeded to running"):
            catalog.step_runs.record(replace(done, state=State.RUNNING, why="second"))
        assert catalog.step_runs.get(done.id) == done
        catalog.step_runs.record(replace(done, why="third"))
        assert catalog.step_runs.get(done.id) == replace(done, why="third")

    def test_a_record_that_can_t_be_written_later_is_logged_and_stops_no_other(
        self, catalog: Catalog, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The one before it and the one after it are written."""
        done = step_run(2)
        catalog.step_runs.record(done)
        with caplog.at_level(logging.ERROR, logger="steppe.catalog"):
            for one in (step_run(3), replace(done, state=State.RUNNING), step_run(4)):
                catalog.step_runs.record(one, later=True)
            catalog.flush()
        assert [one.id for one in catalog.step_runs.list().items] == [identity(4), identity(3), identity(2)]
        assert catalog.step_runs.get(done.id) == done
        assert done.id in caplog.text

    def test_what_was_left_for_later_is_there_when_the_catalog_was_closed(self, catalog: Catalog, url: str) -> None:
        """And read before that by whoever put it there."""
        many = [step_run(n, state=State.HIT) for n in range(2, 702)]
        for one in many:
            catalog.step_runs.record(one, later=True)
        assert catalog.step_runs.get(many[-1].id) == many[-1]
        catalog.step_runs.record(step_run(800), later=True)
        catalog.close()
        with open_catalog(url) as again:
            assert again.upkeep.counts()["step_runs"] == len(many) + 1

    def test_the_latest_step_run_of_a_step_and_the_one_before_are_told_whole(self, catalog: Catalog) -> None:
        """Of one part or of any; only those with a result, where they are asked for."""
        code = Ingredient(kind="code", name="cell", version="b3:c")
        first = step_run(2, source="a", ingredients=(code,))
        second = hit(3, first, source="a", ingredients=(code,))
        third = step_run(4, state=State.FAILED, source="b")
        other_part = step_run(5, part=1)
        for one in (first, third, second, other_part, step_run(6, name="other"), step_run(7, notebook="other")):
            catalog.step_runs.record(one)
        step = first.step
        assert catalog.step_runs.last(step) == other_part
        assert catalog.step_runs.last(step, part=0) == third
        assert catalog.step_runs.last(step, part=0, useful=True) == second
        assert catalog.step_runs.last(step, before=third.id) == second
        assert catalog.step_runs.last(step, part=0, before=second.id, useful=True) == first
        assert catalog.step_runs.last(step, before=first.id) is None
        assert catalog.step_runs.last(step, useful=True) == other_part

    @pytest.mark.parametrize("limit", [1, 4, 100])
    def test_step_runs_are_listed_newest_first_page_by_page(self, catalog: Catalog, limit: int) -> None:
        """All, or those that are asked for."""
        states = (State.HIT, State.SUCCEEDED, State.FAILED)
        many = [
            step_run(n, name=f"s{n % 2}", notebook=f"n{n % 4}", run=f"r{n % 5}", state=states[n % 3], part=n % 2,
                     executor=("inline", "ray")[n % 7 == 0], entry="e" if n % 3 == 0 else "", key=f"k{n % 6}")
            for n in range(2, 24)
        ]  # fmt: skip
        for one in many:
            catalog.step_runs.record(one)
        catalog.notes.tag("step_run", many[5].id, "good")

        def some(which: StepRunFilter) -> list[StepRun]:
            return all_pages(lambda after: catalog.step_runs.list(which, after=after, limit=limit))

        def wanted(test: Callable[[StepRun], bool]) -> list[StepRun]:
            return [one for one in many[::-1] if test(one)]

        assert some(StepRunFilter()) == many[::-1]
        assert some(StepRunFilter(run="r2")) == wanted(lambda one: one.run == "r2")
        assert some(StepRunFilter(notebook="n1", step="s1", part=1)) == wanted(lambda one: one.step.notebook == "n1")
        assert some(StepRunFilter(step="s1")) == wanted(lambda one: one.step.name == "s1")
        assert some(StepRunFilter(step="s0", states=(State.HIT,), since=5.0)) == wanted(
            lambda one: one.step.name == "s0" and one.state == State.HIT and one.started >= 5.0
        )
        assert some(StepRunFilter(step="s0", run="r2")) == wanted(lambda one: one.step.name == "s0" and one.run == "r2")
        assert some(StepRunFilter(step="elsewhere")) == []
        assert some(StepRunFilter(states=(State.HIT, State.FAILED))) == wanted(lambda one: one.state != State.SUCCEEDED)
        assert some(StepRunFilter(states=())) == []
        assert some(StepRunFilter(executor="ray", notebook="n3")) == wanted(
            lambda one: one.executor == "ray" and one.step.notebook == "n3"
        )
        assert some(StepRunFilter(key="k3")) == wanted(lambda one: one.key == "k3")
        assert some(StepRunFilter(entry="e")) == wanted(lambda one: one.entry == "e")
        assert some(StepRunFilter(tag="good")) == [many[5]]
        assert some(StepRunFilter(since=5.0, until=8.0)) == many[3:6][::-1]
        assert all_pages(lambda after: catalog.step_runs.hits_of("e", after=after, limit=limit)) == some(
            StepRunFilter(entry="e")
        )

    @pytest.mark.parametrize("limit", [1, 2, 100])
    def test_steps_are_listed_with_their_latest_step_run(self, catalog: Catalog, limit: int) -> None:
        """The one that was resolved last first, whether it has ended or not; each part is one."""
        first, again = step_run(2, name="a"), step_run(6, name="a", state=State.RUNNING, source="x")
        second, part = step_run(4, name="b"), step_run(5, name="b", part=1)
        elsewhere = step_run(3, name="a", notebook="other")
        for one in (again, first, second, part, elsewhere):
            catalog.step_runs.record(one)

        def found(notebook: str | None) -> list[tuple[object, ...]]:
            steps = all_pages(lambda after: catalog.step_runs.steps(notebook, after=after, limit=limit))
            return [(one.id, one.part, one.last) for one in steps]

        mine = [(again.step, 0, listed(again)), (part.step, 1, part), (second.step, 0, second)]
        assert found("notebook") == mine
        assert found(None) == [*mine, (elsewhere.step, 0, elsewhere)]

    def test_attempts_are_told_in_their_order(self, catalog: Catalog) -> None:
        """And those that still go on."""
        first = Attempt(id="a1", step_run="s", number=1, executor="process", handle="1:2", task="b3:t", started=1.0)
        failed = replace(first, state=State.LOST, ended=3.0, end="killed by the OOM killer")
        second = Attempt(id="a0", step_run="s", number=2)
        for one in (second, first, failed):
            catalog.attempts.record(one, durable=one is second)
            assert catalog.attempts.get(one.id) == one
        assert catalog.attempts.of("s") == [failed, second]
        assert catalog.attempts.of("t") == []
        assert catalog.attempts.going() == [second]
        assert catalog.attempts.get("none") is None
        with pytest.raises(IllegalTransition):
            catalog.attempts.record(replace(failed, state=State.RUNNING))

    def test_metrics_are_told_in_the_order_in_which_they_were_logged(self, catalog: Catalog) -> None:
        """Also what is no number, and what is beyond all numbers."""
        values = [0.5, math.inf, -math.inf, math.nan, 1e-300, 3]
        for number, value in enumerate(values):
            catalog.metrics.log("s", "loss", value, step=10**12 - number, now=100.0 + number)
        catalog.metrics.log("s", "accuracy", 0.9, now=50.0)
        catalog.metrics.log("t", "loss", 7, now=60.0)
        found = all_pages(lambda after: catalog.metrics.series("s", "loss", after=after, limit=4))
        assert [repr(one.value) for one in found] == [repr(float(value)) for value in values]
        assert [one.step for one in found] == [10**12 - number for number in range(6)]
        latest = catalog.metrics.latest(["s", "t", "u"])
        assert [(one.name, one.value, one.step, one.time) for one in latest["s"]] == [
            ("accuracy", 0.9, None, 50.0),
            ("loss", 3.0, 10**12 - 5, 105.0),
        ]
        assert [one.value for one in latest["t"]] == [7.0]
        assert latest["u"] == []
        assert catalog.metrics.series("s", "none").items == ()

    def test_a_key_is_found_in_history(self, catalog: Catalog) -> None:
        """Every StepRun that had it."""
        first = step_run(2, key=digest("k"))
        for one in (first, hit(3, first), step_run(4)):
            catalog.step_runs.record(one)
        found = catalog.step_runs.list(StepRunFilter(key=digest("k"))).items
        assert [one.id for one in found] == [identity(3), identity(2)]
