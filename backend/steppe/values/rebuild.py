"""Functions that pickles of ours call to make values again. Their names are in stored bytes: they stay.

Arrays come back with their memory: order, sharing, writability; code of the notebook comes back from its source.
"""

from __future__ import annotations
import __future__

import ast
import functools
import importlib
import marshal
import operator
import sys
import types
from collections.abc import Callable
from typing import Any

from steppe.types import Struct

SMALL = 1 << 20
"""Arrays up to this many bytes are copied into memory of their own; larger ones show the mapped file, copy-on-write."""


class Location(Struct, frozen=True, kw_only=True):
    """Where a function's code is in the source of a cell.

    Attributes:
        source: the cell, as Python.
        filename: how tracebacks called it when it was kept.
        name: the code's name.
        qualname: its qualified name.
        line: its first line.
        column: the column at which its first instruction's source begins.
        flags: the compiler flags of the cell (`from __future__`, top-level await).
    """

    source: str
    filename: str
    name: str
    qualname: str
    line: int
    column: int
    flags: int = 0


FUTURES = functools.reduce(
    operator.or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)
"""The compiler flags that `from __future__ import …` sets for what follows."""

SOURCES: list[Callable[[str, str], str]] = []
"""How the shell registers a cell's source, so that tracebacks and debuggers show it: (source, filename) to filename."""


def first_column(code: types.CodeType) -> int:
    """Return the column of the first instruction that has one: it tells lambdas on one line apart."""
    for _, _, column, _ in code.co_positions():
        if column:
            return column
    return 0


