"""The instants that a cron line means in a time zone. Pure: no clock is asked."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from steppe.errors import UsageError


def due_times(cron: str, zone: str, after: float, until: float) -> Iterator[int]:
    """Yield the times after `after` and not after `until`, each once and in order, in seconds since 1970.

    Raises:
        UsageError: the line or the zone is not one.
    """
    last = after
    for due in forthcoming(cron, zone, after):
        if due > until:
            return
        if due > last:  # a time of day that comes twice is due the first time; two that move out of a gap are one
            last = due
            yield due


def forthcoming(cron: str, zone: str, after: float) -> Iterator[int]:
    """Yield the times after `after`, without end but for lines that are never due again.

    Raises:
        UsageError: the line or the zone is not one.
    """
    from cronsim import CronSim, CronSimError

    start = datetime.fromtimestamp(int(after // 1), UTC).astimezone(zone_of(zone))
    try:
        line = CronSim(cron, start)
    except CronSimError as error:
        raise UsageError(
            f"--cron {cron!r}: {str(error).lower()}. Give five fields: minute, hour, day of month, month and day of "
            'week, such as "0 6 * * 1" for Mondays at 6; a sixth, in front, is seconds.'
        ) from error
    last = after
    for moment in line:
        due = int(moment.timestamp())
        if due > last:
            last = due
            yield due


@functools.cache
def zone_of(zone: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises:
        UsageError: there is none.
    """
    try:
        return ZoneInfo(zone)
    except (LookupError, ValueError, OSError) as error:
        raise UsageError(
            f"--tz {zone}: there is no such time zone; give a name such as Europe/Berlin or UTC."
        ) from error


def machine_zone() -> str:
    """Return the name of this machine's time zone; UTC where it has no name that others know."""
    named = os.environ.get("TZ", "").removeprefix(":")
    found = named or os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    try:
        return zone_of(found).key if found else "UTC"
    except UsageError:
        return "UTC"


def local(moment: float, zone: str) -> datetime:
    """Return an instant as the clocks of a zone show it."""
    return datetime.fromtimestamp(moment, UTC).astimezone(zone_of(zone))


def shown(moment: float, zone: str) -> str:
    """Return an instant as people of a zone write it."""
    return local(moment, zone).isoformat(" ", "seconds")


def moment_of(text: str, zone: str, *, end: bool = False) -> float:
    """Return the instant that a date or a time means in a zone; with `end`, a date's last second.

    Raises:
        ValueError: it is neither.
    """
    moment = datetime.fromisoformat(text)
    whole_day = len(text) <= len("2026-05-03") and bool(date.fromisoformat(text))
    if moment.tzinfo is None:
        moment = (moment + timedelta(days=1) if end and whole_day else moment).replace(tzinfo=zone_of(zone))
    return moment.timestamp() - (1 if end and whole_day else 0)
