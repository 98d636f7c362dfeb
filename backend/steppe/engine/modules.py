"""The project's own modules: which there are, what source is loaded of each, and what they import.

A module counts as a whole, with all that it imports from the project, to any depth. It is the source that is *loaded*
that counts: it is noted at the moment of import, and a file that has changed since makes its users run uncached.
"""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import os
import sys
import sysconfig
import time
import types
from collections.abc import Callable, Iterable
from typing import Any

from steppe.analysis.canonical import digest_of
from steppe.analysis.effects import Act, acts_elsewhere, import_acts
from steppe.engine.import_variables import asked_in
from steppe.types import Ingredient
from steppe.values.code import FINDING
from steppe.values.installed import is_installed
from steppe.worker import contents
from steppe.worker.patches import Patches
from steppe.worker.places import real_path, real_paths
from steppe.worker.trace import unseen

LIBRARIES = tuple(
    sorted(
        {os.path.realpath(path) + os.sep for name, path in sysconfig.get_paths().items() if name != "scripts"}
        | {os.path.realpath(path) + os.sep for path in (os.path.dirname(os.__file__),)}
    )
)

OWN = frozenset({"steppe", "steppe_magic", "steppe_server"})
"""Our packages: what they do to a step is versioned by the form of the key itself."""


class Source:
    """The source of one module.

    Attributes:
        file: its path.
        version: digest of its syntax tree; of its bytes where it is no Python source.
        status: what the file's status was when it was read.
        imports: modules that it imports, as absolute names.
        parts: digests of its top-level functions, classes and assignments, for explanations.
        texts: texts in it, which may name files.
        dynamic: whether it imports or finds modules by names that only its run gives.
        variables: variables of the environment that its import asks for.
        asks_main: whether it asks for `__main__` by name, and so for any variable of the notebook.
        asks_classes: whether it asks a class for those made of it, which the notebook may have made.
        acts: what its import does to other modules, in words; empty where it only makes its own.
        optional: top-level modules that it can do without.
    """

    __slots__ = (
        "acts",
        "asks_classes",
        "asks_main",
        "dynamic",
        "file",
        "imports",
        "optional",
        "parts",
        "status",
        "texts",
        "variables",
        "version",
    )

    def __init__(self, file: str, module: str, *, is_package: bool) -> None:
        if not os.path.exists(file):
            file = archive_of(file)
        self.file = file
        self.status = contents.status(file)
        self.dynamic = False
        self.imports: tuple[str, ...] = ()
        self.parts: dict[str, str] = {}
        self.texts: frozenset[str] = frozenset()
        self.optional: frozenset[str] = frozenset()
        self.variables: tuple[str, ...] = ()
        self.asks_main = self.asks_classes = False
        self.acts = "it is not Python"
        if not file.endswith(".py"):
            self.version = contents.file_version(file)
            return
        with open(file, "rb") as opened:
            text = opened.read()
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            self.version = contents.file_version(file)
            return
        self.version = digest_of(tree)
        self.imports = tuple(dict.fromkeys(imported(tree, module, is_package=is_package)))
        self.parts = parts_of(tree)
        self.acts = _acts_of(tree)
        self.dynamic = imports_by_name(tree)
        self.optional = optional_imports(tree)
        self.variables = asked_in(tree)
        self.asks_main = _asks_main(tree)
        self.asks_classes = "__subclasses__" in text.decode("utf-8", "replace")
        self.texts = frozenset(
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )


def _outside_libraries() -> list[tuple[str, Any, str]]:
    """Return what is loaded and not from a folder of libraries: names, modules and files."""
    loaded = [
        (name, module, str(file))
        for name, module in list(sys.modules.items())
        if (file := getattr(module, "__file__", None))
    ]
    with unseen():
        real = dict(real_paths(file for _, _, file in loaded))
    return [each for each in loaded if not real[each[2]].startswith(LIBRARIES)]


def imported(tree: ast.AST, module: str, *, is_package: bool) -> Iterable[str]:
    """Yield the absolute names of the modules that a source may import; a `from` import may name a module or not."""
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1] if package else []
                base = ".".join([*parents, *([node.module] if node.module else [])])
            if base:
                yield base
            for alias in node.names:
                yield f"{base}.{alias.name}" if base else alias.name
        elif isinstance(node, ast.Call) and node.args and _is_import_call(node.func):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value.lstrip(".")


