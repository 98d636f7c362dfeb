"""Where installed packages lie, whatever environment they are of."""

from __future__ import annotations

import os

FOLDERS = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))
"""Of any environment, of the user, of Debian's system."""


def is_installed(file: str) -> bool:
    """Tell whether a file is one of an installed package."""
    return any(folder in file for folder in FOLDERS)
