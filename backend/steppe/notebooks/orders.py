"""What a driver in a cluster is given and leaves: its order, the project that goes along, its record in the Store."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import Any

from steppe.errors import UsageError
from steppe.notebooks.marks import Steps
from steppe.settings import Project
from steppe.store.store import Store
from steppe.types import Digest, Struct
from steppe.wording import sized
from steppe.worker import contents
from steppe.worker.luggage import Item, Luggage

LIMIT = 2**30
"""Bytes of the project that go along unless the profile says otherwise."""

LEFT = frozenset({"__pycache__", "node_modules"})
"""Folders that do not go along, beside hidden ones and environments."""


class Order(Struct, frozen=True, kw_only=True):
    """What a driver is to do: kept in the Store.

    Attributes:
        run: the Run's id.
        notebook: its path in the project.
        luggage: the project.
        catalog: a copy of the user's Catalog, where the driver has to keep its own.
        parameters: of the run.
        steps: which cells are steps.
        jobs: how many steps may run side by side.
        refresh: steps that run although they would hit.
        kernel: the kernel's name; None for the notebook's own.
    """

    run: str
    notebook: str
    luggage: Luggage
    catalog: Digest | None = None
    parameters: dict[str, Any] = {}
    steps: str = Steps.TAGGED.value
    jobs: int = 1
    refresh: tuple[str, ...] = ()
    kernel: str | None = None


class Ended(Struct, frozen=True, kw_only=True):
    """How a driver's run has ended: its record in the Store.

    Attributes:
        status: `succeeded`, `failed` or `cancelled`.
        error: the failed cell's, or empty.
        seconds: how long it took.
        output: the executed notebook's bytes; None where there is none.
        catalog: the driver's own Catalog, where it had one.
        warnings: what the user should know.
    """

    status: str
    error: str = ""
    seconds: float = 0.0
    output: Digest | None = None
    catalog: Digest | None = None
    warnings: tuple[str, ...] = ()


def record_of(run: str) -> str:
    """Return the name of a run's record in the Store."""
    return f"runs/{run}/end"


def items_of(project: Project, store: Store, pod: dict[str, Any]) -> Iterator[Item]:
    """Store the project's files, but for hidden ones, environments, and what is mounted there.

    Raises:
        UsageError: they are more than what goes along.
    """
    limit, mounted = (
        int(pod.get("files_limit", LIMIT)),
        tuple(f"{path.rstrip('/')}/" for path in pod.get("volumes", {})),
    )
    sizes = {path: os.path.getsize(path) for path in _files(project.root) if not path.startswith(mounted)}
    total = sum(sizes.values())
    if total > limit:
        largest = max(sizes, key=lambda path: sizes[path])
        raise UsageError(
            f"the project is {sized(total)}, and {sized(limit)} go along to a driver at most; the largest file is "
            f"{os.path.relpath(largest, project.root)} ({sized(sizes[largest])}). Mount what is large with `volumes`, "
            "or raise `files-limit`, in the driver's profile."
        )
    for path in sorted(sizes):
        digest = contents.file_version(path)
        if not store.has(digest):
            digest = store.put(_chunks(path))
        mode = stat.S_IMODE(os.stat(path).st_mode)
        yield Item(path=os.path.relpath(path, project.root), blob=digest, size=sizes[path], mode=mode)


def _chunks(path: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


def _files(root: str) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name[0] != "." and name not in LEFT and not _is_venv(folder, name)]
        for name in names:
            path = os.path.join(folder, name)
            if name[0] != "." and os.path.isfile(path):
                yield path


def _is_venv(folder: str, name: str) -> bool:
    return os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
