"""What a step changed, written back into the live object, so that every other name for it sees the change.

`state_of` takes what a mutable part holds now, `overwrite` puts it into another object that was its equal before. Both
know the same types; `can_overwrite` says whether a type is among them.
"""

from __future__ import annotations

import collections
import io
import random
import sys
import types
from typing import Any

from steppe.values.changes import ClassChange
from steppe.values.memory import is_writeable
from steppe.values.reduced import is_users, left_out, padded, reduce
from steppe.values.walk import ATOMS

SEQUENCES = (list, bytearray, collections.deque)
CONTAINERS = (*SEQUENCES, dict, set)


def state_of(value: Any) -> tuple[str, Any]:
    """Return how a part is written back, and what it holds now; the parts below are themselves, not copies.

    Raises:
        TypeError: objects of its type can't be changed from outside.
    """
    kind = type(value)
    if kind is ClassChange:
        return "class", _members(value)
    if isinstance(value, CONTAINERS):
        return "items", _contents(value)
    if kind is types.CellType:
        return "cell", _cell(value)
    if kind is types.FunctionType:
        return "function", (value.__defaults__, value.__kwdefaults__, dict(value.__dict__))
    for base in kind.__mro__:
        special = SPECIAL.get(f"{base.__module__}.{base.__qualname__}")
        if special is not None:
            return special[0], special[1](value)
    return "object", _parts(value)


def overwrite(target: Any, how: str, state: Any) -> None:
    """Make `target` hold `state`, as `state_of` took it from its equal."""
    WRITERS[how](target, state)


def _cell(value: types.CellType) -> tuple[Any, ...]:
    try:
        return (value.cell_contents,)
    except ValueError:
        return ()


def _members(change: ClassChange) -> dict[str, tuple[Any, ...]]:
    """Return the changed members of a class; an empty tuple for one that was removed.

    Only atoms: a container might be reached by another name too, and code that is swapped is no matter of values.
    """
    own = vars(change.cls)
    state: dict[str, tuple[Any, ...]] = {}
    for name in sorted(change.members):
        if name in own and (type(own[name]) not in ATOMS or name.startswith("__")):
            raise TypeError(f"{change.cls.__qualname__}.{name}")
        state[name] = (own[name],) if name in own else ()
    return state


def _contents(value: Any) -> tuple[Any, dict[str, Any] | None, Any]:
    """Return what a container or a subclass of one holds: items, attributes, and a defaultdict's factory."""
    plain: Any = next(kind for kind in CONTAINERS if isinstance(value, kind))
    items = list(value) if plain is collections.deque else plain(_pairs(value) if plain is dict else value)
    attributes = getattr(value, "__dict__", None)
    return items, attributes and dict(attributes), getattr(value, "default_factory", None)


def _pairs(value: dict[Any, Any]) -> Any:
    """Return the items of a dict; one that is ordered has an order of its own, which `dict` does not know."""
    kind: Any = collections.OrderedDict if isinstance(value, collections.OrderedDict) else dict
    return kind.items(value)


def _parts(value: Any) -> tuple[Any, ...]:
    """Return state, items and pairs as pickle is told them."""
    if isinstance(value, type | types.ModuleType):
        raise TypeError(type(value).__qualname__)
    parts = reduce(value)
    if isinstance(parts, str):
        raise TypeError(type(value).__qualname__)
    _, _, state, items, pairs, _ = padded(parts)
    restores = getattr(type(value), "__setstate__", None)  # what a user's does is known for new instances only
    if (state is None and items is None and pairs is None) or left_out(value, state) or is_users(restores):
        raise TypeError(type(value).__qualname__)
    return state, None if items is None else list(items), None if pairs is None else list(pairs)


def _write_class(target: type, state: dict[str, tuple[Any, ...]]) -> None:
    for name, member in state.items():
        if member:
            type.__setattr__(target, name, member[0])
        elif name in vars(target):
            type.__delattr__(target, name)


def _write_items(target: Any, state: Any) -> None:
    items, attributes, factory = state
    if isinstance(target, collections.deque):
        target.clear()
        target.extend(items)
    elif isinstance(target, list):
        list.__setitem__(target, slice(None), items)
    elif isinstance(target, bytearray):
        target[:] = items
    elif isinstance(target, dict):
        _write_pairs(target, items)
    else:
        set.clear(target)
        set.update(target, items)
    if attributes is not None:
        vars(target).clear()
        vars(target).update(attributes)
    if factory is not None:
        target.default_factory = factory


def _write_pairs(target: Any, items: dict[Any, Any]) -> None:
    kind: Any = collections.OrderedDict if isinstance(target, collections.OrderedDict) else dict
    kind.clear(target)
    for key, item in items.items():
        kind.__setitem__(target, key, item)


def _write_cell(target: types.CellType, state: tuple[Any, ...]) -> None:
    if state:
        target.cell_contents = state[0]
    else:
        del target.cell_contents


def _write_function(target: types.FunctionType, state: tuple[Any, ...]) -> None:
    target.__defaults__, target.__kwdefaults__, attributes = state
    target.__dict__.clear()
    target.__dict__.update(attributes)


def _write_object(target: Any, parts: tuple[Any, ...]) -> None:
    state, items, pairs = parts
    if state is not None:
        _write_state(target, state)
    if items is not None:
        target.clear()
        target.extend(items)
    if pairs is not None:
        target.clear()
        for key, item in pairs:
            target[key] = item


