"""What goes along with a task to where the project is not: its modules in one archive, its files by digest."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

import msgspec

from steppe.errors import CannotMove
from steppe.store.digest import digest_of
from steppe.types import Digest, Struct
from steppe.worker import contents
from steppe.worker.trace import unseen


class Item(Struct, frozen=True, kw_only=True):
    """A file that goes along.

    Attributes:
        path: relative to the project's root.
        blob: its content.
        size: in bytes.
        mode: permission bits.
    """

    path: str
    blob: Digest
    size: int = 0
    mode: int = 0o644


class Luggage(Struct, frozen=True, kw_only=True):
    """All that goes along with one task.

    Attributes:
        modules: the archive of the project's modules: sources by their paths relative to its root.
        files: the data files.
        path: the entries of `sys.path` inside the project, relative to its root.
    """

    modules: Digest | None = None
    files: tuple[Item, ...] = ()
    path: tuple[str, ...] = ()


def archive(sources: Mapping[str, bytes]) -> bytes:
    """Return modules as one archive: the same bytes for the same modules."""
    return msgspec.msgpack.encode(sorted(sources.items()))


def unpack(luggage: Luggage, root: str, get: Callable[[Digest], memoryview]) -> None:
    """Put everything where it is in the project, but for what is there already, from a mounted folder say.

    Raises:
        CannotMove: something would lie outside of the project, or something else is there.
    """
    with unseen():
        if luggage.modules is not None:
            for path, source in msgspec.msgpack.decode(get(luggage.modules), type=list[tuple[str, bytes]]):
                place = _inside(root, path)
                if not os.path.exists(place):
                    _write(place, source, 0o644)
                elif contents.file_version(place) != digest_of([source]):
                    raise _other(path)
        for item in luggage.files:
            place = _inside(root, item.path)
            if not os.path.exists(place):
                _write(place, get(item.blob), item.mode)
            elif contents.file_version(place) != item.blob:
                raise _other(item.path)
    entries = [os.path.normpath(os.path.join(root, entry)) for entry in luggage.path]
    sys.path[:0] = [entry for entry in entries if entry not in sys.path]


def _other(path: str) -> CannotMove:
    return CannotMove(f"{path} is another file where it runs than here: bring what is mounted there up to date")


def _inside(root: str, name: str) -> str:
    path = os.path.normpath(os.path.join(root, name))
    if not path.startswith(root.rstrip(os.sep) + os.sep):
        raise CannotMove(f"{name} would lie outside of the project's folder {root}")
    return path


def _write(path: str, data: bytes | memoryview, mode: int) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    fresh = f"{path}.steppe-{os.getpid()}"
    with open(fresh, "wb") as file:
        file.write(data)
    os.chmod(fresh, mode)
    os.replace(fresh, path)
