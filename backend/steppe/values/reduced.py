"""Any other object, through what it tells pickle: the class, the arguments that make it, its state and its items.

What an instance holds directly has an identity; what `__reduce__` or `__getstate__` makes up for the occasion has none,
and is written in place. The protocol: https://docs.python.org/3/library/pickle.html#object.__reduce__
"""

from __future__ import annotations

import builtins
import contextlib
import copyreg
import functools
import io
import os
import pickle
import sys
import sysconfig
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any

from steppe.errors import Unversionable
from steppe.values.installed import is_installed
from steppe.values.kinds import module_of
from steppe.values.walk import ATOMS, Walk, refuse

_PATHS = ("stdlib", "platstdlib", "purelib", "platlib")
LIBRARIES = tuple({os.path.join(path, "") for path in (os.path.dirname(os.__file__), *map(sysconfig.get_path, _PATHS))})
"""Where code is that no user has written."""

REASONS: tuple[tuple[type, str], ...] = (
    (io.IOBase, "it is an open file or stream: keep its path, or what was read from it"),
    (threading.Thread, "it is a running thread"),
    (weakref.ReferenceType, "it is a weak reference"),
    (types.FrameType, "it is a running frame"),
    (types.TracebackType, "it is a traceback: keep its text"),
    (weakref.WeakKeyDictionary, "it holds weak references"),
    (weakref.WeakValueDictionary, "it holds weak references"),
    (weakref.WeakSet, "it holds weak references"),
)
IN_MEMORY = (io.BytesIO, io.StringIO)

PLAIN_REDUCE = object.__reduce_ex__


def put_object(walk: Walk, value: Any) -> None:
    """Write an object by what it tells pickle."""
    kind = type(value)
    for bad, reason in REASONS:
        if isinstance(value, bad) and not isinstance(value, IN_MEMORY):
            raise refuse(value, reason)
    if is_plain(kind):
        walk.out += b"I"
        walk.put(kind)
        walk.root.made[id(value)] = len(walk.out)
        _attributes(walk, value.__dict__)
        return
    parts = reduce(value)
    if isinstance(parts, str):
        _global(walk, value, parts)
        return
    make, arguments, state, items, pairs, _ = padded(parts)
    walk.kept.append(parts)
    own: Any = getattr(value, "__dict__", None)
    # Whether attributes were ever asked for, which makes a `__dict__`, is nothing that code can see.
    if own is not None and type(state) is dict and not state:
        state = None
    elif isinstance(value, IN_MEMORY) and type(state) is tuple and not state[-1]:
        state = (*state[:-1], None)
    walk.out += b"O"
    _made(walk, make, "")
    _fresh(walk, arguments, ".__init__")
    walk.root.made[id(value)] = len(walk.out)
    if own is not None and state is own:
        _attributes(walk, own)
    else:
        _state(walk, state)
    _put_left_out(walk, value, state)
    _put_beneath(walk, value)
    if isinstance(value, BaseException):
        _put_of_error(walk, value)
    walk.out += b"l"
    for i, item in enumerate(items or ()):
        _under(walk, item, f"[{i}]")
    walk.out += b"p"
    for key, item in pairs or ():
        start = len(walk.out)
        name = f"[{key!r}]" if type(key) in ATOMS else f"[{type(key).__name__}]"
        _under(walk, key, name)
        _under(walk, item, name)
        if walk.depth == 1:
            walk.detail(name, start)
    walk.out += b";"


def left_out(value: Any, state: Any) -> dict[str, Any]:
    """Return the attributes that are kept from pickle: a step may read them all the same.

    They are those that the user's own code leaves out, and all attributes of a library's object that pickle only makes
    anew: what has become of it since would be forgotten, as the children of PyWavelets' trees. What a library leaves
    out of a state is its own affair.
    """
    own: Any = getattr(value, "__dict__", None)
    kind = type(value)
    if own is not None and state is own:
        return {}
    if not (_is_told_by_user(kind) or is_users_class(kind)):
        anew = own if state is None and own else {}
        return {name: item for name, item in anew.items() if not _is_remembered(kind, name, item)}
    parts = state if type(state) is tuple and len(state) == 2 else (state,)  # (attributes, slots)
    told = {name: item for part in parts if isinstance(part, dict) for name, item in part.items()}
    found = {**(own or {}), **dict(_slots_of(value))}
    return {name: item for name, item in found.items() if told.get(name, found) is not item}


def _is_remembered(kind: type, name: str, item: Any) -> bool:
    """Tell whether an attribute only saves computing it again: hashes, for one, differ between processes."""
    return isinstance(getattr(kind, name, None), functools.cached_property) or (
        type(item) is int and "hash" in name.lower()
    )


