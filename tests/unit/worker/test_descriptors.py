"""What is written to the standard descriptors is shown while the step runs: all of it, and nothing after."""

import io
import os
import threading
import time

import pytest

from steppe.worker import descriptors as module
from steppe.worker.descriptors import Captured, Descriptors


@pytest.fixture
def captured():
    made = Captured.make(1), Captured.make(2)
    yield made
    for each in made:
        os.close(each.writer)
        os.close(each.reader)


@pytest.mark.parametrize("prepared", [True, False])
def test_all_that_is_written_is_shown_whenever_the_thread_began(captured, prepared, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.001)
    made, out, err = Descriptors(captured), io.StringIO(), io.StringIO()
    if prepared:
        made.prepare()
        threads = threading.active_count()
    with made.shown_by(out, err):
        if prepared:
            assert threading.active_count() == threads
        for number in range(200):
            os.write(captured[0].writer, b"%d\n" % number)
        os.write(captured[1].writer, b"last \xc3")
    assert out.getvalue() == "".join(f"{number}\n" for number in range(200))
    assert err.getvalue() == "last \N{REPLACEMENT CHARACTER}"
    os.write(captured[0].writer, b"after\n")
    time.sleep(0.02)
    made.look()
    assert "after" not in out.getvalue()


def test_what_is_written_before_the_step_begins_waits_for_it(captured, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.001)
    made, out = Descriptors(captured), io.StringIO()
    made.prepare()
    os.write(captured[0].writer, b"early\n")
    time.sleep(0.02)
    assert out.getvalue() == ""
    with made.shown_by(out, out):
        pass
    assert out.getvalue() == "early\n"
