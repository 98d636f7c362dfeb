"""What every Executor has to pass. An executor's tests are a subclass with a fixture `executor` that gives a new one.

class TestProcess(ExecutorSuite):
    @pytest.fixture
    def executor(self):
        ...
"""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from steppe.errors import UsageError
from steppe.executors.executor import End, Event, Executor, Flight, Launch
from steppe.ids import new_id
from steppe.store import open_store
from steppe.store.digest import digest_of
from steppe.store.store import Store
from steppe.types import Resources
from steppe.worker.execution import Intent
from steppe.worker.task import AttemptRecord, Task, record_name

LONG = 60.0
"""Seconds within which whatever is waited for has to come."""

ATTACH = """
import sys
{another}
flight = executor.attach(sys.argv[1])
said = []
end = flight.follow(lambda event: said.append(event.shown.text) if event.shown else None, timeout=60)
print(end.how, "".join(said))
"""


class Place:
    """Launches pieces of Python as tasks.

    Attributes:
        executor: the executor under test.
        store: where tasks and records are.
    """

    def __init__(self, executor: Executor, folder: Path) -> None:
        self.executor = executor
        self.folder = folder
        self.store: Store = open_store(str(folder), folder)
        self.attempt = ""

    def launch(self, source: str, resources: Resources | None = None, timeout: float | None = None) -> Flight:
        """Launch a task that may bind `x`."""
        intent = Intent(binds=frozenset({"x"}))
        task = Task(label="tried", source=source, intent=intent, root=str(self.folder), start=str(self.folder))
        return self.launch_blob(self.store.put([msgspec.msgpack.encode(task)]), resources, timeout)

    def launch_blob(
        self, task: str, resources: Resources | None = None, timeout: float | None = None, body: bytes = b""
    ) -> Flight:
        """Launch whatever has that digest."""
        self.attempt = new_id(time.time(), secrets.randbits)
        return self.executor.launch(
            Launch(
                task=task,
                attempt=self.attempt,
                store=str(self.folder),
                tier=str(self.folder),
                resources=resources or Resources(cpu=0.0),
                timeout=timeout,
                label="tried",
                folder=str(self.folder),
                body=body,
            )
        )

    def record(self) -> AttemptRecord | None:
        """Return the record of the last attempt."""
        data = self.store.read_record(record_name(self.attempt))
        return msgspec.msgpack.decode(data, type=AttemptRecord) if data is not None else None


def follow(flight: Flight) -> tuple[End, list[Event]]:
    """Follow to the end."""
    events: list[Event] = []
    end = flight.follow(events.append, timeout=LONG)
    assert end is not None, "it has not ended"
    return end, events


def until(flight: Flight, there: Callable[[list[Event]], Any]) -> list[Event]:
    """Follow until something is so."""
    events: list[Event] = []
    last = time.monotonic() + LONG
    while not there(events):
        assert flight.follow(events.append, timeout=0.05) is None, "it has ended"
        assert time.monotonic() < last, events
    return events


def texts(events: list[Event]) -> str:
    """Return what was printed."""
    return "".join(event.shown.text for event in events if event.shown is not None)


