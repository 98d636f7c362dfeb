"""Upkeep: what lives, what is held, what may go."""

from __future__ import annotations

import msgspec
import pytest

from steppe.catalog import Catalog, Pin
from steppe.testing.catalog.made import artifact, digest, entry, hit, run, step_run
from steppe.types import Artifact, Attempt, Entry, State, StepRun


def keep(catalog: Catalog, second: float, name: str = "train") -> tuple[StepRun, Entry, Artifact]:
    """Keep an execution with one output."""
    value = artifact(digest("value", second))
    execution = step_run(second, name, outputs={"model": value.version}, run=f"run {second}")
    made = entry(execution, size=int(second) * 10)
    catalog.entries.keep(made, {"model": value}, execution)
    return execution, made, value


class UpkeepSuite:
    """The promises of `Catalog.upkeep`."""

    @pytest.mark.parametrize("batch", [1, 2, 3, 1000])
    def test_entries_tell_what_they_cost_and_when_they_were_used(
        self, catalog: Catalog, monkeypatch: pytest.MonkeyPatch, batch: int
    ) -> None:
        """All of them, in batches of whatever size."""
        monkeypatch.setattr("steppe.catalog.upkeep._BATCH", batch)
        kept = [keep(catalog, second)[1] for second in (2, 3, 4)]
        catalog.entries.touch(kept[1], 77.0)
        found = list(catalog.upkeep.entries())
        assert [(use.key, use.result, use.size, use.seconds, use.created, use.used, use.held) for use in found] == [
            (one.key, one.result, one.size, 1.5, one.created, 77.0 if one is kept[1] else one.created, False)
            for one in kept
        ]

    def test_names_and_pins_hold_entries(self, catalog: Catalog) -> None:
        """A name or a pin on an artifact; a pin on the execution, on a hit of it, or on the run of either."""
        kept = {second: keep(catalog, second) for second in range(2, 9)}
        catalog.names.move("production", kept[2][2].version, now=1.0)
        catalog.names.pin(Pin(kind="artifact", target=kept[3][2].version))
        catalog.names.pin(Pin(kind="step_run", target=kept[4][0].id))
        catalog.names.pin(Pin(kind="run", target=kept[5][0].run))
        for second, pinned in ((6, "step_run"), (7, "run")):
            used = hit(second + 10, kept[second][0], run=f"run of hit {second}")
            catalog.step_runs.record(used)
            catalog.names.pin(Pin(kind=pinned, target=used.id if pinned == "step_run" else used.run))
        held = {use.key: use.held for use in catalog.upkeep.entries()}
        assert held == {one[1].key: second != 8 for second, one in kept.items()}

    def test_removed_entries_are_gone_unless_they_were_used_meanwhile(self, catalog: Catalog) -> None:
        """Between looking and removing."""
        kept = [keep(catalog, second)[1] for second in (2, 3)]
        looked_at = list(catalog.upkeep.entries())
        catalog.entries.touch(kept[0], 50.0)
        assert catalog.upkeep.remove(looked_at) == 1
        assert [use.key for use in catalog.upkeep.entries()] == [kept[0].key]
        assert catalog.upkeep.remove([]) == 0

    def test_every_blob_that_something_needs_is_live(self, catalog: Catalog) -> None:
        """An entry's result, parts and files, locks, tasks, results of failures; not those of removed entries."""
        _, made, value = keep(catalog, 2)
        gone = keep(catalog, 3)
        catalog.entries.forget(gone[1].key)
        named = keep(catalog, 4)
        catalog.names.move("production", named[2].version, now=1.0)
        catalog.entries.forget(named[1].key)
        catalog.runs.begin(run(lock="b3:lock"))
        catalog.attempts.record(Attempt(id="a", step_run="s", task="b3:task"))
        catalog.step_runs.record(step_run(5, state=State.FAILED, result="b3:failed"))
        catalog.step_runs.record(hit(6, gone[0], result="b3:of a hit"))
        assert catalog.upkeep.live() == {
            made.result, digest("blob", value.version), digest("blob", named[2].version),
            "b3:lock", "b3:task", "b3:failed",
        }  # fmt: skip

    def test_the_bytes_of_orphans_are_let_go_and_history_stays(self, catalog: Catalog) -> None:
        """Not those that are young, in an entry, named or pinned."""
        kept, gone, named, pinned = (keep(catalog, second) for second in (2, 3, 4, 5))
        young = artifact(digest("young"))
        catalog.artifacts.put(young, now=100.0)
        for one in (gone, named, pinned):
            catalog.entries.forget(one[1].key)
        catalog.names.move("production", named[2].version, now=1.0)
        catalog.names.pin(Pin(kind="artifact", target=pinned[2].version))
        assert catalog.upkeep.drop_orphans(before=50.0) == 1
        assert catalog.upkeep.drop_orphans(before=50.0) == 0
        for _, _, value in (kept, named, pinned):
            assert catalog.artifacts.get(value.version) == value
        assert catalog.artifacts.get(young.version) == young
        assert catalog.artifacts.get(gone[2].version) == msgspec.structs.replace(gone[2], part=None)
        assert catalog.lineage.makers(gone[2].version).items == (gone[0],)
        catalog.entries.keep(gone[1], {"model": gone[2]}, gone[0])
        assert catalog.artifacts.get(gone[2].version) == gone[2]

    def test_many_orphans_are_let_go_in_batches(self, catalog: Catalog) -> None:
        """More than one batch of them."""
        for number in range(1100):
            catalog.artifacts.put(artifact(digest(number)), now=1.0)
        assert catalog.upkeep.drop_orphans(before=2.0) == 1100

    def test_who_needs_a_blob_is_told(self, catalog: Catalog) -> None:
        """By its key and its StepRun."""
        execution, made, value = keep(catalog, 2)
        keep(catalog, 3)
        assert catalog.upkeep.using(digest("blob", value.version)) == [(made.key, execution.id)]
        assert catalog.upkeep.using("b3:none") == []

    def test_a_sound_catalog_has_nothing_wrong(self, catalog: Catalog) -> None:
        """A name that leads nowhere is wrong."""
        keep(catalog, 2)
        assert catalog.upkeep.counts() == {"runs": 0, "step_runs": 1, "entries": 1, "artifacts": 1, "claims": 0}
        assert catalog.upkeep.check() == []
        catalog.names.move("production", "b3:nowhere", now=1.0)
        assert catalog.upkeep.check() == [
            "the name `production` points at b3:nowhere, which is not known: move it or drop it."
        ]
