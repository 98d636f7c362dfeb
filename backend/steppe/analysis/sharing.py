"""Which names share parts with which, and the doubts about each. Knows no syntax."""

from __future__ import annotations

from steppe.analysis.doubts import Value, doubt_about
from steppe.analysis.flow import Key
from steppe.analysis.scopes import Kind, Scope


class Sharing:
    """The names of a cell as values are followed through it.

    Attributes:
        scope: where the walk is.
        doubts: what is done to each name's value.
        shares: the names that each shares parts with, and on which paths.
        trusts: names of builtins that are taken to be Python's own.
        bound: names of the module that the cell binds.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.doubts: dict[Key, set[str]] = {}
        self.shares: dict[Key, set[tuple[Key, str]]] = {}
        self.trusts: set[str] = set()
        self.bound: set[str] = set()

    def doubt(self, value: Value, doubt: str) -> None:
        """Note that something is done to a value."""
        for key, path in value:
            self.doubts.setdefault(key, set()).add(doubt_about(path, doubt))

    def share(self, key: Key, value: Value) -> None:
        """Note that a name may share parts with a value."""
        found = {pair for pair in value if pair[0] != key}
        if found:
            self.shares.setdefault(key, set()).update(found)

    def propagate(self) -> None:
        """Carry doubts about a name over to the names that it shares parts with."""
        waiting = [key for key in self.doubts if key in self.shares]
        while waiting:
            key = waiting.pop()
            for source, path in self.shares[key]:
                known = self.doubts.setdefault(source, set())
                before = len(known)
                known.update([doubt_about(path, doubt) for doubt in self.doubts[key]])
                if len(known) > before and source in self.shares:
                    waiting.append(source)

    def keys(self, name: str) -> list[Key]:
        """Return what a name that is loaded here may stand for."""
        name = self.scope.spelt(name)
        holder = self.scope.holder(name)
        if holder is None:
            return [name]
        if holder.kind is Kind.CLASS and holder.parent is not None:
            outer = holder.parent.holder(name, inside=True)
            return [(holder.number, name), name if outer is None else (outer.number, name)]
        return [(holder.number, name)]

    def home(self, name: str) -> Key:
        """Return what a name that is bound here stands for."""
        scope = self.scope.home()
        name = scope.spelt(name)
        if scope.kind is Kind.MODULE or name in scope.outer:
            self.bound.add(name)
            return name
        if name in scope.shared:
            holder = scope.holder(name)
            return name if holder is None else (holder.number, name)
        return (scope.number, name)

    def share_all(self, owner: Value, value: Value) -> None:
        """Note that what is kept in a value is shared by the names that this shares with."""
        for key, _ in owner:
            self.share(key, tuple((source, "*") for source, _ in value))
