"""`@steppe.step` and `@steppe.pipeline`, bare or with options."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from steppe.functions.function import StepFunction
from steppe.functions.options import Told


def decorated(kind: str, function: Any, options: Mapping[str, Any]) -> Any:
    """Return a step, or what makes one of the function that it is given.

    Raises:
        UsageError: an option is unknown or does not fit, or it is no function.
    """
    told = Told(kind, options)
    if function is None:
        return functools.partial(_made, told)
    return _made(told, function)


def _made(told: Told, function: Any) -> StepFunction[..., Any]:
    return StepFunction(function, told)
