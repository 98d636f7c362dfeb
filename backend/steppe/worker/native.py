"""Files that libraries open in native code, where no audit event tells of it: one small adapter for each library.

An adapter wraps a library's own functions for the time of a trace, where the library is loaded. What a call is given as
paths is noted as read or written; the call itself is not touched.
"""

from __future__ import annotations

import builtins
import glob
import importlib
import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from steppe.worker.clients import CLIENTS, watch_client

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
}
"""Functions and classes that write the paths among their arguments."""

METHODS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "polars.DataFrame": (
        "polars",
        "DataFrame",
        ("write_csv", "write_parquet", "write_ipc", "write_json", "write_ndjson", "write_excel", "write_avro"),
    ),
    "polars.LazyFrame": ("polars", "LazyFrame", ("sink_parquet", "sink_csv", "sink_ipc", "sink_ndjson")),
    "xgboost.Booster": ("xgboost", "Booster", ("save_model",)),
    "lightgbm.Booster": ("lightgbm", "Booster", ("save_model",)),
}

DUCKDB = (
    *("sql", "query", "execute", "executemany", "from_query"),
    *("read_csv", "read_parquet", "read_json", "from_csv_auto", "from_parquet"),
)
"""DuckDB's functions, and methods of its connections, that take a query or paths."""

COPIED = re.compile(r"\b(?:copy\b.*?\bto|export\s+database)\s+'([^']+)'", re.IGNORECASE | re.DOTALL)
"""Where DuckDB is told to write."""

QUOTED = re.compile(r"'([^']+)'|\"([^\"]+)\"")


def absolute(text: str) -> str:
    """Return a path as an absolute one, links and all."""
    return os.path.normpath(os.path.join(os.getcwd(), text))


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
        if os.path.exists(path):
            trace.reads(path)


MODULES = frozenset({*READERS, *WRITERS, *CLIENTS, *(module for module, _, _ in METHODS.values()), "h5py", "duckdb"})


def watch_natives(trace: Any) -> Callable[[], None]:
    """Wrap the reading and writing functions of libraries that are loaded, and of those that the step imports."""
    undo: list[Callable[[], None]] = []
    done: set[str] = set()

    def adapt() -> bool:
        waiting = False  # a module that is still being loaded is looked at again
        for module in MODULES - done:
            found = sys.modules.get(module)
            if found is None:
                continue
            if getattr(found.__spec__, "_initializing", False):
                waiting = True
            else:
                done.add(module)
                _adapt(module, found, trace, undo)
        return waiting

    adapt()
    _after_imports(adapt, undo)

    def take_out() -> None:
        for step in reversed(undo):
            step()

    return take_out


def _after_imports(adapt: Callable[[], bool], undo: list[Callable[[], None]]) -> None:
    """Call `adapt` after each import statement and each `import_module` that loaded something."""
    count, waiting = len(sys.modules), False
    for owner, name in ((builtins, "__import__"), (importlib, "import_module")):
        original = getattr(owner, name)

        def wrapped(*args: Any, _original: Any = original, **options: Any) -> Any:
            nonlocal count, waiting
            found = _original(*args, **options)
            if waiting or len(sys.modules) != count:  # the last that a module imports comes before its own end
                count = len(sys.modules)
                waiting = adapt()
            return found

        setattr(owner, name, wrapped)
        undo.append(partial(setattr, owner, name, original))


def _adapt(module: str, owner: Any, trace: Any, undo: list[Callable[[], None]]) -> None:
    for table, note in ((READERS, trace.reads), (WRITERS, trace.writes_into)):
        for name in table.get(module, ()):
            _wrap(owner, name, note, trace, undo)
    for home, kind, names in METHODS.values():
        if home == module and hasattr(owner, kind):
            for name in names:
                _wrap(getattr(owner, kind), name, trace.writes_into, trace, undo)
    watch_client(module, owner, undo)
    if module == "h5py":
        _wrap_h5py(owner, trace, undo)
    elif module == "duckdb":
        _wrap_duckdb(owner, trace, undo)


