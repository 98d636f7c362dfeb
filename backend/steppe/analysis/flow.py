"""What is sure at one point of a cell: the lattice that the order of statements is read with.

Two facts are followed along every path, for the names of the module and of class bodies:

- `gone`: the value from before the cell can surely not be read any more, since the cell has bound *or* unbound the name
  on every path to here. Paths that meet keep what both have (intersection). It only grows along a path, so the state in
  which a loop is entered holds for each of its turns, and the state in which a `try` is entered for its handlers.
- `unbound`: the name may have been unbound after it was last bound. Paths that meet keep what either has (union).

A name is a read where it is loaded and not in `gone`; it is surely bound at the end where it is in `gone` and not in
`unbound`. A path that can't go on (`raise`, `break`, `return`) is `dead`, and says nothing where paths meet.
"""

from __future__ import annotations

from typing import TypeAlias

Key: TypeAlias = str | tuple[int, str]
"""A name of the module; or, with its scope's number, of a class body."""


class State:
    """What is sure at one point of a cell."""

    __slots__ = ("dead", "gone", "unbound")

    def __init__(self, gone: set[Key] | None = None, unbound: set[Key] | None = None, *, dead: bool = False) -> None:
        self.gone = gone if gone is not None else set()
        self.unbound = unbound if unbound is not None else set()
        self.dead = dead

    def copy(self) -> State:
        """Return the same state, apart from this one."""
        return State(self.gone.copy(), self.unbound.copy(), dead=self.dead)

    def bind(self, key: Key) -> None:
        """Note that `key` is bound here."""
        self.gone.add(key)
        self.unbound.discard(key)

    def unbind(self, key: Key) -> None:
        """Note that `key` is unbound here."""
        self.gone.add(key)
        self.unbound.add(key)


def join(one: State, other: State) -> State:
    """Return what is sure where two paths meet."""
    if one.dead:
        return other
    if other.dead:
        return one
    return State(one.gone & other.gone, one.unbound | other.unbound)


class Loop:
    """The states in which a loop's body is left early."""

    __slots__ = ("breaks", "continues")

    def __init__(self) -> None:
        self.breaks: list[State] = []
        self.continues: list[State] = []
