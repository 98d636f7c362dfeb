"""Entries, artifacts and aliases: what was kept is found."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from steppe.catalog import Catalog, StepRunFilter, open_catalog
from steppe.errors import IllegalTransition
from steppe.testing.catalog.history import listed
from steppe.testing.catalog.machine import CatalogMachine
from steppe.testing.catalog.made import AWKWARD, UNSTORABLE, Clock, artifact, digest, entry, file, hit, step_run
from steppe.types import Artifact, Entry, Part, State

replace = msgspec.structs.replace


def kept(catalog: Catalog, second: float = 2, **fields: Any) -> Entry:
    """Keep an execution without outputs and return its entry."""
    execution = step_run(second, **fields)
    catalog.entries.keep(entry(execution), {}, execution)
    return entry(execution)


class EntriesSuite:
    """The promises of `Catalog.entries` and `Catalog.artifacts`."""

    examples = 40
    """How many sequences of operations the test against a dictionary tries."""

    def test_what_was_kept_is_found_whole(self, catalog: Catalog) -> None:
        """All fields, and the artifacts with their parts."""
        model, table = (
            artifact(digest("m"), "model", detail={"coef": "b3:1"}),
            artifact(digest("t"), "table", names=("f",)),
        )
        execution = step_run(
            outputs={"model": model.version, "table": table.version}, trace=(file("a.csv"), file("b.csv"))
        )
        wanted = entry(execution, expires=7.5, size=2**40)
        catalog.entries.keep(wanted, {"model": model, "table": table}, execution)
        assert catalog.entries.find(wanted.key) == [wanted]
        assert catalog.entries.artifacts(wanted) == {"model": model, "table": table}
        assert catalog.artifacts.get(model.version) == model
        assert catalog.step_runs.get(execution.id) == execution

    def test_many_entries_of_one_execution_are_kept_and_found_at_once(self, catalog: Catalog) -> None:
        """With where their results lie in one blob; they are forgotten with the step that made them."""
        running = step_run(2, state=State.RUNNING, ended=None, key=None)
        made = [
            replace(entry(running), key=digest("key", n), start=10 * n, stop=10 * n + 10, trace=(file(f"{n}.csv"),))
            for n in range(3)
        ]
        catalog.entries.keep_each([(each, (digest("blob", each.key),)) for each in made], running)
        catalog.entries.keep_each([(made[0], ())], running)
        found = catalog.entries.among([*(each.key for each in made), digest("nobody's")])
        assert found == {each.key: [each] for each in made}
        assert catalog.step_runs.get(running.id) == running
        catalog.entries.touch_each(made, 9.0)
        catalog.entries.touch_each((), 9.0)
        other = kept(catalog, 5, name="other")
        assert catalog.entries.forget_step(running.step) == 3
        assert catalog.entries.among([each.key for each in (*made, other)]) == {other.key: [other]}

    def test_nothing_is_kept_over_the_claim_of_another(self, catalog: Catalog) -> None:
        """Not while the other works, nor when it has finished since; but where a claim is merely gone, all is kept."""
        execution = step_run(2)
        ours = entry(execution)
        catalog.claims.acquire(ours.key, "other", 60.0)
        assert not catalog.entries.keep(ours, {}, execution, holder="us")
        assert catalog.entries.find(ours.key) == []
        catalog.claims.release(ours.key, "other")
        theirs = kept(catalog, 3, key=execution.key, result=digest("theirs"))
        assert not catalog.entries.keep(ours, {}, execution, holder="us")
        assert catalog.entries.find(ours.key) == [theirs]
        catalog.entries.forget(ours.key)
        assert catalog.entries.keep(ours, {}, execution, holder="us")
        assert catalog.entries.find(ours.key) == [ours]

    def test_another_key_is_not_found(self, catalog: Catalog) -> None:
        """Nor is an unknown artifact."""
        kept(catalog)
        assert catalog.entries.find(digest("other")) == []
        assert catalog.artifacts.get(digest("other")) is None

    def test_entries_of_a_key_are_found_newest_first(self, catalog: Catalog) -> None:
        """One for each set of observations, in whatever order they were kept."""
        found = [kept(catalog, second, key="k", trace=(file("a.csv", second),)) for second in (5, 3, 9, 4)]
        assert catalog.entries.find("k") == sorted(found, key=lambda one: -one.created)

    def test_an_entry_takes_the_place_of_an_older_one_of_the_same_trace(self, catalog: Catalog) -> None:
        """In whatever order its lines come."""
        lines = (file("a.csv"), file("b.csv"))
        kept(catalog, 2, key="k", trace=lines)
        newer = kept(catalog, 3, key="k", trace=lines[::-1])
        assert catalog.entries.find("k") == [newer]

    def test_an_entry_that_comes_late_does_not_take_the_place_of_a_newer_one(self, catalog: Catalog) -> None:
        """Such as one that is kept a second time, since nobody heard that it had worked."""
        older, newer = step_run(2, key="k"), step_run(3, key="k")
        for execution in (older, newer, older):
            catalog.entries.keep(entry(execution), {}, execution)
        assert catalog.entries.find("k") == [entry(newer)]

    def test_keeping_twice_comes_to_the_same_as_once(self, catalog: Catalog) -> None:
        """The same rows, the same blobs."""
        value = artifact(digest("v"))
        execution = step_run(outputs={"model": value.version})
        for _ in range(2):
            catalog.entries.keep(entry(execution), {"model": value}, execution, blobs=["b3:file"])
            assert catalog.upkeep.live() == {"b3:file", digest("blob", value.version), entry(execution).result}
        assert catalog.upkeep.counts()["entries"] == 1
        assert catalog.entries.artifacts(entry(execution)) == {"model": value}

    def test_nothing_is_kept_by_halves(self, catalog: Catalog) -> None:
        """An execution that had failed already can't succeed: neither it nor its entry is written."""
        failed = step_run(state=State.FAILED)
        catalog.step_runs.record(failed)
        value, succeeded = artifact(digest("v")), replace(failed, state=State.SUCCEEDED)
        with pytest.raises(IllegalTransition):
            catalog.entries.keep(entry(succeeded), {"model": value}, succeeded)
        assert catalog.entries.find(entry(succeeded).key) == []
        assert catalog.artifacts.get(value.version) is None
        assert catalog.step_runs.get(failed.id) == failed

    def test_what_was_kept_is_there_for_others_at_once_and_later(self, catalog: Catalog, url: str) -> None:
        """Another catalog of the same URL, open at the same time, and opened again."""
        with open_catalog(url) as other:
            wanted = kept(catalog)
            assert other.entries.find(wanted.key) == [wanted]
        catalog.close()
        with open_catalog(url, create=False) as again:
            assert again.entries.find(wanted.key) == [wanted]

    @pytest.mark.parametrize("text", AWKWARD, ids=lambda text: ascii(text[:20]))
    def test_any_text_comes_back(self, catalog: Catalog, text: str) -> None:
        """In columns and in nested structs."""
        value = artifact(digest("v"), preview=text, detail={text: text})
        execution = step_run(name=text, notebook=text, source=text, why=text, trace=(file(text),), inputs={text: text})
        catalog.entries.keep(entry(execution), {text: value}, execution)
        assert catalog.artifacts.get(value.version) == value
        assert catalog.step_runs.get(execution.id) == execution
        assert catalog.step_runs.last(execution.step) == execution
        assert [use.step_run for use in catalog.lineage.using("file", text).items] == [execution.id]
        assert catalog.lineage.users(text).items == (listed(execution),)
        assert catalog.step_runs.list(StepRunFilter(notebook=text, step=text)).items == (listed(execution),)
        assert catalog.lineage.latest_users([text]) == {text: [execution.id]}

    @pytest.mark.parametrize("text", UNSTORABLE, ids=ascii)
    def test_text_that_a_database_can_t_hold_comes_back_too(self, catalog: Catalog, text: str) -> None:
        """A file's name that is no UTF-8, and is found by its name."""
        value = artifact(digest("v"), preview=text, detail={text: text})
        execution = step_run(name=text, source=text, why=text, trace=(file(text),), outputs={"x": value.version})
        catalog.entries.keep(entry(execution), {"x": value}, execution)
        assert catalog.entries.find(entry(execution).key) == [entry(execution)]
        assert catalog.artifacts.get(value.version) == value
        assert catalog.step_runs.get(execution.id) == execution
        assert [use.step_run for use in catalog.lineage.using("file", text).items] == [execution.id]

    def test_a_touched_entry_was_used_then(self, catalog: Catalog) -> None:
        """And never earlier than it was used before."""
        wanted = kept(catalog)
        for now in (50.0, 40.0):
            catalog.entries.touch(wanted, now)
            assert [use.used for use in catalog.upkeep.entries()] == [50.0]

    def test_entries_are_forgotten_by_key_step_notebook_or_all_together(self, catalog: Catalog) -> None:
        """A step's are those that it made or hit; bytes and history stay."""
        mine = step_run(2, name="mine", key="k2")
        for execution in (
            mine,
            step_run(3, name="mine", key="k3"),
            step_run(4, key="k4"),
            step_run(5, notebook="b", key="k5"),
        ):
            catalog.entries.keep(entry(execution), {}, execution)
        catalog.step_runs.record(hit(6, mine, notebook="b", name="hits"), later=True)

        def left() -> list[str]:
            return [one.key for one in catalog.upkeep.entries()]

        assert catalog.entries.forget("nothing") == 0
        assert catalog.entries.forget("k3") == 1
        assert left() == ["k2", "k4", "k5"]
        assert catalog.entries.forget_step(hit(6, mine, notebook="b", name="hits").step) == 1
        assert left() == ["k4", "k5"]
        assert catalog.entries.forget_notebook("b") == 1
        assert left() == ["k4"]
        assert catalog.entries.forget_all() == 1
        assert left() == []
        assert catalog.step_runs.get(mine.id) == mine

    def test_the_newest_bytes_of_an_artifact_win(self, catalog: Catalog) -> None:
        """But bytes that can be read alone are not lost to bytes that can't, or to none."""
        version = digest("v")
        alone = artifact(version)
        newer = replace(alone, preview="newer", part=Part(names=("x",), format="pickle", blob="b3:newer"))
        anchored = replace(alone, part=Part(names=("x",), format="pickle", blob="b3:anchored", anchored=True))
        none = replace(alone, part=None)
        for put, wanted in (
            (none, none), (anchored, anchored), (none, anchored), (alone, alone), (anchored, alone), (none, alone),
            (newer, newer),
        ):  # fmt: skip
            catalog.artifacts.put(put, now=1.0)
            assert catalog.artifacts.get(version) == wanted

    def test_a_part_s_bytes_and_meta_come_back(self, catalog: Catalog) -> None:
        """Inline bytes, sharing, nested meta."""
        part = Part(
            names=("a", "b"),
            format="json",
            inline=bytes(range(256)),
            size=256,
            sharing=((("a", 0), ("b", 3)),),
            meta={"dtype": "f8", "shape": [3, None], "raw": b"\x00\xff"},
        )
        value = Artifact(version=digest("v"), type="list", modules=("helpers",), part=part)
        catalog.artifacts.put(value, now=1.0)
        assert catalog.artifacts.get(value.version) == value

    def test_an_alias_leads_to_the_stored_version(self, catalog: Catalog) -> None:
        """The latest one counts."""
        assert catalog.artifacts.stored("b3:reloaded") is None
        for stored in ("b3:one", "b3:two"):
            catalog.artifacts.alias("b3:reloaded", stored)
            assert catalog.artifacts.stored("b3:reloaded") == stored

    def test_artifacts_are_listed_newest_first_page_by_page(self, catalog: Catalog) -> None:
        """Those of one class, or all; many may have been kept at the same time."""
        values = [artifact(digest(n), type=f"class {n % 2}") for n in range(11)]
        for number, value in enumerate(values):
            catalog.artifacts.put(value, now=float(number // 4))
        for of_type in (None, "class 0"):
            listed: list[Artifact] = []
            after = None
            while True:
                page = catalog.artifacts.list(of_type=of_type, after=after, limit=3)
                listed += page.items
                after = page.next
                if after is None:
                    break
            order = sorted(enumerate(values), key=lambda one: (one[0] // 4, one[1].version), reverse=True)
            wanted = [value for _, value in order if of_type in {None, value.type}]
            assert [one.version for one in listed] == [one.version for one in wanted]
            assert {one.type for one in listed} == {one.type for one in wanted}

    def test_any_sequence_of_operations_comes_to_the_same_as_on_a_dictionary(
        self, catalog: Catalog, url: str, clock: Clock
    ) -> None:
        """Entries and claims, with the catalog closed and opened again in between."""
        run_state_machine_as_test(
            cast("type[CatalogMachine]", lambda: CatalogMachine(catalog, url, clock)),
            settings=settings(max_examples=self.examples, deadline=None, suppress_health_check=list(HealthCheck)),
        )
