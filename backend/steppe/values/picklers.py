"""The pickler and the unpickler of Parts: references to inputs, code by version, memory as it was shared."""

from __future__ import annotations

import copyreg
import io
import logging
import marshal
import pickle
import sys
import types
import typing
from collections.abc import Callable, Iterable
from typing import Any

import cloudpickle

from steppe.errors import CannotMove
from steppe.types import Digest
from steppe.values import arrays_out, container, rebuild
from steppe.values.changes import Place
from steppe.values.code import importable
from steppe.values.codes import CodeTable, location_fields
from steppe.values.loggers import untouched
from steppe.values.reduced import SPOILING, is_told
from steppe.values.set_order import put_in, steady, to_put_in
from steppe.values.walk import FORMAT, LRU, Walk

SETS = frozenset({set, frozenset})
PLOTLYS = ("__reduce__", "plotly.basedatatypes", "BaseFigure.__reduce__")
"""Tells of a figure of Plotly."""


class Packer(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no types
    """Pickles the values of one Part.

    Attributes:
        buffers: large buffers that stay beside the pickle.
        places: parts of the inputs that were referred to.
        codes: code of the notebook that was referred to, by version.
        kinds: the types of what was pickled, but for those that pickle knows itself.
    """

    def __init__(self, walk: Walk, known: dict[int, Place], table: CodeTable, own: Iterable[Any] = ()) -> None:
        self._file = io.BytesIO()
        super().__init__(self._file, protocol=5, buffer_callback=self._beside)
        self.buffers: list[pickle.PickleBuffer] = []
        self.places: dict[Place, None] = {}
        self.codes: dict[Digest, Any] = {}
        self.memory: arrays_out.Shared | None = None
        self.kinds: set[type] = set()
        self._walk = walk
        self._known = known
        self._table = table
        self._own = {id(value) for value in own}
        self._in_functions: set[int] = set()
        self._sets: dict[int, tuple[Any, int]] = {}

    def pickled(self, value: Any) -> bytes:
        """Return the pickle of `value`."""
        self.dump(value)
        self.clear_memo()  # the packer is part of a cycle: what it has met would live until the next collection
        return self._file.getvalue()

    def _beside(self, buffer: pickle.PickleBuffer) -> bool:
        """Keep a large buffer beside the pickle; a small one stays inside (which pickle wants said as True)."""
        if len(buffer.raw()) < container.LARGE:
            return True
        self.buffers.append(buffer)
        return False

    def persistent_id(self, value: Any) -> tuple[Any, ...] | None:
        """Name a part of the inputs by its place, and code of the notebook by place and version."""
        place = self._known.get(id(value))
        if self._walk.is_code(value) and (place is not None or not carries(value)):
            if id(value) in self._own:
                return None
            version = self._walk.version_of(value)
            self.codes[version] = value
            if place is not None:
                self.places[place] = None
            return ("code", version, place and tuple(place))
        if place is None:
            return self._set(value) if type(value) in SETS and self._walk.ordered else None
        self.places[place] = None
        return ("at", *place)

    def _set(self, value: Any) -> tuple[Any, ...] | None:
        """Say how a set is made again that would be iterated in another order; the second time, which one it is."""
        _, number = self._sets.get(id(value), (None, -1))  # 0 where its items' own order does
        if number > 0:
            return ("set", number)
        found = to_put_in(value) if number and steady(value) else None
        self._sets[id(value)] = value, len(self._sets) + 1 if found else 0
        return ("set", len(self._sets), type(value), *found) if found else None

    def reducer_override(self, value: Any) -> Any:
        """Say how values are made again that pickle would make differently, or not at all."""
        kind = type(value)
        self.kinds.add(kind)
        if kind is types.FunctionType:
            reduced = self._function(value)
        elif kind is types.CodeType:
            # cloudpickle gives all code one file's name: what a library wrote from text could not be told any more.
            reduced = marshal.loads, (marshal.dumps(value, FORMAT),)
        elif isinstance(value, logging.Logger) and not untouched(value):
            raise CannotMove(f"the logger {value.name} is set up in this process")
        elif kind is types.CellType:
            # A cell that is met in its function is filled by it: the function may be what it holds.
            state = None if id(value) in self._in_functions else _cell(value)
            reduced = rebuild.cell, (), state, None, None, rebuild.fill
        elif "is_step_function" in kind.__dict__ and value.__module__ == "__main__":
            reduced = value.made_of()
        elif kind is LRU and self._walk.is_code(value):
            parameters = value.cache_parameters()
            extra = {name: item for name, item in vars(value).items() if name != "__wrapped__"}
            reduced = rebuild.cached, (value.__wrapped__, parameters, extra)
        elif (kind.__module__, kind.__qualname__) == ("sklearn.utils._bunch", "Bunch"):
            # Its own `__setstate__` drops its attributes.
            reduced = kind, (), dict(vars(value)), None, iter(value.items()), rebuild.attributes
        elif is_told(kind, SPOILING):
            reduced = copyreg.__newobj__, (kind,), dict(vars(value))  # type: ignore[attr-defined]  # pickle's own name
        elif is_told(kind, PLOTLYS):
            make, arguments, *_ = value.__reduce__()
            reduced = make, arguments, arguments[0], None, None, rebuild.in_order
        elif "matplotlib.artist" in sys.modules and _is_drawn(kind):
            from steppe.values import matplotlib_state

            reduced = matplotlib_state.reduced(value)
        else:
            reduced = arrays_out.reduce(value, self.memory)
        if reduced is not None:
            return reduced
        return self._untracked(value, super().reducer_override(value))

    def _function(self, value: types.FunctionType) -> Any:
        where = self._table.locate(value.__code__)
        code: Any
        if where is not None:
            code = location_fields(where)
        elif _is_inner(value):
            code = marshal.dumps(value.__code__, FORMAT)
        else:
            return None
        cells = value.__closure__ or ()
        self._in_functions.update(map(id, cells))
        state = {
            "cells": [() if id(cell) in self._known else _cell(cell) for cell in cells],
            "attributes": dict(value.__dict__),
            "__name__": value.__name__,
            "__qualname__": value.__qualname__,
            "__module__": value.__module__,
            "__doc__": value.__doc__,
            "__defaults__": value.__defaults__,
            "__kwdefaults__": value.__kwdefaults__,
            "__annotations__": dict(value.__annotations__),
        }
        made = (code, cells, value.__module__ or "__main__")
        return rebuild.function, made, state, None, None, rebuild.carry

    @staticmethod
    def _untracked(value: Any, reduced: Any) -> Any:
        """Take the tracker's id out of a class by value: with it, loading would write into the class that lives.

        And have the class made with its slots, with the name of the class or function that it stands in, and without
        what hooks of its bases give to a class that has nothing yet.
        """
        if not isinstance(value, type) or not isinstance(reduced, tuple):
            return reduced
        name = getattr(reduced[0], "__name__", "")
        at = {"_make_skeleton_class": 4, "_make_skeleton_enum": 5}.get(name)
        if at is None:
            return reduced
        arguments = [*reduced[1]]
        arguments[at] = None
        if name == "_make_skeleton_class" and value.__qualname__ != value.__name__:
            arguments[3] = {**arguments[3], "__qualname__": value.__qualname__}
        if "__slots__" in vars(value) and not _is_named_tuple(
            value
        ):  # slots can't be added to a class later: without them it would have a `__dict__`
            arguments[3] = {**arguments[3], "__slots__": vars(value)["__slots__"]}
        held = (_annotated(value, reduced[2][0]), *reduced[2][1:])
        if name == "_make_skeleton_class" and len(reduced) == 6:
            return reduced[0], tuple(arguments), (held, reduced[5], tuple(vars(value))), None, None, rebuild.made
        return (reduced[0], tuple(arguments), held, *reduced[3:])


def _annotated(value: type, members: dict[str, Any]) -> dict[str, Any]:
    """Return a class's members with its annotations in the place of what evaluates them, from Python 3.14 on.

    That is a function that holds the class's whole first namespace. Where it fails, for a name that is not there yet,
    it stays.
    """
    if "__annotate_func__" not in members:
        return members
    try:
        annotations = dict(value.__annotations__)
    except Exception:  # it runs the user's code
        return members
    kept = {name: item for name, item in members.items() if name not in ("__annotate_func__", "__annotations_cache__")}
    return {**kept, "__annotations__": annotations}


def _is_drawn(kind: type) -> bool:
    """Tell whether a type is one of Matplotlib's, or made of one."""
    return any((base.__module__ or "").startswith("matplotlib.") for base in kind.__mro__)


def _is_named_tuple(value: type) -> bool:
    """Tell whether a class was written as a `typing.NamedTuple`, which sees to its slots itself."""
    return typing.NamedTuple in getattr(value, "__orig_bases__", ())


def carries(value: Any) -> bool:
    """Tell whether a function carries state of its own, so that two of one version are two, and may share it."""
    return type(value) is types.FunctionType and bool(value.__closure__ or value.__dict__)


def _is_inner(value: types.FunctionType) -> bool:
    """Tell whether a function was made by a library's function: pickle can't name it, but its module can be."""
    module = sys.modules.get(value.__module__ or "")
    named = module is None or importable(value, value.__module__, value.__qualname__)
    return not named and vars(module) is value.__globals__ and value.__module__ != "__main__"


def _cell(cell: types.CellType) -> tuple[Any, ...]:
    try:
        return (cell.cell_contents,)
    except ValueError:
        return ()


class Unpacker(pickle.Unpickler):
    """Reads what `Packer` wrote."""

    def __init__(
        self,
        data: memoryview | bytes,
        buffers: Iterable[Any],
        at: Callable[[Place], Any],
        code: Callable[[Digest, Place | None], Any],
    ) -> None:
        super().__init__(io.BytesIO(data), buffers=buffers)
        self._at = at
        self._code = code
        self._sets: dict[int, Any] = {}

    def persistent_load(self, pid: Any) -> Any:
        """Return the part of the inputs, or the code, that `persistent_id` named."""
        if pid[0] == "at":
            return self._at(Place(*pid[1:]))
        if pid[0] == "set":
            if pid[1] not in self._sets:
                self._sets[pid[1]] = put_in(*pid[2:])
            return self._sets[pid[1]]
        return self._code(pid[1], pid[2] and Place(*pid[2]))
