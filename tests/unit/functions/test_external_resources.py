"""External resources: their states, what becomes of them when things go wrong, and what steps know of them."""

import os
import threading
import time

import pytest

import steppe
from steppe.errors import CannotMove, ResourceFailed, UsageError
from steppe.testing import check_resource, mock_steps


class Folder(steppe.ExternalResource):
    """A resource that is a folder: it is seen from every process whether it is there."""

    poll_seconds = 0.02

    def __init__(self, place, data="one"):
        self.place = str(place)
        self.data = data

    def activate(self):
        os.mkdir(self.place)

    def deactivate(self):
        if os.path.isdir(self.place):
            os.rmdir(self.place)

    def is_active(self):
        return os.path.isdir(self.place)

    def identity(self):
        return self.data


class Nameless(Folder):
    def identity(self):
        return None


RAN = []


@steppe.step
def ask(folder, x):
    RAN.append(x)
    return f"{folder.data} {x}"


def eventually(condition):
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def of(traced, name):
    return [run for run in traced() if run.step.name == name]


def test_its_states_are_written_down_and_the_steps_inside_of_it_are_its_own(traced, tmp_path):
    folder = Folder(tmp_path / "there")
    assert folder.state == "created"
    with folder as found:
        assert found is folder
        assert folder.state == "active"
        (run,) = of(traced, "Folder")
        assert str(run.state) == "running"
        assert run.why == "an external resource, active"
        ask(folder, 1)
    assert folder.state == "deactivated"
    assert not os.path.exists(folder.place)
    (run,) = of(traced, "Folder")
    assert [state for state, _, _ in run.stages] == ["created", "activating", "active", "deactivating", "deactivated"]
    assert sorted(at for _, at, _ in run.stages) == [at for _, at, _ in run.stages]
    assert str(run.state) == "succeeded"
    assert of(traced, "ask")[0].parent == run.id


def test_what_its_class_says_identifies_it_is_in_the_key_and_its_address_is_not(traced, tmp_path):
    for place, data in (("a", "one"), ("b", "one"), ("c", "two")):
        with Folder(tmp_path / place, data) as folder:
            assert ask(folder, 2) == f"{data} 2"
    assert [str(run.state) for run in of(traced, "ask")] == ["succeeded", "hit", "succeeded"]


def test_without_an_identity_steps_that_are_given_it_are_not_kept(session, traced, tmp_path):
    for _ in range(2):
        with Nameless(tmp_path / "a") as folder:
            ask(folder, 3)
    assert [str(run.state) for run in of(traced, "ask")] == ["succeeded", "succeeded"]
    why = session.catalog.step_runs.get(of(traced, "ask")[-1].id).why
    assert "`identity()`" in why


@pytest.mark.parametrize("error", [OSError("no"), KeyboardInterrupt()])
def test_it_is_ended_whatever_its_block_of_code_raises(traced, tmp_path, error):
    folder = Folder(tmp_path / "a")
    with pytest.raises(type(error)), folder:
        raise error
    assert not os.path.exists(folder.place)
    (run,) = of(traced, "Folder")
    assert str(run.state) == ("succeeded" if isinstance(error, OSError) else "cancelled")
    assert run.stages[-1][0] == "deactivated"


class Half(Folder):
    def activate(self):
        super().activate()
        raise OSError("the other half is missing")


class Never(Folder):
    activation_timeout = 0.1

    def is_active(self):
        raise ConnectionError("refused")


class Hanging(Folder):
    activation_timeout = 0.1

    def activate(self):
        super().activate()
        threading.Event().wait()


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        (Half, OSError, "the other half is missing"),
        (Never, ResourceFailed, "Never is not active after 0.1 s: ConnectionError: refused."),
        (Hanging, ResourceFailed, "Hanging is not active after 0.1 s."),
    ],
)
def test_what_does_not_come_up_is_ended_and_its_block_does_not_run(traced, tmp_path, kind, error, said):
    folder = kind(tmp_path / "a")
    with pytest.raises(error, match=said), folder:
        raise AssertionError
    assert folder.state == "deactivated"
    assert not os.path.exists(folder.place)
    (run,) = of(traced, kind.__name__)
    assert str(run.state) == "failed"
    assert said in run.error
    assert [state for state, _, _ in run.stages] == ["created", "activating", "deactivating", "deactivated"]


class Stuck(Folder):
    deactivation_timeout = 0.1

    def deactivate(self):
        super().deactivate()
        threading.Event().wait()


def test_what_can_not_be_ended_is_told(traced, tmp_path):
    with pytest.raises(ResourceFailed, match=r"could not be ended, and may still be.*0.1 s"), Stuck(tmp_path / "a"):
        pass
    assert str(of(traced, "Stuck")[0].state) == "failed"
    with pytest.raises(ZeroDivisionError) as caught, Stuck(tmp_path / "a"):
        1 / 0  # raises
    assert "may still be there" in caught.value.__notes__[0]


def test_one_that_goes_while_it_is_needed_is_seen_to_be_gone(traced, tmp_path):
    def lose(folder):
        with folder:
            os.rmdir(folder.place)
            eventually(lambda: "gone" in of(traced, "Folder")[0].why)
            ask(folder, 4)

    with pytest.raises(ResourceFailed, match="Folder is gone: is_active") as caught:
        lose(Folder(tmp_path / "a"))
    assert "Folder was gone" in caught.value.__notes__[0]
    assert 4 not in RAN
    assert str(of(traced, "Folder")[0].state) == "failed"


class Holding(Folder):
    def activate(self):
        super().activate()
        self.lock = threading.Lock()


class HoldingHere(Folder):
    def activate(self):
        super().activate()
        self._lock = threading.Lock()


def test_what_no_other_process_could_end_is_refused_and_what_stays_here_begins_with_an_underscore(session, tmp_path):
    folder = Holding(tmp_path / "a")
    with pytest.raises(CannotMove, match=r"lock.*attributes that begin with `_`"), folder:
        raise AssertionError
    assert not os.path.exists(folder.place)
    with HoldingHere(tmp_path / "a"):
        pass


def test_it_is_active_once_at_a_time_and_may_be_again(session, tmp_path):
    folder = Folder(tmp_path / "a")
    with folder, pytest.raises(UsageError, match="this Folder is active already"), folder:
        raise AssertionError
    with folder:
        assert folder.state == "active"


def test_its_class_has_to_say_how_it_comes_and_goes(session):
    with pytest.raises(UsageError, match="ExternalResource has no method `activate"), steppe.ExternalResource():
        raise AssertionError


# Tests of pipelines


@steppe.pipeline
def flow(place):
    with Folder(place) as folder:
        return ask(folder, 5)


def test_something_else_may_stand_in_for_it(tmp_path):
    with mock_steps({Folder: "a stand-in", ask: lambda folder, x: (folder, x)}) as mocked:
        assert flow(tmp_path / "a") == ("a stand-in", 5)
    assert mocked[Folder][0].kwargs["place"] == str(tmp_path / "a")


class Loose(Folder):
    def deactivate(self):
        if os.getpid() and hasattr(self, "_here"):
            super().deactivate()

    def activate(self):
        super().activate()
        self._here = True


def test_whether_it_keeps_its_promises_can_be_tested(tmp_path):
    check_resource(lambda: Folder(tmp_path / "a"))
    with pytest.raises(AssertionError, match=r"Loose.is_active\(\) says yes once a copy of it has been ended"):
        check_resource(lambda: Loose(tmp_path / "a"))
