"""The environment as an ingredient: versions of the distributions that a step's code imports, and of what they need."""

from __future__ import annotations

import importlib.metadata
import os
import re
import sys
from collections.abc import Iterable
from typing import Any

from blake3 import blake3

from steppe.types import Ingredient
from steppe.worker.contents import file_version
from steppe.worker.trace import unseen

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
"""The name that a requirement begins with."""

_ALWAYS = re.compile(_NAME.pattern + r"\s*(?:\[[\w\s,.-]*\])?\s*\(?[\w\s.,*+!<>=~-]*\)?\s*", re.ASCII)
"""A requirement of versions alone: without a condition, and without an address."""

_OF_EXTRA = re.compile(r"""\bextra\s*==\s*(["'])[^"']+\1[\s)]*$""")
"""The end of a condition that asks for an extra: where all of it must hold, it never does for us."""


EDITABLE = " (editable)"
"""What follows the version of a distribution that is edited in place."""


class Distributions:
    """The installed distributions: which one a module belongs to, their versions, and what they require.

    Built once, and again when a folder of the search path has changed. The version of a distribution whose module is
    imported is the one that was there at the first look: what is installed over it is not what runs.
    """

    def __init__(self) -> None:
        self._stamp: tuple[Any, ...] = ()
        self._by_module: dict[str, str | None] = {}
        self._installed: dict[str, importlib.metadata.Distribution] = {}
        self._requires: dict[str, tuple[str, ...]] = {}
        self._versions: dict[str, str] = {}
        self._first: dict[str, str] = {}
        self._installed_at: dict[str, float] = {}
        self._closures: dict[frozenset[str], tuple[Ingredient, ...]] = {}

    def look(self) -> None:
        """Look at what is installed, unless nothing has changed since the last look."""
        stamp = tuple((path, _modified(path)) for path in sys.path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        with unseen():
            found: dict[str, importlib.metadata.Distribution] = {}
            for distribution in importlib.metadata.distributions():
                name = _name_of(distribution)
                if name:
                    found.setdefault(name, distribution)
        self._installed = found
        self._by_module.clear()
        self._requires.clear()
        self._versions.clear()
        self._installed_at.clear()
        self._closures.clear()

    def owner(self, module: str) -> str | None:
        """Return the normalized name of the distribution that a module belongs to, or None."""
        top = module.partition(".")[0]
        if top not in self._by_module:
            self._by_module[top] = self._find_owner(top)
        return self._by_module[top]

    def _find_owner(self, top: str) -> str | None:
        guess = normalized(top)
        with unseen():
            if guess in self._installed and _provides(self._installed[guess], top):
                return guess
            for name, distribution in self._installed.items():
                if _provides(distribution, top):
                    return name
        return None

    def version(self, name: str) -> str:
        """Return the installed version of a distribution."""
        found = self._versions.get(name)
        if found is None:
            with unseen():
                distribution = self._installed[name]
                told = str(distribution.version)  # broken metadata may tell none
                found = self._versions[name] = told + _editable_mark(distribution)
        return found

    def is_released(self, item: Ingredient) -> bool:
        """Tell whether a package of a key's is an installed distribution as it was released: not edited in place."""
        known = self.version(item.name) if item.name in self._installed else ""
        return known == item.version and not known.endswith(EDITABLE)

    def closure(
        self, modules: Iterable[str], imported_at: dict[str, float]
    ) -> tuple[tuple[Ingredient, ...], list[str]]:
        """Return the distributions behind modules, with all that they require, and which were replaced since imported.

        Args:
            modules: modules of installed packages; those of no distribution count by the content of their files.
            imported_at: when each top-level module was imported; under "" the time for those that are missing.
        """
        self.look()
        tops = frozenset(module.partition(".")[0] for module in modules)
        found = self._closures.get(tops)
        if found is None:
            found = self._closures[tops] = tuple(self._closed(tops))
        return found, self._upgraded(found) + self._replaced(tops, imported_at)

    def _closed(self, tops: frozenset[str]) -> Iterable[Ingredient]:
        names: dict[str, None] = {}
        todo = []
        for top in sorted(tops):
            owner = self.owner(top)
            if owner is None:
                yield Ingredient(kind="package", name=top, version=_files_version(top))
            else:
                todo.append(owner)
        yield from self._with_requirements(todo, names)

    def modules_of(self, name: str) -> list[str]:
        """Return the top-level modules of an installed distribution."""
        with unseen():
            distribution = self._installed[name]
            listed = (distribution.read_text("top_level.txt") or "").split()
            files = (distribution.read_text("RECORD") or "").splitlines()
        heads = {line.partition(",")[0].partition("/")[0].partition(".")[0] for line in files}
        return sorted({each for each in (*listed, *heads) if each.isidentifier() and self.owner(each) == name})

    def required(self, name: str) -> tuple[str, ...]:
        """Return the installed distributions that an installed one requires."""
        return self._required(name)

    def installed(self, names: Iterable[str]) -> list[Ingredient]:
        """Return those of these distributions that are installed, with all that they require, as a key has them."""
        self.look()
        return list(self._with_requirements([name for name in names if name in self._installed], {}))

    def _with_requirements(self, todo: list[str], names: dict[str, None]) -> Iterable[Ingredient]:
        while todo:
            name = todo.pop()
            if name not in names:
                names[name] = None
                todo += self._required(name)
        for name in sorted(names):
            yield Ingredient(kind="package", name=name, version=self.version(name))

    def _required(self, name: str) -> tuple[str, ...]:
        found = self._requires.get(name)
        if found is None:
            found = self._requires[name] = tuple(self._requirements(name))
        return found

    def _requirements(self, name: str) -> Iterable[str]:
        """Yield the installed distributions that one requires.

        `packaging` takes longer to import than a hit takes otherwise, so it is asked only about real conditions.
        """
        with unseen():
            lines = self._installed[name].requires or []
        for line in lines:
            begin = _NAME.match(line)
            needed = normalized(begin[1]) if begin else ""
            _, _, condition = line.partition(";")
            if needed not in self._installed or (" or " not in condition and _OF_EXTRA.search(condition)):
                continue
            if _ALWAYS.fullmatch(line) or _applies(line):
                yield needed

    def _upgraded(self, ingredients: tuple[Ingredient, ...]) -> list[str]:
        changed = []
        for item in ingredients:
            first = self._first.setdefault(item.name, item.version)
            if first != item.version:
                changed.append(
                    f"{item.name} was {first} when it was imported and is {item.version} now: restart the kernel"
                )
        return changed

    def _replaced(self, tops: frozenset[str], imported_at: dict[str, float]) -> list[str]:
        """Find modules that were imported before what is installed of them now was."""
        found = []
        for top in tops:
            owner = self.owner(top)
            if owner is None or top not in sys.modules:
                continue
            installed = self._installed_at.get(owner)
            if installed is None:
                path = getattr(self._installed[owner], "_path", None)
                installed = self._installed_at[owner] = _changed(str(path)) if path is not None else 0.0
            if installed > imported_at.get(top, imported_at.get("", installed)):
                found.append(f"{owner} was installed again after it was imported: restart the kernel")
        return found

    def everything(self) -> dict[str, str]:
        """Return all installed distributions and their versions: the complete lock."""
        self.look()
        return {name: self.version(name) for name in sorted(self._installed)}


def normalized(name: str) -> str:
    """Return a distribution's name as PEP 503 writes it."""
    return name.lower().replace("_", "-").replace(".", "-")


def _name_of(distribution: importlib.metadata.Distribution) -> str:
    path = getattr(distribution, "_path", None)
    name = getattr(path, "name", "")
    if name.endswith(".dist-info"):
        return normalized(name.removesuffix(".dist-info").rpartition("-")[0])
    found = distribution.metadata["Name"] if distribution.metadata else None
    return normalized(found) if found else ""


def _changed(path: str) -> float:
    try:
        return os.stat(path).st_ctime
    except OSError:
        return 0.0


def _modified(path: str) -> int:
    try:
        return os.stat(path or ".").st_mtime_ns
    except OSError:
        return 0


def _provides(distribution: importlib.metadata.Distribution, top: str) -> bool:
    listed = distribution.read_text("top_level.txt")
    if listed and top in listed.split():
        return True
    record = distribution.read_text("RECORD") or distribution.read_text("installed-files.txt") or ""
    starts = (f"{top}/", f"{top}.py,", f"{top}.", f"../{top}/")
    return any(line.startswith(starts) for line in record.splitlines())


def _editable_mark(distribution: importlib.metadata.Distribution) -> str:
    text = distribution.read_text("direct_url.json")
    return EDITABLE if text and '"editable": true' in text else ""


def _applies(line: str) -> bool:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        return False
    if requirement.marker is None:
        return True
    try:
        return bool(requirement.marker.evaluate({"extra": ""}))
    except Exception:  # a marker that names what this version of `packaging` does not know
        return True


def _files_version(top: str) -> str:
    """Return a version for a module outside of any distribution: the digest of its code's content."""
    module = sys.modules.get(top)
    file = getattr(module, "__file__", None)
    digest = blake3()
    if file:
        root = os.path.dirname(file) if os.path.basename(file).startswith("__init__.") else file
        for path in [root] if os.path.isfile(root) else sorted(_code_below(root)):
            digest.update(f"{os.path.relpath(path, root)}={file_version(path)};".encode())
    return f"{getattr(module, '__version__', '')} {digest.hexdigest()[:16]}".strip()


def _code_below(root: str) -> Iterable[str]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (os.path.join(folder, name) for name in names if name.endswith((".py", ".so", ".pyd")))
