"""What one run has written, taken out of a catalog's file and entered into another one: no more, and nothing less."""

import pytest

from steppe.catalog import open_catalog, travel
from steppe.testing.catalog.made import artifact, entry, identity, step_run
from steppe.types import Run, State


def wrote(catalog, second, run, version):
    catalog.runs.begin(Run(id=run, started=float(second)))
    ran = step_run(second, name=f"step-{version}", run=run, outputs={"x": version}, source=f"x = '{version}'")
    catalog.entries.keep(entry(ran), {"x": artifact(version)}, ran)
    return ran


@pytest.fixture
def files(tmp_path):
    return tmp_path / "home.db", tmp_path / "away.db"


def test_what_a_lost_driver_has_left_of_its_run_comes_home(files):
    home, away = files
    with open_catalog(str(home)) as catalog:
        before = wrote(catalog, 2, identity(1), "v1")
    away.write_bytes(travel.take(home))
    since = travel.marks(away)
    with open_catalog(str(away)) as catalog:
        after = wrote(catalog, 4, identity(3), "v2")
        assert travel.has(away, after.id, State.SUCCEEDED)
        assert not travel.has(away, after.id, State.FAILED)
        assert not travel.has(away, "none", State.SUCCEEDED)
        part = travel.part(away, identity(3), since)  # while its kernel has it open
    left = home.with_name("left.db")
    left.write_bytes(part)
    with open_catalog(str(left)) as catalog:
        assert catalog.step_runs.get(before.id) is None
        assert catalog.artifacts.get("v1") is None
    for _ in range(2):  # whoever looks again changes nothing
        travel.bring(home, left, identity(3))
        with open_catalog(str(home)) as catalog:
            assert catalog.step_runs.get(after.id) == after
            assert catalog.artifacts.get("v2") == artifact("v2")
            assert [found.step_run for found in catalog.entries.find(after.key)] == [after.id]
            assert [found.step_run for found in catalog.entries.find(before.key)] == [before.id]
