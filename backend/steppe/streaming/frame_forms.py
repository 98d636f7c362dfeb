"""A batch of a frame in the form that was asked for."""

from __future__ import annotations

from typing import Any

from steppe.streaming.rows import dict_of


def in_form(batch: Any, form: str) -> Any:
    """Return a batch in a form.

    Args:
        batch: a frame of pandas, a table of pyarrow, a frame of polars, or a dict of arrays by column.
        form: of `rows.FORMS`.
    """
    if isinstance(batch, dict):
        return dict_of(batch, form)
    library = type(batch).__module__.partition(".")[0]
    if library == form or (library, form) == ("pyarrow", "arrow"):
        return batch
    if form in ("numpy", "torch"):
        return dict_of(_arrays(batch, library), form)
    if form == "pandas":
        return batch.to_pandas()
    if form == "polars":
        import polars as pl

        return pl.from_arrow(batch) if library == "pyarrow" else pl.from_pandas(batch)
    if library == "polars":
        return batch.to_arrow()
    import pyarrow as pa

    return pa.Table.from_pandas(batch, preserve_index=False)


def _arrays(batch: Any, library: str) -> dict[str, Any]:
    """Return the columns of a batch as arrays by name; of categories, their codes."""
    if library == "pandas":
        return {str(name): _array(batch.iloc[:, at]) for at, name in enumerate(batch.columns)}
    if library == "polars":
        return {column.name: column.to_numpy(writable=True) for column in batch.get_columns()}
    return {name: column.to_numpy().copy() for name, column in zip(batch.column_names, batch.columns, strict=True)}


def _array(series: Any) -> Any:
    return series.cat.codes.to_numpy() if hasattr(series, "cat") else series.to_numpy()
