"""One cell, analysed: what it reads and binds, what it may change, whether it acts elsewhere, and its digest."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from steppe.analysis import transform
from steppe.analysis.canonical import digest_of
from steppe.analysis.clock import reads_clock
from steppe.analysis.conduct import Conduct
from steppe.analysis.effects import ORDER, Act, Effect, Where, acts_elsewhere
from steppe.analysis.functions import Index
from steppe.analysis.glance import Glance
from steppe.analysis.magics import Magic
from steppe.analysis.mutations import Mutations, mutations_of
from steppe.analysis.names import Names, names_of
from steppe.analysis.remembered import remembered
from steppe.analysis.streamed import streamed_names
from steppe.analysis.tree import parse
from steppe.analysis.unfold import unfolded
from steppe.types import Digest

_Result = TypeVar("_Result")

REMEMBERED = 256
"""How many cells are remembered; a tree takes some hundred kilobytes."""

DEEP = 100_000
"""Levels of recursion for the few cells that need more than the interpreter's own limit."""


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell.

    Attributes:
        raw: as the user wrote it.
        source: the Python that it becomes, with the line numbers that its code objects have.
        tree: its syntax tree. Not to be changed: it is shared.
    """

    raw: str
    source: str
    tree: ast.Module

    @functools.cached_property
    def names(self) -> Names:
        """What it reads and binds."""
        return deeply(lambda: names_of(self.tree))

    @functools.cached_property
    def magics(self) -> tuple[Magic, ...]:
        """The magics in it, nested ones included."""
        return self.names.magics if "get_ipython" in self._surface.names else ()

    @functools.cached_property
    def _surface(self) -> Glance:
        return Glance(self.tree)

    @functools.cached_property
    def glance(self) -> Glance:
        """What one pass over it finds, the code inside magics included."""
        return Glance(self.unfolded) if self.magics else self._surface

    @functools.cached_property
    def unfolded(self) -> ast.Module:
        """Its tree with the code inside magics in the place of the text that holds it."""
        return deeply(lambda: unfolded(self.tree)) if self.magics else self.tree

    @functools.cached_property
    def silent(self) -> bool:
        """Whether it ends in `;`, so that the value of its last expression is not shown."""
        return bool(self.tree.body) and isinstance(self.tree.body[-1], ast.Expr) and transform.ends_silent(self.source)

    @functools.cached_property
    def digest(self) -> Digest:
        """Its code's digest: equal for cells that differ in formatting and comments alone, in nested magics too."""
        return deeply(lambda: digest_of(self.unfolded, b";" if self.silent else b""))

    @functools.cached_property
    def mutations(self) -> Mutations:
        """What it may change in place."""
        return deeply(lambda: mutations_of(self.unfolded))

    @functools.cached_property
    def streamed(self) -> frozenset[str]:
        """Names that it gives to `steppe.stream` and uses for nothing else: placeholders need not be loaded for it."""
        return streamed_names(self.tree) if "steppe" in self.glance.names and not self.magics else frozenset()

    @functools.cached_property
    def index(self) -> Index:
        """All functions, lambdas, classes and comprehensions in it, by where they stand."""
        return deeply(lambda: Index(self.unfolded))

    def effect(self, is_module: Where, is_class: Callable[[str], bool] = lambda _: False) -> Effect | None:
        """Return the strongest way in which it acts elsewhere, or None. See `effects.acts_elsewhere`."""
        found = deeply(lambda: remembered(acts_elsewhere, self.glance, is_module, is_class))
        setup = next((magic for magic in self.magics if magic.conduct is Conduct.SETUP), None)
        if setup is not None and (found is None or ORDER.index(found.act) < ORDER.index(Act.SETUP)):
            return Effect(Act.SETUP, f"{setup.title} {setup.line}".strip(), f"%{setup.name}", lineno=setup.lineno)
        return found

    def process(self) -> Magic | None:
        """Return the first magic in it that starts a process, or None."""
        return next((magic for magic in self.magics if magic.conduct is Conduct.PROCESS), None)

    def clock(self, where: Where = lambda _: None) -> str:
        """Return the first thing in it that is new each time, such as `time.time`; empty where there is none."""
        return deeply(lambda: remembered(reads_clock, self.unfolded, where))


def analyse(raw: str, body: str | None = None, *, python: str | None = None, tree: ast.Module | None = None) -> Cell:
    """Analyse a cell. The same text is analysed once, and each part of it when it is first asked for.

    Args:
        raw: the cell as the user wrote it.
        body: what is left of it without its `%%step` line (see `transform.split_step`); all of it where not given.
        python: the Python that the kernel's own transforms made of it, where they may be more than IPython's.
        tree: what `python` was parsed to, where that has been done; nobody may change it any more.

    Raises:
        SyntaxError: it is not valid; running it shows that best.
    """
    key = raw, body, python
    found = _RECENT.pop(key, None) or _analysed(raw, body, python, tree)
    while len(_RECENT) >= REMEMBERED:
        _RECENT.pop(next(iter(_RECENT)), None)
    _RECENT[key] = found
    return found


def remember(cells: int) -> None:
    """Have so many cells remembered: a process that looks at the same notebooks again and again has use for more."""
    global REMEMBERED  # noqa: PLW0603
    REMEMBERED = cells


_RECENT: dict[tuple[str, str | None, str | None], Cell] = {}
"""The cells that were asked for last, the latest last."""


def _analysed(raw: str, body: str | None, python: str | None, tree: ast.Module | None) -> Cell:
    if python is not None:
        return Cell(raw, python, parse(python) if tree is None else tree)
    if body is None or body == raw:
        source, parsed = transform.parsed(raw)
    else:
        source, parsed = transform.to_body(body), None
    return Cell(raw, source, parse(source) if parsed is None else parsed)


def deeply(work: Callable[[], _Result]) -> _Result:
    """Do some work on a tree; where it is nested deeper than the interpreter's limit allows, with a higher limit.

    Python's own calls take none of the machine's stack, so the limit can be raised for a moment.
    """
    try:
        return work()
    except RecursionError:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, DEEP))
        try:
            return work()
        finally:
            sys.setrecursionlimit(limit)
