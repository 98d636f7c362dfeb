"""Libraries that reach out for the step's own cluster: what they say to it from their own code is no world outside.

In a step for which a Ray cluster was raised, Ray's own sockets and processes are those of the step. What its tasks do
in them is told by each of them, as by the step's other children.
"""

from __future__ import annotations

import os
from typing import Any

from steppe.values.installed import is_installed

FAMILY_FOLDER = "RAY_STEPPE_FAMILY"
"""The variable that says where the processes of a raised cluster tell what they read."""

LIBRARY = os.path.dirname(os.__file__) + os.sep
FOLDERS: list[str] = []
"""Where the code of such libraries is, in this process."""

PACKAGE = "ray"

HANDLES = frozenset(
    {
        "ray",
        "ray._raylet",
        "ray.actor",
        "ray.data.dataset",
        "ray.remote_function",
        "ray.train.torch.torch_trainer",
        "ray.train.v2.api.data_parallel_trainer",
        "ray.util.placement_group",
    }
)
"""Modules of Ray's whose objects are of use in their cluster only."""


def accompany() -> None:
    """Take Ray for one of them from now on."""
    from importlib.util import find_spec

    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        if folder + os.sep not in FOLDERS:
            FOLDERS.append(folder + os.sep)


def leave() -> None:
    """Take it for none of them any more."""
    FOLDERS.clear()


def is_theirs(value: Any) -> bool:
    """Tell whether a value is the cluster's, and ends with it: an actor, a reference, a remote function, or many."""
    if not FOLDERS:
        return False
    if type(value) in (list, tuple, set, dict) and value:
        return all(map(is_theirs, value.values() if type(value) is dict else value))
    return any(kind.__module__ in HANDLES for kind in type(value).__mro__)  # an actor's class says it is the notebook's


def asks(frame: Any) -> bool:
    """Tell whether it is such a library that reaches out: its code called the standard library's, or did so itself."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(tuple(FOLDERS)):
            return True
        standard = file.startswith(("<frozen", "<steppe>")) or (file.startswith(LIBRARY) and not is_installed(file))
        if not standard:
            return False
        frame = frame.f_back
    return False
