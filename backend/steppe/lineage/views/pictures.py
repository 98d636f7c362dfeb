"""Arrays as pictures: PNG files (https://www.w3.org/TR/png-3/), of images as they are, of numbers as a map of heat."""

from __future__ import annotations

import struct
import zlib

import numpy as np

WIDEST = 1024
"""Pixels of a side; larger arrays are thinned."""

HEAT = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
"""From low to high: dark blue, over green, to yellow; they differ in brightness, too."""
MISSING = (128, 128, 128)


def picture(array: np.ndarray) -> tuple[bytes, str] | None:
    """Return a PNG of an array and what it shows; None where it can be none."""
    if array.dtype == np.uint8 and array.ndim == 3 and array.shape[2] in (3, 4) and array.size:
        return png(_thinned(array)), "image"
    if array.ndim == 2 and array.dtype.kind in "biuf" and array.size and min(array.shape) > 1:
        thin = _thinned(array)
        return (png(thin), "image") if array.dtype == np.uint8 else (png(_heat(thin)), "heat")
    return None


def png(pixels: np.ndarray) -> bytes:
    """Return the file of pixels of 8 bits: grey, RGB or RGBA."""
    height, width = pixels.shape[:2]
    colour = {2: 0, 3: {3: 2, 4: 6}.get(pixels.shape[-1], 2)}[pixels.ndim]
    rows = np.ascontiguousarray(pixels).reshape(height, -1)
    lines = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _thinned(array: np.ndarray) -> np.ndarray:
    down, across = (-(-length // WIDEST) for length in array.shape[:2])
    thin: np.ndarray = np.asarray(array[::down, ::across])
    return thin


def _heat(values: np.ndarray) -> np.ndarray:
    numbers: np.ndarray = values.astype(np.float64)
    finite = np.isfinite(numbers)
    low, high = (numbers[finite].min(), numbers[finite].max()) if finite.any() else (0.0, 0.0)
    place = np.where(finite, (np.where(finite, numbers, low) - low) / ((high - low) or 1.0), 0.0)
    stops = np.linspace(0, 1, len(HEAT))
    pixels = np.stack([np.interp(place, stops, [colour[each] for colour in HEAT]) for each in range(3)], axis=-1)
    pixels[~finite] = MISSING
    found: np.ndarray = pixels.astype(np.uint8)
    return found
