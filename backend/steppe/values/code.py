"""Code as a value: functions, methods, classes, modules, cells.

Code of the notebook is versioned by its source and by what it carries alive: defaults, closure, attributes. Other code
is named, and its module noted, so that the key can count the project's sources and the environment's packages.
"""

from __future__ import annotations

import abc
import contextlib
import dis
import enum
import functools
import os
import re
import sys
import types
from collections.abc import Iterator
from typing import Any

from blake3 import blake3

from steppe.errors import Unversionable
from steppe.values.kinds import module_of
from steppe.values.walk import LRU, Root, Walk, encodes, refuse

UNBOUNDED = frozenset({"globals", "locals", "vars", "eval", "exec", "get_ipython"})
"""Names whose use means that any other name may be read."""

UNBOUNDED_PARTS = frozenset(
    {"_getframe", "currentframe", "f_globals", "f_locals", "__globals__", "user_ns", "user_global_ns", "run_cell"}
    | {"__subclasses__", "get_objects", "get_referrers"}
)
"""Attributes whose use means the same."""

MAIN = "__main__"
FINDERS = frozenset({"modules", "import_module", "__import__"})
"""What the notebook's own module is found by, where its name is given: all variables are attributes of it."""

FINDING = frozenset({"import_module", "__import__", "find_spec", "resolve_name", "getmodule"})
"""What modules are found by, by names that only a run gives; so by `sys.modules`."""

FINDS = "importlib"
"""The module whose use says that any module may be used."""

SOURCES = frozenset({"getsource", "getsourcelines", "getcomments", "findsource", "co_firstlineno"})
"""Functions and attributes that tell how code is written: they read the cells' texts, which are in `In`."""

QUERIES = frozenset({"query", "eval", "sql", "execute"})
"""Methods whose texts name variables of their callers: `@limit` in `df.query`, `FROM df` in `duckdb.sql`."""

_QUERIED = re.compile(r"(?:@|\b(?:from|join)\s+)\s*([^\W\d]\w*)", re.IGNORECASE)

HIDDEN_IN_CLASSES = frozenset(
    {
        "__dict__",
        "__weakref__",
        "__module__",
        "__abstractmethods__",
        "_abc_impl",
        "__firstlineno__",
        "__slotnames__",
        "__static_attributes__",
        "__annotations__",
        "__annotations_cache__",
        "__annotate__",
        "__annotate_func__",
        "__classcell__",
    }
)
"""What the interpreter keeps in a class beside what its author wrote; some of it differs between processes."""


class Lookups:
    """Names that code looks up in its module's globals when it runs, nested functions included.

    Attributes:
        names: the names.
        unbounded: a name through which any other may be read, or None.
        finds_modules: whether modules are found by their names, which only its run gives.
        imports: the modules that it imports by their names, and what it imports of them, which may be modules.
    """

    __slots__ = ("finds_modules", "imports", "names", "unbounded")

    def __init__(self, code: types.CodeType) -> None:
        names, imports = _asked(code)
        parts = set(parts_of(code))
        if parts & QUERIES:
            names |= _queried(code)
        if (names | parts) & SOURCES:
            names.add("In")
        self.names: frozenset[str] = frozenset(names)
        odd = names & UNBOUNDED | parts & UNBOUNDED_PARTS
        if MAIN in parts or (parts & FINDERS and any(MAIN in inner.co_consts for inner in _inside(code))):
            odd |= {MAIN}
        self.unbounded: str | None = min(odd) if odd else None
        self.imports = frozenset(imports)
        self.finds_modules = bool(parts & FINDING) or ("modules" in parts and any(map(_gets_modules, _inside(code))))


def _gets_modules(code: types.CodeType) -> bool:
    """Tell whether code gets `sys.modules`; `model.modules()` is a call of a method."""
    return any(
        step.argval == "modules"
        and (step.opname == "IMPORT_FROM" or (step.opname == "LOAD_ATTR" and "NULL|self" not in step.argrepr))
        for step in dis.get_instructions(code)
    )


_LOOKUPS: dict[int, tuple[types.CodeType, Lookups]] = {}


def lookups(code: types.CodeType) -> Lookups:
    """Return what `code` looks up, remembered for each code object."""
    found = _LOOKUPS.get(id(code))
    if found is None:
        found = _LOOKUPS[id(code)] = (code, Lookups(code))
    return found[1]


