"""A real scheduler while its runs go on: how many at once, what is told to be late, and what a pause leaves out."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from steppe.catalog import open_catalog
from steppe.schedules import lease
from tests.integration.schedules.conftest import until

RUN = """
import os, time
open(f"on-{os.getpid()}", "w").close()
while not os.path.exists("go"):
    time.sleep(0.05)
"""


def test_two_go_on_at_once_a_third_is_late_and_a_pause_leaves_out_what_falls_into_it(place, hook):
    place.write("book.ipynb", "x = 1", RUN)
    place.steppe("schedule", "book.ipynb", "--cron", "* * * * * *", "--tz", "UTC", "--catch-up", "all",
                 "--parallel", "2", "--late", "1s", "--webhook", f"{hook.url}/json")  # fmt: skip
    place.start()
    on = lambda: sorted(place.folder.glob("on-*"))
    told = lambda: (place.dues("book"), hook.got, place.log())

    until(lambda: len(on()) == 2, told)  # neither has ended: there is no `go`
    begun = _begun(place)
    assert len(begun) == 2
    late = until(lambda: [body for _, body in hook.got if body["due"] not in begun], told)[0]
    assert (late["event"], late["state"], late["schedule"]) == ("late", "waiting", "book")
    assert "is late: it has not begun" in late["text"]

    place.steppe("schedule", "pause", "book")
    entered = _times(place)
    paused = time.time()
    until(lambda: _looked(place) > paused + 2, told)  # two times have passed, and it has seen that
    assert _times(place) == entered
    resumed = time.time()
    place.steppe("schedule", "resume", "book")
    until(lambda: max(_times(place)) > resumed, told)
    place.steppe("schedule", "pause", "book")
    found = _times(place)
    assert [due for due in found if max(entered) < due <= resumed] == []
    assert _begun(place) == begun
    assert len(on()) == 2

    first, last = max(entered) + 1, int(resumed)
    asked = ("schedule", "backfill", "book", "--from", _text(first), "--to", _text(last))
    assert place.json(*asked)["dues"] == list(range(first, last + 1))
    place.steppe("schedule", "remove", "book")
    (place.folder / "go").touch()
    kernels = [Path("/proc", run.name.removeprefix("on-")) for run in on()]
    until(lambda: not any(kernel.exists() for kernel in kernels), place.log)


def _begun(place) -> set[str]:
    return {due["due"] for due in place.dues("book") if due["state"] in ("started", "running")}


def _times(place) -> list[int]:
    return sorted(int(datetime.fromisoformat(due["due"]).timestamp()) for due in place.dues("book"))


def _looked(place) -> float:
    """When the scheduler looked at the clock for the last time: it renews its lease whenever it does."""
    with open_catalog(str(place.folder / ".steppe/catalog.db")) as catalog:
        claim = catalog.claims.get(lease.key_of(str(place.folder)))
        assert claim is not None
        return claim.expires - lease.TTL


def _text(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()
