"""Values of every family, each made anew by a function: no two of them may have the same data version.

One table serves many tests: all of its values differ from each other, are the same in every process, and come back from
the Store as they were.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from value_notebook import Notebook

FAMILIES = ("builtin", "standard", "arrays", "frames", "tables", "tensors", "models", "notebook")


def family(name: str) -> dict[str, Callable[[], tuple[Any, Notebook]]]:
    """Return the specimens of a family: name to what makes one and the notebook that it lives in."""
    made = import_module(f"{__name__}.{name}").SPECIMENS
    if name == "notebook":
        return {f"{name}: {key}": make for key, make in made.items()}
    return {f"{name}: {key}": (lambda make=make: (make(), Notebook())) for key, make in made.items()}


def version_of(make: Callable[[], tuple[Any, Notebook]]) -> str:
    """Return the version of a specimen, made anew."""
    value, book = make()
    return book.version(value)
