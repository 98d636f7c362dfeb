"""A loop's body, run for its elements one after another in one process: in the kernel, or in a worker.

Each element sees the variables as they were before the loop. What it binds is taken away after it; what it changes that
another element would see makes it refused. Knows nothing of where elements come from, nor of where their results go.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import msgspec

from steppe.errors import CannotMove, Unversionable
from steppe.types import Measured, Observation, Result, Shown
from steppe.values.changes import Place, changed_roots, places
from steppe.values.walk import Root, Walk
from steppe.worker.ambient.decimals import DecimalFlags
from steppe.worker.checkpoints import Keeping, keeping
from steppe.worker.execution import SHELLS, Execution, Intent, open_figures
from steppe.worker.module_state import Moved, moved
from steppe.worker.setting import Setting
from steppe.worker.trace import unseen

MISSING = object()

PYTHONS = frozenset({"__annotations__", "__builtins__", "__conditional_annotations__", "__warningregistry__"})
"""Names that Python itself binds as code runs."""


class Ran:
    """One element's run.

    Attributes:
        result: all that it left, or None where that can't be stored.
        values: what it left under the names that are gathered, as they live here.
        reasons: why its result can't be cached, in words.
        refused: what it did that other elements would see, in words; empty where nothing.
        error: what its code raised, with its traceback.
        seconds: how long its code ran.
        metrics: the numbers that it has logged.
        shown: what it showed.
        trace: what it was seen to read, where it failed.
        checkpoints: the records of its checkpoints, which nobody needs once it has succeeded.
    """

    def __init__(self) -> None:
        self.metrics: list[Measured] = []
        self.shown: tuple[Shown, ...] = ()
        self.trace: tuple[Observation, ...] = ()
        self.checkpoints: tuple[str, ...] = ()
        self.result: Result | None = None
        self.values: dict[str, Any] = {}
        self.reasons: list[str] = []
        self.refused = ""
        self.error: BaseException | None = None
        self.seconds = 0.0


class Body:
    """A loop's body in one process.

    Attributes:
        setting: the namespace and what is around it.
        code: the body, compiled.
        intent: what is known of it; its `outputs` are the names that are gathered.
        inputs: the walk over all that it reads but the elements.
        here: whether it runs in the kernel, so that its values may refer to objects that libraries keep there.
        ending: called when an element's code has ended, while what is shown is still recorded.
    """

    def __init__(
        self,
        setting: Setting,
        code: types.CodeType,
        intent: Intent,
        inputs: Walk,
        *,
        here: bool = False,
        ending: Callable[[], object] = lambda: None,
    ) -> None:
        self.ending = ending
        self.setting = setting
        self.code = code
        self.intent = intent
        self.inputs = inputs
        self.here = here
        self._known = places(inputs)

    def run(
        self,
        values: dict[str, Any],
        roots: dict[str, Root],
        *,
        seed: int | None,
        reach: tuple[tuple[str, str], ...] = (),
        allowed: bool = False,
        anyway: bool = False,
        keep: bool = True,
        saves: Callable[[Execution], Keeping] | None = None,
    ) -> Ran:
        """Run the body for one element.

        Args:
            values: what the loop's variables are bound to.
            roots: those of them that have been walked.
            seed: as in Intent.
            reach: likewise, of the element's own texts.
            allowed: whether it may reach outside, since the user said for how long its result holds.
            anyway: make a result although it can't be cached: it is to be sent elsewhere.
            keep: whether a result is made at all.
            saves: gives what keeps its checkpoints; None where nobody could find them again.
        """
        namespace, ran = self.setting.namespace, Ran()
        intent = _with(self.intent, seed, reach)
        there = {name: namespace.get(name, MISSING) for name in values}
        namespace.update(values)
        self.inputs.roots.update(roots)
        execution = _ElementExecution(self, intent, roots)
        kept = saves(execution) if saves is not None else None
        before = dict(namespace)
        try:
            with execution.running():
                try:
                    with keeping(kept) if kept is not None else nullcontext():
                        exec(self.code, namespace)  # noqa: S102  # the user's own cell
                except BaseException as error:  # whoever asked is to judge
                    ran.error = error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)
                self.ending()
            ran.checkpoints = tuple(kept.records) if kept is not None else ()
            ran.seconds, ran.metrics, ran.shown = execution.seconds, execution.metrics, execution.shown
            with unseen():
                ran.refused = self._rebound(before)
                if ran.error is not None and anyway:
                    ran.trace = tuple(execution.settle(self.setting.put, keep=False).trace)
                if ran.error is None and not ran.refused:
                    self._take(execution, ran, allowed=allowed, anyway=anyway, keep=keep)
        finally:
            for name in roots:
                self.inputs.roots.pop(name, None)
            self._put_back(before, there)
        return ran

    def check(self) -> str:
        """Say what the elements so far have changed that others see, in words; nothing where nothing."""
        try:
            changed = changed_roots(self.inputs, Walk(self.setting.home))
        except Unversionable as error:
            return f"it changes `{error.path}` in place, which the other elements see"
        for name in changed:
            said = name.replace(":", ".")
            return f"it changes `{said}` in place, which the other elements see"
        left = moved(list(self.intent.project), self.inputs, self.setting.at_import)
        for name in left.values:
            return f"it sets {name.replace(':', '.')}, which the other elements see"
        return left.reasons[0] if left.reasons else ""

    def _take(self, execution: _ElementExecution, ran: Ran, *, allowed: bool, anyway: bool, keep: bool) -> None:
        namespace = self.setting.namespace
        for name in self.intent.outputs or ():
            if name not in namespace or name in execution.restored:
                ran.error = NameError(f"the body has ended without binding `{name}`, which is gathered")
                return
            ran.values[name] = namespace[name]
        if keep:
            ran.result = execution.result(None, has_value=False, allowed=allowed, anyway=anyway)
        ran.reasons, ran.refused = execution.reasons, execution.refused
        if left := open_figures():
            ran.refused = f"it leaves {left} open, which the other elements would draw on"
        elif execution.retold:
            ran.refused = f"{execution.retold}, which the other elements see"

    def _rebound(self, before: dict[str, Any]) -> str:
        """Say which variable the body has bound or removed that its own text does not bind: others see that."""
        namespace = self.setting.namespace
        if not self.intent.everything:
            for name, value in namespace.items():
                new = before.get(name, MISSING) is not value and name not in self.intent.binds
                if new and not SHELLS.fullmatch(name) and name not in PYTHONS:
                    return f"it binds `{name}` through a function, which the other elements see"
        gone = [name for name in before if name not in namespace and name not in self.intent.binds]
        return f"it removes `{gone[0]}`, which the other elements see" if gone else ""

    def _put_back(self, before: dict[str, Any], there: dict[str, Any]) -> None:
        """Let the namespace be as it was before the element."""
        namespace = self.setting.namespace
        for name in [name for name in namespace if name not in before]:
            del namespace[name]
        for name, value in before.items():
            if namespace.get(name, MISSING) is not value:
                namespace[name] = value
        for name, value in there.items():
            if value is MISSING:
                namespace.pop(name, None)
            else:
                namespace[name] = value

    def known(self, roots: dict[str, Root]) -> dict[int, Place]:
        """Return where the parts of the inputs and of one element are, by identity."""
        if not any(root.nodes or root.classes for root in roots.values()):
            return self._known
        mine = places(types.SimpleNamespace(roots=roots))  # type: ignore[arg-type]  # all that it asks of a walk
        return {**mine, **self._known}


class _ElementExecution(Execution):
    """One element's execution: what others would see of it is refused, not kept."""

    def __init__(self, body: Body, intent: Intent, roots: dict[str, Root]) -> None:
        super().__init__(body.setting, intent, body.inputs, here=body.here)
        self.refused = ""
        self._body = body
        self._roots = roots

    def _moved_now(self) -> Moved:
        return Moved()  # `Body.check` looks, once for many elements

    def _changed(self, after: Walk) -> dict[str, Root]:
        mine = types.SimpleNamespace(roots=self._roots)
        changed = changed_roots(mine, after) if self._roots else {}  # type: ignore[arg-type]  # all that it asks
        for name in changed:
            self._refuse(f"it changes `{name}` in place, which belongs to what is looped over")
        return {}

    def _places(self) -> dict[int, Place]:
        return self._body.known(self._roots)

    def _new_states(self) -> dict[str, Any]:
        for name in super()._new_states():
            self._refuse(
                f"it draws from or seeds the global random generator of {name}, so each hangs on the one before: make "
                "a generator in the body"
            )
        return {}

    def _new_ambient(self) -> dict[str, Any]:
        for name in super()._new_ambient():
            if name == DecimalFlags.name:  # nearly all of decimal arithmetic sets some: each begins with those before
                self.setting.ambient.write({name: self._ambient.get(name, {})})
                continue
            self._refuse(f"it changes settings of {name}, which the other elements see")
        return {}

    @property
    def restored(self) -> set[str]:
        """The names that it might have bound, and has not: they are what they were."""
        return self._restored

    @property
    def shown(self) -> tuple[Shown, ...]:
        """What it showed."""
        return self._record.finish()

    def _refuse(self, what: str) -> None:
        self.refused = what
        raise CannotMove(what)


def _with(intent: Intent, seed: int | None, reach: tuple[tuple[str, str], ...]) -> Intent:
    return msgspec.structs.replace(intent, seed=seed, reach=tuple(dict.fromkeys((*intent.reach, *reach))))


@contextmanager
def bound(namespace: dict[str, Any], values: dict[str, Any]) -> Iterator[None]:
    """Bind variables for a while."""
    there = {name: namespace.get(name, MISSING) for name in values}
    namespace.update(values)
    try:
        yield
    finally:
        for name, value in there.items():
            if value is MISSING:
                namespace.pop(name, None)
            else:
                namespace[name] = value
