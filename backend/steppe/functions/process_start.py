"""What a program has changed of its process before its first step: nobody watched, so it is compared with a new one's.

The folder, by its place in the project; limits, the locale, the time zone. What libraries were told is found in the
program's statements (`script_setup`), and in the adapters of ambient state.
"""

from __future__ import annotations

import locale
import os
import sys
from typing import Any

from steppe.types import Ingredient

USUAL = {"recursion limit": 1000, "digits of an int": 4300, "field size of csv": 131072}
"""What a new process has."""


def note_process(session: Any) -> None:
    """Note where it is as the session begins; where it goes later is seen."""
    session.process_at_start = _place(session.project.root)


def process_now(session: Any) -> list[Ingredient]:
    """Return an ingredient for it, or none where all is as in a new process in the project's folder."""
    found = {**getattr(session, "process_at_start", {}), **_limits()}
    return (
        [Ingredient(kind="ambient", name="process", version=repr(sorted(found.items())), detail=found)] if found else []
    )


def _limits() -> dict[str, str]:
    now = {
        "recursion limit": sys.getrecursionlimit(),
        "digits of an int": sys.get_int_max_str_digits(),
        "field size of csv": sys.modules["csv"].field_size_limit()
        if "csv" in sys.modules
        else USUAL["field size of csv"],
    }
    return {name: str(value) for name, value in now.items() if value != USUAL[name]}


def _place(root: str) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        folder = os.path.relpath(os.getcwd(), root)
    except OSError:  # it was removed
        folder = "none"
    if folder != os.curdir:
        found["folder"] = folder
    for name in ("LC_COLLATE", "LC_NUMERIC", "LC_TIME", "LC_MONETARY"):
        if (said := locale.setlocale(getattr(locale, name))) not in ("C", "POSIX"):
            found[name] = said
    if (zone := os.environ.get("TZ")) != _began_with("TZ"):
        found["time zone"] = str(zone)
    return found


def _began_with(name: str) -> str | None:
    """Return a variable as this process was given it, where that can be told; else as it is."""
    try:
        with open("/proc/self/environ", "rb") as given:
            pairs = dict(item.partition(b"=")[::2] for item in given.read().split(b"\0"))
    except OSError:
        return os.environ.get(name)
    value = pairs.get(name.encode())
    return None if value is None else os.fsdecode(value)
