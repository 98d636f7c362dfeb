"""Packages that are not here: what bundles tell of those that their steps need, so that their keys can be had without.

A step that imports a package which is not installed can't run here. Its result may still be had, and its key is then as
it was where it ran: with the versions that the bundle names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from steppe.engine.environment import Distributions
from steppe.errors import UsageError
from steppe.types import Ingredient, Struct

FILE = "elsewhere.json"


class Packages(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The packages of a machine, as far as some steps need them.

    Attributes:
        owners: the distribution that a top-level module belongs to.
        requires: what each distribution requires.
        versions: of each.
    """

    owners: dict[str, str] = {}
    requires: dict[str, tuple[str, ...]] = {}
    versions: dict[str, str] = {}

    def closure(self, tops: Iterable[str]) -> list[Ingredient] | None:
        """Return the distributions behind modules, with all that they require; None where a module is not known."""
        todo = [self.owners.get(top, "") for top in tops]
        if "" in todo:
            return None
        names: dict[str, None] = {}
        while todo:
            name = todo.pop()
            if name not in names:
                names[name] = None
                todo += self.requires.get(name, ())
        return [
            Ingredient(kind="package", name=name, version=self.versions[name])
            for name in sorted(names)
            if name in self.versions
        ]


def packages_of(versions: dict[str, str]) -> Packages:
    """Tell of packages in these versions, as far as they are installed here."""
    here = Distributions()
    here.look()
    known = {
        name for name in versions if here.is_released(Ingredient(kind="package", name=name, version=versions[name]))
    }
    return Packages(
        owners={top: name for name in sorted(known) for top in here.modules_of(name)},
        requires={name: tuple(each for each in here.required(name) if each in known) for name in sorted(known)},
        versions={name: versions[name] for name in sorted(known)},
    )


class Elsewhere:
    """What the bundles that were imported into a project tell of packages; read again when another one was."""

    def __init__(self, state: Path) -> None:
        """Take the project's folder of Steppe's own files."""
        self._path = state / FILE
        self._stamp = 0
        self._known: list[Packages] = []

    def closure(self, tops: Iterable[str]) -> list[Ingredient] | None:
        """Return the packages behind modules as the latest bundle that knows all of them tells."""
        tops = sorted(tops)
        found = (each.closure(tops) for each in reversed(self._read()))
        return next((each for each in found if each is not None), None)

    def add(self, packages: Packages) -> None:
        """Remember what another bundle tells."""
        known = [each for each in self._read() if each != packages]
        fresh = self._path.with_name(f"{FILE}.{os.getpid()}")
        fresh.write_bytes(msgspec.json.encode([*known, packages]))
        fresh.replace(self._path)

    def _read(self) -> list[Packages]:
        try:
            stamp = os.stat(self._path).st_mtime_ns
        except OSError:
            return []
        if stamp != self._stamp:
            try:
                self._known = msgspec.json.decode(self._path.read_bytes(), type=list[Packages])
            except (OSError, msgspec.MsgspecError, json.JSONDecodeError) as error:
                raise UsageError(
                    f"{self._path} can't be read ({error}): remove it, and import the bundles again."
                ) from error
            self._stamp = stamp
        return self._known
