"""Functions of ours in the place of libraries' own, which tell the trace that is on of each call.

A cell may keep what it imports (`from polars import read_csv`), also one that is no step. So ours are there from the
beginning of a session to its end, whether a step runs or not, and note what they see to whichever trace is on; a name
that a notebook or a module of its project had before is given ours too. Which functions, and what is noted of their
calls, is in `native.py` and `clients.py`.
"""

from __future__ import annotations

import functools
import importlib.machinery
import sys
import types
import weakref
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from steppe.worker.patches import Patches

Note = Callable[[Any, tuple[Any, ...], dict[str, Any]], None]
"""What is told to a trace of a call with some arguments."""

NAME = "<steppe>"
"""What our frames between a caller and a library are called."""


class Adapter(NamedTuple):
    """What is noted of the calls of one function, method or class.

    Attributes:
        name: its name in the module; `Class.method` of a method.
        note: notes a call.
        looks: whether it looks for variables where it is called, as DuckDB does for tables.
    """

    name: str
    note: Note
    looks: bool = False


class _Put(NamedTuple):
    owner: Any
    name: str
    had: Any
    ours: Any


_ABSENT = object()


class Adapters:
    """All that stands in for functions of this process' libraries.

    Attributes:
        arrivals: what is told of a module, by its name, once it is loaded.
    """

    def __init__(self, wanted: Callable[[], Mapping[str, tuple[Adapter, ...]]]) -> None:
        """Begin with nothing put.

        Args:
            wanted: tells which functions are wanted, by module.
        """
        self.arrivals: dict[str, Callable[[Any], None]] = {}
        self._wanted = functools.cache(wanted)
        self._held = 0
        self._put: dict[str, list[_Put]] = {}
        self._patches = Patches()

    def begin(self) -> Callable[[], None]:
        """Put ours into all modules that are loaded, and into each that will be; return what takes them out again.

        Those who begin more than once end as often.
        """
        self._held += 1
        if self._held == 1:
            self._watch()
        swapped = {}
        for name in self._wanted():
            found = sys.modules.get(name)
            if found is not None and not getattr(getattr(found, "__spec__", None), "_initializing", False):
                swapped[name] = self._adapt(name, found)
        self._adapt_others(swapped)
        for name, arrived in self.arrivals.items():
            if name in sys.modules:
                arrived(sys.modules[name])
        return self._end

    def _end(self) -> None:
        self._held -= 1
        if self._held:
            return
        self._patches.undo()
        put = [each for puts in self._put.values() for each in puts]
        self._put.clear()
        for each in reversed(put):
            if _own(each.owner, each.name) is each.ours:
                delattr(each.owner, each.name) if each.had is _ABSENT else setattr(each.owner, each.name, each.had)

    def _watch(self) -> None:
        """Adapt each module once its code has run: before anybody can take a function out of it."""
        for kind in (importlib.machinery.SourceFileLoader, importlib.machinery.ExtensionFileLoader):
            original = kind.exec_module

            def exec_module(loader: Any, module: Any, *, _original: Any = original) -> None:
                _original(loader, module)
                if self._held and module.__name__ in self._wanted():
                    self._adapt_others({module.__name__: self._adapt(module.__name__, module)})
                if self._held and module.__name__ in self.arrivals:
                    self.arrivals[module.__name__](module)

            self._patches.put(kind, "exec_module", exec_module)

    def _adapt(self, module: str, found: Any) -> dict[int, Any]:
        """Put ours into a module; where they are already, see that they still are.

        Returns:
            Functions that ours stand in for now, each with ours, by id.
        """
        puts = self._put.setdefault(module, [])
        if puts and all(_own(each.owner, each.name) is each.ours for each in puts):
            return {}
        known, top = {id(each.ours) for each in puts}, module.partition(".")[0]
        swapped: dict[int, Any] = {}
        for adapter in self._wanted()[module]:
            placed = _place(found, adapter.name)
            if placed is None or id(placed[2]) in known:
                continue
            owner, name, original = placed
            if puts and _top(original) != top:  # somebody has put theirs there
                continue
            ours = _stand_in(original, adapter)
            if self._set(puts, owner, name, ours) and isinstance(owner, types.ModuleType):
                swapped[id(original)] = original, ours
        return swapped

    def _adapt_others(self, swapped: dict[str, dict[int, Any]]) -> None:
        """Put ours where functions have other names, too."""
        for module, owner, name, ours in _others(swapped):
            self._set(self._put[module], owner, name, ours)

    @staticmethod
    def _set(puts: list[_Put], owner: Any, name: str, ours: Any) -> bool:
        had = _own(owner, name)
        try:
            setattr(owner, name, ours)
        except (AttributeError, TypeError):  # a class in C
            return False
        puts.append(_Put(owner, name, had, ours))
        return True