def _slots_of(value: Any) -> Iterator[tuple[str, Any]]:
    for base in type(value).__mro__:
        for name, slot in vars(base).items():
            if type(slot) is types.MemberDescriptorType and hasattr(base, "__slots__"):
                with contextlib.suppress(AttributeError):
                    yield name, slot.__get__(value)


def _is_told_by_user(kind: type) -> bool:
    """Tell whether what pickle is told of instances is said by code of the notebook or of the project."""
    says = [getattr(kind, name, None) for name in SAYING]
    return any(map(is_users, (copyreg.dispatch_table.get(kind), *says)))


SAYING = ("__getstate__", "__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__")
"""Methods by which a class tells pickle of its instances."""


def is_users_class(kind: type) -> bool:
    """Tell whether a class is one of the notebook or of the project: what it inherits may not know its parts."""
    if kind.__module__ == "__main__":
        return True
    file = getattr(sys.modules.get(module_of(kind)), "__file__", None) or LIBRARIES[0]
    return not file.startswith(LIBRARIES) and not is_installed(file)


def _put_beneath(walk: Walk, value: Any) -> None:
    """Write what a user's class inherits from a type of Python's own, where the user's code tells pickle of it."""
    if _is_told_by_user(type(value)):
        for base, plain in BENEATH.items():
            if isinstance(value, base):
                walk.out += b"u"
                _fresh(walk, plain(value), "")


BENEATH: dict[type, Callable[[Any], Any]] = {
    tuple: lambda value: tuple.__getitem__(value, slice(None)),
    list: lambda value: list.__getitem__(value, slice(None)),
    dict: dict.copy,
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
}


def _put_of_error(walk: Walk, error: BaseException) -> None:
    """Write what an exception holds beside what pickle is told."""
    if error.__traceback__ is not None:
        raise refuse(error, "it holds its traceback: keep its text, or `error.with_traceback(None)`")
    if error.__cause__ is not None or error.__context__ is not None:
        walk.out += b"c"
        walk.put(error.__cause__)
        walk.put(error.__context__)
        walk.put(error.__suppress_context__)


def is_users(function: Any) -> bool:
    """Tell whether a function was written in the notebook or in the project."""
    code = getattr(function, "__code__", None)
    return code is not None and not code.co_filename.startswith(LIBRARIES) and not is_installed(code.co_filename)


def _put_left_out(walk: Walk, value: Any, state: Any) -> None:
    """Write what is kept from pickle, but for what has no version: locks and the like are made anew."""
    for name, item in left_out(value, state).items():
        with walk.attempt() as attempt:
            walk.out += b"h"
            walk.put(name)
            walk.put(item)
        if attempt.refused and isinstance(item, Iterator) and not isinstance(item, io.IOBase):
            raise attempt.refused.under(f".{name}")


def put_state_of(
    walk: Walk, value: Any, leave_out: tuple[str, ...], state: dict[str, Any] | None = None, make: Any = None
) -> None:
    """Write an object by its class and its state, but for some attributes.

    Args:
        walk: where it is written.
        value: the object.
        leave_out: the attributes that are left out.
        state: its state, where that is more than `__getstate__` tells.
        make: what it is made with, where that is more than its class.
    """
    state = value.__getstate__() if state is None else state
    walk.kept.append((state, make))
    walk.out += b"I"
    walk.put(type(value))
    if make is not None:
        _fresh(walk, make, ".__init__")
    walk.root.made[id(value)] = len(walk.out)
    _state(walk, {name: item for name, item in state.items() if name not in leave_out})


