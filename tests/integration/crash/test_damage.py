"""What is stored is damaged, gone, or can't be written: the notebook computes as ever, and says what is lost."""

import os
import resource
import shutil
from pathlib import Path

import pytest

from steppe.testing.store_damage import DAMAGES
from tests.integration.crash.kernels import run

CELLS = [
    "%%step a\nimport numpy as np\nx = np.arange(500_000.0)",
    "%%step b\nfrom collections import Counter\nz = Counter(map(str, range(50_000)))\ny = [0] + list(range(100_000))",
    "(float(x.sum()), len(y), len(z))",
]
VALUE = (124999750000.0, 100001, 50000)


def large_blobs(project: Path) -> list[Path]:
    blobs = [path for path in (project / ".steppe/store/blobs").rglob("*") if path.is_file()]
    return [path for path in blobs if path.stat().st_size > 50_000]


def states(found):
    return [told["states"] for told in found[:2]]


@pytest.mark.parametrize("damage", sorted(DAMAGES))
def test_damaged_bytes_are_never_a_hit_and_the_step_runs_again(project, damage):
    assert run(project, CELLS)[-1]["value"] == VALUE
    blobs = large_blobs(project)
    assert len(blobs) >= 2
    for path in blobs:
        os.chmod(path, 0o644)
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
    second = run(project, CELLS)
    assert states(second) == [["succeeded"], ["succeeded"]]
    assert all("damaged" in told["why"] for told in second[:2])
    assert second[-1]["value"] == VALUE
    third = run(project, CELLS)
    assert states(third) == [["hit"], ["hit"]]
    assert third[-1]["value"] == VALUE


def test_removed_bytes_are_no_hit(project):
    run(project, CELLS)
    for path in large_blobs(project):
        path.unlink()
    second = run(project, CELLS)
    assert states(second) == [["succeeded"], ["succeeded"]]
    assert second[-1]["value"] == VALUE
    assert "removed from the store" in second[0]["why"]


def test_a_notebook_works_without_its_catalog_and_says_once_what_is_lost(project):
    run(project, CELLS)
    for path in (project / ".steppe").glob("catalog.db*"):
        path.write_bytes(b"no database at all" * 100)
    found = run(project, CELLS)
    assert found[-1]["value"] == VALUE
    assert [told["error"] for told in found] == ["", "", ""]
    assert states(found) == [["succeeded"], ["succeeded"]]
    warned = found[-1]["warned"]
    assert any("is damaged. Move it away" in text for text in warned)
    assert len(warned) == len(set(warned))


def test_a_new_catalog_beside_the_old_store_begins_anew(project):
    run(project, CELLS)
    for path in (project / ".steppe").glob("catalog.db*"):
        path.unlink()
    assert states(run(project, CELLS)) == [["succeeded"], ["succeeded"]]
    assert states(run(project, CELLS)) == [["hit"], ["hit"]]


def test_a_state_folder_that_can_not_be_made_costs_the_cache_alone(project):
    (project / ".steppe").write_text("a file is in the way")
    found = run(project, CELLS)
    assert found[-1]["value"] == VALUE
    assert [told["error"] for told in found] == ["", "", ""]
    assert found[0]["warned"]


def test_a_value_that_does_not_fit_on_the_disk_stays_bound_and_is_not_called_done(project):
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, {resource.RLIM_INFINITY}))"
    plain = [limit, *CELLS[:1], "float(x.sum())"]
    found = run(project, plain)
    assert found[-1]["value"] == VALUE[0]
    assert found[1]["states"] == ["succeeded"]
    assert "not kept" in found[1]["why"]
    assert any("was not kept" in text for text in found[-1]["warned"])
    shutil.rmtree(project / ".steppe/store/temporary", ignore_errors=True)
    again = run(project, CELLS)
    assert states(again)[0] == ["succeeded"]
    assert again[-1]["value"] == VALUE
