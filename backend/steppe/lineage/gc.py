"""`steppe gc`: which results have to go so that the Store keeps to its limit, and their removal.

What is cheapest to compute again goes first, by measured seconds a byte and by age. What a pin, a name or a lease holds
stays, with what loading it needs (see `holding`), and so does what a session that lives has bound: everything used
since the oldest of them began.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import msgspec

from steppe.catalog import Catalog, EntryUse, RunFilter, every
from steppe.lineage.holding import Hold, Holding, blobs_of_task
from steppe.lineage.living import lives
from steppe.lineage.retained import DAY, hold_retained
from steppe.settings import Retention
from steppe.store.store import Blob, Store
from steppe.types import Digest, Run, Struct
from steppe.worker import saved

NONE = Retention()
YOUNG = 3600.0
"""Seconds for which bytes that nothing refers to stay: their entry may be about to be written."""

FORGOTTEN = 7 * 86400.0
"""Seconds after which a run of another machine that has not told its end is taken to be over."""


ABANDONED = 30 * 86400.0
"""Seconds for which the checkpoint of a step that has not succeeded is kept for its next try."""


class Swept(Struct, frozen=True, kw_only=True):
    """What `gc` removed, or would remove.

    Attributes:
        entries: results that were forgotten.
        blobs: blobs that were removed.
        freed: their bytes.
        kept: bytes that the Store holds after.
        limit: bytes that it may hold.
        waiting: bytes that nothing needs, too young to be removed: they go an hour after they were put.
        held: results that would have had to go, and are held.
        holds: all executions that are held whatever the limit is, and why; the largest first.
        dry: True where nothing was removed: the numbers are estimates.
    """

    entries: int = 0
    blobs: int = 0
    freed: int = 0
    kept: int = 0
    limit: int = 0
    waiting: int = 0
    held: int = 0
    holds: tuple[Hold, ...] = ()
    dry: bool = False


def doomed(
    entries: Iterable[EntryUse], excess: int, now: float, busy_since: float, unused_since: float | None = None
) -> list[EntryUse]:
    """Decide which results have to go, in that order: those that have expired, then the cheapest until enough is free.

    Args:
        entries: all that there are.
        excess: bytes that are too many; negative where there is room.
        now: the time.
        busy_since: when the oldest session that lives began; what was used since stays.
        unused_since: what was not used since then goes although there is room; None where nothing does.
    """
    free = [entry for entry in entries if not entry.held and entry.used < busy_since]
    gone = [
        entry
        for entry in free
        if (entry.expires is not None and entry.expires <= now)
        or (unused_since is not None and entry.used < unused_since)
    ]
    left = excess - sum(entry.size for entry in gone)
    expired = {entry.id for entry in gone}
    for entry in sorted((entry for entry in free if entry.id not in expired), key=lambda entry: _worth(entry, now)):
        if left <= 0:
            break
        gone.append(entry)
        left -= entry.size
    return gone


def _worth(entry: EntryUse, now: float) -> tuple[float, float]:
    """Return what is lost with a result: the seconds that a byte of it took, less the longer it was not used."""
    age = max(now - entry.used, 1.0)
    return entry.seconds / max(entry.size, 1) / age, entry.used


def sweep(
    catalog: Catalog,
    store: Store,
    limit: int,
    *,
    rules: Retention = NONE,
    dry: bool = False,
    now: Callable[[], float] = time.time,
) -> Swept:
    """Remove what nothing needs, and as many results as have to go for the Store to keep to its limit.

    Args:
        catalog: the Catalog.
        store: the Store.
        limit: bytes that it may hold.
        rules: what the project keeps, and for how long.
        dry: only tell what would go.
        now: tells the time.
    """
    began, entries = now(), 0
    catalog.leases.expire()
    if not dry:
        _drop_checkpoints(catalog, store, began)
    blobs = {blob.digest: blob for blob in store.blobs()}
    busy = min((run.started for run in _living(catalog, began)), default=began + 1)
    if dry:
        return _foreseen(catalog, store, blobs, limit, began, busy, rules)
    while True:
        entries_now, holding = _held(catalog, store, blobs, rules)
        unneeded = _unneeded(catalog, store, blobs, holding)
        excess = sum(blob.size for blob in blobs.values()) - sum(blob.size for blob in unneeded) - limit
        going = doomed(entries_now, excess, began, busy, _unused_since(rules, began))
        removed = catalog.upkeep.remove(going) if going else 0
        if not removed:
            break
        entries += removed
        catalog.upkeep.drop_orphans(began - YOUNG, holding.versions())
    old = [blob for blob in unneeded if blob.modified < began - YOUNG]
    gone = [blob for blob in old if store.delete(blob.digest, before=began - YOUNG)]
    freed = sum(blob.size for blob in gone)
    waiting = sum(blob.size for blob in unneeded) - sum(blob.size for blob in old)
    held = sum(1 for entry in entries_now if excess > 0 and (entry.held or entry.used >= busy))
    kept = sum(blob.size for blob in blobs.values()) - freed
    return Swept(
        entries=entries,
        blobs=len(gone),
        freed=freed,
        kept=kept,
        limit=limit,
        held=held,
        holds=_told(catalog, entries_now, holding, busy),
        waiting=waiting,
    )


def _unused_since(rules: Retention, now: float) -> float | None:
    return now - rules.days * DAY if rules.days else None


def _foreseen(
    catalog: Catalog,
    store: Store,
    blobs: dict[Digest, Blob],
    limit: int,
    now: float,
    busy: float,
    rules: Retention,
) -> Swept:
    total = sum(blob.size for blob in blobs.values())
    entries, holding = _held(catalog, store, blobs, rules)
    unneeded = _unneeded(catalog, store, blobs, holding)
    spare = sum(blob.size for blob in unneeded)
    old = [blob for blob in unneeded if blob.modified < now - YOUNG]
    going = doomed(entries, total - spare - limit, now, busy, _unused_since(rules, now))
    freed = sum(blob.size for blob in old) + sum(entry.size for entry in going)
    kept = max(total - freed, 0)
    holds = _told(catalog, entries, holding, busy)
    return Swept(entries=len(going), blobs=len(old), freed=freed, kept=kept, limit=limit, holds=holds, dry=True)


def _held(
    catalog: Catalog, store: Store, blobs: dict[Digest, Blob], rules: Retention
) -> tuple[list[EntryUse], Holding]:
    """Return all entries, marked where they are held, and what is held."""
    entries = list(catalog.upkeep.entries())
    holding = Holding(catalog, store, lambda digest: digest in blobs or store.has(digest)).take_all(entries)
    hold_retained(holding, catalog, rules)
    marked = [
        entry if entry.held or entry.step_run not in holding else msgspec.structs.replace(entry, held=True)
        for entry in entries
    ]
    return marked, holding


def _told(catalog: Catalog, entries: list[EntryUse], holding: Holding, busy: float) -> tuple[Hold, ...]:
    """Say what is held and why, with what sessions that live have used, the largest first."""
    used = [entry for entry in entries if entry.used >= busy and entry.step_run not in holding]
    names = catalog.step_runs.among(entry.step_run for entry in used)
    why = ("used by a session that runs",)
    steps = {id_: run.step.name for id_, run in names.items()}
    held = [
        Hold(step_run=entry.step_run, step=steps.get(entry.step_run, ""), bytes=entry.size, why=why) for entry in used
    ]
    return tuple(sorted([*holding.holds(), *held], key=lambda hold: (-hold.bytes, hold.step_run)))


def _unneeded(catalog: Catalog, store: Store, blobs: dict[Digest, Blob], holding: Holding) -> list[Blob]:
    """Return the blobs that nothing needs."""
    needed = catalog.upkeep.live() | _of_tasks(catalog, store) | _of_checkpoints(store) | holding.blobs
    return [blob for blob in blobs.values() if blob.digest not in needed]


def _of_tasks(catalog: Catalog, store: Store) -> set[Digest]:
    """Return the blobs that the attempts under way still have to read."""
    found: set[Digest] = set()
    for attempt in catalog.attempts.going():
        if attempt.task is not None:
            found |= blobs_of_task(store, attempt.task)
    return found


def _of_checkpoints(store: Store) -> set[Digest]:
    """Return the blobs of the checkpoints that the next tries of steps may ask for."""
    records = (saved.read(store, name) for name in saved.all_records(store))
    return set[Digest]().union(*(record.blobs() for record in records if record is not None))


def _drop_checkpoints(catalog: Catalog, store: Store, now: float) -> None:
    """Remove the checkpoints of steps that have succeeded since, and those that nobody has come back for."""
    for name in list(saved.all_records(store)):
        record = saved.read(store, name)
        entries = catalog.entries.find(saved.key_of(name))
        last = record.last.time if record is not None else 0.0
        if last < now - ABANDONED or any(entry.created > last for entry in entries):
            saved.drop(store, name)


def _living(catalog: Catalog, now: float) -> Iterable[Run]:
    which = RunFilter(status="running")
    for run in every(lambda after: catalog.runs.list(which, after=after, limit=500)):
        alive = lives(run)
        if alive or (alive is None and run.started > now - FORGOTTEN):
            yield run
