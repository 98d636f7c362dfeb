"""What the process itself has: its folder, environment, search path and locale."""

from __future__ import annotations

import locale
import os
import sys

from steppe.worker.ambient.adapter import Adapter, Settings
from steppe.worker.here import GONE, here
from steppe.worker.probes import is_secret


class Folder(Adapter):
    """The working directory."""

    name, module = "cwd", "os"

    def __init__(self) -> None:
        self.start = os.getcwd()

    def read(self) -> Settings:
        """Return the directory where it is not the one that the kernel began in; None where it was removed."""
        now = here()
        if now == GONE:
            return {"cwd": None}
        return {} if now == self.start else {"cwd": os.path.relpath(now, self.start)}

    def write(self, settings: Settings) -> None:
        """Go there; to one that was removed nothing goes."""
        if settings.get("cwd", ".") is None:
            return
        os.chdir(os.path.normpath(os.path.join(self.start, settings.get("cwd", "."))))


class Variables(Adapter):
    """Variables of the environment. They count where a step is seen reading them, so they are in no key themselves."""

    name, module, in_key = "environment", "os", False

    def __init__(self) -> None:
        self.start = dict(os.environ)
        self._raw = dict(os.environ._data)  # type: ignore[attr-defined]  # noqa: SLF001  # as in `read`

    def read(self) -> Settings:
        """Return variables that were set (None: removed) since the start; secrets by their names alone."""
        now = os.environ._data  # type: ignore[attr-defined]  # noqa: SLF001  # a read that must not be traced
        if now == self._raw:
            return {}
        decode = os.fsdecode
        found: Settings = {}
        for raw, value in now.items():
            name = decode(raw)
            if self.start.get(name) != decode(value):
                found[name] = _Secret if is_secret(name) else decode(value)
        for name in self.start:
            if os.fsencode(name) not in now:
                found[name] = None
        return found

    def write(self, settings: Settings) -> None:
        """Set and remove variables."""
        for name in set(self.read()) - set(settings):
            if name in self.start:
                os.environ[name] = self.start[name]
            else:
                os.environ.pop(name, None)
        for name, value in settings.items():
            if value is None:
                os.environ.pop(name, None)
            elif value is not _Secret:
                os.environ[name] = value


_Secret = ("steppe", "secret")


class LibraryVariables(Adapter):
    """Variables that are called after a library that is loaded: `JAX_ENABLE_X64`, `PANDAS_FUTURE_INFER_STRING`.

    A library reads them while it is imported, mostly by a cell that is no step or before there was anybody to see it,
    so they count by their names. As they were at the start: what the notebook sets is for `Variables`, and comes too
    late for a library that was there before.
    """

    name, module = "os.environ", "os"

    def __init__(self) -> None:
        self._named: list[tuple[str, str, str]] = []
        self._told: set[str] = set()
        for name, value in os.environ.items():
            top = name.partition("_")[0]
            if "_" in name and not is_secret(name):
                self._named += [(module, name, value) for module in CALLED.get(top, ())]

    def read(self) -> Settings:
        """Return those of the libraries that are loaded by now, or would be had their step not been a hit."""
        return {name: value for module, name, value in self._named if module in sys.modules or name in self._told}

    def write(self, settings: Settings) -> None:
        """Count these from now on; a worker has the environment of the kernel anyway."""
        self._told |= set(settings)


_USUAL = (
    *("ASTROPY", "BOKEH", "CATBOOST", "CUDF", "CUML", "CUPY", "DASK", "DATASETS"),
    *("DUCKDB", "GENSIM", "GEOPANDAS", "HOLOVIEWS", "JAX", "KERAS", "LIGHTGBM", "MODIN"),
    *("NETWORKX", "NLTK", "NUMBA", "NUMEXPR", "NUMPY", "OPTUNA", "PANDAS", "PLOTLY"),
    *("POLARS", "PYARROW", "PYMC", "PYTENSOR", "SCIPY", "SEABORN", "SHAPELY", "SKIMAGE"),
    *("SKLEARN", "SPACY", "STATSMODELS", "SYMPY", "TENSORFLOW", "TORCH", "TRANSFORMERS", "XARRAY"),
    *("XGBOOST"),
)

CALLED = {name: (name.lower(),) for name in _USUAL} | {
    "ARROW": ("pyarrow",),
    "HF": ("transformers", "datasets"),
    "NPY": ("numpy",),
    "OPENCV": ("cv2",),
    "PYTORCH": ("torch",),
    "TF": ("tensorflow",),
}
"""Libraries that compute or draw, by what their variables begin with. Others' say where a kernel happens to run, or
what runs it (`PYDEVD_USE_FRAME_EVAL`, `REQUESTS_CA_BUNDLE`), and keys are to be the same everywhere."""


class SearchPath(Adapter):
    """`sys.path`. Modules count by their content, wherever they are found, so the path itself is in no key."""

    name, module, in_key = "sys.path", "sys", False

    def __init__(self) -> None:
        self.start = list(sys.path)
        self._folder = here()

    def read(self) -> Settings:
        """Return the path where it is not what it was at the start, and that: elsewhere Python may lie elsewhere."""
        if sys.path == self.start:
            return {}
        return {"path": list(sys.path), "start": list(self.start), "folder": self._folder}

    def write(self, settings: Settings) -> None:
        """Set the path: what was added to that of another process, and taken from it, and this one's own beside."""
        path = settings.get("path", self.start)
        usual = settings.get("start", self.start)
        sys.path[:] = path if usual == self.start else self._changed(path, usual, settings["folder"])

    def _changed(self, path: list[str], usual: list[str], folder: str) -> list[str]:
        """Return this process's own path, changed as another one's was.

        Args:
            path: the other one's.
            usual: what that was at its start.
            folder: where it began: an empty entry stands for it.
        """
        own = [entry or self._folder for entry in self.start]
        path, usual = ([entry or folder for entry in entries] for entries in (path, usual))
        found = [entry for entry in own if entry not in usual or entry in path]
        left = sum(entry in usual for entry in path)
        at = 0
        for entry in path:
            if entry not in usual:
                found.insert(at, entry)
                at += 1
                continue
            left -= 1
            if not left:
                at = len(found)
            elif entry in found:
                at = found.index(entry) + 1
        return found


class Locale(Adapter):
    """The locale."""

    name, module = "locale", "locale"

    def __init__(self) -> None:
        self.start = locale.setlocale(locale.LC_ALL)

    def read(self) -> Settings:
        """Return the locale where it is not what it was at the start."""
        now = locale.setlocale(locale.LC_ALL)
        return {} if now == self.start else {"locale": now}

    def write(self, settings: Settings) -> None:
        """Set it."""
        locale.setlocale(locale.LC_ALL, settings.get("locale", self.start))