def _asked(code: types.CodeType) -> tuple[set[str], set[str]]:
    """Return the names that code asks its globals for, and what it imports; `dis` tells it ten times as slowly."""
    names: set[str] = set()
    imports: set[str] = set()
    for inner in _inside(code):
        if not inner.co_names:
            continue
        data, above, module = inner.co_code, 0, ""
        for op, low in zip(data[::2], data[1::2], strict=True):
            if op == dis.EXTENDED_ARG:
                above = (above | low) << 8
                continue
            if op in GLOBAL:
                names.add(inner.co_names[(above | low) >> (op == LOAD_GLOBAL)])
            elif op == IMPORT_NAME:
                module = inner.co_names[above | low]
                imports.add(module)
            elif op == IMPORT_FROM:
                imports.add(f"{module}.{inner.co_names[above | low]}")
            above = 0
    return names, imports


IMPORT_NAME, IMPORT_FROM = dis.opmap["IMPORT_NAME"], dis.opmap["IMPORT_FROM"]

LOAD_GLOBAL = dis.opmap["LOAD_GLOBAL"]
"""Keeps a flag in the lowest bit of its argument, since Python 3.11."""

GLOBAL = frozenset(
    dis.opmap[name]
    for name in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS", "DELETE_GLOBAL", "STORE_GLOBAL")
    if name in dis.opmap
)


def _inside(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield a code object and those in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _inside(constant)


def parts_of(code: types.CodeType) -> Iterator[str]:
    """Yield the names of attributes, methods and globals that code uses."""
    for inner in _inside(code):
        yield from inner.co_names


def _queried(code: types.CodeType) -> set[str]:
    """Return the variables that texts in code name for a query, but for its own."""
    found: set[str] = set()
    own: set[str] = set()
    for inner in _inside(code):
        own.update(inner.co_varnames, inner.co_cellvars, inner.co_freevars)
        for text in inner.co_consts:
            if isinstance(text, str):
                found.update(_QUERIED.findall(text))
    return found - own


def importable(value: Any, module: str | None, qualname: str) -> bool:
    """Tell whether `module.qualname` is this very object, in a module that is imported."""
    found: Any = sys.modules.get(module or "")
    if found is None or "<" in qualname:
        return False
    try:
        for name in qualname.split("."):
            found = getattr(found, name)
    except Exception:  # a module's __getattr__ may raise anything
        return False
    return found is value


@encodes(types.FunctionType, node=False)
def _function(walk: Walk, value: types.FunctionType) -> None:
    module = value.__module__ or "builtins"
    if not walk.home.is_notebook(module) and importable(value, module, value.__qualname__):
        named(walk, b"f", str(module), value.__qualname__)
        return
    number = walk.enter(value)
    if number is not None:
        _body(walk, value, module)
        walk.leave(number)


def _body(walk: Walk, value: types.FunctionType, module: str) -> None:
    walk.out += b"F"
    walk.tag(value.__qualname__)
    if walk.home.is_notebook(value.__code__.co_filename) or walk.home.is_notebook(module):
        walk.out += walk.home.code_version(value.__code__)
        found = lookups(value.__code__)
        walk.names |= found.names | _annotated_names(value.__annotations__)
        walk.modules |= found.imports
        walk.unbounded = walk.unbounded or (found.unbounded and f"{value.__qualname__} calls {found.unbounded}()")
        if found.finds_modules:
            walk.modules.add(FINDS)
    else:
        named(walk, b"p", module, f"{value.__qualname__}:{value.__code__.co_firstlineno}")
        if value.__code__.co_filename.startswith("<"):
            walk.out += walk.home.code_version(value.__code__)
    _carried(walk, value)
    if not _at_home(walk, value.__globals__):
        walk.out += b"n"
        for name in sorted(lookups(value.__code__).names & value.__globals__.keys()):
            walk.put(name)
            walk.put(value.__globals__[name])


def _annotated_names(annotations: Any) -> set[str]:
    """Return the names in annotations that are texts: what they stand for is looked up when somebody asks."""
    texts = [item for item in annotations.values() if type(item) is str]
    return {name for text in texts for name in _NAME.findall(text)}


_NAME = re.compile(r"[^\W\d]\w*")


def _at_home(walk: Walk, around: dict[str, Any]) -> bool:
    """Tell whether a function's globals are those of a module, or the notebook's, and not `exec`'s own."""
    name = str(around.get("__name__"))
    return walk.home.is_notebook(name) or vars(sys.modules.get(name, sys)) is around


def _carried(walk: Walk, value: types.FunctionType) -> None:
    """Write what a function carries alive."""
    try:
        walk.put(value.__defaults__)
        walk.put(value.__kwdefaults__ and tuple(value.__kwdefaults__.items()))
    except Unversionable as error:
        raise error.under(".__defaults__") from None
    walk.out += b"c%d:" % len(value.__closure__ or ())
    for name, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=True):
        try:
            walk.put(cell)
        except Unversionable as error:
            raise error.under(f".{name}") from None
    walk.out += b"d%d:" % len(value.__dict__)
    for name, item in value.__dict__.items():
        try:
            walk.put(name)
            walk.put(item)
        except Unversionable as error:
            raise error.under(f".{name}") from None


