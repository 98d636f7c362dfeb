"""What is written down of a fan-out as one step: what it is made of, how many elements ran, and what comes back."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import msgspec
from blake3 import blake3

from steppe.analysis.loop_cells import loop_ingredients, loops
from steppe.engine.elements import Each, Element, ElementKeys
from steppe.engine.explain import changes
from steppe.engine.gather import Gathered, variables
from steppe.engine.inline import enter
from steppe.engine.key import cache_key
from steppe.engine.lookup import ENCODER, blobs_of
from steppe.engine.step import Step
from steppe.errors import CannotMove, CatalogError, StoreError, Unversionable
from steppe.types import Artifact, Digest, Entry, Ingredient, Observation, Part, Result, Shown, State
from steppe.values.changes import places
from steppe.values.pack import Packing
from steppe.values.preview import preview, type_name
from steppe.values.walk import Walk
from steppe.worker.trace import unseen

WHOLE = 64 << 20
"""Bytes up to which what comes back is stored again as the step's own output; beyond, its elements hold it alone."""

NAMED = 5
"""Elements that are named where some are told of."""


class FanRecord:
    """One fan-out's record.

    Attributes:
        step: the step; its `elements`, `gathered` and `why` are kept here.
    """

    def __init__(self, step: Step, each: Each, keys: ElementKeys) -> None:
        self.step = step
        self.each = each
        step.elements = {"hits": 0, "ran": 0, "failed": 0}
        step.gathered = self._made_of(keys.base)
        step.why = []
        self._digest: Any = blake3()
        self._trace: dict[tuple[str, str], Observation] = {}
        self._clear = not keys.base.reasons and not step.gathered.reasons
        self._why: list[str] = list(keys.base.reasons)
        self._ran: list[Element] = []
        self._uncached: dict[str, None] = {}
        self._shown: list[Shown] = []
        self._used: list[Entry] = []
        self._seconds = 0.0
        self._size = 0

    def _made_of(self, base: Gathered) -> Gathered:
        """Return what the step as a whole is made of: its body's ingredients, and what its loop reads."""
        step, session = self.step, self.step.session
        found = Gathered(session.sources)
        found.walk, found.texts, found.project = base.walk, base.texts, base.project
        found.names, found.versions = set(base.names), dict(base.versions)
        looped = Gathered(session.sources)
        read = {name for loop in loops(step.request.options) for name in loop.reads}
        with unseen():
            variables(read, session.setting.namespace, session.around.ambient.builtins.added(), looped)
        found.names |= looped.names
        found.versions |= looped.versions
        found.reasons = list(looped.reasons)
        own = [item for item in base.ingredients if not (item.kind == "option" and item.name == "each")]
        mine = [*loop_ingredients(step.request.cell, step.request.options), *looped.ingredients]
        unique = {(item.kind, item.name): item for item in [*mine, *own]}
        found.ingredients = list(unique.values())
        return found

    # As elements come and go

    def met(self, elements: Iterable[Element]) -> None:
        """Take note of the next elements, in their order."""
        for element in elements:
            self._digest.update((element.key or "").encode() + b"\n")
            if element.key is None:
                self._clear = False
                self._uncached.update(dict.fromkeys(element.why))

    def missed(self, reasons: Iterable[str]) -> None:
        """Take note of why what was kept of an element can't be returned."""
        self._why += [reason for reason in reasons if reason not in self._why and len(self._why) < 8]

    def used(self, entry: Entry) -> None:
        """Take note of an entry that was returned."""
        self._used.append(entry)

    def touch(self) -> None:
        """Have it written down which entries were returned."""
        if self._used:
            used, self._used = self._used, []
            with self.step.session.forgiving("when results were last used is not written down"):
                self.step.session.catalog.entries.touch_each(used, time.time())

    def begin(self, *, known: bool = False) -> None:
        """Take note that an element runs: so the step does.

        Args:
            known: it is written down before this returns: a later kernel looks there for what runs on without this one.
        """
        step, session = self.step, self.step.session
        if step.state is State.RUNNING:
            return
        step.begin()
        if known:
            with unseen(), session.forgiving("what steps do is not written down"):
                session.catalog.step_runs.stand(step.record())

    def done(self, element: Element, result: Result | None, *, hit: bool, seconds: float = 0.0) -> None:
        """Take note of an element that has ended well."""
        self.step.elements["hits" if hit else "ran"] += 1
        if not hit and len(self._ran) <= NAMED:
            self._ran.append(element)
        self._uncached.update(dict.fromkeys(element.why))
        self._clear = self._clear and result is not None and not element.why
        if result is None:
            self._seconds += seconds
            return
        self._seconds += result.seconds
        self._size += sum(part.size for part in result.parts)
        for item in result.trace:
            known = self._trace.setdefault((item.kind, item.name), item)
            self._clear = self._clear and known.version == item.version

    def failed(self, element: Element) -> None:
        """Take note of an element that failed."""
        del element
        self.step.elements["failed"] += 1
        self._clear = False

    def shown(self, item: Shown) -> None:
        """Take note of what was shown."""
        self._shown.append(item)

    # At the end

    def said(self) -> list[str]:
        """Return what has become of the elements, and why those ran that did, most telling first."""
        counts = {name: number for name, number in self.step.elements.items() if number}
        total = sum(counts.values())
        words = ", ".join(
            f"{number:,} {name if number != 1 else name.removesuffix('s')}" for name, number in counts.items()
        )
        found = [f"{total:,} element{'s'[: total != 1]}" + (f": {words}" if words else "")]
        if self.step.elements["ran"] or self.step.elements["failed"]:
            found += self._reasons()
        elif total:
            found.append("nothing that they depend on has changed")
        return found

    def _reasons(self) -> list[str]:
        uncached = list(self._uncached)[:3]
        if uncached or self._why:
            return list(dict.fromkeys([*self._why[:3], *uncached]))
        before = self._before()
        if before is None:
            return ["it has not run before"]
        now = self.step.record()
        mine = {name for loop in loops(self.step.request.options) for name in loop.reads}
        differ = changes(self._without(before, mine), self._without(now, mine))
        if differ:
            return differ
        named = ", ".join(f"{element.index} ({element.said})" for element in self._ran[:NAMED])
        more = self.step.elements["ran"] - NAMED
        return [f"not run before: {named}" + (f" and {more:,} more" if more > 0 else "")]

    def _before(self) -> Any:
        record = self.step.record()
        return self.step.session.catalog.step_runs.last(record.step, part=record.part, useful=True)

    @staticmethod
    def _without(record: Any, names: set[str]) -> Any:
        """Return a record without what only the loop reads: which elements it gives says more than that it changed."""
        kept = tuple(
            item
            for item in record.ingredients
            if not (item.kind == "input" and item.name in names)
            and not (item.kind == "option" and item.name in ("map", "sweep"))
        )
        return msgspec.structs.replace(record, ingredients=kept, trace=())

    def finish(self, values: dict[str, Any]) -> None:
        """Enter what came back as the step's own result, and end the step."""
        step, session = self.step, self.step.session
        step.why = self.said()
        whole = f"b3:{self._digest.hexdigest()}"
        with unseen():
            if self._clear:
                assert step.gathered is not None
                elements = Ingredient(kind="option", name="elements", version=whole)
                step.key = cache_key([*step.gathered.ingredients, elements])
            if step.state is not State.RUNNING and step.key is not None and self._hits(step.key):
                step.become(State.HIT)
                session.note(step.record())
                return
            step.begin()
            try:
                self._keep(values)
            except (CannotMove, Unversionable) as error:
                step.why.append(f"what came back is not kept as a whole: {error}")
            except (CatalogError, StoreError) as error:
                session.warn_once("what a fan-out brings back is not kept", error)
        step.become(State.SUCCEEDED)
        if step.entry is None:
            session.note(step.record())

    def _hits(self, key: Digest) -> bool:
        """Tell whether the whole was entered before; then that is what this run returned."""
        step, session = self.step, self.step.session
        with session.forgiving("the result as a whole is not looked up"):
            for entry in session.catalog.entries.find(key):
                if session.store.has(entry.result):
                    step.entry, step.result_digest = entry, entry.result
                    self._used.append(entry)
                    self.touch()
                    return True
        return False

    def _keep(self, values: dict[str, Any]) -> None:
        step, session = self.step, self.step.session
        assert step.gathered is not None
        walk, artifacts = Walk(session.setting.home), dict[str, Artifact]()
        for name, value in values.items():
            walk.names, walk.modules = set(), set()
            root = walk.walk(name, value)
            artifacts[name] = Artifact(
                version=root.version,
                type=type_name(value),
                preview=preview(value),
                detail=root.detail,
                names=tuple(sorted(walk.names)),
                modules=tuple(sorted(walk.modules)),
            )
        parts: tuple[Part, ...] = ()
        if self._size <= WHOLE:
            inputs = step.gathered.walk
            packing = Packing(inputs, walk, places(inputs), session.setting.table, session.put)
            parts = tuple(packing.pack(values))
            sizes = {name: part.size for part in parts for name in part.names}
            artifacts = {name: msgspec.structs.replace(item, size=sizes[name]) for name, item in artifacts.items()}
        result = Result(
            parts=parts,
            outputs=artifacts,
            shown=tuple(self._shown),
            trace=tuple(self._trace.values()),
            seconds=self._seconds,
        )
        digest = session.store.put([ENCODER.encode(result)])
        if step.key is None:
            step.result, step.result_digest = result, digest
            return
        enter(step, result, digest)


__all__ = ["FanRecord", "blobs_of"]
