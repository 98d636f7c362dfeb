"""The elements of a fan-out, and their keys: the key of a step with the body as its code and the element as its input.

What an element's values lead to (code, modules) decides what else its key is made of; that is found once for all
elements that lead to the same. So a key hangs on the element alone, not on where it stands or what stands beside it.
"""

from __future__ import annotations

import types
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from steppe.analysis.cell import Cell
from steppe.analysis.loops import Gathering
from steppe.analysis.options import Options
from steppe.engine import uncached
from steppe.engine.bind import note_code
from steppe.engine.gather import Gathered, explain, gather, texts_of
from steppe.engine.key import cache_key
from steppe.engine.session import Session
from steppe.errors import Unversionable
from steppe.types import Digest, Ingredient
from steppe.values.lazy import real
from steppe.values.sharing_key import sharing
from steppe.values.walk import ATOMS, Root, Walk
from steppe.worker.body import bound

CODE = (types.FunctionType, types.ModuleType, type, types.MethodType)
"""Types of values that lead on to other code: an element that has one is looked at by itself."""

FOUND = ("input", "function", "class")
"""Kinds of ingredients that name a variable."""


class Each:
    """What a cell's body is run for.

    Attributes:
        names: the loop's variables.
        elements: gives what they are bound to, one element after another; consumed once.
        gather: what comes back.
        total: how many elements there are, where that is known before.
        code: the body, compiled.
        grid: whether it is a grid, whose parameters are shown beside its metrics.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        elements: Iterator[dict[str, Any]],
        gather: tuple[Gathering, ...],
        code: types.CodeType,
        *,
        total: int | None = None,
        grid: bool = False,
    ) -> None:
        self.names = names
        self.elements = elements
        self.gather = gather
        self.code = code
        self.total = total
        self.grid = grid


class Element:
    """One element.

    Attributes:
        index: which one, from 0.
        values: what the loop's variables are bound to.
        said: what people are told of it: a short text.
        key: its key, or None.
        why: why it has none, in words.
        versions: the data versions of what its body reads of it.
        roots: these values as walked.
        texts: texts in them that may name files.
        base: what its key is made of beside itself.
        joined: whether its values share parts with what the body reads beside, so that they must travel together.
        tries: how often it was sent out.
        within: how many may travel with it at most, since one of those that did has failed them all; 0 for any.
    """

    __slots__ = (
        "base",
        "index",
        "joined",
        "key",
        "roots",
        "said",
        "texts",
        "tries",
        "values",
        "versions",
        "why",
        "within",
    )

    def __init__(self, index: int, values: dict[str, Any]) -> None:
        self.index = index
        self.values = values
        self.said = said_of(values)
        self.key: Digest | None = None
        self.why: list[str] = []
        self.versions: dict[str, Digest] = {}
        self.roots: dict[str, Root] = {}
        self.texts: set[str] = set()
        self.base: Gathered
        self.joined = False
        self.tries = 0
        self.within = 0


def said_of(values: dict[str, Any]) -> str:
    """Return a short text for what an element binds."""
    said = [_short(value) for value in values.values()]
    return said[0] if len(said) == 1 else f"({', '.join(said)})"


def _short(value: Any) -> str:
    kind = type(value)
    if kind in ATOMS or (kind in (tuple, list) and len(value) <= 8 and all(type(item) in ATOMS for item in value)):
        text = repr(value)
        return text if len(text) <= 40 else f"{text[:36]} …"
    shape = getattr(value, "shape", None)
    return f"a {kind.__name__}" + (f" {'x'.join(map(str, shape))}" if isinstance(shape, tuple) else "")


class _Base:
    """What the keys of elements are made of that lead to the same code.

    Attributes:
        found: it.
    """

    def __init__(self, found: Gathered) -> None:
        self.found = found
        self._parts = frozenset(id(node) for root in found.walk.roots.values() for node in root.nodes)
        self._memory = any(root.extents for root in found.walk.roots.values())

    def may_share(self, roots: Collection[Root]) -> bool:
        """Tell whether an element's values may share parts with each other, or with what is read beside."""
        if sum(bool(root.nodes) for root in roots) > 1:
            return True
        return any(
            (self._memory and root.extents) or any(id(node) in self._parts for node in root.nodes) for root in roots
        )


def _signature(walk: Walk) -> Any:
    """Return what values lead to, as far as it decides what else a key is made of."""
    return frozenset(walk.names), frozenset(walk.modules), frozenset(map(id, walk.classes)), walk.unbounded


