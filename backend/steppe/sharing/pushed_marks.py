"""What people have said of what was pushed: notes, tags, names with their history, and pins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from steppe.catalog import Catalog, Name


def push_marks(here: Catalog, there: Catalog, subjects: Mapping[str, Iterable[str]], *, all_of_it: bool) -> list[str]:
    """Enter what one catalog says of some subjects into another; return the names that mean something else there.

    Args:
        here: where it is said.
        there: where it goes. A name that is there and was moved there stays as it is.
        subjects: runs, step runs and artifacts by kind, as notes know them.
        all_of_it: whether names and pins of what is not among the subjects go along, too.
    """
    for kind, found in subjects.items():
        subjects_of_kind = list(found)
        for start in range(0, len(subjects_of_kind), 500):
            some = subjects_of_kind[start : start + 500]
            for subject, tags in here.notes.tags(kind, some).items():
                for tag in tags:
                    there.notes.tag(kind, subject, tag)
        for subject in subjects_of_kind:
            for note in here.notes.of(kind, subject):
                there.notes.add(note)
    known = {(kind, subject) for kind, found in subjects.items() for subject in found}
    pinned = {(pin.kind, pin.target) for pin in there.names.pins()}
    for pin in here.names.pins():
        place = (pin.kind, pin.target)
        if place not in pinned and (all_of_it or place in known):
            there.names.pin(pin)
    names = [name for name in here.names.all() if all_of_it or ("artifact", name.version) in known]
    return [name.name for name in names if not _move(here, there, name)]


def _move(here: Catalog, there: Catalog, name: Name) -> bool:
    """Enter a name's moves; False where it points at something else there, since others have moved it."""
    ours = here.names.history(name.name)[::-1]
    theirs = there.names.history(name.name)
    if any(move not in ours for move in theirs):
        now = there.names.get(name.name)
        return now is not None and now.version == name.version
    for move in ours:
        if move in theirs:
            continue
        said = {"now": move.time, "author": move.author, "note": move.note}
        if move.version is None:
            there.names.drop(move.name, **said)  # type: ignore[arg-type]
        else:
            there.names.move(move.name, move.version, **said)  # type: ignore[arg-type]
    return True