def _write_state(target: Any, state: Any) -> None:
    own = getattr(target, "__dict__", None)
    restore = getattr(target, "__setstate__", None)
    if restore is not None:
        if own is not None:
            own.clear()
        restore(state)
        return
    slots: dict[str, Any] = {}
    if isinstance(state, tuple) and len(state) == 2:
        state, slots = state[0] or {}, state[1] or {}
    if own is not None:
        own.clear()
        own.update((sys.intern(name) if type(name) is str else name, item) for name, item in (state or {}).items())
    for name, item in slots.items():
        setattr(target, name, item)


# Types whose state is not in what they tell pickle, or could not be put back with it


def _array_state(value: Any) -> Any:
    state = value.copy(order="K")
    state.flags.writeable = is_writeable(value)
    return state


def _write_array(target: Any, state: Any) -> None:
    if target.dtype != state.dtype:
        target.dtype = state.dtype
    if target.shape != state.shape:
        if target.size == state.size:
            target.shape = state.shape
        else:
            target.resize(state.shape, refcheck=False)
    writeable = is_writeable(target)
    if not writeable:
        target.flags.writeable = True
    target[...] = state
    target.flags.writeable = state.flags.writeable
    extra = getattr(target, "__dict__", None)
    if extra is not None:
        extra.update(getattr(state, "__dict__", {}))


def _frame_state(value: Any) -> Any:
    return value.copy(deep=False)


def _write_frame(target: Any, state: Any) -> None:
    target._mgr = state._mgr  # noqa: SLF001  # what pandas' own in-place methods do
    target._attrs = dict(state.attrs)  # noqa: SLF001  # likewise
    target._flags = type(target.flags)(target, allows_duplicate_labels=state.flags.allows_duplicate_labels)  # noqa: SLF001
    for name in ("_name", "_item_cache"):
        if name in vars(state):
            vars(target)[name] = vars(state)[name]


def _write_index(target: Any, state: Any) -> None:
    target.names = state


def _tensor_state(value: Any) -> Any:
    return value.detach().clone(), value.grad, value.requires_grad


def _write_tensor(target: Any, state: Any) -> None:
    import torch

    data, grad, requires_grad = state
    with torch.no_grad():
        if target.shape == data.shape and target.dtype == data.dtype:
            target.copy_(data)
        else:
            target.data = data.to(target.device)
    target.grad = grad
    target.requires_grad_(requires_grad)


def _write_stream(target: Any, state: Any) -> None:
    target.__setstate__(state)


def _transform_state(value: Any) -> Any:
    from steppe.values import matplotlib_state

    if not matplotlib_state.is_plain_transform(type(value)):
        raise TypeError(type(value).__qualname__)
    return matplotlib_state.transform_state(value)


def _artist_state(value: Any) -> Any:
    from steppe.values import matplotlib_state

    return matplotlib_state.artist_state(value)


def _callbacks_state(value: Any) -> Any:
    from steppe.values import matplotlib_state

    return matplotlib_state.registry_state(value)


def _write_drawn(how: str) -> Any:
    def write(target: Any, state: Any) -> None:
        from steppe.values import rebuild_matplotlib

        getattr(rebuild_matplotlib, f"write_{how}")(target, state)

    return write


SPECIAL: dict[str, tuple[str, Any]] = {
    "numpy.ndarray": ("array", _array_state),
    "pandas.DataFrame": ("frame", _frame_state),
    "pandas.Series": ("frame", _frame_state),
    "pandas.core.frame.DataFrame": ("frame", _frame_state),
    "pandas.core.series.Series": ("frame", _frame_state),
    "pandas.Index": ("index", lambda value: list(value.names)),
    "pandas.core.indexes.base.Index": ("index", lambda value: list(value.names)),
    "torch.Tensor": ("tensor", _tensor_state),
    "_io.BytesIO": ("stream", io.BytesIO.__getstate__),
    "_io.StringIO": ("stream", io.StringIO.__getstate__),
    "random.Random": ("generator", random.Random.getstate),
    "numpy.random._generator.Generator": ("bits", lambda value: value.bit_generator.state),
    "numpy.random.bit_generator.BitGenerator": ("state", lambda value: value.state),
    "numpy.random.mtrand.RandomState": ("legacy", lambda value: value.get_state(legacy=False)),
    "matplotlib.transforms.TransformNode": ("transform", _transform_state),
    "matplotlib.artist.Artist": ("artist", _artist_state),
    "matplotlib.cbook.CallbackRegistry": ("callbacks", _callbacks_state),
    "torch._C.Generator": ("torch generator", lambda value: value.get_state()),
}

WRITERS: dict[str, Any] = {
    "items": _write_items,
    "cell": _write_cell,
    "class": _write_class,
    "function": _write_function,
    "object": _write_object,
    "array": _write_array,
    "frame": _write_frame,
    "index": _write_index,
    "tensor": _write_tensor,
    "stream": _write_stream,
    "generator": random.Random.setstate,
    "bits": lambda target, state: setattr(target.bit_generator, "state", state),
    "state": lambda target, state: setattr(target, "state", state),
    "legacy": lambda target, state: target.set_state(state),
    "torch generator": lambda target, state: target.set_state(state),
    **{how: _write_drawn(how) for how in ("transform", "artist", "callbacks")},
}