def _wrap(owner: Any, name: str, note: Callable[[Any], None], trace: Any, undo: list[Callable[[], None]]) -> None:
    original = vars(owner).get(name) or getattr(owner, name, None)
    if original is None:
        return
    if isinstance(original, type):
        _wrap_class(original, note, trace, undo)
        return

    def wrapped(*args: Any, **options: Any) -> Any:
        _note_all(args, options, note, trace)
        return original(*args, **options)

    wrapped.__wrapped__ = original  # type: ignore[attr-defined]
    wrapped.__name__, wrapped.__doc__ = name, original.__doc__
    wrapped.__module__, wrapped.__qualname__ = original.__module__, getattr(original, "__qualname__", name)
    setattr(owner, name, wrapped)
    undo.append(lambda: setattr(owner, name, original))


def _wrap_class(kind: type, note: Callable[[Any], None], trace: Any, undo: list[Callable[[], None]]) -> None:
    """Wrap a class's `__init__`, so that the class itself stays what it is; a class in C is left to the other nets."""
    had = vars(kind).get("__init__")
    before: Any = kind.__init__  # type: ignore[misc]

    def init(self: Any, *args: Any, **options: Any) -> None:
        _note_all(args, options, note, trace)
        before(self, *args, **options)

    try:
        kind.__init__ = init  # type: ignore[misc]
    except TypeError:
        return
    undo.append(lambda: setattr(kind, "__init__", had) if had is not None else delattr(kind, "__init__"))


def _note_all(args: tuple[Any, ...], options: dict[str, Any], note: Callable[[Any], None], trace: Any) -> None:
    from steppe.worker.trace import unseen

    with unseen():
        for value in (*args, *options.values()):
            for path in paths(value):
                if note == trace.writes_into:
                    note(path)
                elif glob.has_magic(path) and not os.path.exists(path):
                    trace.globs(absolute(path))
                elif os.path.exists(path):
                    note(path)
                    if os.path.isdir(path):
                        trace.trees(path)


def _wrap_h5py(h5py: Any, trace: Any, undo: list[Callable[[], None]]) -> None:
    kind = h5py.File
    before = kind.__init__

    def init(self: Any, name: Any, mode: str = "r", *args: Any, **options: Any) -> None:
        for path in paths(name):
            if mode != "w" and os.path.exists(path):
                trace.reads(path)
            if mode != "r":
                trace.writes(path)
        before(self, name, mode, *args, **options)

    kind.__init__ = init
    undo.append(lambda: setattr(kind, "__init__", before))


def _wrap_duckdb(duckdb: Any, trace: Any, undo: list[Callable[[], None]]) -> None:
    """Note what the module's functions and a connection's methods are given: paths, and queries that name them."""
    for owner in (duckdb, duckdb.DuckDBPyConnection):
        for name in (*DUCKDB, "connect"):
            original = getattr(owner, name, None)
            if original is None or (name == "connect" and owner is not duckdb):
                continue

            def wrapped(*args: Any, _original: Any = original, _name: str = name, **options: Any) -> Any:
                for value in (*args, *options.values()):
                    _note_query(value, trace)
                    if _name == "connect" and isinstance(value, str | os.PathLike) and str(value) != ":memory:":
                        trace.suspects_writing(value)
                return _original(*args, **options)

            setattr(owner, name, wrapped)
            undo.append(partial(setattr, owner, name, original))


def _note_query(value: Any, trace: Any) -> None:
    """Note a path, or every quoted text in a query that names files: `SELECT … FROM 'data/*.parquet'`."""
    from steppe.worker.trace import unseen

    copied = COPIED.findall(value) if isinstance(value, str) else []
    names = [one or two for one, two in QUOTED.findall(value)] if isinstance(value, str) else []
    with unseen():
        for path in copied:
            trace.writes_into(path)
        for name in (value, *names):
            for path in paths(name):
                if glob.has_magic(path):
                    trace.globs(absolute(path))
                if os.path.exists(path):
                    trace.reads(path)
