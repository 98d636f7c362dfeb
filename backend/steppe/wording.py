"""How times, sizes, versions and tables are said to a person. Knows nothing of steps."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


def ago(seconds: float) -> str:
    """Say how long something is past."""
    if seconds < 1.5:
        return "just now"
    for length, word in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * length or (word != "d" and seconds >= length):
            return f"{int(seconds // length)} {word} ago"
    return f"{seconds:.0f} s ago"


def lasting(seconds: float) -> str:
    """Say how long something takes."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.1f} ms" if seconds < 0.01 else f"{seconds * 1000:.0f} ms"
    if seconds < 90:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def sized(count: int) -> str:
    """Say how large something is."""
    amount = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1000:
            return f"{count} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"


def short(version: str) -> str:
    """Return as much of a version as tells it from others."""
    return version[:15] if version.startswith("b3:") else version


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as text; the last column is as wide as it has to be."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which of the known words was meant, or which there are; empty where there is none."""
    words = sorted(set(known))
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.5)
    if near:
        return f"did you mean `{near[0]}`?"
    if not words:
        return ""
    listed = ", ".join(words[:8])
    return f"there are {listed}{' and more' if len(words) > 8 else ''}." if len(words) > 1 else f"there is {listed}."
