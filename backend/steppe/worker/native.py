"""Files that libraries open in native code, where no audit event tells of it: one small adapter for each library.

What a call is given as paths is noted as read or written; the call itself is not touched. Knows the functions, and what
their arguments mean; how ours come into the place of theirs is in `adapters.py`.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

from steppe.worker.adapters import Adapter, Adapters
from steppe.worker.clients import CLIENTS, adapters
from steppe.worker.here import here

READERS: dict[str, tuple[str, ...]] = {
    "pyarrow.parquet": ("read_table", "ParquetFile", "read_schema", "read_metadata", "ParquetDataset", "read_pandas"),
    "pyarrow.dataset": ("dataset",),
    "pyarrow.csv": ("read_csv", "open_csv"),
    "pyarrow.json": ("read_json",),
    "pyarrow.feather": ("read_feather", "read_table"),
    "pyarrow.orc": ("read_table", "ORCFile"),
    "pyarrow": ("memory_map", "OSFile", "input_stream"),
    "polars": (
        "read_csv",
        "read_parquet",
        "read_ipc",
        "read_json",
        "read_ndjson",
        "read_avro",
        "read_excel",
        "read_delta",
        "scan_csv",
        "scan_parquet",
        "scan_ipc",
        "scan_ndjson",
        "read_csv_batched",
        "read_ipc_stream",
        "read_parquet_schema",
    ),
    "cv2": ("imread", "VideoCapture", "imreadmulti", "FileStorage"),
    "netCDF4": ("Dataset", "MFDataset"),
    "rasterio": ("open",),
    "fiona": ("open",),
    "pyogrio": ("read_dataframe",),
    "safetensors": ("safe_open",),
    "safetensors.torch": ("load_file",),
    "safetensors.numpy": ("load_file",),
    "onnxruntime": ("InferenceSession",),
    "lightgbm": ("Booster", "Dataset"),
    "xgboost": ("Booster", "DMatrix"),
    "soundfile": ("read", "SoundFile", "info"),
    "tables": ("open_file",),
    "torchvision.io": ("read_image", "read_video"),
}
"""Functions and classes that read the paths among their arguments."""

WRITERS: dict[str, tuple[str, ...]] = {
    "pyarrow.parquet": ("write_table", "ParquetWriter", "write_to_dataset"),
    "pyarrow.feather": ("write_feather",),
    "pyarrow.csv": ("write_csv",),
    "pyarrow.dataset": ("write_dataset",),
    "cv2": ("imwrite", "VideoWriter"),
    "torch": ("save",),
    "torch.jit": ("save",),
    "safetensors.torch": ("save_file",),
    "safetensors.numpy": ("save_file",),
    "soundfile": ("write",),
    "polars": (
        *("DataFrame.write_csv", "DataFrame.write_parquet", "DataFrame.write_ipc", "DataFrame.write_json"),
        *("DataFrame.write_ndjson", "DataFrame.write_excel", "DataFrame.write_avro"),
        *("LazyFrame.sink_parquet", "LazyFrame.sink_csv", "LazyFrame.sink_ipc", "LazyFrame.sink_ndjson"),
    ),
    "xgboost": ("Booster.save_model",),
    "lightgbm": ("Booster.save_model",),
}
"""Functions, classes and methods that write the paths among their arguments."""

DUCKDB = (
    *("sql", "query", "execute", "executemany", "from_query"),
    *("read_csv", "read_parquet", "read_json", "from_csv_auto", "from_parquet"),
)
"""DuckDB's functions, and methods of its connections, that take a query or paths."""

COPIED = re.compile(r"\b(?:copy\b.*?\bto|export\s+database)\s+'([^']+)'", re.IGNORECASE | re.DOTALL)
"""Where DuckDB is told to write."""

QUOTED = re.compile(r"'([^']+)'|\"([^\"]+)\"")


INTERPRETERS = ("create", "Interpreter.exec", "Interpreter.call", "Interpreter.call_in_thread")
"""What begins or uses another interpreter of this process (Python 3.14), where no audit hook of ours hears anything."""


