"""A step's result is bound once it is stored; its record, which is for who comes later, is written beside that."""

import time

import pytest

from steppe.errors import StoreUnavailable
from steppe.store.local import LocalStore
from steppe.worker.task import record_name
from tests.integration.process.late import SETTINGS, Late


def wait_for(there):
    until = time.monotonic() + 30
    while not (found := there()) and time.monotonic() < until:
        time.sleep(0.01)
    return found


@pytest.fixture
def late(tmp_path, tmp_path_factory, monkeypatch):
    """Workers that wait before they leave their record."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    made = Late(tmp_path_factory.mktemp("late"))
    monkeypatch.syspath_prepend(str(made.folder))
    yield made
    made.go_on()


def test_a_result_counts_though_its_worker_can_leave_no_record(kernel, tmp_path):
    notebook = kernel()
    attempts = tmp_path / ".steppe" / "store" / "records" / "attempts"
    assert notebook.step("first", "one = 1").success
    assert wait_for(attempts.is_dir)
    attempts.rename(attempts.with_name("away"))
    attempts.write_text("in the way")
    assert notebook.step("second", "two = 2").success
    assert str(notebook.last.state) == "succeeded", notebook.last.why
    assert notebook["two"] == 2
    notebook = kernel()
    assert notebook.step("second", "two = 2").success
    assert str(notebook.last.state) == "hit", notebook.last.why


def test_the_task_the_record_and_the_attempt_s_end_are_kept_all_the_same(kernel):
    notebook = kernel()
    assert notebook.step("only", "one = 1").success
    session, step = notebook.session, notebook.last
    (attempt,) = session.catalog.attempts.of(step.id)
    assert session.store.has(attempt.task)
    assert wait_for(lambda: session.store.read_record(record_name(attempt.id)))
    notebook = kernel()
    (attempt,) = notebook.session.catalog.attempts.of(step.id)
    assert str(attempt.state) == "succeeded"
    assert attempt.ended


@pytest.mark.parametrize("wait", [True, False])
def test_a_worker_killed_between_its_result_and_its_record_takes_nothing_with_it(kernel, late, wait):
    notebook = kernel()
    assert notebook.step("only", "one = 1", f"on=process wait={wait}").success
    late.kill()
    assert notebook["one"] == 1
    step, session = notebook.last, notebook.session
    assert str(step.state) == "succeeded", step.why
    assert wait_for(lambda: session.catalog.attempts.of(step.id)[0].ended)
    (attempt,) = session.catalog.attempts.of(step.id)
    assert str(attempt.state) == "succeeded"
    assert "SIGKILL" in attempt.end
    assert session.store.read_record(record_name(attempt.id))
    notebook = kernel()
    assert notebook.step("only", "one = 1").success
    assert str(notebook.last.state) == "hit", notebook.last.why


def test_a_step_that_is_cancelled_after_its_result_was_taken_has_succeeded(kernel, late):
    notebook = kernel()
    assert notebook.step("only", "one = 1", "on=process wait=False").success
    late.worker()
    assert wait_for(lambda: notebook.session.pending[0].done)
    notebook.run("%steppe cancel only")
    assert notebook["one"] == 1
    assert str(notebook.last.state) == "succeeded"


def test_a_step_whose_task_finds_no_room_is_kept_and_that_is_said_once(kernel, monkeypatch):
    notebook, warned = kernel(), []
    assert notebook.step("warm", "zero = 0").success
    monkeypatch.setattr(notebook.session, "warn", warned.append)

    def full(*_):
        raise StoreUnavailable("the store is full")

    with monkeypatch.context() as patched:
        patched.setattr(LocalStore, "put", full)  # this process's: the worker's own puts do as ever
        for name in ("one", "two"):
            assert notebook.step(name, f"{name} = 1").success
            assert str(notebook.last.state) == "succeeded", notebook.last.why
    assert warned == ["the tasks of steps are not kept: the store is full"]
    notebook = kernel()
    assert notebook.step("two", "two = 1").success
    assert str(notebook.last.state) == "hit", notebook.last.why