def optional_imports(tree: ast.AST) -> frozenset[str]:
    """Return the top-level modules that code can do without: asked for, or imported in a `try` or a `with`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Try | ast.With):
            found.update(name for step in node.body for name in imported(step, "", is_package=False))
        elif isinstance(node, ast.Call) and node.args and _named_last(node.func) == "find_spec":
            first = node.args[0]
            found.update([first.value] if isinstance(first, ast.Constant) and isinstance(first.value, str) else [])
    return frozenset(name.partition(".")[0] for name in found)


def _asks_main(tree: ast.Module) -> bool:
    """Tell whether code names `__main__`, but to compare its own name with it."""
    compared = {
        id(each) for node in ast.walk(tree) if isinstance(node, ast.Compare) for each in (node.left, *node.comparators)
    }
    return any(
        (isinstance(node, ast.Constant) and node.value == "__main__" and id(node) not in compared)
        or (isinstance(node, ast.Import) and any(alias.name == "__main__" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "__main__")
        for node in ast.walk(tree)
    )


def _acts_of(tree: ast.Module) -> str:
    """Say what a module's top-level code does elsewhere, by the rules for cells; importing others is not counted."""
    effect = acts_elsewhere(tree, lambda _: None)
    return effect.what if effect is not None and effect.act is not Act.IMPORTS else ""


def _is_import_call(node: ast.expr) -> bool:
    return _named_last(node) in IMPORTING


def _named_last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


IMPORTING = frozenset({"import_module", "__import__", "find_spec"})
"""Functions that are given the name of a module."""


def imports_by_name(tree: ast.AST) -> bool:
    """Tell whether code imports or finds modules by names that only its run gives."""
    nodes = list(ast.walk(tree))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    called = {id(call.func) for call in calls}
    known = {id(call.func) for call in calls if call.args and isinstance(call.args[0], ast.Constant)}
    return any(
        (name in FINDING and not (name in IMPORTING and id(node) in known))
        or (name == "modules" and not isinstance(node, ast.Name) and id(node) not in called)  # as `model.modules()` is
        for node in nodes
        for name in _named(node)
    )


def _named(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Attribute):
        return (node.attr,)
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.ImportFrom) and node.module == "sys":
        return tuple(alias.name for alias in node.names)
    return ()


def archive_of(file: str) -> str:
    """Return the archive that a module's file lies in; the file where there is none."""
    above = file
    while os.path.dirname(above) != above:
        above = os.path.dirname(above)
        if os.path.isfile(above):
            return above
    return file