def absolute(text: str) -> str:
    """Return a path as an absolute one, links and all."""
    return os.path.normpath(os.path.join(here(), text))


def paths(value: Any) -> Iterator[str]:
    """Iterate over the paths that an argument names: a path, a list of paths, a glob's matches."""
    if isinstance(value, os.PathLike | str | bytes):
        try:
            text = os.fsdecode(value)
        except (TypeError, ValueError):
            return
        if not text or len(text) > 4096 or "\n" in text or "\0" in text or "://" in text:
            return
        yield text
        if glob.has_magic(text):
            yield from glob.iglob(text, recursive=True)
    elif isinstance(value, list | tuple | set):
        for item in value:
            yield from paths(item)


def sqlite(trace: Any, database: Any) -> None:
    """Note that a SQLite database is read (its journal, too); that it is written shows at the end."""
    text = os.fsdecode(database) if isinstance(database, str | bytes | os.PathLike) else ""
    if not text or text == ":memory:":
        return
    if text.startswith("file:"):
        text = text[5:].partition("?")[0]
    for path in (text, f"{text}-wal"):
        trace.suspects_writing(path)
        trace.reads(path)


def _reads(trace: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    for value in (*args, *options.values()):
        for path in paths(value):
            if glob.has_magic(path) and not os.path.exists(path):
                trace.globs(absolute(path))
            elif os.path.exists(path):
                trace.reads(path)
                if os.path.isdir(path):
                    trace.trees(path)


def _writes(trace: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    for value in (*args, *options.values()):
        for path in paths(value):
            trace.writes_into(path)


def _opens_hdf5(trace: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    """Note what `h5py.File(name, mode)` opens; the first argument is the file that is made."""
    mode = str(args[2] if len(args) > 2 else options.get("mode", "r"))
    for path in paths(args[1] if len(args) > 1 else options.get("name")):
        if mode != "w" and os.path.exists(path):
            trace.reads(path)
        if mode != "r":
            trace.writes(path)


def _connects_duckdb(trace: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    _queries(trace, args, options)
    for value in (*args, *options.values()):
        if isinstance(value, str | os.PathLike) and str(value) != ":memory:":
            trace.suspects_writing(value)
            trace.misses(value)


def _queries(trace: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    """Note paths, and every quoted text in a query that names files: `SELECT … FROM 'data/*.parquet'`."""
    for value in (*args, *options.values()):
        copied = COPIED.findall(value) if isinstance(value, str) else []
        names = [one or two for one, two in QUOTED.findall(value)] if isinstance(value, str) else []
        for path in copied:
            trace.writes_into(path)
        for name in (value, *names):
            for path in paths(name):
                if glob.has_magic(path):
                    trace.globs(absolute(path))
                if os.path.exists(path):
                    trace.reads(path)


def _runs_apart(trace: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    del args, options
    trace.leaves("it runs code in another interpreter")


def _adapters() -> dict[str, tuple[Adapter, ...]]:
    """Return what is noted of the calls of each module."""
    found: dict[str, list[Adapter]] = {module: adapters(module) for module in CLIENTS}
    for table, note in ((READERS, _reads), (WRITERS, _writes)):
        for module, names in table.items():
            found.setdefault(module, []).extend(Adapter(name, note) for name in names)
    found["concurrent.interpreters"] = [Adapter(name, _runs_apart) for name in INTERPRETERS]
    found["h5py"] = [Adapter("File", _opens_hdf5)]
    asked = [name for verb in DUCKDB for name in (verb, f"DuckDBPyConnection.{verb}")]
    found["duckdb"] = [Adapter("connect", _connects_duckdb), *(Adapter(name, _queries, looks=True) for name in asked)]
    return {module: tuple(each) for module, each in found.items()}


ADAPTERS = Adapters(_adapters)
"""Those of this process."""


def watch_natives(trace: Any) -> Callable[[], None]:
    """See that all is in place while a trace is on, and return what takes it out again."""
    del trace  # they note to the one that is on
    return ADAPTERS.begin()
