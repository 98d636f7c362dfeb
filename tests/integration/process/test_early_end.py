"""A step's result is bound once it is stored; its record, which is for who comes later, is written beside that."""

import time

from steppe.worker.task import record_name


def wait_for(there):
    until = time.monotonic() + 30
    while not (found := there()) and time.monotonic() < until:
        time.sleep(0.01)
    return found


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
