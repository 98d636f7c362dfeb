"""The ends of attempts in words: what happened, and what would help."""

import pytest

from steppe.catalog import open_catalog
from steppe.lineage.tries import tries
from steppe.testing.catalog.made import step_run
from steppe.types import Attempt, Resources, State

OOM = "its worker was killed by the OOM killer; last memory reading 15.2 GiB of 16.0 GiB"


@pytest.fixture
def told(tmp_path):
    """Tell the attempts at a step: each is its state and the end that was written down."""

    def tell(execution, *ends):
        with open_catalog(f"sqlite:///{tmp_path}/catalog.db") as catalog:
            catalog.step_runs.record(execution)
            for number, (state, end) in enumerate(ends, 1):
                catalog.attempts.record(
                    Attempt(
                        id=f"a{number}",
                        step_run=execution.id,
                        number=number,
                        executor="process",
                        started=10.0,
                        ended=None if state is State.RUNNING else 13.0,
                        state=state,
                        end=end,
                    )
                )
            return [each.explained for each in tries(execution, catalog)]

    return tell


def test_a_step_of_the_kernel_has_one_attempt_that_nobody_wrote_down(told):
    assert told(step_run(started=1.0, ended=3.0)) == ["It ran in the kernel to its end, in 2.0 s."]
    failed = step_run(3, state=State.FAILED, error="ValueError: no", started=1.0, ended=2.0)
    assert told(failed) == ["The code raised an error after 1.0 s: ValueError: no."]
    cancelled = step_run(4, state=State.CANCELLED, error="KeyboardInterrupt", started=1.0, ended=2.0)
    assert told(cancelled) == ["It was interrupted after 1.0 s: KeyboardInterrupt."]
    assert told(step_run(5, state=State.RUNNING)) == ["It is running in the kernel."]
    assert told(step_run(6, state=State.QUEUED)) == []


def test_attempts_that_were_followed_by_others_say_so_and_the_last_says_what_would_help(told):
    execution = step_run(state=State.FAILED, error="WorkerDied", asked=Resources(memory=16 * 2**30))
    assert told(execution, (State.LOST, OOM), (State.LOST, OOM)) == [
        f"It was lost after 3.0 s: {OOM}. Another attempt followed.",
        f"It was lost after 3.0 s: {OOM}. Ask for more than 16.0 GiB with memory=.",
    ]


@pytest.mark.parametrize(
    ("end", "advice"),
    [
        ("it ran longer than its timeout of 5 s", "timeout="),
        ("its worker was killed by signal 11 (SIGSEGV): native code crashed", "library crashed"),
        ("its worker was killed by signal 9 (SIGKILL)", "retries="),
        ("it used 2.0 GiB of the 1.0 GiB that it asked for, and was ended", "memory="),
    ],
)
def test_each_end_says_what_would_help(told, end, advice):
    (said,) = told(step_run(state=State.FAILED), (State.FAILED, end))
    assert end in said
    assert advice in said.partition(end)[2]


def test_an_attempt_that_ran_to_its_end_may_have_raised_the_users_error(told):
    failed = step_run(state=State.FAILED, error="ValueError: no")
    assert told(failed, (State.SUCCEEDED, "")) == [
        "The code ran on process and raised an error after 3.0 s: ValueError: no"
    ]
    assert told(step_run(3), (State.SUCCEEDED, "")) == ["It ran on process to its end, in 3.0 s."]