@functools.lru_cache(maxsize=512)
def _codes(
    source: str, filename: str, flags: int, registers: tuple[Callable[[str, str], str], ...]
) -> tuple[types.CodeType, ...]:
    for register in registers:
        filename = register(source, filename)
    flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree = compile(source, filename, "exec", flags=flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    found: list[types.CodeType] = []
    todo: list[types.CodeType] = []
    for node in tree.body:  # one by one, as IPython does: what one compiles to may depend on the imports beside it
        todo.append(compile(ast.Module([node], []), filename, "exec", flags=flags, dont_inherit=True))
        flags |= todo[-1].co_flags & FUTURES
    while todo:
        code = todo.pop()
        inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
        found += inner
        todo += inner
    return tuple(found)


def code(at: tuple[Any, ...]) -> types.CodeType:
    """Compile the source that a `Location`'s fields name, and return the code object at it."""
    where = Location(**dict(zip(Location.__struct_fields__, at, strict=True)))
    same = [
        code
        for code in _codes(where.source, where.filename, where.flags, tuple(SOURCES))
        if (code.co_name, code.co_firstlineno) == (where.name, where.line)
    ]
    exact = [code for code in same if code.co_qualname == where.qualname] or same
    placed = [code for code in exact if first_column(code) == where.column]
    return (placed or exact)[0]


def function(at: tuple[Any, ...] | bytes, cells: tuple[types.CellType, ...], module: str) -> types.FunctionType:
    """Make a function without what it carries; `carry` adds that, so that it may refer to itself.

    The cells of its closure are empty, or those of functions that share them. One that a library's function has made
    is known by its compiled code.
    """
    if isinstance(at, bytes):
        return types.FunctionType(marshal.loads(at), vars(importlib.import_module(module)), closure=cells or None)  # noqa: S302  # as any pickle does
    home = sys.modules.get(module) or sys.modules["__main__"]
    return types.FunctionType(code(at), home.__dict__, closure=cells or None)


def cell() -> types.CellType:
    """Make an empty cell of a closure."""
    return types.CellType()


def fill(made: types.CellType, kept: tuple[Any, ...]) -> None:
    """Give a cell what it held."""
    if kept:
        made.cell_contents = kept[0]


def carry(made: types.FunctionType, state: dict[str, Any]) -> None:
    """Give a function what it carried: defaults, closure, attributes, names."""
    for one, kept in zip(made.__closure__ or (), state.pop("cells"), strict=True):
        fill(one, kept)
    made.__dict__.update(state.pop("attributes"))
    for name, value in state.items():
        setattr(made, name, value)


def made(fresh: type, kept: tuple[Any, Callable[[type, Any], Any], tuple[str, ...]]) -> None:
    """Give a class what it held, and take from it what it did not: it was made empty, which hooks of its bases may see.

    scikit-learn's `__init_subclass__`, for one, looks at the methods, and adds others to suit.
    """
    state, give, names = kept
    for name in set(vars(fresh)).difference(names, OWN_OF_CLASSES):
        type.__delattr__(fresh, name)
    give(fresh, state)


def in_order(figure: Any, properties: dict[str, Any]) -> None:
    """Put a figure's properties into the order that they had: Plotly sorts a template's when it reads them."""
    for part in ("layout", "data"):
        _sort_like(getattr(figure, f"_{part}"), properties.get(part))


def _sort_like(found: Any, example: Any) -> None:
    if isinstance(found, dict) and isinstance(example, dict):
        in_turn = {name: found[name] for name in example if name in found} | found
        found.clear()
        found.update(in_turn)
        for name, item in found.items():
            _sort_like(item, example.get(name))
    elif isinstance(found, list | tuple) and isinstance(example, list | tuple):
        for one, other in zip(found, example, strict=False):
            _sort_like(one, other)


OWN_OF_CLASSES = frozenset({"__dict__", "__weakref__", "__doc__", "__module__", "__static_attributes__"})
"""What the interpreter itself gives to a class."""


def cached(wrapped: Any, parameters: dict[str, Any], attributes: dict[str, Any]) -> Any:
    """Make a `functools.lru_cache` wrapper again, empty."""
    made = functools.lru_cache(**parameters)(wrapped)
    made.__dict__.update(attributes)
    return made


def member(owner: type, name: str) -> Any:
    """Return the member of an enumeration by its name."""
    return owner[name]  # type: ignore[index]


def array(data: Any, dtype: Any, shape: tuple[int, ...], axes: tuple[int, ...], writeable: bool) -> Any:
    """Make an array whose axes lie in memory in the order `axes`, from widest to narrowest."""
    import numpy as np

    flat = np.frombuffer(data, np.uint8)
    if flat.nbytes <= SMALL or not flat.flags.writeable:
        flat = flat.copy()
    made = flat.view(dtype).reshape([shape[axis] for axis in axes]) if flat.size else np.empty(shape, dtype)
    if flat.size:
        made = made.transpose(_inverse(axes))
    if not writeable:
        made.flags.writeable = False
    return made


def _inverse(axes: tuple[int, ...]) -> list[int]:
    inverse = [0] * len(axes)
    for i, axis in enumerate(axes):
        inverse[axis] = i
    return inverse


def stretch(data: Any) -> Any:
    """Make the memory that several arrays show."""
    import numpy as np

    flat = np.frombuffer(data, np.uint8)
    return flat.copy() if flat.nbytes <= SMALL or not flat.flags.writeable else flat


def view(
    memory: Any, offset: int, dtype: Any, shape: tuple[int, ...], strides: tuple[int, ...], writeable: bool
) -> Any:
    """Make an array that shows a part of `memory`: an array or a bytearray, `offset` bytes after its first element."""
    made = _show(memory, offset, dtype, shape, strides)
    if not writeable:
        made.flags.writeable = False
    return made


def spread(elements: Any, size: int, offset: int, strides: tuple[int, ...], writeable: bool) -> Any:
    """Make an array of `elements` that lie in `size` bytes of memory as `strides` say; the first one at `offset`."""
    import numpy as np

    kind = elements.dtype
    whole = kind.hasobject or kind.kind == "T"  # their memory must hold objects everywhere
    memory = np.empty(size // kind.itemsize, kind) if whole else np.zeros(size, np.uint8)
    made = np.ndarray(elements.shape, kind, memory, offset, strides)
    made[...] = elements
    if not writeable:
        made.flags.writeable = False
    return made


def attributes(made: Any, kept: dict[str, Any]) -> None:
    """Give an object exactly these attributes."""
    vars(made).clear()
    vars(made).update(kept)


class Window:
    """Memory at an address, kept alive by the array that owns it."""

    def __init__(self, owner: Any, interface: dict[str, Any]) -> None:
        self.owner = owner
        self.__array_interface__ = interface


def _show(owner: Any, offset: int, dtype: Any, shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    import numpy as np

    if isinstance(owner, bytearray):
        owner = np.frombuffer(owner, np.uint8)
    address, readonly = owner.__array_interface__["data"]
    low, high = _span(np.dtype(dtype).itemsize, shape, strides)
    window = {"data": (address + offset + low, readonly), "shape": (high - low,), "typestr": "|u1", "version": 3}
    flat = np.asarray(Window(owner, window))
    return np.ndarray(shape, dtype, flat, -low, strides)


def _span(width: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, int]:
    low = sum((length - 1) * stride for length, stride in zip(shape, strides, strict=True) if stride < 0)
    high = sum((length - 1) * stride for length, stride in zip(shape, strides, strict=True) if stride > 0)
    return low, high + width


def subclass(kind: type, plain: Any, attributes: dict[str, Any]) -> Any:
    """Make an array of a subclass of `numpy.ndarray`."""
    made = plain.view(kind)
    made.__dict__.update(attributes)
    return made


def tensor(memory: Any, dtype: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], device: str) -> Any:
    """Make a tensor that shows a part of `memory`, a flat array of bytes (copied where the device is not the CPU)."""
    import torch

    flat = memory if isinstance(memory, torch.Tensor) else torch.from_numpy(memory)
    kind = getattr(torch, dtype)
    storage = flat.untyped_storage()
    width = torch.empty(0, dtype=kind).element_size()
    start = (flat.data_ptr() - storage.data_ptr() + offset) // width if flat.numel() else 0  # no memory, no address
    made = torch.empty(0, dtype=kind).set_(storage, start, shape, strides)
    return made if device == "cpu" else made.to(device)


def finish_tensor(made: Any, state: dict[str, Any]) -> None:
    """Give a tensor its gradient, its flags and its attributes."""
    made.requires_grad_(state["requires_grad"])
    if state["grad"] is not None:
        made.grad = state["grad"]
    made.__dict__.update(state["attributes"])


def parameter(kind: type, data: Any, requires_grad: bool) -> Any:
    """Make a `torch.nn.Parameter` (or Buffer) around its data."""
    return kind(data, requires_grad) if kind.__name__ != "Buffer" else kind(data)
