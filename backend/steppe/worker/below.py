"""What lies below an environment that was made for a step: the interpreter that made it, and its packages."""

from __future__ import annotations

import os
import sys

import msgspec

from steppe.types import Struct

MARK = "steppe-environment"
"""The file in an environment of ours that tells of it."""


class Below(Struct, frozen=True, kw_only=True):
    """An environment of ours.

    Attributes:
        packages: those that were installed in it, as `name==version`; all others are those below.
        prefix: where the interpreter below it is installed; empty where this process is in no such environment.
        sites: the folders that the interpreter below has its packages in.
    """

    packages: tuple[str, ...] = ()
    prefix: str = ""
    sites: tuple[str, ...] = ()


def _read() -> Below:
    try:
        with open(os.path.join(sys.prefix, MARK), "rb") as file:
            return msgspec.json.decode(file.read(), type=Below)
    except OSError:
        return Below()


BELOW = _read()
"""Of the environment that this process runs in."""
