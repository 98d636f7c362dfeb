"""What ran again is counted and explained, and the report says what failed."""

from nbformat.v4 import new_code_cell, new_notebook

from tests.notebooks.corpus.execution import Execution
from tests.notebooks.corpus.report import excess, failures, markdown
from tests.notebooks.corpus.warm import only_imports, warmth

SECOND = {"iopub.status.busy": "2026-01-01T00:00:00.000000Z", "iopub.status.idle": "2026-01-01T00:00:01.000000Z"}


def plain(*sources: str) -> Execution:
    cells = [
        new_code_cell(source, id=f"c{number}", metadata={"execution": SECOND}) for number, source in enumerate(sources)
    ]
    return Execution(new_notebook(cells=cells))


def warm(*steps: dict[str, str]) -> Execution:
    return Execution(new_notebook(), report={"steps": list(steps)})


def step(cell: str, status: str, why: str = "") -> dict[str, str]:
    return {"name": "a name", "cell": cell, "status": status, "why": why}


def verdict(*, equal: bool = True, cells: int = 1, allowed: int = 0, differences: tuple = ()) -> dict:
    counts = {"equal": cells - allowed, "masked": 0, "exempt": 0, "allowed": allowed, "different": 0}
    return {
        "equal": equal,
        "verdicts": counts,
        "names": 1,
        "unstable": [],
        "differences": list(differences),
        "not equal": [],
    }


def row(package: str = "numpy", **modes: dict) -> dict:
    return {"name": f"{package}-a", "package": package, "seconds": 1.0, **modes}


def test_hits_and_what_ran_again_are_counted():
    executed = plain("import os", "x = 1", "y = 2", "z = open('f')")
    reported = warm(
        step("c0", "setup", "imports"), step("c1", "hit"), step("c2", "succeeded", "x changed"), step("c3", "hit")
    )
    found = warmth(executed, reported)
    assert (found.cells, found.imports, found.hits, found.seconds, found.seconds_again) == (3, 1, 2, 4.0, 1.0)
    assert found.again == [{"cell": "c2", "status": "succeeded", "why": "x changed"}]


def test_a_cell_that_the_report_does_not_name_ran_again():
    assert warmth(plain("x = 1"), warm()).again == [{"cell": "c0", "status": "not reported", "why": ""}]


def test_a_step_without_a_cell_is_found_by_its_name():
    assert warmth(plain("x = 1"), warm({"name": "c0", "status": "hit", "why": ""})).hits == 1


def test_only_cells_that_do_nothing_but_import_are_set_apart():
    cells = ["import a", "'''doc'''\nfrom a import b", "# c\nimport a as d", "'doc'", "x = 1", "import a\na.b()", "%x"]
    cells += ["%load_ext autoreload", "%load_ext autoreload\nimport a", "%load_ext autoreload\nx = 1"]
    found = [only_imports(new_code_cell(source)) for source in cells]
    assert found == [True, True, True, False, False, False, False, True, True, False]


def test_a_difference_is_a_failure():
    different = verdict(equal=False, differences=({"where": "a", "kind": "name", "plain": "1", "other": "2"},))
    about = row(inline={"cold": different, "warm": verdict(), "warmth": {"again": []}})
    assert failures(about) == ["inline cold: 1 name"]
    assert "**numpy-a** inline cold, a (name): `1` → `2`" in markdown([about], ["inline"])


def test_a_cell_that_ran_again_without_a_reason_is_a_failure():
    about = row(inline={"warm": verdict(), "warmth": {"again": [{"cell": "c", "status": "succeeded", "why": ""}]}})
    assert failures(about) == ["inline: 1 cells ran again without a reason"]


def test_a_run_without_a_report_is_a_failure():
    assert failures(row(inline={"failed": "it died"})) == ["inline: it died"]


def test_limits_are_those_of_the_whole_corpus_without_our_own_notebooks():
    def warmed(again: int, seconds: float) -> dict:
        told = [{"cell": "c", "status": "setup", "why": "w"}] * again
        return {
            "cells": 100,
            "imports": 1,
            "hits": 9,
            "again": told,
            "seconds": 100.0,
            "seconds_again": seconds,
            "wall": 1.0,
        }

    fine = row(inline={"cold": verdict(cells=100, allowed=2), "warmth": warmed(15, 10)})
    assert excess([fine], ["inline"]) == []
    own = row("own", inline={"cold": verdict(cells=100, allowed=50), "warmth": warmed(90, 90)})
    assert excess([fine, own], ["inline"]) == []
    over = row(inline={"cold": verdict(cells=100, allowed=4), "warmth": warmed(20, 20)})
    assert len(excess([over], ["inline"])) == 3


def test_a_notebook_whose_plain_run_fails_is_told_and_not_counted():
    text = markdown([row(unusable="ValueError: no"), row(inline={"cold": verdict()})], ["inline"])
    assert "1 notebooks compared" in text
    assert "- numpy-a: ValueError: no" in text
