"""How a step's Ray tasks are counted; with a real Ray it is shown in tests/integration/ray."""

from types import SimpleNamespace

from steppe.executors.ray.tally import MANY, OTHERS, tally

NAMES = {0: "NIL", 2: "PENDING_NODE_ASSIGNMENT", 8: "RUNNING", 9: "RUNNING_IN_RAY_GET", 11: "FINISHED", 12: "FAILED"}
OURS, THEIRS = b"1", b"2"


def task(name, *states, number=0, attempt=0, job=THEIRS, kind=0):
    """Return what Ray tells of a try of a task that has come to states one after the other."""
    return SimpleNamespace(
        task_id=f"{name}-{number}".encode(),
        attempt_number=attempt,
        job_id=job,
        task_info=SimpleNamespace(name=name, type=kind),
        state_updates=SimpleNamespace(state_ts_ns={state: at for at, state in enumerate(states)}),
    )


def test_tasks_are_counted_by_name_and_by_the_state_that_they_came_to_last():
    events = [
        task("fit", 2, 8, 11),
        task("fit", 2, 8, number=1),
        task("fit", 2, 8, 9, number=2),
        task("fit", 2, number=3),
        task("load", 2, 8, 12),
    ]
    assert tally(events, OURS, NAMES) == {
        "fit": {"finished": 1, "running": 2, "waiting": 1},
        "load": {"failed": 1},
    }


def test_a_task_that_has_finished_has_though_ray_says_so_before_its_process_died():
    assert tally([task("fit", 2, 8, 11, 12)], OURS, NAMES) == {"fit": {"finished": 1}}


def test_a_task_that_was_tried_again_counts_once_as_its_last_try():
    events = [task("fit", 2, 8, 11, attempt=1), task("fit", 2, 8, 12)]
    assert tally(events, OURS, NAMES) == {"fit": {"finished": 1}}


def test_what_steppe_runs_itself_programs_and_bare_profiles_do_not_count():
    events = [task("carry_out", 8, job=OURS), task("driver", 8, kind=3), task("", 8)]
    assert tally(events, OURS, NAMES) == {}


def test_names_beyond_the_most_frequent_are_counted_together():
    events = [task("fit", 11, number=each) for each in range(3)] + [task(f"t{each}", 11) for each in range(MANY + 1)]
    found = tally(events, OURS, NAMES)
    assert next(iter(found)) == "fit"
    assert len(found) == MANY + 1
    assert found[OTHERS] == {"finished": 2}