@encodes(types.CellType, node=True)
def _cell(walk: Walk, value: types.CellType) -> None:
    try:
        inside = value.cell_contents
    except ValueError:
        walk.out += b"_"
        return
    walk.out += b"C"
    walk.put(inside)


@encodes(types.CodeType, node=False)
def _code(walk: Walk, value: types.CodeType) -> None:
    walk.out += b"k" + walk.home.code_version(value)


@encodes(types.MethodType, node=False)
def _method(walk: Walk, value: types.MethodType) -> None:
    walk.out += b"b"
    walk.put(value.__func__)
    walk.put(value.__self__)


@encodes(types.BuiltinFunctionType, node=False)
def _builtin(walk: Walk, value: types.BuiltinFunctionType) -> None:
    owner = value.__self__
    if owner is None or isinstance(owner, types.ModuleType):
        named(walk, b"u", value.__module__ or "builtins", value.__qualname__)
        if value.__module__ == "builtins" and value.__name__ in UNBOUNDED:
            walk.unbounded = walk.unbounded or f"it reaches {value.__name__}()"
        return
    walk.out += b"v"
    walk.tag(value.__name__)
    walk.put(owner)


@encodes(
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.ClassMethodDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
    node=False,
)
def _descriptor(walk: Walk, value: Any) -> None:
    """A slot or method of a class written in C, or a `__slots__` member: known by its class and its name."""
    walk.out += b"y"
    walk.tag(value.__name__)
    walk.tag(value.__objclass__.__qualname__)


@encodes(types.MethodWrapperType, node=False)
def _bound_wrapper(walk: Walk, value: Any) -> None:
    walk.out += b"w"
    walk.tag(value.__name__)
    walk.put(value.__self__)


@encodes(staticmethod, classmethod, node=False)
def _wrapped_method(walk: Walk, value: Any) -> None:
    walk.out += b"o"
    walk.tag(type(value).__name__)
    walk.put(value.__func__)


@encodes(property, node=False)
def _property(walk: Walk, value: property) -> None:
    walk.out += b"q"
    walk.put((value.fget, value.fset, value.fdel, value.__doc__))


@encodes(functools.cached_property, node=False)
def _cached_property(walk: Walk, value: functools.cached_property[Any]) -> None:
    walk.out += b"Q"
    walk.put((value.func, value.attrname))


@encodes(functools.partial, node=True)
def _partial(walk: Walk, value: functools.partial[Any]) -> None:
    walk.out += b"h"
    walk.put(value.func)
    walk.put(value.args)
    walk.put(tuple(value.keywords.items()))
    walk.put(tuple(vars(value).items()))


@encodes(LRU, node=False)
def _lru_cache(walk: Walk, value: Any) -> None:
    """A cached function is the function that it caches: what it has kept is taken to be what it would compute."""
    module = getattr(value, "__module__", None)
    if not walk.home.is_notebook(module or "") and importable(value, module, value.__qualname__):
        named(walk, b"f", str(module), value.__qualname__)
        return
    number = walk.enter(value)
    if number is not None:
        walk.out += b"x"
        walk.put(tuple(value.cache_parameters().items()))
        walk.put(value.__wrapped__)
        walk.leave(number)


def named(walk: Walk, tag: bytes, module: str, qualname: str) -> None:
    """Write code that is known by name, and note its module."""
    walk.modules.add(module or "builtins")
    walk.out += tag
    walk.tag(module)
    walk.tag(qualname)


def put_module(walk: Walk, value: types.ModuleType) -> None:
    """Write a module: its name, since its content is the key's business."""
    if sys.modules.get(value.__name__) is not value:
        raise refuse(value, f"the module {value.__name__!r} can't be imported by that name")
    named(walk, b"i", value.__name__, "")


def put_member(walk: Walk, value: enum.Enum) -> None:
    """Write a member of an enumeration: its class, its name where it has one, and its value."""
    walk.out += b"e"
    put_class(walk, type(value))
    walk.put(value.name)
    walk.put(value.value)
    for name, item in _of_member(value).items():
        walk.put(name)
        walk.put(item)


def _of_member(member: enum.Enum) -> dict[str, Any]:
    """Return the attributes of a member of an enumeration beside its name and its value."""
    return {name: item for name, item in vars(member).items() if name not in OF_MEMBERS}


OF_MEMBERS = frozenset({"_value_", "_name_", "__objclass__", "_sort_order_", "_inverted_", "_hashable_values_"})
"""What the interpreter keeps in a member of an enumeration."""