def parts_of(tree: ast.Module) -> dict[str, str]:
    """Return the digests of a source's top-level definitions by name; methods as `Class.method`."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[f"{node.name}()"] = digest_of(node)
        elif isinstance(node, ast.ClassDef):
            found[node.name] = digest_of(node)
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    found[f"{node.name}.{inner.name}()"] = digest_of(inner)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                found[ast.unparse(target)] = digest_of(node)
    return found


AUTORELOAD = "IPython.extensions.deduperreload.deduperreload"
"""What `%autoreload` changes modules with, without importing them again, from IPython 8.36 on."""


class Modules:
    """The modules of this process, by where their code comes from."""

    def __init__(self) -> None:
        self.loaded: dict[str, Source] = {}
        self.imported_at: dict[str, float] = {}
        self.after_import: list[Callable[[types.ModuleType], None]] = []
        self.patches = Patches()
        self._origins: dict[str, str] = {}
        self._found: dict[str, tuple[str, bool] | None] = {}

    def watch(self) -> None:
        """Note the source of each module of the project at the moment of its import, from now on."""
        loader = importlib.machinery.SourceFileLoader
        original = loader.exec_module
        modules = self

        def exec_module(self: Any, module: types.ModuleType) -> None:
            top = module.__name__.partition(".")[0]
            if top in OWN:
                original(self, module)
                return
            if modules.is_project_file(self.path):
                with unseen():
                    modules._note(module.__name__, self.path)  # the same class
            elif top == module.__name__:
                modules.imported_at[top] = time.time()
            original(self, module)
            if module.__name__ == AUTORELOAD:
                modules._follow_autoreload(module)  # the same class
            if module.__name__ in modules.loaded:
                for hook in modules.after_import:
                    hook(module)

        self.patches.put(loader, "exec_module", exec_module)
        if AUTORELOAD in sys.modules:
            self._follow_autoreload(sys.modules[AUTORELOAD])
        self.imported_at[""] = time.time()
        for name, module, file in _outside_libraries():
            if name.partition(".")[0] not in {*OWN, "__main__"} and self.is_project_file(file):
                with unseen():
                    self._note(name, file)
                for hook in self.after_import:
                    hook(module)

    def _follow_autoreload(self, extension: Any) -> None:
        """Note the source of each module that `%autoreload` puts into the place of the old, function by function."""
        reloader, modules = extension.DeduperReloader, self
        original = reloader.maybe_reload_module

        def maybe_reload_module(self: Any, module: types.ModuleType) -> bool:
            done = bool(original(self, module))
            if done and module.__name__ in modules.loaded:
                with unseen():
                    modules._note(module.__name__, str(module.__file__))  # the same class
                for hook in modules.after_import:
                    hook(module)
            return done

        self.patches.put(reloader, "maybe_reload_module", maybe_reload_module)

    @staticmethod
    def is_project_file(file: str) -> bool:
        """Tell whether code at a path is no library's."""
        real = real_path(file)
        return not real.startswith(LIBRARIES) and not is_installed(real)

    def _note(self, name: str, file: str) -> None:
        is_package = os.path.basename(file).startswith("__init__.")
        try:
            self.loaded[name] = Source(file, name, is_package=is_package)
        except OSError:
            self.loaded.pop(name, None)

    def origin(self, name: str) -> str:
        """Return where a module comes from: `notebook`, `stdlib`, `project`, `package`, `own` or `missing`."""
        found = self._origins.get(name)
        if found is None:
            found = self._judge(name)
            if found != "missing":
                self._origins[name] = found
        return found

    def _judge(self, name: str) -> str:
        top = name.partition(".")[0]
        if top == "__main__":
            return "notebook"
        if top in OWN:
            return "own"
        if top in sys.builtin_module_names:
            return "stdlib"
        located = self.locate(name)
        if located is None:
            return "stdlib" if top in sys.stdlib_module_names else "missing"
        file = located[0]
        if top in sys.stdlib_module_names and not self.is_project_file(file):
            return "stdlib"
        return "project" if self.is_project_file(file) else "package"

    def locate(self, name: str) -> tuple[str, bool] | None:
        """Return a module's file and whether it is a package, without importing anything; None where there is none."""
        module = sys.modules.get(name)
        file = getattr(module, "__file__", None)
        if file:
            return file, hasattr(module, "__path__")
        if module is not None and hasattr(module, "__path__"):
            return (next(iter(module.__path__), ""), True)
        return self._search(name)

    def _search(self, name: str) -> tuple[str, bool] | None:
        parent, _, last = name.rpartition(".")
        path: list[str] | None = None
        if parent:
            above = self.locate(parent)
            if above is None or not above[1]:
                return None
            path = [above[0] if os.path.isdir(above[0]) else os.path.dirname(above[0])]
        with unseen():
            spec = importlib.machinery.PathFinder.find_spec(name if not parent else f"{parent}.{last}", path)
        if spec is None:
            return None
        if spec.origin and spec.has_location:
            return spec.origin, spec.submodule_search_locations is not None
        locations = list(spec.submodule_search_locations or ())
        return (locations[0], True) if locations else None

    def closure(self, names: Iterable[str]) -> Closure:
        """Follow modules through their imports as far as the project's own go."""
        found = Closure()
        todo = list(names)
        seen: set[str] = set()
        while todo:
            name = todo.pop()
            if name in seen or not name:
                continue
            seen.add(name)
            parent = name.rpartition(".")[0]
            if parent:
                todo.append(parent)
            origin = self.origin(name)
            if origin == "package":
                found.packages.add(name)
            elif origin == "missing" and self.origin(name.partition(".")[0]) == "missing":  # else it is no module
                found.missing.add(name.partition(".")[0])
            elif origin == "project":
                source = self._source(name, found)
                if source is not None:
                    found.project[name] = source
                    todo += source.imports
                    if source.dynamic:
                        todo += self.loaded
        return found

    def _source(self, name: str, found: Closure) -> Source | None:
        located = self.locate(name)
        if located is None or os.path.isdir(located[0]):
            return None
        file, is_package = located
        if name not in sys.modules:
            return Source(file, name, is_package=is_package)
        loaded = self.loaded.get(name)
        if loaded is None:
            loaded = self.loaded[name] = Source(file, name, is_package=is_package)
        elif contents.status(file) != loaded.status:
            try:
                now = Source(file, name, is_package=is_package)
            except OSError:
                found.stale.append(f"{os.path.basename(file)} was removed since it was imported")
                return loaded
            if now.version == loaded.version:
                loaded.status = now.status
            else:
                found.stale.append(f"{os.path.basename(file)} has changed since it was imported: restart or reload it")
        return loaded


class Closure:
    """What modules lead to.

    Attributes:
        project: the project's modules by name.
        packages: modules of installed packages.
        missing: top-level modules that are not here.
        stale: modules whose file is no longer what is loaded, in words.
    """

    def __init__(self) -> None:
        self.project: dict[str, Source] = {}
        self.packages: set[str] = set()
        self.missing: set[str] = set()
        self.stale: list[str] = []

    @property
    def acts(self) -> bool:
        """Whether importing all this may change what others do; a package that no list knows is believed able to."""
        return any(source.acts for source in self.project.values()) or any(
            import_acts(name) is not False for name in self.packages
        )

    def ingredients(self) -> list[Ingredient]:
        """Return one ingredient for each of the project's modules."""
        return [
            Ingredient(kind="module", name=name, version=source.version, detail=source.parts)
            for name, source in sorted(self.project.items())
        ]
