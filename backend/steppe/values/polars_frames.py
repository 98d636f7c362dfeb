"""polars: frames, series and lazy queries by their logical content, through Arrow."""

from __future__ import annotations

from typing import Any

from steppe.values.arrow_tables import put_chunked
from steppe.values.kinds import module_of
from steppe.values.walk import Encoder, Walk, refuse


def _put_frame(walk: Walk, value: Any) -> None:
    walk.out += b"O"
    if module_of(type(value)).partition(".")[0] != "polars":
        walk.put(type(value))
    walk.put(value.shape)
    for column in value.get_columns():
        start = len(walk.out)
        _put_column(walk, column)
        if walk.depth == 1:
            walk.detail(column.name, start)


def _put_column(walk: Walk, column: Any) -> None:
    walk.tag(column.name)
    walk.tag(repr(column.dtype))
    if repr(column.dtype) == "Object":
        walk.put_items(column.to_list())
        return
    arrow = column.to_arrow()
    import pyarrow as pa

    put_chunked(walk, arrow if isinstance(arrow, pa.ChunkedArray) else pa.chunked_array([_plain(arrow)]))


def _plain(array: Any) -> Any:
    """Return strings that polars keeps as views in the layout that has one buffer of bytes."""
    import pyarrow as pa

    if pa.types.is_string_view(array.type):
        return array.cast(pa.large_string())
    return array.cast(pa.large_binary()) if pa.types.is_binary_view(array.type) else array


def _put_series(walk: Walk, value: Any) -> None:
    walk.out += b"o"
    _put_column(walk, value)


def _put_lazy(walk: Walk, value: Any) -> None:
    raise refuse(value, "it is a query that is not run yet, over data that may change: keep `.collect()` of it")


frame: tuple[Encoder, bool] = (_put_frame, True)
series: tuple[Encoder, bool] = (_put_series, True)
lazy: tuple[Encoder, bool] = (_put_lazy, True)
