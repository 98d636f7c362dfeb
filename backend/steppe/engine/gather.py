"""Everything that a step depends on before it runs: its ingredients, gathered from its code and from what lives.

From the names that a cell reads: a value is an input by its data version; a function or class of the notebook is one by
its source, and leads on to the names that it looks up; a module leads to the project's files and to packages.
"""

from __future__ import annotations

import ast
import builtins
import sys
import types
from collections.abc import Iterable
from typing import Any

from steppe.analysis.cell import Cell
from steppe.analysis.options import Options
from steppe.engine.absent import is_stand_in
from steppe.engine.import_variables import of_variables
from steppe.engine.modules import Closure, imported, imports_by_name, optional_imports
from steppe.engine.surroundings import Surroundings
from steppe.errors import Unversionable
from steppe.types import Digest, Ingredient
from steppe.values.code import FINDS
from steppe.values.lazy import Lazy, is_lazy, real
from steppe.values.sharing_key import sharing
from steppe.values.walk import Home, Root, Walk
from steppe.worker.ambient import Ambient
from steppe.worker.module_state import AtImport, walk_modules

SHELL_NAMES = frozenset({"get_ipython", "exit", "quit", "open"})
"""What IPython itself puts into the namespace; a value of the notebook's under such a name is an input all the same."""


class Gathered:
    """What was found.

    Attributes:
        ingredients: what the key is made of.
        walk: the walk over the inputs, which knows their mutable parts.
        versions: data version of each variable read.
        names: every variable that is reached, through functions too.
        reasons: why there can be no key, in words; empty where there can.
        unmovable: the first input that has no version, and so can't leave the kernel, in words; empty where all can.
        texts: texts within reach that may name files.
        modules: modules of which code may run.
        project: the project's own among them, and those that they import.
        by_name: whether the cell imports or finds modules by names that only its run gives.
        module_state: what these hold that their import did not leave there, by `module:place`.
    """

    def __init__(self, home: Home) -> None:
        self.ingredients: list[Ingredient] = []
        self.walk = Walk(home)
        self.versions: dict[str, Digest] = {}
        self.names: set[str] = set()
        self.reasons: list[str] = []
        self.unmovable = ""
        self.texts: set[str] = set()
        self.modules: set[str] = set()
        self.by_name = False
        self.project: list[str] = []
        self.module_state: dict[str, Any] = {}


def gather(cell: Cell, options: Options, namespace: dict[str, Any], around: Surroundings) -> Gathered:
    """Find everything that a cell depends on before it runs."""
    found = Gathered(around.home)
    found.ingredients.append(Ingredient(kind="code", name="this cell", version=cell.digest))
    found.ingredients += option_ingredients(options)
    variables(_reads(cell, options, namespace), namespace, around.ambient.builtins.added(), found)
    found.modules |= found.walk.modules | {made.module for made in cell.names.imports if not made.level}
    found.modules |= {f"{made.module}.{made.name}" for made in cell.names.imports if made.name and not made.level}
    found.by_name = imports_by_name(cell.tree)
    found.modules |= {name for name in imported(cell.tree, "", is_package=False) if name}
    _of_main(namespace, around, found)
    _modules(cell, found, options.env or around.env, around)
    found.ingredients += around.setup.ingredients()
    found.ingredients += _ambient(around.ambient, found.walk)
    found.texts |= texts_in(cell.tree)
    return found


def option_ingredients(options: Options) -> Iterable[Ingredient]:
    """Yield the options that are part of a key."""
    for name in ("inputs", "outputs", "seed", "files"):
        value = getattr(options, name)
        if value is not None and value != ():
            yield Ingredient(kind="option", name=name, version=repr(value))
    if options.resources.nodes > 1:  # its code is told how many run it, and shares its work out by that
        yield Ingredient(kind="option", name="nodes", version=repr(options.resources.nodes))


def _reads(cell: Cell, options: Options, namespace: dict[str, Any]) -> set[str]:
    """Return the names to begin with: those that the cell reads, or those that `inputs=` gives."""
    if options.inputs is not None:
        return set(options.inputs)
    if cell.names.unbounded_reads:
        return {name for name in namespace if not name.startswith("_")} | set(cell.names.reads)
    return set(cell.names.reads) | {name for name in cell.names.mentions if name in namespace}


