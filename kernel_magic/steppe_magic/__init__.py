"""`%%step` and `%steppe` for IPython: parse, hand over to the core, show."""

from __future__ import annotations

from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """Turn Steppe on in an IPython shell: `%load_ext steppe`."""
    from steppe_magic.extension import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Turn Steppe off again: cells run as if it had never been there; what was kept stays."""
    from steppe_magic.extension import unload

    unload(shell)