def _own(owner: Any, name: str) -> Any:
    return vars(owner).get(name, _ABSENT)


def _place(module: Any, dotted: str) -> tuple[Any, str, Any] | None:
    """Return a function's owner, its name there, and itself; of a class its `__init__`, so that the class stays."""
    owner, name, original = module, dotted, module
    for name in dotted.split("."):
        owner = original
        original = vars(owner).get(name) if isinstance(owner, types.ModuleType) else None
        if original is None:
            try:
                original = getattr(owner, name)
            except Exception:  # a module's own __getattr__ may raise anything
                return None
    if isinstance(original, type):
        return original, "__init__", original.__init__  # type: ignore[misc]
    return owner, name, original


def _others(swapped: dict[str, dict[int, Any]]) -> Iterator[tuple[str, Any, str, Any]]:
    """Find the other names of functions: in the library's own modules, in the notebook and in the project's modules.

    So each stays importable by the name that it says it has, and what was imported by name before is seen as well.
    All modules are gone through once, for there may be thousands.

    Args:
        swapped: by module, functions by id, each with what stands in for it.

    Yields:
        The module that a function is swapped in, who else has it, by what name, and what stands in for it.
    """
    from steppe.worker.askers import LIBRARIES

    known: dict[int, tuple[str, Any]] = {}
    sought: dict[str, set[str]] = {}
    for module, functions in swapped.items():
        known |= {which: (module, ours) for which, (_, ours) in functions.items()}
        names = {getattr(original, "__name__", "") for original, _ in functions.values()}
        for top in {module.partition(".")[0], *(_top(original) for original, _ in functions.values())} if names else ():
            sought.setdefault(top, set()).update(names)
    if not known:
        return
    for found, wanted in _where_to_look(sought, LIBRARIES):
        its = vars(found)
        for name, value in [*its.items()] if wanted is None else [(name, its[name]) for name in wanted if name in its]:
            if id(value) in known:
                module, ours = known[id(value)]
                yield module, found, name, ours


_SETTLED: dict[str, weakref.ref[types.ModuleType]] = {}
"""Modules that were loaded from folders of libraries, by their names: each step would judge thousands again."""

_OF: dict[str, set[str]] = {}
"""Their names by the first part."""


def _where_to_look(
    sought: dict[str, set[str]], libraries: tuple[str, ...]
) -> Iterator[tuple[types.ModuleType, set[str] | None]]:
    """Yield the modules that may have one of the sought functions, each with the names to look for, or None for all."""
    for title, found in list(sys.modules.items()):
        settled = _SETTLED.get(title)
        if (settled is not None and settled() is found) or not isinstance(found, types.ModuleType):
            continue
        top, file = title.partition(".")[0], vars(found).get("__file__")
        if type(file) is str and file.startswith(libraries) and title != "__main__":
            _SETTLED[title] = weakref.ref(found)
            _OF.setdefault(top, set()).add(title)
        elif top in sought:
            yield found, sought[top]
        elif title == "__main__" or not str(file or libraries[0]).startswith(libraries):
            yield found, None
    for top, names in sought.items():
        for title in [*_OF.get(top, ())]:
            if (module := _SETTLED[title]()) is not None and sys.modules.get(title) is module:
                yield module, names


def _top(original: Any) -> str:
    return str(getattr(original, "__module__", "")).partition(".")[0]


def _stand_in(original: Any, adapter: Adapter) -> Any:
    """Return a function that notes each call, and then makes it as if the caller had."""
    from steppe.worker.trace import note_call

    @functools.wraps(original)
    def ours(*args: Any, **options: Any) -> Any:
        note_call(adapter.note, args, options, adapter.name)
        return _call_from(sys._getframe(1), functools.partial(original, *args, **options), adapter.looks)  # noqa: SLF001

    return ours


_CALL = compile("__steppe_call__()", NAME, "eval").replace(co_name=NAME)


def _call_from(caller: Any, call: Callable[[], Any], looks: bool) -> Any:
    """Call a function from a frame that looks like its caller's: warnings name it, variables are looked up there."""
    code = _CALL.replace(co_filename=caller.f_code.co_filename, co_firstlineno=caller.f_lineno or 1)
    around = dict(caller.f_locals) if looks else {}
    around["__steppe_call__"] = call
    return eval(code, caller.f_globals, around)  # noqa: S307  # our own code
