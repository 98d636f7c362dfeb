"""A result bound into the namespace: as if the cell had just run, without running it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

from steppe.engine.absent import imported, is_absent
from steppe.engine.written import Written
from steppe.store.store import Store
from steppe.types import Artifact, Part, Result
from steppe.values.lazy import Lazy, real
from steppe.values.library_objects import find_again
from steppe.values.pack import PATCHES
from steppe.values.unpack import Anchors, Unpacking, in_order
from steppe.values.views import is_note
from steppe.values.walk import Walk
from steppe.worker import module_state
from steppe.worker.execution import VALUE
from steppe.worker.setting import Setting
from steppe.worker.trace import unseen

MAPPED = frozenset({"npy", "arrow", "json", "module"})
"""Formats whose loading costs next to nothing where their bytes are near: their values are then bound at once."""


class Binding:
    """One result on its way into a namespace.

    Attributes:
        setting: the namespace and what is around it.
        store: where the bytes are.
        inputs: the walk over the live inputs, to which stored values may refer.
        written: puts the files back.
    """

    def __init__(self, setting: Setting, store: Store, inputs: Walk, is_ours: Callable[[str], bool]) -> None:
        self.setting = setting
        self.store = store
        self.inputs = inputs
        self.written = Written(setting.places, store, is_ours)
        self._read = False
        self._held: dict[str, Any] = {}
        self._patches: list[Any] = []
        self._absent: set[int] = set()  # Parts that belong to packages that are not here
        self._unpacks: Unpacking

    def read(self, result: Result, *, files: bool = True) -> None:
        """Load what is loaded at once, and change nothing that the notebook can see: after this, `bind` can't fail.

        Raises:
            Exception: whatever a stored value's own code, or a module that is not there, raises.
        """
        if files:
            self.written.check(result.files)
            if any(file.path.endswith(".py") for file in result.files):
                self.written.put_back(result.files)  # what is loaded may need the modules that the step wrote
        for name in {**dict.fromkeys(result.imports), **dict.fromkeys(result.modules.values())}:
            imported(name)
        parts = in_order([part for part in result.parts if not any(map(is_note, part.names))])
        self._unpacks = self._unpacking(parts)
        self._held, self._patches = {}, []
        for part in parts:
            self._held.update(self._values(part, result, self._unpacks))
        self._read = True

    def bind(self, result: Result, *, files: bool = True) -> Callable[[], Any]:
        """Bind everything but what was shown; return a function that gives the value of the last expression.

        Args:
            result: what to bind.
            files: whether the files that it wrote are put back; not where it has just written them here.
        """
        if not self._read:
            self.read(result, files=files)
        namespace, held = self.setting.namespace, self._held
        if files:
            self.written.put_back(result.files)
        self._unpacks.write(self._patches)
        self._restore_state(result, held)
        value = held.pop(VALUE, None)
        for name, module in result.modules.items():
            namespace[name] = imported(module)
        for name in result.deleted:
            namespace.pop(name, None)
        namespace.update({name: item for name, item in held.items() if ":" not in name})
        return lambda: _real_here(value)

    def _unpacking(self, parts: list[Part]) -> Unpacking:
        setting = self.setting
        libraries = Walk(setting.home)  # apart from the inputs: these are what a step that runs after all may change
        for part in parts:
            theirs = part.meta.get("libraries", {})
            for root, _ in part.meta.get("places", ()):
                if root not in theirs:
                    self._make_live(root)
            try:
                find_again(part, libraries)
            except ModuleNotFoundError as error:
                if not is_absent(error.name or ""):
                    raise
                self._absent.add(id(part))
        anchors = Anchors([part for part in parts if id(part) not in self._absent], self.inputs, libraries)
        return Unpacking(self.store.get, setting.table, anchors, lambda: Walk(setting.home))

    def _make_live(self, root: str) -> None:
        """Load and walk an input that stored values belong to, where it is a placeholder so far."""
        namespace = self.setting.namespace
        if ":" in root and root not in self.inputs.roots:
            importlib.import_module(root.partition(":")[0])
            self.inputs.walk(root, module_state.at(root))
        if root not in self.inputs.roots and root in namespace:
            namespace[root] = real(namespace[root])
            self.inputs.walk(root, namespace[root])

    def _load(self, part: Part, unpacking: Unpacking) -> dict[str, Any]:
        """Load a part, and keep the changes to the inputs that it holds for later."""
        values, patches = unpacking.read(part)
        self._patches += patches
        return values

    def _values(self, part: Part, result: Result, unpacking: Unpacking) -> dict[str, Any]:
        """Load a part, or stand placeholders in for its values where that may take time."""
        at_once = (
            part.inline is not None
            or (part.format in MAPPED and (part.blob is None or self.store.is_near(part.blob)))
            or "own" in part.meta
            or "libraries" in part.meta
            or PATCHES in part.names
            or any(":" in name for name in part.names)
        )
        if at_once and id(part) not in self._absent:
            try:
                return self._load(part, unpacking)
            except ModuleNotFoundError as error:
                if not is_absent(error.name or "") or not set(part.names) <= result.outputs.keys():
                    raise
        return self._placeholders(part, result, unpacking)

    def _placeholders(self, part: Part, result: Result, unpacking: Unpacking) -> dict[str, Any]:
        namespace = self.setting.namespace
        loaded: dict[str, Any] = {}

        def load(name: str) -> Any:
            if not loaded:
                with unseen():
                    loaded.update(self._load(part, unpacking))
                for other, value in loaded.items():
                    if namespace.get(other) is lazies.get(other):
                        namespace[other] = value
            return loaded[name]

        lazies = {
            name: Lazy(_with_part(result.outputs[name], part), partial(load, name), self.store)
            for name in part.names
            if name in result.outputs
        }
        return dict(lazies)

    def _is_of_absent(self, adapter: str) -> bool:
        """Tell whether settings are of a package that is not here."""
        module = self.setting.ambient.adapters[adapter].module
        return bool(module) and is_absent(module)

    def _restore_state(self, result: Result, held: dict[str, Any]) -> None:
        setting = self.setting
        changes = {adapter: held.pop(name) for adapter, name in result.ambient.items()}
        there = {name: value for name, value in changes.items() if not self._is_of_absent(name)}
        if there:
            setting.ambient.write(there)
        states = {generator: held.pop(name) for generator, name in result.random.items()}
        if states:
            setting.randomness.restore(states)
        setting.randomness.seeded |= set(result.seeded)
        for place, name in result.module_state.items():
            module_state.put(place, held.pop(name))


def _real_here(value: Any) -> Any:
    """Return the value of a cell's last expression; a placeholder still, where its package is not here."""
    try:
        return real(value)
    except ModuleNotFoundError as error:
        if not is_absent(error.name or ""):
            raise
        return value


def note_code(setting: Setting, walk: Walk) -> None:
    """Remember the classes that live, so that stored instances find them."""
    for cls in walk.classes:
        setting.table.note(walk.version_of(cls), cls)
    for root in walk.roots.values():
        if walk.is_code(root.value):
            setting.table.note(root.version, root.value)


def _with_part(artifact: Artifact, part: Part) -> Artifact:
    return Artifact(**{**{name: getattr(artifact, name) for name in Artifact.__struct_fields__}, "part": part})
