"""Lineage: what made a version, what was made from it, and which steps used a thing."""

from __future__ import annotations

import pytest

from steppe.catalog import Catalog, Page, Use
from steppe.testing.catalog.history import all_pages, listed
from steppe.testing.catalog.made import artifact, file, hit, identity, run, step_run
from steppe.types import FileOutput, Ingredient, State, StepId, StepRun


def package(name: str, version: str) -> Ingredient:
    """Return a package as an ingredient."""
    return Ingredient(kind="package", name=name, version=version)


def shown(uses: list[Use]) -> list[tuple[str, str, str, bool]]:
    """Return what a test looks at."""
    return [(use.step.name, use.version, use.step_run, use.current) for use in uses]


class LineageSuite:
    """The promises of `Catalog.lineage`."""

    @pytest.mark.parametrize("limit", [1, 2, 50])
    def test_what_made_a_version_and_what_was_made_from_it_is_found(self, catalog: Catalog, limit: int) -> None:
        """Executions, each once, though it knows the value by two names; hits are found by their execution."""
        maker, again = step_run(2, outputs={"a": "v", "b": "v"}), step_run(5, outputs={"a": "v"})
        user, later = step_run(3, inputs={"a": "v", "b": "v"}, source="x"), step_run(6, inputs={"z": "v"})
        failed = step_run(7, inputs={"a": "v"}, state=State.FAILED)
        of_maker = hit(4, maker)
        for one in (again, maker, user, later, failed, of_maker):
            catalog.step_runs.record(one)

        def makers(after: str | None) -> Page[StepRun]:
            return catalog.lineage.makers("v", after=after, limit=limit)

        def users(after: str | None) -> Page[StepRun]:
            return catalog.lineage.users("v", after=after, limit=limit)

        assert all_pages(makers) == [maker, again]
        assert all_pages(users) == [failed, later, listed(user)]
        assert catalog.step_runs.hits_of(maker.id).items == (of_maker,)
        assert catalog.lineage.makers("none").items == ()

    def test_many_step_runs_and_artifacts_are_told_at_once(self, catalog: Catalog) -> None:
        """Those that are known, by id and version."""
        ran = [step_run(n, source="x") for n in (2, 3)]
        for one in ran:
            catalog.step_runs.record(one, later=True)
        catalog.artifacts.put(artifact("v1"), 1.0)
        assert catalog.step_runs.among([ran[1].id, ran[0].id, "none"]) == {one.id: listed(one) for one in ran}
        assert catalog.artifacts.among(["v1", "none"]) == {"v1": artifact("v1")}
        assert catalog.step_runs.among([]) == {}

    def test_a_level_of_a_graph_is_found_at_once(self, catalog: Catalog) -> None:
        """The first maker of each version, its latest users, and the edges of many executions."""
        for one in (step_run(2, outputs={"a": "v1"}), step_run(3, outputs={"a": "v1", "b": "v2"})):
            catalog.step_runs.record(one)
        users = [step_run(n, inputs={"a": "v1"}) for n in range(4, 9)]
        for one in users:
            catalog.step_runs.record(one)
        assert catalog.lineage.origins(["v2", "v1", "v1", "v9"]) == {"v1": step_run(2).id, "v2": step_run(3).id}
        assert catalog.lineage.origins([]) == {}
        assert catalog.lineage.latest_users(["v1", "v2"], limit=3) == {
            "v1": [one.id for one in users[:1:-1]],
            "v2": [],
        }
        edges = catalog.lineage.outputs([step_run(3).id, step_run(2).id, "none"])
        assert [(edge.step_run, edge.name, edge.version) for edge in edges] == [
            (step_run(2).id, "a", "v1"),
            (step_run(3).id, "a", "v1"),
            (step_run(3).id, "b", "v2"),
        ]
        assert [edge.version for edge in catalog.lineage.inputs([one.id for one in users])] == ["v1"] * 5

    @pytest.mark.parametrize("limit", [1, 2, 50])
    def test_every_step_that_used_a_thing_is_found(self, catalog: Catalog, limit: int) -> None:
        """A file, a listing, a package, a module, a written file, a commit; hits count as well."""
        catalog.runs.begin(run(commit="abc+"))
        module = Ingredient(kind="module", name="helpers", version="b3:h")
        of_input = Ingredient(kind="input", name="df", version="b3:i")
        first = step_run(
            2,
            "load",
            trace=(file("a.csv"), file("data", kind="listing")),
            ingredients=(package("numpy", "2.0"), module, of_input),
            written=(FileOutput(path="out", blob="b3:o"),),
        )
        second = step_run(3, "train", ingredients=(package("numpy", "2.1"),), run="none")
        third = hit(4, first, name="load", notebook="other", trace=first.trace, ingredients=first.ingredients)
        for one in (first, second, third):
            catalog.step_runs.record(one)

        def using(kind: str, name: str, version: str | None = None) -> list[tuple[str, str]]:
            found = all_pages(lambda after: catalog.lineage.using(kind, name, version, after=after, limit=limit))
            return [(use.step.notebook, use.step.name) for use in found]

        loads = [("notebook", "load"), ("other", "load")]
        assert using("file", "a.csv") == loads
        assert using("file", "a.csv", file("a.csv").version) == loads
        assert using("file", "a.csv", "b3:other") == []
        assert using("listing", "data") == loads
        assert using("module", "helpers") == loads
        assert using("commit", "abc") == loads
        assert using("written", "out", "b3:o") == [("notebook", "load")]
        assert using("package", "numpy") == [("notebook", "load"), ("notebook", "train"), ("other", "load")]
        assert using("package", "numpy", "2.1") == [("notebook", "train")]
        assert using("input", "df") == []

    def test_a_commit_that_is_told_later_is_used_by_what_the_run_resolved_before(self, catalog: Catalog) -> None:
        """And by what it resolves after; a step's past commits are told from the one that it uses now."""

        def commits() -> list[tuple[str, str, bool]]:
            return [
                (use.step_run, use.version, use.current)
                for use in catalog.lineage.uses(step_run(2).step)
                if use.kind == "commit"
            ]

        one, other, later = (step_run(n, run=identity(m)) for n, m in ((2, 1), (4, 3), (5, 3)))
        for second in (1, 3):
            catalog.runs.begin(run(second))
        catalog.step_runs.record(one)
        assert commits() == []
        catalog.runs.describe(identity(1), commit="abc")
        assert commits() == [(one.id, "abc", True)]
        catalog.step_runs.record(other)
        assert commits() == [(one.id, "abc", True)], "the run's commit is not known yet"
        catalog.runs.describe(identity(3), commit="abd+")
        assert commits() == [(one.id, "abc", False), (other.id, "abd+", True)]
        catalog.step_runs.record(later)
        assert commits() == [(one.id, "abc", False), (other.id, "abd+", True)]

    def test_what_a_step_used_once_is_told_from_what_it_uses_now(self, catalog: Catalog) -> None:
        """It goes back and forth between two versions."""
        old, new = package("numpy", "2.0"), package("numpy", "2.1")
        catalog.step_runs.record(step_run(2, ingredients=(old,)))
        catalog.step_runs.record(step_run(3, ingredients=(old,)))
        step = StepId(notebook="notebook", name="train")
        assert shown(catalog.lineage.uses(step)) == [("train", "2.0", step_run(2).id, True)]
        catalog.step_runs.record(step_run(4, ingredients=(new,)))
        assert shown(catalog.lineage.uses(step)) == [
            ("train", "2.0", step_run(2).id, False),
            ("train", "2.1", step_run(4).id, True),
        ]
        catalog.step_runs.record(step_run(5, ingredients=(old,)))
        assert shown(list(catalog.lineage.using("package", "numpy").items)) == [
            ("train", "2.0", step_run(5).id, True),
            ("train", "2.1", step_run(4).id, False),
        ]
        assert catalog.lineage.uses(step, part=1) == []

    def test_a_step_run_that_ends_after_a_later_one_changes_nothing_of_what_is_used_now(self, catalog: Catalog) -> None:
        """A long one in the background, overtaken: what it used was used, and is past."""
        long = step_run(2, state=State.RUNNING, ingredients=(package("numpy", "2.0"), package("scipy", "1")))
        catalog.step_runs.record(long)
        later = step_run(3, ingredients=(package("numpy", "2.0"), package("torch", "2")))
        catalog.step_runs.record(later)
        ended = step_run(2, ingredients=long.ingredients)
        catalog.step_runs.record(ended)
        uses = catalog.lineage.uses(later.step)
        assert [(use.name, use.step_run, use.current) for use in uses] == [
            ("numpy", later.id, True),
            ("scipy", long.id, False),
            ("torch", later.id, True),
        ]
        assert catalog.step_runs.steps().items[0].last == listed(later)
