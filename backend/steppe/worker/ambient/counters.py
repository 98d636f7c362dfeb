"""Numbers that libraries count on their own classes: how many frames of reference sympy has made, say.

Looked for are numbers of a class that the code of the class itself both reads and sets on the class. What shows of them
is in what is made later, so they are an input like any setting, as far as they are not what the library begins with.
"""

from __future__ import annotations

import ast
import dis
import inspect
import sys
import textwrap
import types
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from steppe.worker.ambient.adapter import Adapter, Settings, is_library

UNSEEN = frozenset(
    {
        ("sympy.core.symbol", "Dummy", "_count"),  # begins at random in each process, so that nothing can tell
        ("networkx.utils.decorators", "argmap", "_argmap__count"),  # how many functions it has compiled so far
        ("attr._make", "_CountingAttr", "cls_counter"),  # the order of a class's fields, counted as modules are loaded
        ("jupyter_server.gateway.gateway_client", "GatewayClient", "KERNEL_LAUNCH_TIMEOUT"),  # a setting of servers
        ("torch._subclasses.fake_tensor", "FakeTensorMode", "cache_hits"),
        ("torch._subclasses.fake_tensor", "FakeTensorMode", "cache_misses"),
    }
)
"""Counters of which no value and no output tells: they say what a process has cached."""


class Counters(Adapter):
    """The counters of the classes of libraries that are loaded."""

    name = "counters of libraries"
    loaded = True

    def read(self) -> Settings:
        """Return the counters that are not what the library begins with, by `module:class.attribute`."""
        look()
        found: Settings = {}
        for place, (cls, name) in _known.items():
            value = cls.__dict__.get(name, 0)
            if type(value) is int and value != _begin(place, value):
                found[place] = value
        return found

    def write(self, settings: Settings) -> None:
        """Set the counters."""
        for place, (cls, name) in _known.items():
            if place not in settings and place in _usual:
                setattr(cls, name, _usual[place])
        for place, value in settings.items():
            module, _, path = place.partition(":")
            owner: Any = import_module(module)
            *names, name = path.split(".")
            for each in names:
                owner = getattr(owner, each)
            setattr(owner, name, value)


class Identifiers(Adapter):
    """The numbers by which scikit-learn tells the estimators that it shows apart.

    They show nowhere but in the code of a page, so they are in no key: a model is not trained again for them. A step
    leaves them as it did.
    """

    name, in_key, noticed = "numbers of estimators shown", False, False
    module = "sklearn.utils._repr_html.estimator"
    counters = ("_CONTAINER_ID_COUNTER", "_ESTIMATOR_ID_COUNTER")

    def read(self) -> Settings:
        """Return the numbers that were given out."""
        counts = {name: getattr(counter, "count", 0) for name, counter in self._counters()}
        return {name: count for name, count in counts.items() if count}

    def write(self, settings: Settings) -> None:
        """Have the next ones follow these."""
        for name, counter in self._counters():
            if hasattr(counter, "count"):
                counter.count = settings.get(name, 0)

    def _counters(self) -> list[tuple[str, Any]]:
        module = sys.modules[self.module]
        return [(name, getattr(module, name, None)) for name in self.counters]


_looked: dict[str, int] = {}
_known: dict[str, tuple[type, str]] = {}
_usual: dict[str, int] = {}
_modules: list[Any] = []


def look() -> None:
    """Look through the modules that were loaded since; what a process knows of them, those that it forks know too."""
    for place, (cls, _) in list(_known.items()):
        if getattr(sys.modules.get(cls.__module__), cls.__name__, None) is not cls:  # loaded anew
            del _known[place]
            _looked.pop(cls.__module__, None)
            _modules.clear()
    if _modules == (now := [len(sys.modules), next(reversed(sys.modules))]):
        return
    _modules[:] = now
    for name, module in list(sys.modules.items()):
        if type(module) is not types.ModuleType or _looked.get(name) == id(module):
            continue
        if getattr(getattr(module, "__spec__", None), "_initializing", False):
            _modules.clear()
            continue
        _looked[name] = id(module)
        file = getattr(module, "__file__", None)  # none: what the notebook has made, or is
        if isinstance(file, str) and is_library(file):
            for place, cls, attribute in counters_of(module):
                _known[place] = cls, attribute
                _usual.pop(place, None)


def _begin(place: str, value: int) -> int:
    """Return what a counter begins with; looked up in its source once it is not 0."""
    if place not in _usual:
        _usual[place] = _assigned(*_known[place]) if value else 0
    return _usual[place]


def counters_of(module: types.ModuleType) -> Iterator[tuple[str, type, str]]:
    """Yield the counters of a module's classes: where each is, the class, the attribute."""
    home = vars(module).get("__name__")
    for cls in list(vars(module).values()):
        if not issubclass(type(cls), type) or cls.__module__ != home:
            continue
        numbers = {name for name, value in list(cls.__dict__.items()) if type(value) is int}
        if not numbers or "<" in cls.__qualname__:
            continue
        codes = [code for code in _codes(cls) if not numbers.isdisjoint(code.co_names)]
        for name in sorted(numbers):
            if (home, cls.__qualname__, name) not in UNSEEN and any(
                _counts(code, cls.__name__, name) for code in codes
            ):
                yield f"{home}:{cls.__qualname__}.{name}", cls, name


def _codes(cls: type) -> Iterator[types.CodeType]:
    for member in list(cls.__dict__.values()):
        code = getattr(getattr(member, "__func__", member), "__code__", None)
        if isinstance(code, types.CodeType):
            yield code


def _counts(code: types.CodeType, cls: str, name: str) -> bool:
    """Tell whether code reads an attribute and sets it on the class itself."""
    named = {*code.co_names, *code.co_varnames, *code.co_freevars, *code.co_cellvars}
    if name not in code.co_names or named.isdisjoint(
        (cls, "cls", "__class__")
    ):  # most, and a look at each step is slow
        return False
    steps = list(dis.get_instructions(code))
    reads = any(step.opname in ("LOAD_ATTR", "LOAD_METHOD") and step.argval == name for step in steps)
    sets = (_owner(steps, at) for at, step in enumerate(steps) if step.opname == "STORE_ATTR" and step.argval == name)
    return reads and any(cls in owner or "cls" in owner or "__class__" in owner for owner in sets)


def _owner(steps: list[dis.Instruction], at: int) -> tuple[Any, ...]:
    """Return the names that the object which an attribute is set on was just loaded by."""
    before = at - 1
    if steps[before].opname == "SWAP":  # `owner.name += 1`: the owner was loaded first, and copied
        while before > 0 and steps[before].opname != "COPY":
            before -= 1
        before -= 1
    value = steps[before].argval
    return value if isinstance(value, tuple) else (value,)


def _assigned(cls: type, name: str) -> int:
    """Return the number that a class's source gives an attribute; 0 where it does not say."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError, SyntaxError):
        return 0
    body = tree.body[0].body if tree.body and isinstance(tree.body[0], ast.ClassDef) else []
    for line in body:
        if isinstance(line, ast.Assign | ast.AnnAssign) and line.value is not None:
            targets = line.targets if isinstance(line, ast.Assign) else [line.target]
            names = {target.id for target in targets if isinstance(target, ast.Name)}
            if name in names and type(value := _constant(line.value)) is int:
                return value
    return 0


def _constant(value: ast.expr) -> Any:
    """Return what an expression says, where it is one of a constant: `-1` is one, and no literal."""
    try:
        return ast.literal_eval(value)
    except ValueError:
        return None
