"""Type hints at a step's boundary: what comes in and what goes out is what its signature says."""

from __future__ import annotations

import contextlib
import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any

from steppe.errors import WrongType
from steppe.worker.trace import unseen

TOWER: dict[type, tuple[type, ...]] = {float: (float, int), complex: (complex, float, int)}
"""What stands for what besides, by the rule that a checker of types goes by."""

NONE = type(None)

SHORT = 1000
"""Items of a collection up to which each is looked at; of a longer one, the first."""


class Hints:
    """What one function says of its arguments and its value.

    Attributes:
        said: by parameter and `return`, as it is written.
        several: parameters that take several arguments: `*args`, `**kwargs`.
    """

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self._name = name
        hints: dict[str, Any] = {}
        with contextlib.suppress(Exception):  # a name in them may not be there, or be there for checkers only
            hints = typing.get_type_hints(function)
        kinds = {each.name: each.kind for each in inspect.signature(function, follow_wrapped=False).parameters.values()}
        self.several = {name for name, kind in kinds.items() if kind in (kind.VAR_POSITIONAL, kind.VAR_KEYWORD)}
        self.said = {name: written(hint) for name, hint in hints.items()}
        self._plain = {name: TOWER.get(hint, (hint,)) for name, hint in hints.items() if _is_plain(hint)}
        self._others = {name: hint for name, hint in hints.items() if name not in self._plain and not _is_open(hint)}

    def arguments(self, arguments: Mapping[str, Any], *, all_of_them: bool = True) -> None:
        """Check arguments by name; where time is short, only what a class says.

        Raises:
            WrongType: one is not what it is said to be.
        """
        for name in self._plain.keys() & arguments.keys():
            for value in self._values(name, arguments[name]):
                if not isinstance(value, self._plain[name]):
                    raise self._taken(name, value)
        if all_of_them:
            for name in self._others.keys() & arguments.keys():
                for value in self._values(name, arguments[name]):
                    if not fits(value, self._others[name]):
                        raise self._taken(name, value)

    def value(self, value: Any, *, all_of_it: bool = True) -> None:
        """Check what a function has returned.

        Raises:
            WrongType: it is not what it is said to be.
        """
        plain = self._plain.get("return")
        if plain is not None:
            if isinstance(value, plain):
                return
        elif "return" not in self._others or not all_of_it or fits(value, self._others["return"]):
            return
        raise WrongType(
            f"{self._name}() is said to return {_one(self.said['return'])}, and has returned {shown(value)}: correct "
            "the one or the other."
        )

    @property
    def checks(self) -> bool:
        """Whether there is anything to check."""
        return bool(self._plain or self._others)

    def _values(self, name: str, value: Any) -> typing.Iterable[Any]:
        if name not in self.several:
            return (value,)
        return value.values() if isinstance(value, dict) else value

    def _taken(self, name: str, value: Any) -> WrongType:
        said = _one(self.said[name])
        return WrongType(f"{self._name}() takes {said} as `{name}`, not {shown(value)}.")


def fits(value: Any, hint: Any) -> bool:
    """Tell whether a value is what a hint says, as far as `typeguard` can tell."""
    with unseen():
        from typeguard import CollectionCheckStrategy, ForwardRefPolicy, TypeCheckError, check_type

        every = CollectionCheckStrategy.ALL_ITEMS if _is_short(value) else CollectionCheckStrategy.FIRST_ITEM
        try:
            check_type(value, hint, forward_ref_policy=ForwardRefPolicy.IGNORE, collection_check_strategy=every)
        except TypeCheckError:
            return False
        except Exception:  # a hint that it does not understand says nothing
            return True
    return True


def _is_short(value: Any) -> bool:
    return isinstance(value, typing.Sized) and len(value) <= SHORT


def written(hint: Any) -> str:
    """Return a hint as it is written."""
    if isinstance(hint, type) and not typing.get_args(hint):
        return "None" if hint is NONE else hint.__qualname__
    return str(hint).replace("typing.", "")


def shown(value: Any) -> str:
    """Say in a few words what a value is."""
    if value is None:
        return "None"
    kind = type(value).__qualname__
    if isinstance(value, str | int | float | bool | bytes):
        text = repr(value)
        return f"the {kind} {text if len(text) <= 40 else text[:39] + '…'}"
    return _one(kind)


def _one(kind: str) -> str:
    if kind == "None":
        return kind
    return f"{'an' if kind[:1].lower() in 'aeio' else 'a'} {kind}"


def _is_plain(hint: Any) -> bool:
    """Tell whether a hint is a class that `isinstance` knows all about."""
    if not isinstance(hint, type) or typing.get_args(hint) or _is_open(hint):
        return False
    return not getattr(hint, "_is_protocol", False) and not typing.is_typeddict(hint)


def _is_open(hint: Any) -> bool:
    return hint is Any or hint is object or isinstance(hint, typing.TypeVar)
