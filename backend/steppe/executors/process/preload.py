"""Which modules a fork server imports before it forks, and that it is safe to fork with them."""

from __future__ import annotations

import importlib
import os
import site
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

USUAL = (
    "numpy",
    "pyarrow",
    "pandas",
    "scipy",
    "scipy.sparse",
    "scipy.stats",
    "scipy.optimize",
    "matplotlib",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "sklearn",
    "sklearn.model_selection",
    "sklearn.linear_model",
    "sklearn.ensemble",
    "sklearn.datasets",
    "sklearn.pipeline",
    "seaborn",
    "statsmodels.api",
    "plotly",
    "plotly.graph_objects",
    "plotly.express",
    "networkx",
    "PIL.Image",
    "skimage",
    "torch",
    "torchvision",
    "transformers",
    "xgboost",
    "lightgbm",
)
"""Modules that take long to import and that can be forked: they start no thread that a forked process would miss.

polars is none of them: it starts threads of its own when it is imported.
"""

HARMLESS = frozenset({"jemalloc_bg_thd"})
"""Names of threads that look after themselves when a process is forked."""


def seen() -> set[str]:
    """Return the usual modules that this process has imported."""
    return {name for name in USUAL if name in sys.modules}


def preload(names: Iterable[str], ours: tuple[str, ...]) -> str:
    """Import modules that can be; stop at one that makes forking unsafe.

    Args:
        names: the modules.
        ours: the folders of the project: their modules change, so a worker imports them afresh.

    Returns:
        The module after which this process can't be forked any more; empty where it can.
    """
    for name in names:
        before = set(sys.modules)
        try:
            importlib.import_module(name)
        except Exception:  # noqa: S112  # it is not installed, or fails, here: the step that needs it will say so
            continue
        if threads() > 1 and not _forkable():
            return name
        if any(_is_ours(module, ours) for module in set(sys.modules) - before):
            return name
    return ""


def threads() -> int:
    """Return how many threads of this process a fork would lose; 1 where that can't be seen."""
    try:
        names = [Path(f"/proc/self/task/{task}/comm").read_text().strip() for task in os.listdir("/proc/self/task")]
    except OSError:
        return 1
    return sum(name not in HARMLESS for name in names)


def _forkable() -> bool:
    """Tell whether a fork ends the other threads in an orderly way, as those of OpenBLAS are."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return threads() == 1


def _is_ours(name: str, ours: tuple[str, ...]) -> bool:
    """Tell whether a module's file is the project's, and not an installed package's in the project's folder."""
    file = getattr(sys.modules.get(name), "__file__", None)
    if not file or name.partition(".")[0] == "steppe":
        return False
    real = os.path.realpath(file)
    return real.startswith(ours) and not real.startswith(installed())


def installed() -> tuple[str, ...]:
    """Return the folders of installed packages."""
    paths = sysconfig.get_paths()
    folders = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {os.path.dirname(os.__file__), *site.getsitepackages(), site.getusersitepackages()}
    return tuple(os.path.realpath(folder) + os.sep for folder in folders)