class ElementKeys:
    """Gives elements their keys.

    Attributes:
        base: what every element's key is made of, as far as the elements lead to nothing else.
        read: the loop's variables that the body reads, through functions too.
    """

    def __init__(self, session: Session, cell: Cell, options: Options, each: Each, extra: Iterable[Ingredient]) -> None:
        self._session = session
        self._cell = cell
        self._options = options
        self._names = each.names
        kept = ",".join(sorted(item.name for item in each.gather))
        self._extra = (*extra, Ingredient(kind="option", name="each", version=kept))
        self._bases: dict[Any, _Base] = {}
        found = self._gathered(dict.fromkeys(each.names))
        self.read = tuple(name for name in each.names if name in found.names)
        self.base = self._stripped(found)
        self._bases[_signature(Walk(session.setting.home))] = _Base(self.base)

    def of(self, index: int, values: dict[str, Any]) -> Element:
        """Return an element with its key."""
        element = Element(index, {name: real(value) for name, value in values.items()})
        walk = Walk(self._session.setting.home)
        for name in self.read:
            value = element.values[name]
            if isinstance(value, CODE):
                return self._by_itself(element)
            try:
                root = element.roots[name] = walk.walk(name, value)
            except Unversionable as error:
                element.base = self.base
                element.why.append(explain(error.under(name)))
                return element
            if any(isinstance(node, CODE) for node in root.nodes):
                return self._by_itself(element)
            element.versions[name] = root.version
            element.texts |= texts_of(value, root)
        base = self._base_of(walk, element)
        element.base = base.found
        if base.found.reasons:
            element.why += base.found.reasons
            return element
        found = [Ingredient(kind="input", name=name, version=root.version) for name, root in element.roots.items()]
        if base.may_share(list(element.roots.values())):
            lines = self._shared(element)
            found += [Ingredient(kind="sharing", name=line, version="shared") for line in lines]
            element.joined = bool(lines)
        element.key = cache_key([*element.base.ingredients, *found])
        return element

    def _base_of(self, walk: Walk, element: Element) -> _Base:
        """Return what the keys of elements are made of that lead to what this one leads to."""
        signature = _signature(walk)
        if signature not in self._bases:
            self._bases[signature] = _Base(self._stripped(self._gathered(element.values)))
        return self._bases[signature]

    def _gathered(self, values: dict[str, Any]) -> Gathered:
        """Find everything that the body depends on, with the loop's variables bound to `values`."""
        session = self._session
        with bound(session.setting.namespace, values):
            found = gather(self._cell, self._options, session.setting.namespace, session.around)
            found.ingredients += self._extra
            found.reasons += uncached.reasons(self._cell, self._options, found, session)
        note_code(session.setting, found.walk)
        return found

    def _stripped(self, found: Gathered) -> Gathered:
        """Take the element itself out of what was found."""
        mine = set(self._names)
        found.ingredients = [
            item
            for item in found.ingredients
            if not (item.kind in FOUND and item.name in mine) and not (item.kind == "sharing" and _names(item, mine))
        ]
        for name in mine:
            found.versions.pop(name, None)
            found.names.discard(name)
            found.walk.roots.pop(name, None)
        return found

    def _by_itself(self, element: Element) -> Element:
        """Give an element that leads to code a key as any step is given one."""
        found = self._gathered(element.values)
        element.joined = True
        element.versions = {name: found.versions[name] for name in self.read if name in found.versions}
        element.roots = {name: found.walk.roots[name] for name in self.read if name in found.walk.roots}
        element.why += found.reasons
        if not found.reasons:
            element.key = cache_key(found.ingredients)
        for name in element.roots:
            element.texts |= texts_of(element.values[name], element.roots[name])
        element.base = self._stripped(found)
        return element

    def _shared(self, element: Element) -> list[str]:
        """Return the lines of how an element's values share parts with each other, and with what is read beside."""
        roots = {**element.base.walk.roots, **element.roots}
        mine = set(element.roots)
        return [line for line in sharing(element.base.walk, roots) if _mentions(line, mine)]


def _names(item: Ingredient, names: set[str]) -> bool:
    return _mentions(item.name, names)


def _mentions(line: str, names: set[str]) -> bool:
    """Tell whether a line of how values share parts names one of some variables."""
    words = line.replace(" lies ", " = ").split(" = ")
    return any(word.split(" ")[-1].partition("#")[0] in names for word in words)
