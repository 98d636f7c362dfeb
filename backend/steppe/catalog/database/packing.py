"""Nested structs as bytes for one column, and text as databases can hold it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, get_origin

import msgspec
from blake3 import blake3

_ESCAPED = b"\xc1"
"""The one byte that begins no MessagePack. What follows holds leaves that MessagePack can't: lone surrogates (a file
name that is no UTF-8) and integers beyond 64 bits."""

_NOTHING = b"\x80"
"""An empty map: a struct that leaves out all its fields, since they are their defaults."""

SHOWN = frozenset({"error", "handle", "label", "note", "preview", "reason", "text", "why", "end"})
"""Columns of text that no index has: it may be of any length."""

_BRIEF = 400
"""Bytes. PostgreSQL's indexes take 2,700 for a row of up to five columns."""

_encode = msgspec.msgpack.Encoder().encode
_BACKSLASHED = re.compile(r"\\(?:\\|u([0-9a-f]{4}))")


def pack(value: Any) -> bytes | None:
    """Return a struct, list or dict as bytes, or None where it is empty."""
    if not value:
        return None
    try:
        packed = _encode(value)
    except (UnicodeEncodeError, OverflowError):
        plain_types = msgspec.to_builtins(value, builtin_types=(bytes,))
        return _ESCAPED + _encode(_each_leaf(plain_types, _escape))
    return None if packed == _NOTHING else packed


def unpack(data: bytes | None, kind: Any) -> Any:
    """Return what was packed, as a `kind`; for None, an empty one."""
    if data is None:
        return (get_origin(kind) or kind)()
    if data[:1] == _ESCAPED:
        leaves = _each_leaf(msgspec.msgpack.decode(data[1:]), _unescape)
        return msgspec.convert(leaves, kind, builtin_types=(bytes,))
    return _decoder(kind).decode(data)


def plain(text: str) -> str:
    r"""Return `text` as any database can hold it: NUL and lone surrogates become `\x00` and `\udcff`, as in Python."""
    if not text.isascii():
        text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text.replace("\x00", "\\x00") if "\x00" in text else text


def brief(text: str) -> str:
    """Return `text` as any database can index it: what is longer than 400 bytes is cut, and ends with its digest."""
    text = plain(text)
    if len(text) <= _BRIEF // 4:
        return text
    data = text.encode()
    if len(data) <= _BRIEF:
        return text
    return f"{data[: _BRIEF - 50].decode('utf-8', 'ignore')}… {blake3(data).hexdigest()[:40]}"


def stored(column: str, value: Any) -> Any:
    """Return a value as a column holds it: `plain`, and `brief` unless the column's text is only ever shown."""
    if type(value) is not str:
        return value
    return plain(value) if column in SHOWN else brief(value)


@cache
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)


def _each_leaf(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {change(key): _each_leaf(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_each_leaf(item, change) for item in value]
    return change(value)


def _escape(leaf: Any) -> Any:
    if isinstance(leaf, str):
        return leaf.replace("\\", "\\\\").encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(leaf, int) and not -(2**63) <= leaf < 2**64:
        return f"\\i{leaf}"
    return leaf


def _unescape(leaf: Any) -> Any:
    if not isinstance(leaf, str):
        return leaf
    if leaf.startswith("\\i"):
        return int(leaf[2:])
    return _BACKSLASHED.sub(lambda found: chr(int(found[1], 16)) if found[1] else "\\", leaf)
