"""Judges by a cell's syntax, and the published lists, whether it acts elsewhere than on its own names and files.

Such cells configure a library, patch a class, or only import; leaving them out would change what later cells do.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from steppe.analysis import published
from steppe.analysis.glance import Glance
from steppe.analysis.imports import Import
from steppe.analysis.tree import dotted, text_of

Where = Callable[[str], str | None]
"""Tells the dotted path of the module (or of the function or class of a module) that a name is bound to, or None."""


class Act(StrEnum):
    """In which way a cell acts elsewhere, weakest first."""

    AMBIENT = "ambient"  # an adapter follows the change: the cell can be cached with it
    IMPORTS = "imports"  # it does nothing but import
    SETUP = "setup"  # it always runs


ORDER = list(Act)


@dataclass(frozen=True, slots=True)
class Effect:
    """One way in which a cell acts elsewhere.

    Attributes:
        act: in which way.
        what: the code that does it, as written: `sns.set_theme()`.
        path: what it touches: `seaborn.set_theme`.
        adapter: the adapter of ambient state that follows it, where there is one.
        lineno: its line in the cell, from 1.
    """

    act: Act
    what: str
    path: str = ""
    adapter: str = ""
    lineno: int = 0


def acts_elsewhere(
    code: ast.AST | Glance, is_module: Where, is_class: Callable[[str], bool] = lambda _: False
) -> Effect | None:
    """Return the strongest way in which a cell (or a function that it calls) acts elsewhere; None where it does not.

    Args:
        code: the tree of a cell, or the definition of a function of the notebook, whose body is judged; or what a
            glance at either has found.
        is_module: tells the dotted path of the module, or of the function or class of a module, that a name is bound
            to: `plt` is `matplotlib.pyplot`. What the cell imports itself is known without it.
        is_class: tells whether a name is bound to a class of the notebook.
    """
    strongest: Effect | None = None
    for effect in effects_of(code, is_module, is_class):
        if strongest is None or ORDER.index(effect.act) > ORDER.index(strongest.act):
            strongest = effect
    return strongest


def effects_of(
    code: ast.AST | Glance, is_module: Where, is_class: Callable[[str], bool] = lambda _: False
) -> Iterator[Effect]:
    """Iterate over all ways in which a cell acts elsewhere. See `acts_elsewhere`."""
    seen = code if isinstance(code, Glance) else Glance(code)
    if seen.imports and isinstance(seen.tree, ast.Module) and imports_alone(seen.tree):
        yield Effect(Act.IMPORTS, "imports alone", lineno=1)
    yield from _Judge(seen, is_module, is_class).judge()


def imports_alone(tree: ast.Module) -> bool:
    """Tell whether a cell does nothing but import: in `try` and `if` too, with constants as stand-ins."""
    return any(_imports(tree.body)) and all(_imports_or_nothing(statement) for statement in tree.body)


def _imports(body: Iterable[ast.stmt]) -> Iterator[bool]:
    for statement in body:
        yield isinstance(statement, ast.Import | ast.ImportFrom)
        for field in ("body", "orelse", "finalbody"):
            yield from _imports(getattr(statement, field, ()))


def _imports_or_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Pass):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign):
        return isinstance(node.value, ast.Constant) and all(isinstance(target, ast.Name) for target in node.targets)
    if isinstance(node, ast.Try):
        inner = [*node.body, *node.orelse, *node.finalbody, *(part for made in node.handlers for part in made.body)]
        return all(map(_imports_or_nothing, inner))
    return isinstance(node, ast.If) and all(map(_imports_or_nothing, [*node.body, *node.orelse]))


def import_acts(module: str) -> bool | None:
    """Tell whether importing a module changes what others do: True or False by the lists, None where neither knows."""
    if _covered(published.LOUD_SET, module):
        return True
    return False if module.partition(".")[0] in published.QUIET else None


def loud_import(imports: Iterable[Import]) -> Import | None:
    """Return the first import that is known to change what others do."""
    for made in imports:
        whole = f"{made.module}.{made.name}" if made.name and made.name != "*" else made.module
        if not made.level and (import_acts(whole) or import_acts(made.module)):
            return made
    return None


def ambient(path: str, *, called: bool = False) -> str:
    """Return the adapter that follows what is at a dotted path, or empty.

    Args:
        path: from the module on: `os.environ`.
        called: whether it is called, and not set: `logging.getLogger` returns what may be changed, and changes nothing.
    """
    adapter = _covered(published.AMBIENT, path, itself=not called)
    return adapter if adapter and not _under(published.NOT_AMBIENT, path) else ""


def _covered(patterns: dict[str, str], path: str, *, itself: bool = True) -> str:
    """Return what a table of patterns holds for a path, the longest pattern first; `a.*` covers `a` itself or not."""
    if path in patterns:
        return patterns[path]
    head, _, last = path.rpartition(".")
    if "_" in last and (found := patterns.get(f"{head}.{last.partition('_')[0]}_*")):
        return found
    if not itself:
        path = head
    while path:
        if found := patterns.get(f"{path}.*"):
            return found
        path = path.rpartition(".")[0]
    return ""


def _under(paths: frozenset[str], path: str) -> bool:
    """Tell whether a path is one of `paths`, or lies under one."""
    while path:
        if path in paths:
            return True
        path = path.rpartition(".")[0]
    return False


def configuring(name: str) -> bool:
    """Tell whether a function's last name says that it configures something."""
    return name in _VERBS or name.startswith(_VERB_BEGINNINGS)


