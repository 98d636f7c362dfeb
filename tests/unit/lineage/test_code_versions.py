"""Earlier versions of a step's code: each once, what in it was another, and no more read than needed."""

import pytest

from steppe.catalog import open_catalog
from steppe.lineage.code_versions import code_versions
from steppe.testing.catalog.made import step_run
from steppe.types import Ingredient


def made(second, code, data=1, helper=1, source="x"):
    """Return an execution with versions of its code, its input, and a function that it calls."""
    versions = {("code", "this cell"): code, ("function", "fit"): helper, ("input", "data"): data}
    ingredients = tuple(Ingredient(kind=kind, name=name, version=f"v{v}") for (kind, name), v in versions.items())
    return step_run(second, source=source, ingredients=ingredients)


@pytest.fixture
def told(tmp_path):
    def tell(*runs, most=50):
        with open_catalog(f"sqlite:///{tmp_path}/catalog.db") as catalog:
            for each in runs:
                catalog.step_runs.record(each)
            found = code_versions(catalog, runs[-1], most)
            return [(each.step_run.id, each.changed) for each in found]

    return tell


def test_each_version_is_told_once_by_its_latest_run_with_what_was_another(told):
    runs = [made(2, 1), made(3, 1, data=2), made(4, 2), made(5, 2, helper=2), made(6, 1, data=3), made(7, 2, data=9)]
    assert told(*runs) == [
        (runs[4].id, ("the cell",)),
        (runs[3].id, ("function fit",)),
    ]


def test_a_version_behind_many_runs_with_other_data_is_found(told):
    runs = [made(2, 1), *(made(3 + n, 2, data=n) for n in range(60))]
    assert told(*runs) == told(*runs, most=1) == [(runs[0].id, ("the cell",))]


def test_only_as_many_as_were_asked_for_are_told(told):
    runs = [made(2 + n, n) for n in range(30)]
    assert [id_ for id_, _ in told(*runs, most=3)] == [each.id for each in runs[-2:-5:-1]]
    assert len(told(*runs)) == 29


def test_any_earlier_version_is_found_where_as_many_are_asked_for(told):
    runs = [made(2 + n, n // 2, data=n) for n in range(600)]
    found = told(*runs, most=1000)
    assert [id_ for id_, _ in found] == [each.id for each in runs[-3:0:-2]]


def test_code_that_was_never_analysed_is_told_apart_by_its_text(told):
    runs = [step_run(second, source=source) for second, source in ((2, "x ="), (3, "x = 1"), (4, "x = 1"))]
    assert told(*runs) == [(runs[0].id, ("the cell",))]
