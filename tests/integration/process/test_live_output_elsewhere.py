"""What a running step writes, how far it is and what it uses can be read by another process while it runs."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest

from steppe.lineage.logs import logs, progress, sweep
from steppe.lineage.resources import resources


class Reader:
    """Reads as the server does, from another thread, with a Catalog and a Store of its own."""

    def __init__(self, shell):
        from steppe.catalog import open_catalog
        from steppe.lineage.opened import catalog_place, store_of

        project = shell.session.project
        self.catalog, self.store, self.state = open_catalog(catalog_place(project)), store_of(project), project.state

    def id(self, name):
        return next((run.id for run in self.catalog.step_runs.list().items if run.step.name == name), None)

    def lines(self, name, **asked):
        return logs(self.catalog, self.store, self.state, self.id(name), **asked)

    def texts(self, name, **asked):
        return [(line.stream, line.text) for line in self.lines(name, **asked).lines]


@pytest.fixture
def begun(kernel):
    shell = kernel()
    shell.run("%%step first\nn = 1")
    shell.run("import time, sys, steppe")
    shell.session.catalog.flush()
    return shell


@pytest.fixture
def reader(begun):
    made = Reader(begun)
    yield made
    made.catalog.close()


def meanwhile(seconds, look):
    """Look once, so many seconds from now; return where what was seen will be."""
    seen = []
    timer = threading.Timer(seconds, lambda: seen.append(look()))
    timer.start()
    return seen, timer


def eventually(holds, what):
    """Wait until it holds: what a step showed is written from another thread."""
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.02)


SOURCE = """%%step talk on={place}
import sys, time, steppe
print('one')
print('two', file=sys.stderr)
steppe.progress(3, 10, 'reading')
time.sleep({pause})
print('three')
display('shown')
steppe.progress(10, 10)
'value'
"""


@pytest.mark.parametrize("place", ["inline", "process"])
def test_lines_of_a_running_step_and_of_one_that_has_ended_are_the_same(begun, reader, place):
    if place == "process":
        begun.run("%%step warm on=process\nw = 1")
    reader.lines("first")  # what makes lists is imported
    pause = 5 if place == "process" else 1.5
    seen, timer = meanwhile(pause - 0.3, lambda: (reader.lines("talk"), progress(reader.state, reader.id("talk"))))
    assert begun.run(SOURCE.format(place=place, pause=pause)).success
    timer.join()
    ((lines, told),) = seen
    assert [(line.stream, line.text) for line in lines.lines] == [("stdout", "one"), ("stderr", "two")]
    assert lines.live
    assert (told.done, told.total, told.text) == (3, 10, "reading")
    begun.session.catalog.flush()
    kept = begun.last
    assert kept.result_digest, kept.why
    eventually(lambda: not list((reader.state / "live").iterdir()), "its result has what it showed")
    after = reader.lines("talk")
    expected = [
        ("stdout", "one"),
        ("stderr", "two"),
        ("stdout", "three"),
        ("display", "'shown'"),
        ("result", "'value'"),
    ]
    assert [(line.stream, line.text) for line in after.lines] == expected
    assert [line.number for line in after.lines] == [0, 1, 2, 3, 4]
    assert not after.live


def test_samples_of_a_step_are_kept(begun, reader):
    begun.run("%%step here\nwaited = time.sleep(1.5)")
    begun.run("%%step there on=process\nimport time\nblock = bytearray(50_000_000)\ntime.sleep(2.2)")
    begun.run("%%step bound on=process memory=1Gi\nimport time\ntime.sleep(2.2)")
    begun.session.catalog.flush()
    here, there, bound = (
        resources(reader.catalog, reader.state, reader.id(name)) for name in ("here", "there", "bound")
    )
    assert all(len(samples) >= 4 for samples in (here, there, bound)), "a short step has a curve, too"
    assert all(first.at < second.at for first, second in pairwise(bound))
    assert all(sample.gpu is None for sample in (*here, *there))
    assert max(sample.memory for sample in there) > 50_000_000
    assert all(sample.memory > 0 for sample in here)


def test_what_a_step_wrote_before_it_failed_is_kept(begun, reader):
    begun.run("%%step bad\nprint('before')\n1 / 0")
    begun.run("%%step open cache=false\nprint('uncached')")
    begun.session.catalog.flush()
    eventually(lambda: reader.texts("bad")[:1] == [("stdout", "before")], "the failed step's lines are kept")
    eventually(lambda: reader.texts("open") == [("stdout", "uncached")], "the uncached step's lines are kept")
    assert sweep(reader.state, time.time()) == 0
    assert sweep(reader.state, time.time() + 31 * 86400) == 2


def test_lines_are_paged_and_searched(begun, reader):
    begun.run("%%step many\nfor n in range(2500):\n    print('line', n)")
    begun.session.catalog.flush()
    page = reader.lines("many", offset=1000, limit=3)
    assert [line.text for line in page.lines] == ["line 1000", "line 1001", "line 1002"]
    assert (page.total, page.more) == (2500, True)
    found = reader.lines("many", search="LINE 99", limit=5)
    assert [line.number for line in found.lines] == [99, 990, 991, 992, 993]
    assert (found.total, found.more) == (11, True)


@pytest.mark.parametrize("place", ["inline", "process"])
def test_the_progress_of_a_fan_out_is_how_many_elements_are_done(begun, reader, place):
    begun.run("xs = [0.2, 0.3]")
    cell = f'%%step wide on={place} map="i, x in enumerate(xs)"\ntime.sleep(x)\ny = i'
    assert begun.run(cell).success
    begun.run("xs = [0.2, 0.3, 0.4, 3]")
    seen = []

    def look():
        end = time.monotonic() + 30
        while time.monotonic() < end and not (seen and seen[-1].done == 3):
            run = next((run for run in reader.catalog.step_runs.list().items if run.state == "running"), None)
            told = progress(reader.state, run.id) if run is not None else None
            seen.extend([told] if told is not None else [])
            time.sleep(0.05)

    watcher = threading.Thread(target=look)
    watcher.start()
    assert begun.run(cell).success
    watcher.join()
    assert (seen[-1].done, seen[-1].total, seen[-1].text) == (3, 4, "2 hits")


def test_progress_bars_are_one_line(begun, reader):
    begun.run("%%step bar\nfor n in range(3):\n    print(f'\\r{n}/3', end='')\nprint()")
    begun.session.catalog.flush()
    assert reader.texts("bar") == [("stdout", "2/3")]


def test_fifty_steps_that_write_a_thousand_lines_a_second_lose_none(tmp_path):
    from steppe.engine.live_output import LiveOutput
    from steppe.lineage.logs import told
    from steppe.types import Shown
    from steppe.worker.events import Event

    live = LiveOutput(lambda: tmp_path)
    began, cpu = time.monotonic(), time.process_time()
    for second in range(40):
        for step in range(50):
            text = f"line {second} of {step}\n"
            live.tell(f"s{step}", Event(kind="shown", at=1.0, shown=Shown(kind="stream", name="stdout", text=text)))
        time.sleep(0.05)
    used = time.process_time() - cpu
    live.close()
    for step in range(50):
        text = "".join(event.shown.text for event in told(tmp_path, f"s{step}"))
        assert text.splitlines() == [f"line {second} of {step}" for second in range(40)]
        live.end(f"s{step}", keep=False)
    live.close()
    assert not list((tmp_path / "live").iterdir())
    assert used < 0.25 * (time.monotonic() - began)


@pytest.mark.parametrize("wrong", ["'x'", "None", "float('nan')", "1, 'many'"])
def test_progress_that_is_no_number_is_refused_in_one_sentence(begun, wrong):
    result = begun.run(f"steppe.progress({wrong})")
    assert "progress(done, total, text) takes a number" in str(result.error_in_exec)
