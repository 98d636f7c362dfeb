"""How types are called. A type's module may be None (sympy makes such types as it computes) or no text at all."""

from __future__ import annotations


def module_of(kind: type) -> str:
    """Return the name of the module that a type says it is from, or an empty text where it says none."""
    module: object = kind.__module__
    return module if isinstance(module, str) else ""


def full_name(kind: type) -> str:
    """Return a type's module and name, for people: `int`, `pandas.core.frame.DataFrame`."""
    module = module_of(kind)
    return kind.__qualname__ if module in ("", "builtins") else f"{module}.{kind.__qualname__}"
