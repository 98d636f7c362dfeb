"""The setup that a session has run: cells that act on libraries rather than on variables, by what they act on.

Setup is part of every later key and runs again wherever a later step runs. The same setup run again changes nothing,
so repeats are left out; setup of different libraries does not depend on each other's order.
"""

from __future__ import annotations

from blake3 import blake3

from steppe.types import Digest, Ingredient, Struct


class Setup(Struct, frozen=True, kw_only=True):
    """One setup cell that was run.

    Attributes:
        target: what it acts on: a library's name, or `import`.
        code: digest of its code and of all that it calls.
        inputs: data versions of the variables that it read.
        source: its source, transformed, to be run again elsewhere.
        label: a line of it, for explanations.
    """

    target: str
    code: Digest
    source: str
    inputs: tuple[tuple[str, Digest], ...] = ()
    label: str = ""

    @property
    def version(self) -> Digest:
        """What tells it from other setup."""
        digest = blake3(self.code.encode())
        for name, version in self.inputs:
            digest.update(f"{len(name)}:{name}={version};".encode())
        return f"b3:{digest.hexdigest()}"


class SetupLog:
    """The setup run so far, in order."""

    def __init__(self) -> None:
        self.cells: list[Setup] = []

    def add(self, cell: Setup) -> None:
        """Add a cell that was run, unless the last one with its target was the same."""
        mine = [other for other in self.cells if other.target == cell.target]
        if mine and mine[-1].version == cell.version:
            return
        if cell.target == "import" and any(other.version == cell.version for other in mine):
            return
        self.cells.append(cell)

    def ingredients(self) -> list[Ingredient]:
        """Return one ingredient for each target."""
        found: dict[str, list[Setup]] = {}
        for cell in self.cells:
            found.setdefault(cell.target, []).append(cell)
        return [_ingredient(target, cells) for target, cells in sorted(found.items())]


def _ingredient(target: str, cells: list[Setup]) -> Ingredient:
    versions = [cell.version for cell in cells]
    if target == "import":
        versions.sort()
    digest = blake3("".join(versions).encode())
    detail = {cell.label: cell.version for cell in cells}
    return Ingredient(kind="setup", name=target, version=f"b3:{digest.hexdigest()}", detail=detail)
