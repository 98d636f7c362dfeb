"""Whether two pictures are the same to the eye: by their pixels, whatever else their files say."""

from __future__ import annotations

import io
from typing import Any


def apart(was: bytes, now: bytes) -> str:
    """Say how the pixels of two pictures differ; nothing where they are the same.

    Args:
        was: the file of one, in any format that Pillow reads.
        now: the file of the other.
    """
    if was == now:
        return ""
    try:
        from PIL import Image
    except ImportError:
        return "differs in its bytes: its pixels can't be compared without Pillow (`pip install pillow`)"
    try:
        one, other = Image.open(io.BytesIO(was)), Image.open(io.BytesIO(now))
        return _between(one, other)
    except Exception as error:  # files that are cut off, of other formats, or too large for Pillow
        return f"differs in its bytes: its pixels can't be read ({error})"


def _between(one: Any, other: Any) -> str:
    if one.size != other.size:
        wide, high = other.size
        return f"has {wide} x {high} pixels, and had {one.size[0]} x {one.size[1]}"
    if getattr(one, "n_frames", 1) > 1 or getattr(other, "n_frames", 1) > 1:
        return "is a moving picture, and differs in its bytes"
    if one.mode == other.mode and one.tobytes() == other.tobytes():
        return ""
    total = one.size[0] * one.size[1]
    if count := _count(one, other):
        return f"differs in {count} of {total} pixels"
    return "differs in shades that 8 bits can't tell apart" if one.mode[0] in "IF" else ""


def _count(one: Any, other: Any) -> int:
    """Return how many pixels differ in any of their colours, or in how much shines through."""
    from PIL import ImageChops

    first, *bands = ImageChops.difference(one.convert("RGBA"), other.convert("RGBA")).split()
    for band in bands:
        first = ImageChops.lighter(first, band)
    return int(first.size[0] * first.size[1] - first.histogram()[0])
