"""What the machine has is looked up once a step, and not held for long."""

import pytest

from steppe.executors.process import executor
from steppe.executors.process.capacity import Capacity
from steppe.types import Resources


@pytest.fixture
def looked(monkeypatch):
    """The looks at the machine, which has one core more each time."""
    seen = []

    def capacity(environ):
        seen.append(environ.get("STEPPE_GPUS"))
        return Capacity(cpu=float(len(seen)), memory=1 << 30)

    monkeypatch.setattr(executor, "capacity", capacity)
    return seen


def test_two_questions_of_one_step_are_one_look(looked):
    process = executor.ProcessExecutor()
    assert process.fits(Resources(cpu=2.0))
    assert process.fits(Resources(cpu=1.0)) == ""
    assert len(looked) == 1


def test_a_limit_that_was_changed_is_seen_after_a_while(looked, monkeypatch):
    process = executor.ProcessExecutor()
    assert process.fits(Resources(cpu=2.0))
    monkeypatch.setattr(executor, "HOLDS", -1.0)
    assert process.fits(Resources(cpu=2.0)) == ""


def test_devices_that_the_environment_names_anew_are_seen_at_once(looked, monkeypatch):
    process = executor.ProcessExecutor()
    process.fits(Resources())
    monkeypatch.setenv("STEPPE_GPUS", "2")
    process.fits(Resources())
    assert looked[-1] == "2"