def put_class(walk: Walk, cls: type) -> None:
    """Write a class: by name where it can be imported, else by name and, once in this walk, by what is in it."""
    module = module_of(cls)
    if not walk.home.is_notebook(module) and importable(cls, module, cls.__qualname__):
        named(walk, b"g", module, cls.__qualname__)
        return
    if not walk.home.is_notebook(module):
        walk.modules.add(module or "builtins")
    walk.out += b"G"
    walk.tag(f"{module}.{cls.__qualname__}")
    if cls not in walk.root.classes:
        walk.root.classes.append(cls)
    walk.out += b"%d;" % walk.root.classes.index(cls)
    if cls not in walk.classes:
        root = walk.classes[cls] = Root()
        with walk.into(root):
            _class_body(walk, cls)


def _class_body(walk: Walk, cls: type) -> None:
    """Write what a class of the notebook is made of. Functions in it are nodes, so their state counts."""
    walk.out += b"K"
    walk.tag(cls.__qualname__)
    walk.put(type(cls))
    walk.put(cls.__bases__)
    members = class_members(cls)
    if walk.home.is_notebook(module_of(cls)):
        walk.names |= _annotated_names(members.get("__annotations__", {}))
    walk.out += b"%d:" % len(members)
    for name, item in members.items():
        start = len(walk.out)
        try:
            walk.put(name)
            walk.put(item)
        except Unversionable as error:
            raise error.under(f"{cls.__qualname__}.{name}") from None
        walk.root.detail[name] = blake3(walk.out[start:]).hexdigest(16)


def class_members(cls: type) -> dict[str, Any]:
    """Return what the author of a class put into it: no bookkeeping of the interpreter, no generated methods.

    Generated methods (those of dataclasses, named tuples and enumerations) follow from what is returned, and
    their code has no source.
    """
    members = {name: item for name, item in vars(cls).items() if name not in HIDDEN_IN_CLASSES}
    if getattr(members.get("__subclasshook__"), "__module__", None) == "typing":  # every Protocol has that
        del members["__subclasshook__"]
    if issubclass(cls, enum.Enum):
        named_members = {name: item.value for name, item in cls.__members__.items()}
        members = {name: item for name, item in members.items() if not _of_enum(name, item, named_members)}
        members["__members__"] = tuple(named_members.items())
        members["__attributes__"] = tuple(tuple(_of_member(item).items()) for item in cls.__members__.values())
        members["_boundary_"] = str(vars(cls).get("_boundary_"))
    elif hasattr(cls, "__dataclass_fields__") or hasattr(cls, "_field_defaults"):
        members = {name: item for name, item in members.items() if not _generated(item)}
    registered = ()
    if "_abc_impl" in vars(cls):
        registered = abc._get_dump(cls)[0]  # type: ignore[attr-defined]  # noqa: SLF001  (nothing else tells)
    if registered:
        known = [item for item in (reference() for reference in registered) if item is not None]
        members["_abc_registry"] = tuple(sorted(known, key=lambda item: (module_of(item), item.__qualname__)))
    if members.get("__doc__", "") is None:
        del members["__doc__"]
    with contextlib.suppress(Exception):  # 3.14 evaluates annotations late, and they may name what is not there yet
        members["__annotations__"] = dict(cls.__annotations__) if _annotated(cls) else {}
    return dict(sorted(members.items()))


def _annotated(cls: type) -> bool:
    names = ("__annotations__", "__annotations_cache__", "__annotate__", "__annotate_func__")
    return any(name in vars(cls) for name in names)


def _of_enum(name: str, item: Any, named_members: dict[str, Any]) -> bool:
    sunder = name.startswith("_") and name.endswith("_")
    return name in named_members or (sunder and not _written(item))


def _written(item: Any) -> bool:
    """Tell whether a member of an enumeration is a function that its author wrote."""
    return isinstance(getattr(item, "__func__", item), types.FunctionType) and not _generated(item)


def _generated(item: Any) -> bool:
    """Tell whether a member is a function that a library made from text or took from its own source."""
    function = getattr(item, "__func__", item)
    if isinstance(function, property):
        function = function.fget
    if type(function).__name__ == "_tuplegetter":
        return False
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    from_text = code.co_filename.startswith("<string>") and function.__name__ in WRITTEN
    return from_text or code.co_filename.startswith(_STDLIB)


WRITTEN = frozenset(
    f"__{name}__"
    for name in "new init repr eq lt le gt ge hash setattr delattr replace getstate setstate getnewargs".split()  # noqa: SIM905
) | {"_make", "_replace", "_asdict"}
"""Methods that dataclasses and named tuples write from text; another function from text is the user's own."""


_STDLIB = os.path.dirname(os.__file__) + os.sep
