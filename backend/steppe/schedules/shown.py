"""Schedules and due times as plain data, for the command line and the server. Their form is kept stable."""

from __future__ import annotations

from itertools import islice
from typing import Any

from steppe.catalog import Catalog, Due, Schedule
from steppe.schedules.times import forthcoming, local

NEXT = 5
_HIDDEN = frozenset({"id", "root", "revision", "webhooks", "slack", "cursor", "created"})


def schedule_document(catalog: Catalog, schedule: Schedule, *, dues: int = 0) -> dict[str, Any]:
    """Return a schedule, its next times, and the latest of its past ones. Webhooks are secrets: only their number."""
    coming = islice(forthcoming(schedule.cron, schedule.zone, max(schedule.cursor, catalog.claims.now())), NEXT)
    return {
        **{name: getattr(schedule, name) for name in schedule.__struct_fields__ if name not in _HIDDEN},
        "alerts": len(schedule.webhooks) + len(schedule.slack),
        "next": [_time(due, schedule) for due in coming],
        "dues": [due_document(due, schedule) for due in catalog.schedules.dues(schedule.id, dues)] if dues else [],
    }


def due_document(due: Due, schedule: Schedule) -> dict[str, Any]:
    """Return a due time and what has become of it."""
    return {
        "due": _time(due.due, schedule),
        "state": due.state,
        "origin": due.origin,
        "run": due.run,
        "tries": due.tries,
        "output": due.output,
        "error": due.error,
        "started": due.started or None,
        "ended": due.ended or None,
        "told": list(due.told),
    }


def _time(due: int, schedule: Schedule) -> str:
    return local(due, schedule.zone).isoformat()
