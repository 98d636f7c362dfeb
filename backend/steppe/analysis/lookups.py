"""Loading, binding and unbinding a name, in whatever scope it is written: the ground that the visitors stand on."""

from __future__ import annotations

from steppe.analysis.flow import Key, Loop, State
from steppe.analysis.namespace import ANYTHING, SOURCES
from steppe.analysis.scopes import Kind, Scope
from steppe.analysis.texts import Texts


class Lookups:
    """Where the reading of a cell stands, and what it has found so far.

    Attributes:
        state: what is sure at this point of the cell.
        scope: the scope that is being read.
        loops: the loops around this point, within the same function.
        deferred: how many functions are around this point: what they do happens later, if ever.
        always: names read where the cell can't have bound them before.
        sometimes: names read where the cell may have bound them before.
        binds: names that may have been bound so far.
        deletes: names that may have been unbound so far.
        strays: names that a function may unbind whenever it is called.
        unbindings: all unbindings in their order, for what must know those of a stretch of code.
        reads_any: why any name may be read, or empty.
        binds_any: why any name may be bound, or empty.
        texts: what texts name, see `texts.py`.
        awaits: whether `await` was met at the top level.
    """

    def __init__(self) -> None:
        self.state = State()
        self.scope = Scope(Kind.MODULE)
        self.loops: list[Loop] = []
        self.deferred = 0
        self.always: set[str] = set()
        self.sometimes: set[str] = set()
        self.binds: set[str] = set()
        self.deletes: set[str] = set()
        self.strays: set[str] = set()
        self.unbindings: list[Key] = []
        self.reads_any = ""
        self.binds_any = ""
        self.texts = Texts()
        self.awaits = False

    def load(self, name: str) -> None:
        """Note that a name is loaded here."""
        scope = self.scope
        if scope.kind is not Kind.MODULE:
            name = scope.spelt(name)
            holder = scope.holder(name)
            if holder is not None and holder.kind is Kind.CLASS:
                key = (holder.number, name)
                if key in self.state.gone and key not in self.state.unbound and not self.loops:
                    return
                holder = holder.parent.holder(name, inside=True) if holder.parent is not None else None
            if holder is not None:
                return
        self.read(name)

    def read(self, name: str) -> None:
        """Note that a name of the module is read here."""
        if name in self.state.gone:
            return
        if name in ANYTHING:
            self.anything(name)
        elif name in SOURCES:
            self.texts.mentions.add("In")
        (self.sometimes if name in self.binds else self.always).add(name)

    def anything(self, what: str) -> None:
        """Note that any name may be read or bound from here on."""
        self.reads_any = self.reads_any or what
        self.binds_any = self.binds_any or what

    def store(self, name: str) -> None:
        """Note that a name is bound here."""
        scope = self.scope.home()
        if scope.kind is Kind.MODULE:
            self.bind(name)
            return
        name = scope.spelt(name)
        if name in scope.outer:
            self.bind(name)
        elif scope.kind is Kind.CLASS and name not in scope.shared:
            self.state.bind((scope.number, name))

    def bind(self, name: str) -> None:
        """Note that a name of the module is bound here."""
        self.binds.add(name)
        self.state.bind(name)

    def unstore(self, name: str) -> None:
        """Note that a name is unbound here."""
        scope = self.scope.home()
        name = scope.spelt(name)
        if scope.kind is Kind.MODULE or name in scope.outer:
            self.unbind(name)
        elif scope.kind is Kind.CLASS and name not in scope.shared:
            key = (scope.number, name)
            self.state.unbind(key)
            self.unbindings.append(key)

    def unbind(self, name: str) -> None:
        """Note that a name of the module is unbound here."""
        self.deletes.add(name)
        self.state.unbind(name)
        self.unbindings.append(name)
        if self.deferred:
            self.strays.add(name)
