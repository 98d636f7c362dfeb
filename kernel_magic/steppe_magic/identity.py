"""Which notebook a kernel belongs to, as far as front ends tell their kernels."""

from __future__ import annotations

import json
import os
from typing import Any

import msgspec

from steppe.settings import Project
from steppe.types import HeadlessRun

TOLD = "STEPPE_RUN"


def headless_run() -> HeadlessRun | None:
    """Return the headless run that this kernel works for, or None in a kernel that a person uses.

    What told so is taken out of the environment: the notebook and the processes that it starts see what they would
    see in a plain run.
    """
    told = os.environ.pop(TOLD, None)
    return msgspec.convert(json.loads(told), HeadlessRun) if told else None


def give_back(headless: HeadlessRun | None) -> None:
    """Leave word of the headless run for whoever turns Steppe on again in this kernel."""
    if headless is not None:
        os.environ[TOLD] = json.dumps(headless.told())


def notebook_path(shell: Any, project: Project, known: str = "") -> str:
    """Return the notebook's path, relative to the project where it is inside, or an empty text where nobody tells."""
    namespace: dict[str, Any] = shell.user_ns
    told = (
        known
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


class _Ours(msgspec.Struct):
    id: str = ""


class _Metadata(msgspec.Struct):
    steppe: _Ours | None = None


class _Book(msgspec.Struct):
    metadata: _Metadata


def notebook_id(path: str, project: Project) -> str:
    """Return the id that a notebook's file keeps in its metadata, as headless runs and plans take it; or an empty text.

    Args:
        path: as `notebook_path` returns it.
        project: the project that the path is relative to.
    """
    if not path.endswith(".ipynb"):
        return ""
    try:
        with open(os.path.join(project.root, path), "rb") as file:
            found = msgspec.json.decode(file.read(), type=_Book).metadata.steppe  # cells are skipped, not built
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""  # not saved yet, or being written: its path names it
    return found.id if found is not None else ""
