"""Amounts as people write them: `16Gi`, `90s`, `yes`. Each function returns None for what it can't read."""

from __future__ import annotations

import math
import os
import re

NEVER = "never"

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}

_AMOUNT = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)")


def _amount(value: object, units: dict[str, int]) -> float | None:
    """Return an amount in the smallest unit."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value if math.isfinite(value) else None
    match = _AMOUNT.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if match is None or match.group(2) not in units:
        return None
    return float(match.group(1)) * units[match.group(2)]


def size(value: object) -> int | None:
    """Return bytes: `16Gi` and `16GiB` are 16 times 2³⁰, `16G` and `16GB` are 16 times 10⁹, `16` is 16."""
    if isinstance(value, str) and value.strip().lower().endswith("b"):
        value = value.strip()[:-1]
    amount = _amount(value, UNITS)
    return None if amount is None or amount < 1 else int(amount)


def duration(value: object) -> float | str | None:
    """Return seconds, or `never`: `90`, `90s`, `1.5m`, `2h`, `1d`, `1w`, `1h30m`."""
    if isinstance(value, str):
        text = value.strip().lower()
        if text == NEVER:
            return NEVER
        parts = re.findall(r"[\d.]+[a-z]+", text)
        if len(parts) > 1 and "".join(parts) == text:
            amounts = [_amount(part, SECONDS) for part in parts]
            return None if None in amounts else math.fsum(amount for amount in amounts if amount is not None)
    amount = _amount(value, SECONDS)
    return None if amount is None or amount <= 0 else float(amount)


def number(value: object) -> float | None:
    """Return a finite number."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return float(value) if _is_number(value) and math.isfinite(value) else None  # type: ignore[arg-type]


def whole(value: object) -> int | None:
    """Return a whole number."""
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,18}", value.strip()):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def truth(value: object) -> bool | None:
    """Return what `true`, `yes`, `1` and their opposites mean."""
    if isinstance(value, bool):
        return value
    return WORDS.get(str(value).strip().lower()) if isinstance(value, str | int) else None


def words(value: object) -> tuple[str, ...] | None:
    """Return the items of a list of texts or paths, or of a text with commas between them."""
    if isinstance(value, str):
        value = value.split(",") if value.strip() else []
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)
    if not isinstance(value, list | tuple) or not all(isinstance(item, str | os.PathLike) for item in value):
        return None
    items = tuple(os.fsdecode(item).strip() for item in value)
    return None if "" in items else items


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
