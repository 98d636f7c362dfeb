"""What steps that are functions cost: traced calls beside plain ones, and calls that are kept beside joblib's."""

from __future__ import annotations

import time
from collections.abc import Iterator

from row import Row, interleaved

import steppe
from steppe.engine.current import current
from steppe.functions.recorder import RECORDER


def plain(x):
    return x


@steppe.step(cache=False)
def traced(x):
    return x


@steppe.step
def kept(x):
    return x


def rows(folder: str, *, small: bool) -> Iterator[Row]:
    """Measure."""
    del folder
    many = 200 if small else 10_000
    traced(0)
    RECORDER.flush()

    def call(function):
        def work(_):
            start = time.perf_counter()
            for number in range(many):
                function(number)
            took = (time.perf_counter() - start) / many * 1e3
            RECORDER.flush()
            return took

        return work

    took = interleaved(3 if small else 7, traced=call(traced), plain=call(plain))
    met = None if small else took["traced"] <= 0.05
    yield Row("traced in-process step", took["traced"], "ms", "a plain call", took["plain"], "≤ 0.05 ms", met)
    start = time.perf_counter()
    for number in range(many * 4):
        traced(number)
    RECORDER.flush()
    rate = many * 4 / (time.perf_counter() - start)
    met = None if small else rate >= 20_000
    yield Row("traced in-process steps, written down", rate, "/s", target="≥ 20,000", met=met)
    lost = many * 4 + many * (3 if small else 7) + 1 - _written()
    yield Row("traced in-process steps that are not in the catalog", lost, "runs", target="0", met=lost == 0)
    kept(1)

    def hit(_):
        start = time.perf_counter()
        kept(1)
        return (time.perf_counter() - start) * 1e3

    took = interleaved(3 if small else 30, hit=hit)
    yield Row("a call of a step that hits", took["hit"], "ms")


def _written() -> int:
    session = current()
    assert session is not None
    tally = session.catalog.runs.tally([session.run.id])
    return sum(tally[session.run.id].values())
