"""`sys.path` as it is carried to a process whose Python lies elsewhere."""

import sys

import pytest

from steppe.worker.ambient.process import SearchPath

HERE = ["", "/here/python311.zip", "/here/lib", "/here/site-packages"]
THERE = ["/work", "/there/lib", "/there/site-packages"]


@pytest.fixture
def carried(monkeypatch):
    """Change a kernel's path that began in /work; return the path that a worker has then, which began as `own`."""

    def carry(change, own):
        monkeypatch.setattr("steppe.worker.ambient.process.here", lambda: "/work")
        monkeypatch.setattr(sys, "path", list(HERE))
        kernel = SearchPath()
        assert kernel.read() == {}
        change(sys.path)
        settings = kernel.read()
        monkeypatch.setattr(sys, "path", list(own))
        worker = SearchPath()
        worker.write(settings)
        found = list(sys.path)
        before = worker.read()
        worker.write(before)  # what a step has not changed stays as it is
        assert sys.path == found
        return found

    return carry


def test_one_that_is_alike_is_taken_as_it_is(carried):
    assert carried(lambda path: path.insert(2, "x"), HERE) == [*HERE[:2], "x", *HERE[2:]]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda path: path.insert(0, "x"), ["x", *THERE]),
        (lambda path: path.insert(1, "x"), ["/work", "x", *THERE[1:]]),  # the folder that it began in comes first
        (lambda path: path.append("x"), [*THERE, "x"]),
        (lambda path: path.__setitem__(slice(0, 0), ["x", "y"]), ["x", "y", *THERE]),
        (lambda path: path.remove(""), THERE[1:]),
        (lambda path: path.remove("/here/site-packages"), THERE),
    ],
)
def test_what_was_added_and_taken_away_is_so_there_too_and_its_own_python_is_found(carried, change, found):
    assert carried(change, THERE) == found
