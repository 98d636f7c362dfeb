"""How a shell shows values of some types. A step that changes that has to run each time, in the kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Printers = dict[tuple[str, str], Callable[..., Any]]
"""What shows values, by MIME type and the type of the value."""

SETTLED = ("matplotlib.", "pandas.")
"""Types whose libraries tell the shell of them by themselves, when they are first used."""


def printers(shell: Any) -> Printers:
    """Return what shows values of which types in a shell."""
    found: Printers = {}
    for mime, formatter in getattr(shell.display_formatter, "formatters", {}).items():
        named = {**getattr(formatter, "deferred_printers", {}), **getattr(formatter, "type_printers", {})}
        for kind, show in named.items():
            parts = kind if isinstance(kind, tuple) else (kind.__module__, kind.__qualname__)
            name = ".".join(map(str, parts))  # a type that was named before it was imported is the same afterwards
            if not name.startswith(SETTLED):
                found[mime, name] = show
    return found


def retold(before: Printers, after: Printers) -> str:
    """Say for which type the shell was told another way, in words; nothing where for none."""
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            mime, kind = key
            return f"it has told the shell how to show {kind.rpartition('.')[2]} as {mime}, which a hit would not do"
    return ""