def variables(names: set[str], namespace: dict[str, Any], put_in: dict[str, Any], found: Gathered) -> None:
    """Version each name, and each that code behind it looks up; a builtin only where somebody has put it in."""
    _load_those_that_share(names, namespace)
    todo = sorted(names)
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in SHELL_NAMES and _is_shells(namespace.get(name)):
            continue
        if name in namespace:
            found.names.add(name)
            _variable(name, namespace[name], namespace, found)
        elif name in put_in:
            _variable(name, put_in[name], namespace, found)
        elif not hasattr(builtins, name):
            found.names.add(name)
            found.ingredients.append(Ingredient(kind="input", name=name, version="not bound"))
        if found.walk.unbounded:
            todo += [other for other in namespace if not other.startswith("_")]
            found.walk.unbounded = None
        todo += sorted(found.walk.names - seen)
    for line in sharing(found.walk, found.walk.roots):
        found.ingredients.append(Ingredient(kind="sharing", name=line, version="shared"))


def _is_shells(value: Any) -> bool:
    module = getattr(value, "__module__", None) or type(value).__module__
    return value is None or str(module).startswith(("IPython", "ipykernel", "io", "_io"))


def _load_those_that_share(names: Iterable[str], namespace: dict[str, Any]) -> None:
    """Load placeholders of which several are read and stored together: how they share parts is in the key."""
    together: dict[int, list[str]] = {}
    for name in names:
        if name in namespace and is_lazy(namespace[name]):
            part = object.__getattribute__(namespace[name], "lazy_artifact").part
            if part is not None and len(part.names) > 1:
                together.setdefault(id(part), []).append(name)
    for members in together.values():
        if len(members) > 1:
            for name in members:
                namespace[name] = real(namespace[name])


def _variable(name: str, value: Any, namespace: dict[str, Any], found: Gathered) -> None:
    if is_lazy(value):
        known = _of_lazy(value)
        if known is not None:
            found.versions[name] = known.version
            found.walk.names |= set(known.names)
            found.modules |= set(known.modules)
            found.ingredients.append(Ingredient(kind="input", name=name, version=known.version, detail=known.detail))
            return
        value = namespace[name] = real(value)
    if isinstance(value, types.ModuleType):
        found.modules.add(value.__name__)
        if value is builtins:
            found.walk.unbounded = f"`{name}` has eval() and globals()"
        if not is_stand_in(value) and (sys.modules.get(value.__name__) is not value or _is_made_by_hand(value)):
            found.reasons.append(f"`{name}` is a module that no import gives")
        found.ingredients.append(Ingredient(kind="input", name=name, version=f"module {value.__name__}"))
        return
    try:
        root = found.walk.walk(name, value)
    except Unversionable as error:
        found.reasons.append(explain(error.under(name.removesuffix("="))))
        found.unmovable = found.unmovable or found.reasons[-1]
        return
    version = found.versions[name] = root.version
    body = found.walk.classes.get(value, root) if isinstance(value, type) else root  # a class's parts: its members
    found.ingredients.append(Ingredient(kind=_kind(value), name=name, version=version, detail=body.detail))
    _collect_texts(value, root, found)


def _is_made_by_hand(module: types.ModuleType) -> bool:
    return module.__spec__ is None and not hasattr(module, "__file__") and module.__name__ != "__main__"


def _of_lazy(value: Lazy) -> Any:
    """Return what is known of a value that is not loaded; None where it is, or must be, loaded to know its sharing."""
    artifact = object.__getattribute__(value, "lazy_artifact")
    return artifact if artifact.part is None or not artifact.part.anchored else None


def _kind(value: Any) -> str:
    if isinstance(value, types.FunctionType):
        return "function"
    return "class" if isinstance(value, type) else "input"


def explain(error: Unversionable) -> str:
    """Say in one sentence why a variable has no version."""
    article = "an" if error.what[:1].lower() in "aeio" else "a"
    return f"`{error.path}` is {article} {error.what}: {error.reason}"


def _collect_texts(value: Any, root: Root, found: Gathered) -> None:
    """Note texts and paths that a value is, or holds near its top; and those in a function's code."""
    found.texts |= texts_of(value, root)


def texts_of(value: Any, root: Root) -> set[str]:
    """Return texts and paths that a value is, or holds near its top; and those in a function's code."""
    found: set[str] = set()
    for node in (value, *root.nodes[:64]):
        if isinstance(node, types.FunctionType):
            found |= constants_in(node.__code__)
        found.update(_texts_of(node))
    return found


