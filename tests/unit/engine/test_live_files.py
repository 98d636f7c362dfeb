"""The file of what a running step shows goes with the step, whatever is told late."""

import time

import pytest

from steppe.engine.live_output import FOLDER, REMEMBERED, LiveOutput
from steppe.types import Shown
from steppe.worker.events import Event

USAGE = Event(kind="usage", at=1.0, usage={"memory": 1.0})
LINE = Event(kind="shown", at=1.0, shown=Shown(kind="stream", name="stdout", text="one\n"))


@pytest.fixture
def live(tmp_path):
    made = LiveOutput(lambda: tmp_path)
    yield made
    made.close()


def names(tmp_path):
    return sorted(path.name for path in (tmp_path / FOLDER).iterdir())


def wait_for(tmp_path, expected):
    end = time.monotonic() + 30
    while not (tmp_path / FOLDER).exists() or names(tmp_path) != expected:
        assert time.monotonic() < end, names(tmp_path)
        time.sleep(0.01)


def test_a_file_goes_when_its_step_has_a_result(live, tmp_path):
    live.tell("a", LINE)
    wait_for(tmp_path, ["a"])
    live.end("a", keep=False)
    wait_for(tmp_path, [])


def test_a_sample_that_comes_after_the_end_brings_no_file_back(live, tmp_path):
    live.tell("a", LINE)
    wait_for(tmp_path, ["a"])
    live.end("a", keep=False)
    live.tell("a", USAGE)
    wait_for(tmp_path, [])
    live.tell("a", USAGE)
    live.close()
    assert names(tmp_path) == []


def test_a_sample_after_the_end_of_a_step_that_told_nothing_makes_no_file(live, tmp_path):
    live.end("quiet", keep=False)
    live.tell("quiet", USAGE)
    live.tell("b", LINE)
    wait_for(tmp_path, ["b"])


def test_a_file_that_is_kept_takes_no_more(live, tmp_path):
    live.tell("a", LINE)
    live.end("a", keep=True)
    live.close()
    kept = (tmp_path / FOLDER / "a").read_bytes()
    assert kept
    live.tell("a", USAGE)
    live.close()
    assert (tmp_path / FOLDER / "a").read_bytes() == kept


def test_ends_are_not_remembered_without_end(live, tmp_path):
    for number in range(3 * REMEMBERED):
        live.tell(f"s{number}", LINE)
        live.end(f"s{number}", keep=False)
    live.close()
    assert len(live._over) <= REMEMBERED
