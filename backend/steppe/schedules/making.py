"""What people do with schedules: make, pause, resume, remove, backfill, run now."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from steppe.catalog import Catalog, Due, Schedule
from steppe.errors import UsageError
from steppe.ids import new_id
from steppe.notebooks import checks
from steppe.notebooks.run import user
from steppe.notebooks.source import read
from steppe.schedules.entering import CATCHUPS, backfilled
from steppe.schedules.settling import GOING
from steppe.schedules.times import forthcoming

_NAME = re.compile(r"[\w][\w.-]{0,99}")
_TRIES = 20


def make(catalog: Catalog, root: str, schedule: Schedule, *, replace: bool = False) -> Schedule:
    """Enter a schedule, due from now on.

    Args:
        catalog: where.
        root: the project's folder.
        schedule: all but its id, owner and times; its notebook is a path of this machine.
        replace: change the one of its name, whose due times are kept.

    Raises:
        UsageError: something in it does not fit, or there is one of its name.
    """
    now = catalog.claims.now()
    made = checked(schedule, root, now)
    made = msgspec.structs.replace(made, root=root, owner=user(), created=now, cursor=now)
    while True:
        fresh = msgspec.structs.replace(made, id=new_id(now, secrets.randbits))
        if catalog.schedules.add(fresh):
            return fresh
        there = catalog.schedules.named(root, made.name)
        if there is None:
            continue
        if not replace:
            raise UsageError(
                f"there is a schedule {made.name} already: give another with --name, or change it with --replace."
            )
        changed = msgspec.structs.replace(made, id=there.id, paused=there.paused)
        if catalog.schedules.change(there, changed):
            return changed


def checked(schedule: Schedule, root: str, now: float) -> Schedule:
    """Return a schedule whose notebook is relative to the project.

    Raises:
        UsageError: something in it does not fit.
    """
    if not _NAME.fullmatch(schedule.name):
        raise UsageError(f"--name {schedule.name!r}: a name is letters, digits, dots and dashes, 100 at most.")
    if next(forthcoming(schedule.cron, schedule.zone, now), None) is None:
        raise UsageError(f"--cron {schedule.cron!r} is never due.")
    if schedule.catchup not in CATCHUPS:
        raise UsageError(f"--catch-up {schedule.catchup}: there are {', '.join(CATCHUPS)}.")
    for name in schedule.parameters:
        if not name.isidentifier():
            raise UsageError(f"-p {name}: `{name}` is no name of a variable.")
    for url in (*schedule.webhooks, *schedule.slack):
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise UsageError(f"alerts go to an address such as https://host/path, not to {url!r}.")
    path = Path(schedule.notebook).resolve()
    source = read(path)
    checks.kernel(schedule.kernel or source.kernel, schedule.kernel or None)
    checks.executor(schedule.on)
    if not path.is_relative_to(Path(root).resolve()):
        raise UsageError(f"{schedule.notebook} is outside of the project {root}: schedules are a project's.")
    return msgspec.structs.replace(schedule, notebook=str(path.relative_to(Path(root).resolve())))


def here(catalog: Catalog, root: str) -> list[Schedule]:
    """Return the schedules that a scheduler serves: all but those that a cluster keeps."""
    return [schedule for schedule in catalog.schedules.all(root) if not schedule.where]


def named(catalog: Catalog, root: str, name: str) -> Schedule:
    """Return the schedule of a name.

    Raises:
        UsageError: there is none.
    """
    found = catalog.schedules.named(root, name)
    if found is None:
        known = ", ".join(schedule.name for schedule in catalog.schedules.all(root))
        raise UsageError(f"there is no schedule {name}: there {f'are {known}' if known else 'is none'}.")
    return found


def change(catalog: Catalog, schedule: Schedule, **changes: object) -> None:
    """Change a schedule and keep its past; one that is due at other times than before is so from now on.

    Raises:
        UsageError: something in it does not fit.
    """
    now = catalog.claims.now()
    whole = msgspec.structs.replace(schedule, **{**changes, "notebook": str(Path(schedule.root, schedule.notebook))})
    checked(whole, schedule.root, now)
    if {"cron", "zone"} & changes.keys():
        changes |= {"cursor": now}
    _change(catalog, schedule.root, schedule.name, **changes)


def pause(catalog: Catalog, root: str, name: str) -> None:
    """Have no time be due any more; what waits or runs goes on."""
    _change(catalog, root, name, paused=True)


def resume(catalog: Catalog, root: str, name: str) -> None:
    """Have times be due again, from now on: those that passed meanwhile can be backfilled."""
    if named(catalog, root, name).paused:
        _change(catalog, root, name, paused=False, cursor=catalog.claims.now())


def _change(catalog: Catalog, root: str, name: str, **changes: object) -> None:
    for _ in range(_TRIES):  # a scheduler may move the cursor meanwhile
        before = named(catalog, root, name)
        if catalog.schedules.change(before, msgspec.structs.replace(before, **changes)):
            return
    raise UsageError(f"the schedule {name} is being changed by others: try again.")


def backfill(catalog: Catalog, schedule: Schedule, since: float, until: float, *, again: bool = False) -> list[Due]:
    """Have the due times of a range run, both ends among them; return those that will.

    A time that has succeeded, or waits or runs, is left as it is; with `again`, one that succeeded runs once more.
    """
    return _put(catalog, backfilled(schedule, since, until), again=again)


def run_now(catalog: Catalog, schedule: Schedule) -> Due:
    """Have a run be due now, beside the cron line's."""
    due = int(catalog.claims.now())
    while not catalog.schedules.enter(found := Due(schedule=schedule.id, due=due, origin="now")):
        due += 1
    return found


def _put(catalog: Catalog, dues: Iterable[Due], *, again: bool) -> list[Due]:
    return [due for due in dues if catalog.schedules.enter(due) or _reopened(catalog, due, again=again)]


def _reopened(catalog: Catalog, due: Due, *, again: bool) -> bool:
    there = catalog.schedules.due(due.schedule, due.due)
    if there is None or there.state in GOING or (there.state == "succeeded" and not again):
        return False
    return catalog.schedules.move(there, due)
