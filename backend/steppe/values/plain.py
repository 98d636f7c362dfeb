"""The built-in containers: list, tuple, dict, set, frozenset, bytearray, and the immutable rest of `builtins`."""

from __future__ import annotations

import itertools
import marshal
import types
from typing import Any

from blake3 import blake3

from steppe.errors import Unversionable
from steppe.values import memory
from steppe.values.set_order import steady
from steppe.values.walk import (
    ATOMS,
    DETAILS,
    FORMAT,
    LONG,
    Walk,
    atoms,
    content,
    encode_atom,
    encodes,
    refuse,
)

SHORT = 64
"""Tuples whose encoding is longer than this and holds no new node are written as a digest: sharing costs nothing."""


def _shorten(data: bytes) -> bytes:
    return data if len(data) <= LONG else b"H%d:" % len(data) + content(data)


@encodes(list, node=True)
def _list(walk: Walk, value: list[Any]) -> None:
    """A list: its items in order. One of atoms alone is written by `marshal` in one go."""
    if atoms(value):
        walk.out += b"L" + _shorten(marshal.dumps(value, FORMAT))
        if walk.depth == 1 and len(value) <= 64:
            for i, item in enumerate(value):
                walk.root.detail[f"[{i}]"] = blake3(encode_atom(item)).hexdigest(16)
        return
    walk.out += b"l%d:" % len(value)
    _items(walk, value)


def _items(walk: Walk, value: Any, *, named: bool = True) -> None:
    """Write items in order; `named` where they may be parts of the root: a tuple inside it is no node of its own."""
    i = 0
    start = 0
    named = named and walk.depth == 1
    put = walk.put
    try:
        for i, item in enumerate(value):  # `i` names the item that could not be written
            if named:
                start = len(walk.out)
            put(item)
            if named:
                walk.detail(f"[{i}]", start)
    except Unversionable as error:
        raise error.under(f"[{i}]") from None


@encodes(tuple, node=False)
def _tuple(walk: Walk, value: tuple[Any, ...]) -> None:
    """A tuple: its items in order. It has no identity of its own, so equal tuples are written alike."""
    if atoms(value):
        data = marshal.dumps(value, FORMAT)
        walk.out += b"T" + (data if len(data) <= SHORT else b"H%d:" % len(data) + content(data))
        return
    start, nodes = len(walk.out), len(walk.root.nodes)
    walk.out += b"t%d:" % len(value)
    _items(walk, value, named=not start)
    _close(walk, start, nodes)


def _close(walk: Walk, start: int, nodes: int) -> None:
    """Replace what was written since `start` by its digest where it is long and made no node."""
    if len(walk.out) - start > SHORT and len(walk.root.nodes) == nodes:
        written = bytes(walk.out[start:])
        del walk.out[start:]
        walk.out += b"D" + blake3(written).digest()


@encodes(dict, node=True)
def _dict(walk: Walk, value: dict[Any, Any]) -> None:
    """A dict: its pairs in order, since order can be seen."""
    pairs(walk, value)


def pairs(walk: Walk, value: dict[Any, Any]) -> None:
    """Write a mapping's pairs in order; its keys are the names of its details."""
    if atoms(value) and atoms(value.values()):
        walk.out += b"M" + _shorten(marshal.dumps(value, FORMAT))
        if walk.depth == 1:
            for name, item in itertools.islice(value.items(), DETAILS):
                walk.root.detail[f"[{name!r}]"] = blake3(encode_atom(item)).hexdigest(16)
        return
    walk.out += b"m%d:" % len(value)
    key: Any = None
    start, named, put = 0, walk.depth == 1, walk.put
    try:
        for key, item in value.items():
            if named:
                start = len(walk.out)
            put(key)
            put(item)
            if named:
                walk.detail(f"[{key!r}]" if type(key) in ATOMS else f"[{type(key).__name__}]", start)
    except Unversionable as error:
        raise error.under(f"[{key!r}]" if type(key) in ATOMS else f"[{type(key).__name__}]") from None


@encodes(set, node=True)
def _set(walk: Walk, value: set[Any]) -> None:
    """A set: its items in the order of their digests where its own hangs on the hash seed, else in its own."""
    walk.out += b"S"
    members(walk, value)


@encodes(frozenset, node=False)
def _frozenset(walk: Walk, value: frozenset[Any]) -> None:
    start, nodes = len(walk.out), len(walk.root.nodes)
    walk.out += b"Z"
    members(walk, value)
    _close(walk, start, nodes)


def members(walk: Walk, value: Any) -> None:
    """Write the items of something unordered in a canonical order; those of a set that has a steady one in its own."""
    walk.out += b"%d:" % len(value)
    if type(value) in (set, frozenset) and steady(value):
        walk.ordered = walk.ordered or len(value) > 1
        if atoms(value):
            walk.out += _shorten(b"".join(map(encode_atom, value)))
        else:
            _items(walk, value, named=False)
        return
    if atoms(value):
        data = b"".join(sorted(map(encode_atom, value)))
        walk.out += _shorten(data)
        return
    outline = walk.ordering.outline(value)
    if outline is not None:
        walk.out += outline
        return
    try:
        for item in walk.ordering.sort(walk, value):
            walk.put(item)
    except Unversionable as error:
        raise error.under("{…}") from None


@encodes(bytearray, node=True)
def _bytearray(walk: Walk, value: bytearray) -> None:
    walk.out += b"Y"
    walk.bytes(value)
    if value:  # arrays may show its memory, or may once the step has run
        low = memory.address_of(value)
        memory.note_stretch(walk, value, low, low + len(value), (1,))


@encodes(range, node=False)
def _range(walk: Walk, value: range) -> None:
    walk.out += b"r" + marshal.dumps((value.start, value.stop, value.step), FORMAT)


@encodes(slice, node=False)
def _slice(walk: Walk, value: slice) -> None:
    walk.out += b"s"
    walk.put((value.start, value.stop, value.step))


@encodes(type(NotImplemented), node=False)
def _not_implemented(walk: Walk, value: Any) -> None:
    del value
    walk.out += b"!"


@encodes(types.MappingProxyType, node=True)
def _mapping_proxy(walk: Walk, value: types.MappingProxyType[Any, Any]) -> None:
    walk.out += b"P"
    pairs(walk, dict(value))


@encodes(memoryview, node=True)
def _memoryview(walk: Walk, value: memoryview) -> None:
    raise refuse(value, "it is a window into the memory of another object: keep that object, or bytes(…) of it")


USED_UP: tuple[type, ...] = (
    types.GeneratorType,
    types.CoroutineType,
    types.AsyncGeneratorType,
    type(iter([])),
    type(iter(())),
    type(iter({})),
    type(iter({}.values())),
    type(iter({}.items())),
    type(iter(set())),
    type(iter("")),
    type(iter(b"")),
    type(iter(range(0))),
    type(reversed([])),
    type(iter(int, 1)),
    zip,
    map,
    filter,
    enumerate,
    reversed,
)


@encodes(*USED_UP, node=True)
def _used_up(walk: Walk, value: Any) -> None:
    raise refuse(value, "it is used up by being read: keep a list of what it gives instead")
