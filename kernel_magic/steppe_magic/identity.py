"""Which notebook a kernel belongs to, as far as front ends tell their kernels."""

from __future__ import annotations

import os
from typing import Any

from steppe.settings import Project


def notebook_path(shell: Any, project: Project) -> str:
    """Return the notebook's path, relative to the project where it is inside, or an empty text where nobody tells."""
    namespace: dict[str, Any] = shell.user_ns
    told = (
        os.environ.get("STEPPE_NOTEBOOK")
        or namespace.get("__vsc_ipynb_file__")
        or namespace.get("__session__")
        or os.environ.get("JPY_SESSION_NAME")
        or ""
    )
    if not told or not str(told).endswith((".ipynb", ".py")):
        return ""
    path = os.path.abspath(str(told))
    inside = os.path.relpath(path, project.root)
    return path if inside.startswith("..") else inside


def notebook_id(shell: Any) -> str:
    """Return the notebook's own id, which a rename keeps, or an empty text where nobody tells."""
    del shell
    return os.environ.get("STEPPE_NOTEBOOK_ID", "")
