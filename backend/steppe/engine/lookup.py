"""Is there a result for this key that still holds? The Catalog's entries, their Traces checked against the world."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec

from steppe.errors import CorruptArtifact, MissingArtifact, StoreError
from steppe.store.store import Store
from steppe.types import Digest, Entry, Observation, Result
from steppe.worker.generators import state_version
from steppe.worker.observed import holds
from steppe.worker.places import Places
from steppe.worker.randomness import UNSEEDED

DECODER = msgspec.msgpack.Decoder(Result)
ENCODER = msgspec.msgpack.Encoder()


class Hit:
    """A stored result that may be returned.

    Attributes:
        entry: what the Catalog knows of it.
        result: what it left behind.
    """

    def __init__(self, entry: Entry, result: Result) -> None:
        self.entry = entry
        self.result = result


class Entries(Protocol):
    """The part of the Catalog that lookups need."""

    def find(self, key: Digest) -> list[Entry]:
        """Return the entries under a key, newest first."""


class World:
    """What Traces are checked against.

    Attributes:
        places: which paths matter, and how they are called.
        environ: the variables of the environment.
        states: gives the states of the generators that were seeded.
        formats: MIME types that this front end wants of values; empty for all.
    """

    def __init__(
        self, places: Places, environ: Any, states: Callable[[], dict[str, Any]], formats: tuple[str, ...] = ()
    ) -> None:
        self.places = places
        self.environ = environ
        self.states = states
        self.formats = formats


def find_hit(key: Digest, entries: Entries, store: Store, world: World, now: float) -> tuple[Hit | None, list[str]]:
    """Return a result that holds under `key`, or None and why each that there is does not.

    Args:
        key: the CacheKey.
        entries: the Catalog's entries.
        store: where results are.
        world: what their Traces are checked against.
        now: the time, in seconds since 1970.
    """
    return choose(entries.find(key), store, world, now)


def choose(found: Iterable[Entry], store: Store, world: World, now: float) -> tuple[Hit | None, list[str]]:
    """Return the first of a key's entries that holds, or None and why each does not; see `find_hit`."""
    reasons: list[str] = []
    for entry in found:
        reason = _fails(entry, store, world, now)
        if reason:
            reasons.append(reason)
            continue
        try:
            result = result_at(store, entry)
        except (StoreError, msgspec.MsgspecError) as error:
            reasons.append(f"its stored result can't be used: {error}")
            continue
        if broken := _broken(result, store):
            reasons.append(broken)
        elif not _shows_enough(result.formats, world.formats):
            reasons.append("it was made where values are shown as text alone")
        else:
            return Hit(entry, result), reasons
    return None, reasons


def result_at(store: Store, entry: Entry) -> Result:
    """Read an entry's Result.

    Raises:
        StoreError: it is not there, or damaged.
    """
    return DECODER.decode(store.get(entry.result, start=entry.start, stop=entry.stop or None))


def _fails(entry: Entry, store: Store, world: World, now: float) -> str:
    """Say why an entry may not be returned, or nothing."""
    if entry.expires is not None and entry.expires <= now:
        return "what was kept has expired"
    states: dict[str, Any] | None = None
    for item in entry.trace:
        if item.kind == "random":
            states = world.states() if states is None else states
            if item.version == UNSEEDED and item.name in states:
                return f"the random generator of {item.name} is seeded now"
            if item.version != UNSEEDED and (
                item.name not in states or state_version(states[item.name]) != item.version
            ):
                return f"the state of the random generator of {item.name} is another"
        elif not holds(item, world.places, world.environ):
            return changed(item)
    return "" if store.has(entry.result) else "its stored result was removed from the store"


def changed(item: Observation) -> str:
    """Say what of a Trace no longer holds, with the user's own name for it."""
    if item.kind == "variable":
        return f"the environment variable {item.name} has changed"
    if item.kind == "source":
        return f"the code of {item.name} has changed"
    if item.kind == "listing":
        return f"the names in the folder {item.name} have changed"
    if item.kind == "glob":
        return f"other files match {item.name} than before"
    if item.kind == "tree":
        return f"a file in the folder {item.name} has changed"
    if item.kind == "link":
        return f"{item.name} was {item.version}, and is another now"
    if item.kind == "status":
        return f"the file {item.name} has another time, size or mode"
    if item.kind == "presence":
        was = item.version.split(" or ")[0]
        return f"{item.name} was {was} before" if was != "absent" else f"{item.name} is there now, and was not before"
    return f"the file {item.name} has changed"


def _broken(result: Result, store: Store) -> str:
    """Say why a result can't be bound whole, or nothing: nothing of it is bound before that is known."""
    try:
        for blob in blobs_of(result):
            store.check(blob)
    except MissingArtifact:
        return "a stored value of it was removed from the store"
    except CorruptArtifact as error:
        return f"a stored value of it was damaged: {error}"
    return ""


def _shows_enough(made: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Tell whether what was computed to show values is enough here; an empty tuple stands for everything."""
    return not made or (bool(wanted) and set(wanted) <= set(made))


def blobs_of(result: Result) -> Iterable[Digest]:
    """Yield the blobs that a result needs."""
    for part in result.parts:
        if part.blob is not None:
            yield part.blob
    for file in result.files:
        if file.blob is not None:
            yield file.blob
