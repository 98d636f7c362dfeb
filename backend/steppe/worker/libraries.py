"""What modules of libraries hold, looked at where code hands a module on: what it then sets there, no rule can see.

`math.pi = 3` is judged by how it is written. `m = math; m.pi = 3`, `patch(math)` and `exec("math.pi = 3")` are not: so
what the module holds is compared. What a library sets in itself under a private name, or makes when it is first asked
for, is its own affair.
"""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Iterable, Mapping
from typing import Any

from steppe.worker.askers import LIBRARIES

Attributes = dict[str, dict[str, Any]]
"""What modules hold, by their names."""

OWN = frozenset({"__main__", "builtins"})
"""Modules whose names are followed otherwise."""

OF_ERRORS = ("last_", "std", "displayhook", "excepthook", "ps1", "ps2")
"""Beginnings of names in `sys` that shells set."""


def handed_on(
    source: str, names: Iterable[str], namespace: Mapping[str, Any], imports: Mapping[str, str], *, anything: bool
) -> tuple[str, ...]:
    """Return the modules of libraries that code uses other than as `module.name`, by their names.

    Args:
        source: the code.
        names: the names that it reads.
        namespace: what they are bound to.
        imports: what it imports itself, as dotted paths, by the names that they get.
        anything: whether it may read any name (`exec`).
    """
    there = {name: namespace.get(name) for name in (namespace if anything else names)}
    there |= {name: sys.modules.get(path) for name, path in imports.items()}
    found = [
        value.__name__
        for name, value in there.items()
        if type(value) is types.ModuleType and (anything or _is_handed_on(name, source)) and _is_librarys(value)
    ]
    return tuple(dict.fromkeys(found))


def _is_handed_on(name: str, source: str) -> bool:
    """Tell whether a name stands in code without a dot after it."""
    if source.count(name) == source.count(f"{name}."):
        return False
    return bool(re.search(rf"(?<![\w.]){re.escape(name)}\b(?!\s*\.)", source))


def _is_librarys(module: types.ModuleType) -> bool:
    name = module.__name__
    file = getattr(module, "__file__", None)
    return name not in OWN and sys.modules.get(name) is module and (file is None or file.startswith(LIBRARIES))


def attributes(modules: Iterable[str]) -> Attributes:
    """Return what modules hold now."""
    return {name: dict(vars(sys.modules[name])) for name in modules if name in sys.modules}


def rebound(before: Attributes) -> str:
    """Return `module.name` of what is another in a module than before, or new there; nothing where all is as it was."""
    for name, held in before.items():
        now = dict(vars(sys.modules[name])) if name in sys.modules else {}
        if [*map(id, held.values())] == [*map(id, now.values())] and [*held] == [*now]:
            continue
        for attribute in sorted({*held, *now}):
            if attribute.startswith("_") or (name == "sys" and attribute.startswith(OF_ERRORS)):
                continue
            if attribute not in now or (attribute in held and now[attribute] is not held[attribute]):
                return f"{name}.{attribute}"
            if attribute not in held and not _is_own(name, now[attribute]):
                return f"{name}.{attribute}"
    return ""


def _is_own(module: str, value: Any) -> bool:
    """Tell whether something that is new in a module comes from its own package: it was made when it was asked for."""
    home = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
    return isinstance(value, types.ModuleType) or str(home).partition(".")[0] == module.partition(".")[0]
