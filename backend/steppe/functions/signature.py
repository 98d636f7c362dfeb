"""A function's parameters: its arguments by name, however they were passed, and the code that passes them on."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

FUNCTION = "{}()"
ARGUMENT = "{}="
RETURN = "return"
"""What the function, its arguments and its value are called beside the module's variables: no code reads such names."""


class Signature:
    """One function's parameters.

    Attributes:
        parameters: by name, in order.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.signature = inspect.signature(function, follow_wrapped=False)
        self.parameters = self.signature.parameters

    def bind(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a call by name, defaults included.

        Raises:
            TypeError: the function does not take them.
        """
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{name}() {error}") from None
        bound.apply_defaults()
        return bound.arguments

    def passed(self, arguments: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Return how arguments are passed to the function."""
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for name, parameter in self.parameters.items():
            value = arguments[name]
            if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                args.extend(value)
            elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
                kwargs.update(value)
            elif parameter.kind is inspect.Parameter.KEYWORD_ONLY:
                kwargs[name] = value
            else:
                args.append(value)
        return args, kwargs

    def call(self, function: str) -> str:
        """Return code that calls the function with the variables that hold its arguments."""
        parts = []
        for name, parameter in self.parameters.items():
            value = f"globals()[{ARGUMENT.format(name)!r}]"
            if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                parts.append(f"*{value}")
            elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
                parts.append(f"**{value}")
            elif parameter.kind is inspect.Parameter.KEYWORD_ONLY:
                parts.append(f"{name}={value}")
            else:
                parts.append(value)
        return f"{function}({', '.join(parts)})"
