"""What is to be streamed: a stored value by its name, version or placeholder, or one in memory; and its rows."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

from steppe.errors import UsageError
from steppe.loading import found
from steppe.store.store import Store
from steppe.streaming import source
from steppe.streaming.rows import Rows
from steppe.types import Artifact, Part
from steppe.values.lazy import Lazy, real
from steppe.worker.trace import unseen


class Opened(NamedTuple):
    """Rows, and what they are of.

    Attributes:
        rows: the rows.
        name: what to call them to people, or nothing.
        version: the data version where it is known, or nothing.
    """

    rows: Rows
    name: str
    version: str


def opened(artifact: Any, notebook: str | None, run: str | None) -> Opened:
    """Return the rows of a value.

    Raises:
        UsageError: nothing is called so, or it has no rows.
        StoreError: its bytes are not there.
    """
    if type(artifact) is Lazy:
        return _of_placeholder(artifact)
    if isinstance(artifact, dict):
        return _beside(artifact, notebook, run)
    if isinstance(artifact, tuple) and artifact and all(type(each) is Lazy or _kind(each) for each in artifact):
        from steppe.streaming.together import in_order

        beside = _beside(dict(enumerate(artifact)), notebook, run)
        return beside._replace(rows=in_order(beside.rows))
    if not isinstance(artifact, str | Artifact):
        return Opened(rows_of(artifact), "", "")
    what = artifact.version if isinstance(artifact, Artifact) else artifact
    with found(what, notebook, run) as (loading, execution, name):
        known = execution.outputs.get(name, "")
        part = loading.part_of(execution, name)
        rows = None if part is None else _of_part(part, loading.store)
        return Opened(rows or rows_of(loading.value(execution, name)), name, known)


def _of_placeholder(lazy: Lazy) -> Opened:
    """Return the rows of a value that is not loaded; of one that is not streamed from the store, it is loaded."""
    artifact: Artifact = object.__getattribute__(lazy, "lazy_artifact")
    part, store = artifact.part, object.__getattribute__(lazy, "lazy_store")
    if part is not None and store is not None and not part.anchored and (rows := _of_part(part, store)) is not None:
        return Opened(rows, part.names[0], artifact.version)
    return Opened(rows_of(real(lazy)), "", "")


def _beside(values: dict[Any, Any], notebook: str | None, run: str | None) -> Opened:
    from steppe.streaming.together import Beside

    if not values:
        raise UsageError("stream() takes a dict of values side by side: this one is empty.")
    parts: dict[str, Opened] = {}
    try:
        for name, value in values.items():
            parts[str(name)] = opened(value, notebook, run)
        rows = Beside({name: part.rows for name, part in parts.items()})
    except BaseException:
        for part in parts.values():
            part.rows.close()
        raise
    version = " ".join(part.version for part in parts.values())
    return Opened(rows, ", ".join(parts), version.strip())


def _of_part(part: Part, store: Store) -> Rows | None:
    """Return the rows of a Part that can be read in ranges, or None."""
    with unseen():
        if part.format == "npy":
            from steppe.streaming.stored_arrays import StoredArray

            return StoredArray(source.opened(part, store))
        if part.format == "arrow":
            from steppe.streaming.stored_frames import StoredFrame

            return StoredFrame(source.opened(part, store), part)
        if part.format == "arrow-table":
            from steppe.streaming.stored_tables import StoredTable

            return StoredTable(source.opened(part, store), part)
        if part.format == "tensor":
            from steppe.streaming.stored_arrays import StoredTensor

            return StoredTensor(source.opened(part, store), part)
    return None


def rows_of(value: Any) -> Rows:
    """Return the rows of a value in memory.

    Raises:
        UsageError: it has none.
    """
    from steppe.streaming import live

    if _is(value, "numpy", "ndarray"):
        return live.LiveArray(value)
    if _is(value, "torch", "Tensor"):
        return live.LiveTensor(value)
    if any(_is(value, *kind) for kind in _FRAMES):
        return live.LiveFrame(value)
    if isinstance(value, list | tuple):
        return _of_list(value)
    if isinstance(value, dict) and value:
        from steppe.streaming.together import Beside

        return Beside({str(name): rows_of(each) for name, each in value.items()})
    kind = type(value)
    raise UsageError(
        f"stream() takes a frame, an array, a tensor or a list of them, or the name of a stored one, "
        f"not a {kind.__module__}.{kind.__qualname__}: steppe.load() gives other values."
    )


_FRAMES = (("pandas", "DataFrame"), ("pyarrow", "Table"), ("pyarrow", "RecordBatch"), ("polars", "DataFrame"))


def _is(value: Any, library: str, name: str) -> bool:
    """Tell whether a value is of a library's class, without importing that."""
    module = sys.modules.get(library)
    return module is not None and isinstance(value, getattr(module, name))


def _of_list(values: Any) -> Rows:
    """Return the rows of all values of a list, where they are arrays or frames; else its items."""
    from steppe.streaming import live
    from steppe.streaming.together import Chained

    kinds = {_kind(value) for value in values}
    if len(kinds) != 1 or "" in kinds:
        return live.LiveList(values)
    parts = [rows_of(value) for value in values]
    return Chained(parts, type(parts[0]).joined)  # type: ignore[attr-defined]


def _kind(value: Any) -> str:
    """Return what values must have in common so that their rows can follow each other; nothing where they have none."""
    if _is(value, "numpy", "ndarray") or _is(value, "torch", "Tensor"):
        return f"{type(value)} {value.dtype} {tuple(value.shape[1:])}" if value.ndim else ""
    if any(_is(value, *kind) for kind in _FRAMES):
        return f"{type(value)} {[*value.columns] if hasattr(value, 'iloc') else value.schema}"
    return ""
