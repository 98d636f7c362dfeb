"""Paths that come from others: which of them stay inside the project."""

from __future__ import annotations

import os
from pathlib import Path

from steppe.errors import UsageError


def is_inside(path: str) -> bool:
    """Tell whether a path stays inside the folder that it is relative to, and out of what tools keep there."""
    parts = path.split("/")
    return not (
        os.path.isabs(path)
        or "\\" in path
        or ":" in path
        or not path.isprintable()
        or any(not part or part.startswith(".") for part in parts)
    )


def place(root: Path, path: str) -> Path:
    """Return where a file of a bundle goes.

    Raises:
        UsageError: it would be outside of the project: by its name, or by a link that is there.
    """
    if not is_inside(path):
        raise UsageError(
            f"the bundle holds a file {path!r}, which would be outside of the project: nothing was imported."
        )
    whole = root / path
    if (
        Path(os.path.realpath(whole.parent)) != Path(os.path.realpath(root), *path.split("/")[:-1])
        or whole.is_symlink()
    ):
        raise UsageError(f"{path} would be written through a link that leads elsewhere: nothing was imported.")
    return whole
