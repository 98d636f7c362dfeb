"""The parameters of a due run: texts in which `{scheduled}` is the due time."""

from __future__ import annotations

import re
from typing import Any

from steppe.catalog import Schedule
from steppe.errors import UsageError
from steppe.schedules.times import local

_PLACE = re.compile(r"\{scheduled(?::([^{}]*))?\}")


def parameters_at(schedule: Schedule, due: int) -> dict[str, Any]:
    """Return the parameters by name, read as `steppe run -p` reads them.

    `{scheduled}` is the due time in the schedule's zone, as in `2026-05-03T06:00:00+02:00`; what follows a colon says
    how to write it: `{scheduled:%Y-%m-%d}` is `2026-05-03`.
    """
    from papermill.cli import _resolve_type  # papermill has no public name for how it reads a parameter's value

    moment = local(due, schedule.zone)

    def written(match: re.Match[str]) -> str:
        return moment.strftime(match[1]) if match[1] else moment.isoformat()

    return {
        name: _PLACE.sub(written, text) if _PLACE.search(text) else _resolve_type(text)
        for name, text in schedule.parameters.items()
    }


def parsed(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return `NAME=VALUE` texts by name.

    Raises:
        UsageError: one is not of that form.
    """
    found = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.isidentifier():
            raise UsageError(f"-p {pair}: give NAME=VALUE, such as day={{scheduled}}.")
        found[name] = text
    return found
