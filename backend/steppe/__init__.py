"""Steppe: notebook cells as cached, traced pipeline steps. The public API, and nothing else."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"
__all__ = ["__version__", "load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """Turn Steppe on in an IPython shell; `%load_ext steppe` calls this."""
    from steppe_magic import load_ipython_extension as load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Turn Steppe off again; `%unload_ext steppe` calls this."""
    from steppe_magic import unload_ipython_extension as unload

    unload(shell)