class ExecutorSuite:
    """The promises of `Executor` and `Flight`, as tests."""

    scarce: ClassVar[Resources] = Resources(cpu=0.0, gpu=1)
    """What one task alone can have at a time; the fixture `executor` sees to that."""

    impossible: ClassVar[Resources] = Resources(gpu=1000)
    """What no task can have."""

    another: ClassVar[str] = ""
    """Python that makes another `executor`, in a new process."""

    @pytest.fixture
    def place(self, executor: Executor, tmp_path: Path) -> Place:
        """Where tasks are launched from."""
        return Place(executor, tmp_path / "store-of-tasks")

    def test_a_task_runs_and_leaves_its_record(self, place: Place) -> None:
        """Its end is told, too."""
        end, events = follow(place.launch("x = 6 * 7\nprint('six')\nx"))
        assert end.how == "done", end
        kinds = [event.kind for event in events if event.kind in ("started", "done")]
        assert kinds == ["started", "done"]
        assert "six" in texts(events)
        record = place.record()
        assert record is not None
        assert record.status == "succeeded"
        assert record.result is not None

    def test_a_task_that_is_handed_over_need_not_be_stored(self, place: Place) -> None:
        """Where the executor says that it hands tasks over; any other reads the blob, and fails with a sentence."""
        task = Task(label="tried", source="x = 1", intent=Intent(binds=frozenset({"x"})), root=str(place.folder))
        body = msgspec.msgpack.encode(task)
        place.store.put([b"something else"])  # the store is also the folder to begin in
        end, events = follow(place.launch_blob(digest_of([body]), body=body))
        record = place.record()
        if not place.executor.hands_over:
            assert end.how == "failed"
            assert end.why
            return
        assert end.how == "done", end
        assert record is not None
        told = [event.data["record"] for event in events if event.kind == "ended"]
        assert told == [place.store.read_record(record_name(place.attempt))]

    def test_an_error_of_the_code_is_in_the_record(self, place: Place) -> None:
        """For the executor, such a task is done."""
        end, _ = follow(place.launch("x = 1\n1 / 0"))
        record = place.record()
        assert end.how == "done"
        assert record is not None
        assert record.status == "failed"
        assert record.failure is not None
        assert record.failure.kind.endswith("ZeroDivisionError")

    def test_what_a_task_shows_comes_while_it_runs(self, place: Place) -> None:
        """Following may pause, and goes on where it stopped."""
        flight = place.launch("import time\nprint('first')\ntime.sleep(1.5)\nprint('second')")
        until(flight, lambda events: "first" in texts(events))
        end, events = follow(flight)
        assert end.how == "done"
        assert texts(events) == "second\n"

    def test_a_cancelled_task_ends(self, place: Place) -> None:
        """Wherever it was."""
        flight = place.launch("import time\nprint('on')\ntime.sleep(600)")
        until(flight, lambda events: "on" in texts(events))
        flight.cancel()
        assert follow(flight)[0].how == "cancelled"

    def test_a_task_can_be_cancelled_before_it_has_begun(self, place: Place) -> None:
        """However early."""
        flight = place.launch("import time\ntime.sleep(600)")
        flight.cancel()
        assert follow(flight)[0].how == "cancelled"

    def test_a_task_that_takes_too_long_is_ended(self, place: Place) -> None:
        """And says after how long."""
        end, _ = follow(place.launch("import time\ntime.sleep(600)", timeout=0.5))
        assert end.how == "timeout"
        assert "0.5 s" in end.why

    def test_a_killed_task_says_by_what_and_may_be_tried_again(self, place: Place) -> None:
        """One sentence for people."""
        end, _ = follow(place.launch("import os\nos.kill(os.getpid(), 9)"))
        assert end.how == "killed"
        assert end.again
        assert "9" in end.why
        assert place.record() is None

    def test_a_task_that_is_not_there_fails_with_a_sentence(self, place: Place) -> None:
        """No other try would go better."""
        place.store.put([b"something else"])
        end, _ = follow(place.launch_blob("b3:" + "0" * 64))
        assert end.how == "failed"
        assert end.why
        assert not end.again, end

    def test_a_folder_that_is_gone_is_named(self, place: Place) -> None:
        """The one to begin in."""
        gone = place.folder = place.folder / "gone"
        end, _ = follow(place.launch_blob("b3:" + "0" * 64))
        assert end.how == "failed"
        assert str(gone) in end.why

    def test_its_handle_is_known_before_it_is_launched(self, place: Place) -> None:
        """Where the executor says one at all."""
        flight = place.launch("x = 1")
        assert place.executor.handle(place.attempt) in ("", flight.handle)
        follow(flight)

    def test_another_process_can_attach_to_a_task(self, place: Place) -> None:
        """From its first event on."""
        flight = place.launch("import time\nprint('heard')\ntime.sleep(1)")
        command = [sys.executable, "-c", ATTACH.format(another=self.another), flight.handle]
        found = subprocess.run(command, capture_output=True, text=True, timeout=LONG, check=False)
        assert found.stdout.split() == ["done", "heard"], found

    def test_a_handle_of_nothing_attaches_to_nothing(self, place: Place) -> None:
        """Rather than to an error."""
        flight = place.launch("x = 1")
        follow(flight)
        assert place.executor.attach(flight.handle + "-none") is None

    def test_closing_leaves_what_runs_running(self, place: Place) -> None:
        """Its record is written, and its end can be found."""
        flight = place.launch("import time\nprint('on')\ntime.sleep(1.5)\nx = 1")
        until(flight, lambda events: "on" in texts(events))
        place.executor.close()
        assert follow(flight)[0].how == "done"
        record = place.record()
        assert record is not None
        assert record.status == "succeeded"

    def test_what_a_task_waits_for_is_said_in_words(self, place: Place) -> None:
        """Until it runs."""
        first = place.launch("import time\nprint('on')\ntime.sleep(600)", self.scarce)
        until(first, lambda events: "on" in texts(events))
        second = place.launch("x = 1", self.scarce)
        until(second, lambda _: second.queued)
        assert " " in second.queued
        first.cancel()
        assert follow(first)[0].how == "cancelled"
        assert follow(second)[0].how == "done"
        assert second.queued == ""

    def test_what_can_never_run_is_refused(self, place: Place) -> None:
        """With what is missing."""
        missing = place.executor.fits(self.impossible)
        assert missing
        with pytest.raises(UsageError) as refused:
            place.launch("x = 1", self.impossible)
        assert missing in str(refused.value)
        assert place.executor.fits(Resources()) == ""