def padded(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return what `__reduce_ex__` gave with None for each of the six that it left out."""
    return (*parts, *(None,) * (6 - len(parts)))


def is_plain(kind: type) -> bool:
    """Tell whether instances are their class and their `__dict__`, and no more."""
    return (
        kind.__reduce_ex__ is PLAIN_REDUCE  # type: ignore[comparison-overlap]
        and kind.__reduce__ is object.__reduce__  # type: ignore[comparison-overlap]
        and getattr(kind, "__getstate__", None) is object.__getstate__
        and kind.__flags__ & (1 << 9) != 0  # a heap type: its memory is a dict and slots, not C's own
        and kind.__dictoffset__ != 0
        and kind.__basicsize__ <= _PLAIN_SIZE
        and kind.__itemsize__ == 0
        and kind not in copyreg.dispatch_table
        and not hasattr(kind, "__getnewargs_ex__")
        and not hasattr(kind, "__getnewargs__")
    )


class _Plain:
    pass


_PLAIN_SIZE = _Plain.__basicsize__


PATHS = ("pathlib", "pathlib._local")


def reduce(value: Any) -> Any:
    """Return what pickle would be told of `value`.

    Raises:
        Unversionable: it refuses; its own words are the reason.
    """
    kind = type(value)
    if isinstance(value, PurePath) and kind.__module__ in PATHS:
        return kind, (os.fspath(value),)  # from Python 3.13 on it tells pickle what it was put together from
    if is_told(kind, SPOILING):
        return copyreg.__newobj__, (kind,), vars(value)  # type: ignore[attr-defined]  # pickle knows it by this name
    try:
        special: Callable[[Any], Any] | None = copyreg.dispatch_table.get(kind)
        return special(value) if special is not None else value.__reduce_ex__(5)
    except Exception as error:
        said = str(error).strip().rstrip(".") or type(error).__name__
        raise refuse(value, f"it can't be kept ({said})") from None


def is_told(kind: type, by: tuple[str, str, str]) -> bool:
    """Tell whether pickle is told of a type's instances by one function of a library, given as its place."""
    name, module, qualname = by
    says = getattr(kind, name, None)
    return getattr(says, "__module__", "") == module and getattr(says, "__qualname__", "") == qualname


SPOILING = ("__getstate__", "statsmodels.discrete.discrete_model", "DiscreteResults.__getstate__")
"""Takes the callbacks of a fit out of the live object."""


def _global(walk: Walk, value: Any, name: str) -> None:
    """Write an object that is known by a global name."""
    # Any module that is loaded may have a builtin's name too: which one is found first is no part of a value.
    home = "builtins" if getattr(builtins, name, None) is value else None
    module = home or getattr(value, "__module__", None) or _beside_its_type(value, name)
    module = module or pickle.whichmodule(value, name)  # type: ignore[attr-defined]  # as `pickle` itself finds it
    if walk.home.is_notebook(module):
        raise refuse(value, f"it is known by the name {name!r} only")
    walk.modules.add(module or "builtins")
    walk.out += b"n"
    walk.tag(module)
    walk.tag(name)


def _beside_its_type(value: Any, name: str) -> str | None:
    """Return the module of a value's type where that has the value: which other ones have it is chance."""
    module = module_of(type(value))
    found = getattr(sys.modules.get(module), name.removeprefix(f"{module}."), None)
    return module if found is value else None


def _made(walk: Walk, make: Any, where: str) -> None:
    try:
        walk.put(make)
    except Unversionable as error:
        raise error.under(where) from None


def _attributes(walk: Walk, state: dict[str, Any]) -> None:
    walk.out += b"a%d:" % len(state)
    for name, item in state.items():
        start = len(walk.out)
        walk.put(name)
        try:
            walk.put(item)
        except Unversionable as error:
            raise error.under(f".{name}") from None
        if walk.depth == 1:
            walk.detail(f".{name}", start)


def _under(walk: Walk, item: Any, where: str) -> None:
    try:
        walk.put(item)
    except Unversionable as error:
        raise error.under(where) from None


def _state(walk: Walk, state: Any) -> None:
    """Write a state: the made-up containers in place, what lives elsewhere too as itself."""
    if type(state) is dict:
        walk.out += b"a%d:" % len(state)
        for name in state:
            start = len(walk.out)
            walk.put(name)
            where = f".{name}" if isinstance(name, str) else f"[{name!r}]"
            try:
                _held(walk, state, name)
            except Unversionable as error:
                raise error.under(where) from None
            if walk.depth == 1:
                walk.detail(where, start)
        return
    _fresh(walk, state, "")


def _held(walk: Walk, holder: Any, key: Any) -> None:
    """Write `holder[key]`: in place where nobody but `holder` has it."""
    item = holder[key]
    if sys.getrefcount(item) > _ONLY_HELD:
        walk.put(item)
    elif type(item) in _CONTAINERS:
        _fresh(walk, item, "")
    else:
        number = len(walk.root.nodes)
        walk.put(item)
        if len(walk.root.nodes) > number:
            walk.root.fresh.add(number)


def _calibrate(holder: Any, key: Any) -> int:
    item = holder[key]
    return sys.getrefcount(item)


_ONLY_HELD = _calibrate({"a": []}, "a")
"""What `getrefcount` says in `_held` of an object that nothing but its holder has."""

_CONTAINERS = frozenset({list, dict, tuple})


def _fresh(walk: Walk, value: Any, where: str) -> None:
    """Write a container that was made for this walk, without a number; its items may be as fresh."""
    kind = type(value)
    try:
        if kind is tuple or kind is list:
            walk.out += b"(%d:" % len(value)
            for i in range(len(value)):
                _held(walk, value, i)
        elif kind is dict:
            walk.out += b"{%d:" % len(value)
            for key in value:
                walk.put(key)
                _held(walk, value, key)
        elif kind is pickle.PickleBuffer:
            walk.bytes(value.raw())
        else:
            walk.put(value)
    except Unversionable as error:
        raise error.under(where) from None
