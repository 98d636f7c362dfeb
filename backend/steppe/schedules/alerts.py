"""Alerts on failure, lateness and recovery: what is said, and its way to webhooks and Slack."""

from __future__ import annotations

import json
import logging
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from steppe.catalog import Due, Schedule
from steppe.schedules.times import local, shown

LOG = logging.getLogger("steppe.scheduler")
TRIES = 3
SAID = {
    "failed": "failed",
    "late": "is late: it has not begun",
    "recovered": "is well again",
}


def document(kind: str, schedule: Schedule, due: Due, now: float) -> dict[str, Any]:
    """Return what a webhook is sent. `id` is the same when an alert has to be sent again."""
    return {
        "id": f"{schedule.id}:{due.due}:{kind}",
        "event": kind,
        "schedule": schedule.name,
        "notebook": schedule.notebook,
        "project": schedule.root,
        "due": local(due.due, schedule.zone).isoformat(),
        "at": local(now, schedule.zone).isoformat(),
        "state": due.state,
        "run": due.run,
        "tries": due.tries,
        "error": due.error,
        "output": due.output,
        "text": sentence(kind, schedule, due),
    }


def sentence(kind: str, schedule: Schedule, due: Due) -> str:
    """Return an alert for people."""
    when = shown(due.due, schedule.zone)
    said = f"Schedule {schedule.name} ({schedule.notebook}), due {when}, {SAID[kind]}."
    if kind == "failed" and due.error:
        said = f"{said[:-1]} after {due.tries} {'try' if due.tries == 1 else 'tries'}: {due.error}"
    return said


def send(kind: str, schedule: Schedule, due: Due, now: float, *, pause: float = 1.0) -> None:
    """Send an alert to all places of a schedule; one that can't be reached is written to the log, and no more."""
    told = document(kind, schedule, due, now)
    LOG.warning("%s", told["text"])
    for url in schedule.webhooks:
        _post(url, told, pause)
    for url in schedule.slack:
        _post(url, {"text": told["text"]}, pause)


def _post(url: str, body: dict[str, Any], pause: float) -> None:
    headers = {"Content-Type": "application/json", "User-Agent": "steppe"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310  # checked when it was set
    for number in range(TRIES):
        try:
            with urllib.request.urlopen(request, timeout=10):  # noqa: S310
                return
        except (OSError, ValueError, urllib.error.HTTPError) as error:
            # Only the host: the rest of a webhook's address is its secret.
            LOG.warning("an alert did not reach %s (try %d of %d): %s", urlsplit(url).netloc, number + 1, TRIES, error)
            time.sleep(pause * 2**number)