def _texts_of(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif hasattr(value, "__fspath__"):
        yield str(value)
    elif isinstance(value, list | tuple | set | frozenset) and len(value) <= 10_000:
        for item in value:
            if isinstance(item, str) or hasattr(item, "__fspath__"):
                yield str(item)
    elif isinstance(value, dict) and len(value) <= 10_000:
        for item in value.values():
            if isinstance(item, str) or hasattr(item, "__fspath__"):
                yield str(item)


def constants_in(code: types.CodeType) -> set[str]:
    """Return the texts among a code object's constants, those of inner functions included."""
    found: set[str] = set()
    for constant in code.co_consts:
        if isinstance(constant, str):
            found.add(constant)
        elif isinstance(constant, types.CodeType):
            found |= constants_in(constant)
        elif isinstance(constant, tuple | frozenset):
            found.update(item for item in constant if isinstance(item, str))
    return found


def texts_in(tree: ast.AST) -> set[str]:
    """Return the texts in a cell's code."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _of_main(namespace: dict[str, Any], around: Surroundings, found: Gathered) -> None:
    """Version what the project's modules ask of the notebook by other ways than their arguments."""
    sources = around.modules.closure(sorted(found.modules)).project.values()
    names: set[str] = set()
    if any(source.asks_main for source in sources):
        names = {name for name in namespace if name.isidentifier() and not name.startswith("_")}
    elif any(source.asks_classes for source in sources):
        names = {name for name, value in namespace.items() if isinstance(value, type) and name.isidentifier()}
        names = {name for name in names if around.home.is_notebook(namespace[name].__module__)}
    if names - found.names:
        variables(names - found.names, namespace, around.ambient.builtins.added(), found)
        found.modules |= found.walk.modules


def _modules(cell: Cell, found: Gathered, env: str, around: Surroundings) -> None:
    """Add the project's modules, what the notebook has set in them, and the packages, by the policy."""
    loaded = around.modules.loaded if FINDS in found.modules or found.by_name else {}
    closure = around.modules.closure(sorted({*found.modules, *loaded}))
    found.reasons += closure.stale
    found.ingredients += closure.ingredients()
    found.ingredients += of_variables({name for source in closure.project.values() for name in source.variables})
    for source in closure.project.values():
        found.texts |= source.texts
    found.project = sorted(closure.project)
    _module_state(found.project, around.at_import, found)
    if env == "ignore":
        return
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    found.ingredients.append(Ingredient(kind="python", name="python", version=version))
    if env == "lock":
        for name, installed in around.distributions.everything().items():
            found.ingredients.append(Ingredient(kind="package", name=name, version=installed))
        return
    if closure.missing and (there := _elsewhere(cell, closure, around)) is not None:
        found.ingredients += there
        return
    packages, upgraded = around.distributions.closure(closure.packages, around.modules.imported_at)
    found.ingredients += packages
    found.reasons += upgraded


def _elsewhere(cell: Cell, closure: Closure, around: Surroundings) -> list[Ingredient] | None:
    """Return the packages of a step that can't run here, as they were where it ran; None where it can run."""
    optional = optional_imports(cell.tree).union(*(source.optional for source in closure.project.values()))
    if around.elsewhere is None or closure.missing <= optional:
        return None
    return around.elsewhere.closure({name.partition(".")[0] for name in closure.packages} | closure.missing)


def _module_state(names: list[str], at_import: AtImport, found: Gathered) -> None:
    """Add what modules of the project hold that is not what their import left there."""
    known = set(found.walk.roots)
    for place in walk_modules(names, found.walk):
        found.reasons.append(f"{place} is an iterator of a module: how far it is has no version")
    for root_name, root in found.walk.roots.items():
        module, _, place = root_name.partition(":")
        if root_name in known or not place:
            continue
        if at_import.versions.get(module, {}).get(place) != root.version:
            found.module_state[root_name] = root.value
            found.ingredients.append(
                Ingredient(kind="global", name=f"{module}.{place}", version=root.version, detail=root.detail)
            )
    _shared_with_modules(known, found)


def _shared_with_modules(inputs: set[str], found: Gathered) -> None:
    """Add how inputs share parts with what modules hold: a function of theirs may tell one from an equal other."""
    parts = {id(node) for name in inputs for node in found.walk.roots[name].nodes}
    shared = [
        name
        for name, root in found.walk.roots.items()
        if name not in inputs and any(id(node) in parts for node in root.nodes)
    ]
    if not shared:
        return
    roots = {name: found.walk.roots[name] for name in (*inputs, *shared)}
    lines = [line for line in sharing(found.walk, roots) if any(f"{name}#" in line for name in shared)]
    found.ingredients += [Ingredient(kind="sharing", name=line, version="shared") for line in lines]
    if lines:
        found.module_state.update((name, found.walk.roots[name].value) for name in shared)


def _ambient(ambient: Ambient, walk: Walk) -> Iterable[Ingredient]:
    for name, settings in ambient.read().items():
        if ambient.adapters[name].in_key:
            root = walk.root_of(settings)
            detail = {setting: str(value)[:80] for setting, value in settings.items()}
            yield Ingredient(kind="ambient", name=name, version=root.version, detail=detail)
