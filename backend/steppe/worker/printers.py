"""How a shell shows values of some types. A step that changes that has to run each time, in the kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Printers = dict[str, tuple[dict[Any, Any], dict[Any, Any]]]
"""What shows values, by MIME type: by names of types that may not be there yet, and by types."""

SETTLED = ("matplotlib.", "pandas.")
"""Types whose libraries tell the shell of them by themselves, when they are first used."""


def printers(shell: Any) -> Printers:
    """Return what shows values of which types in a shell."""
    return {
        mime: (dict(_of(formatter, "deferred_printers")), dict(_of(formatter, "type_printers")))
        for mime, formatter in getattr(shell.display_formatter, "formatters", {}).items()
    }


def _of(formatter: Any, name: str) -> dict[Any, Any]:
    """Return an attribute of a formatter; past its trait where that is known, since each plain cell asks 50 times."""
    found = getattr(formatter, "_trait_values", {}).get(name)
    return getattr(formatter, name, {}) if found is None else found


def _by_name(found: Printers) -> dict[tuple[str, str], Callable[..., Any]]:
    """Return what shows values by MIME type and the name of the type."""
    named: dict[tuple[str, str], Callable[..., Any]] = {}
    for mime, (deferred, there) in found.items():
        for kind, show in {**deferred, **there}.items():
            parts = kind if isinstance(kind, tuple) else (kind.__module__, kind.__qualname__)
            name = ".".join(map(str, parts))  # a type that was named before it was imported is the same afterwards
            if not name.startswith(SETTLED):
                named[mime, name] = show
    return named


def retold(before: Printers, after: Printers) -> str:
    """Say for which type the shell was told another way, in words; nothing where for none."""
    if before == after:
        return ""
    was, now = _by_name(before), _by_name(after)
    for key in sorted({*was, *now}):
        if was.get(key) != now.get(key):
            mime, kind = key
            return f"it has told the shell how to show {kind.rpartition('.')[2]} as {mime}"
    return ""
