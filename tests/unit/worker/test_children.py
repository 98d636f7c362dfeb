"""What the children of a process tell the Trace that is on in it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from steppe.worker.children import FAMILY
from steppe.worker.contents import file_version
from steppe.worker.observed import settle
from steppe.worker.places import Places
from steppe.worker.probes import PROBES
from steppe.worker.told import Log
from steppe.worker.trace import tracing, unseen


@pytest.fixture(autouse=True)
def watched() -> Iterator[None]:
    end = FAMILY.watch()
    yield
    end()


def child(do: Callable[[], object]) -> None:
    """Do something in a forked child, to its end."""
    pid = os.fork()
    if not pid:
        try:
            do()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def test_a_child_that_is_killed_has_told_what_it_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")

    def dies() -> None:
        (tmp_path / "a").read_text()
        os.kill(os.getpid(), signal.SIGKILL)

    with tracing(PROBES) as trace:
        child(dies)
    assert str(tmp_path / "a") in trace.read


def test_one_child_reads_another_file_than_the_other(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("1")
    with tracing(PROBES) as trace:
        child(path.read_text)
        with unseen():
            path.write_text("22")
        child(path.read_text)
    settled = settle(trace, Places(str(tmp_path)), lambda _: "")  # type: ignore[arg-type,return-value]
    assert settled.reasons == ["a changed while it was being read"]


def test_what_a_child_wrote_is_not_read_from_outside_by_anybody(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with tracing(PROBES) as trace:
        child(lambda: path.write_text("1"))
        child(path.read_text)
        path.read_text()
        os.path.exists(path)
        os.listdir(tmp_path)
    assert str(path) in trace.written
    assert trace.existed[str(path)] == "absent"
    assert str(path) not in trace.read
    assert str(path) not in trace.probed


def test_a_large_file_that_a_child_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(1 << 23))
    was = file_version(str(path))  # by threads, which no child has
    with tracing(PROBES) as trace:
        child(lambda: path.write_text("1"))
    assert trace.before[str(path)] == was


def test_a_child_is_heard_by_the_trace_that_is_on(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_text(name)
    asked, asks = os.pipe()
    answered, answers = os.pipe()
    pid = os.fork()
    if not pid:
        while True:
            (tmp_path / os.read(asked, 1).decode()).read_text()
            os.write(answers, b".")

    def ask(name: str) -> None:
        os.write(asks, name.encode())
        os.read(answered, 1)

    try:
        with tracing(PROBES) as first:
            ask("a")
        ask("b")
        with tracing(PROBES) as second:
            ask("a")
            ask("c")
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    assert {os.path.basename(path) for path in first.read} == {"a"}
    assert {os.path.basename(path) for path in second.read} == {"a", "c"}


def test_a_torn_line_takes_no_other_along() -> None:
    log = Log()
    try:
        number = log.begin()
        path = os.path.join(log.folder, str(number))
        log.tell(number, ("read", "a", None))
        with open(path, "ab") as file:
            file.write(b'\n[1, "read", "b')
        log.tell(number, ("read", "c", None))
        data = Path(path).read_text().replace(f"[{os.getpid()},", "[1,")
        Path(path).write_text(data)
        lines, position = log.hear(number, 0)
        assert [line[2] for line in lines] == ["a", "c"]
        assert log.hear(number, position) == ((), position)
    finally:
        log.remove()
    assert not os.path.exists(log.folder)


def test_a_variable_of_a_child_is_told_and_not_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZZ_PASSWORD", "hunter2")
    del tmp_path
    with tracing(PROBES) as trace:
        child(lambda: os.environ["ZZ_PASSWORD"])
        log = FAMILY.log
        assert log is not None
        told = b"".join(path.read_bytes() for path in Path(log.folder).iterdir() if path.name != "now")
        assert b"ZZ_PASSWORD" in told
        assert b"hunter2" not in told
    assert trace.variables["ZZ_PASSWORD"] == "hunter2"


def test_nothing_is_made_where_nothing_forks() -> None:
    with tracing(PROBES) as trace:
        os.listdir(".")
    assert FAMILY.log is None
    assert trace.share is None


def test_a_child_whose_report_can_not_be_written_leaves_a_step_that_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")

    def reads() -> None:
        log = FAMILY.log
        assert log is not None
        with unseen():
            path = Path(log.folder, str(log.now))
            path.unlink(missing_ok=True)
            path.mkdir()  # as a disk that is full: nothing can be added to it
        (tmp_path / "a").read_text()

    with tracing(PROBES) as trace:
        child(reads)
        settle(trace, Places(str(tmp_path)), lambda _: "")  # type: ignore[arg-type,return-value]
    assert trace.outside == ["what its processes read could not be written down"]
    with tracing(PROBES) as trace:
        child((tmp_path / "a").read_text)
    assert trace.outside == []
    assert str(tmp_path / "a") in trace.read