def known_to_act(path: str) -> bool:
    """Tell whether the lists say of a library's function that it acts, and not only that nobody knows the library."""
    return configuring(path.rpartition(".")[2]) or bool(_covered(published.ACTING_SET, path, itself=False))


_VERBS = frozenset(verb for verb in published.VERBS if not verb.endswith("*"))
_VERB_BEGINNINGS = tuple(verb[:-1] for verb in published.VERBS if verb.endswith("*"))


class _Judge:
    """Judges what a glance has found."""

    def __init__(self, seen: Glance, is_module: Where, is_class: Callable[[str], bool]) -> None:
        self.seen = seen
        self.is_module = is_module
        self.is_class = is_class

    def _root(self, name: str) -> str | None:
        """Return the dotted path that a name stands for."""
        if name in self.seen.imported:
            return self.seen.imported[name]
        return None if name in self.seen.made else self.is_module(name)

    def path(self, node: ast.AST) -> str:
        """Return the dotted path of an expression rooted at a module; calls and items on the way are left out."""
        names: list[str] = []
        while True:
            if isinstance(node, ast.Attribute):
                names.append(node.attr)
                node = node.value
            elif isinstance(node, ast.Call):
                node = node.func
            elif isinstance(node, ast.Subscript):
                node = node.value
            else:
                break
        root = self._root(node.id) if isinstance(node, ast.Name) else None
        return ".".join((root, *reversed(names))) if root else ""

    def judge(self) -> Iterator[Effect]:
        """Iterate over what is found, in no order to rely on."""
        for node in self.seen.judged:
            if isinstance(node, ast.Call):
                yield from self._call(node)
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                yield from self._bare(node.value)
            elif isinstance(node, ast.Assign):
                if isinstance(node.value, ast.Call) and all(_thrown_away(target) for target in node.targets):
                    yield from self._bare(node.value)
            elif isinstance(node, ast.Attribute | ast.Subscript):
                if isinstance(node.ctx, ast.Store | ast.Del):
                    yield from self._stored(node, node.value)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                yield from self._import(node)

    def _call(self, node: ast.Call) -> Iterator[Effect]:
        """Judge a call wherever it stands, by the lists that name it."""
        if isinstance(node.func, ast.Name) and node.func.id in ("setattr", "delattr") and node.args:
            yield from self._stored(node, node.args[0], name=text_of(node.args[1]) if len(node.args) > 1 else None)
            return
        path = self.path(node.func)
        hooks = path.rpartition(".")[2].startswith("register_") and path.endswith("_hook")
        if hooks or self._enters(node):
            yield Effect(Act.SETUP, _written(node), path or "__enter__", lineno=node.lineno)
            return
        if not path:
            return
        adapter = ambient(path, called=True)
        if adapter:
            yield Effect(Act.AMBIENT, _written(node), path, adapter, node.lineno)
        elif _covered(published.ACTING_SET, path, itself=False) and not _under(published.NOT_AMBIENT, path):
            yield Effect(Act.SETUP, _written(node), path, lineno=node.lineno)

    def _enters(self, node: ast.Call) -> bool:
        """Tell whether a context is entered and left open, to hold from then on: `autocast("cpu").__enter__()`."""
        if not isinstance(node.func, ast.Attribute) or node.func.attr != "__enter__":
            return False
        delegates = isinstance(node.func.value, ast.Attribute)  # a class's own `__enter__`: `self.file.__enter__()`
        calls = (each.func for each in self.seen.judged if isinstance(each, ast.Call))
        left = any(isinstance(func, ast.Attribute) and func.attr == "__exit__" for func in calls)
        return not delegates and not left and not _of_super(node.func.value)

    def _bare(self, node: ast.Call) -> Iterator[Effect]:
        """Judge a call whose value nobody uses: it was made for what it does."""
        chain = dotted(node.func)
        path = self.path(node.func)
        if not path or ambient(path, called=True) or _covered(published.ACTING_SET, path, itself=False):
            return
        package, last = path.partition(".")[0], path.rpartition(".")[2]
        if _covered(published.HARMLESS_SET, path) or _under(published.NOT_AMBIENT, path):
            return
        if chain is None:  # a method of what a module's function returned: judged by that function
            inner = self._inner_call(node)
            if inner is not None:
                yield from self._bare(inner)
            return
        known = package in published.PURE_PACKAGES or package in published.QUIET_STDLIB
        changes = last in published.MUTATING and len(chain) > 2  # `keyword.kwlist.append("…")`
        if configuring(last) or changes or not known:
            yield Effect(Act.SETUP, _written(node), path, lineno=node.lineno)

    def _inner_call(self, node: ast.Call) -> ast.Call | None:
        """Return the call of the module's own function in `module.function().method()`, where it says that it acts."""
        part: ast.AST = node.func
        while isinstance(part, ast.Attribute | ast.Subscript | ast.Call):
            if isinstance(part, ast.Call) and dotted(part.func):
                return part if configuring(self.path(part.func).rpartition(".")[2]) else None
            part = part.func if isinstance(part, ast.Call) else part.value
        return None

    def _stored(self, node: ast.expr, owner: ast.expr, name: str | None = None) -> Iterator[Effect]:
        """Judge what is set or deleted on an attribute or item of `owner`."""
        path = self.path(owner)
        attribute = node.attr if isinstance(node, ast.Attribute) else name
        if path:
            whole = f"{path}.{attribute}" if attribute else path
            adapter = ambient(whole)
            yield Effect(Act.AMBIENT if adapter else Act.SETUP, _written(node), whole, adapter, node.lineno)
            return
        root: ast.AST = owner
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        if isinstance(root, ast.Name) and root.id not in self.seen.made and self.is_class(root.id):
            yield Effect(Act.SETUP, _written(node), root.id, lineno=node.lineno)

    def _import(self, node: ast.Import | ast.ImportFrom) -> Iterator[Effect]:
        if isinstance(node, ast.Import):
            made = [Import(module=alias.name) for alias in node.names]
        else:
            made = [Import(module=node.module or "", name=alias.name, level=node.level) for alias in node.names]
        loud = loud_import(made)
        if loud is not None:
            yield Effect(Act.SETUP, f"import of {loud.module}", loud.module, lineno=node.lineno)


def _of_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _thrown_away(target: ast.expr) -> bool:
    """Tell whether what is assigned is not meant to be used: `_ = f()`."""
    return isinstance(target, ast.Name) and not target.id.strip("_")


def _written(node: ast.expr) -> str:
    """Return code as a person would quote it, arguments left out."""
    if isinstance(node, ast.Call):
        whole = f"{ast.unparse(node.func)}(…)" if node.args or node.keywords else f"{ast.unparse(node.func)}()"
    else:
        whole = f"{ast.unparse(node)} = …"
    return whole if len(whole) <= 80 else f"{whole[:79]}…"
