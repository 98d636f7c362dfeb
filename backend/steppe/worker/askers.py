"""Whose code it is that asks or does something: frames of the user's, of libraries, of ours."""

from __future__ import annotations

import os
import sysconfig
from typing import Any

from steppe.values.installed import is_installed
from steppe.worker.below import BELOW

LIBRARIES = tuple(
    {sysconfig.get_paths()[name] + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    | {os.path.dirname(os.__file__) + os.sep}
    | {folder + os.sep for folder in BELOW.sites}
)

PATHS = ("genericpath.py", "posixpath.py", "<frozen genericpath>", "<frozen posixpath>")
"""Where functions of paths are, beside `pathlib`."""


def is_users(frame: Any) -> bool:
    """Tell whether a frame runs code of the user's, and no library's or ours."""
    file = frame.f_code.co_filename
    if _is_ours(frame):
        return False
    return not file.startswith(LIBRARIES) and not file.startswith("<frozen")


def _is_ours(frame: Any) -> bool:
    return str(frame.f_globals.get("__name__")).partition(".")[0] in ("steppe", "steppe_magic")


def asker_of_path(frame: Any) -> Any:
    """Return the frame that has called the function of a path that a frame belongs to."""
    while frame is not None and (frame.f_code.co_filename.endswith(PATHS) or "pathlib" in frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def asked_by_user(frame: Any) -> bool:
    """Tell whether the user's own code has called the functions of the standard library that a frame belongs to."""
    while frame is not None and not is_users(frame):
        file = frame.f_code.co_filename
        if file.startswith("<frozen importlib") or is_installed(file) or _is_ours(frame):
            return False
        frame = frame.f_back
    return frame is not None
