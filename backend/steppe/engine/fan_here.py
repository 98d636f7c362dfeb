"""A fan-out in the kernel: its elements one after another, each taken as it lives."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from steppe.engine.checkpoints import owner_of_element
from steppe.engine.choose import Place
from steppe.engine.chunks import body_intent, seed_for
from steppe.engine.elements import Element
from steppe.engine.fan import Fan
from steppe.engine.inline import make_live, may_reach_outside
from steppe.engine.outlet import Outlet
from steppe.engine.step import Step
from steppe.errors import CannotMove
from steppe.types import Digest, Result
from steppe.worker.body import Body
from steppe.worker.checkpoints import Keeping
from steppe.worker.execution import Execution
from steppe.worker.progress import following
from steppe.worker.reach import named
from steppe.worker.trace import unseen


class FanHere(Fan):
    """A fan-out whose elements run in the kernel."""

    def __init__(self, step: Step, outlet: Outlet, place: Place) -> None:
        super().__init__(step, outlet, place)
        self._bodies: dict[int, tuple[Any, Body]] = {}

    def run(self) -> None:
        """Run what misses, in the elements' order."""
        try:
            self._in_order()
        except CannotMove:
            raise
        except BaseException:  # an interrupt; or what gives the elements has failed
            with contextlib.suppress(CannotMove):
                self.keep()
            raise

    def _in_order(self) -> None:
        refreshed = self.step.refreshed
        while batch := self.batch():
            hits = self.look_up(batch)
            made: dict[Digest, Result] = {}
            for element in batch:
                hit = hits.get(element.index)
                same = made.get(element.key) if element.key is not None else None
                if hit is not None and self.take_hit(element, hit):
                    continue
                if same is not None and self.take(element, same, hit=True):
                    continue
                if not refreshed and self._runs_elsewhere(element):
                    continue
                result = self._run_here(element)
                if result is not None and element.key is not None and not element.why:
                    made[element.key] = result
            self.keep()
            self.tell_progress()

    def _runs_elsewhere(self, element: Element) -> bool:
        """Claim an element, once nobody else runs it; tell whether its result has come from there meanwhile."""
        pause = 0.02
        while self.claims.take([element]):
            self.keep()  # nobody waits for another who waits for us
            self.step.waits_for = "an element that another kernel runs"
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)
        hit = self.look_up([element]).get(element.index) if element.key is not None else None
        if hit is None or not self.take_hit(element, hit):
            return False
        self.claims.give_up([element])
        return True

    def _run_here(self, element: Element) -> Result | None:
        """Run the body for an element in the kernel; its values are taken as they live."""
        self.record.begin()
        body = self._body(element)
        with unseen():
            reach = tuple(named(element.texts, self.session.places)) if element.texts else ()
        with following(partial(self.within, element.index, element.said)):
            ran = body.run(
                {name: element.values[name] for name in self.keys.read},
                element.roots,
                seed=seed_for(self.step, element),
                reach=reach,
                allowed=may_reach_outside(self.step.request.options),
                keep=element.key is not None,
                saves=self._saves(element),
            )
        if isinstance(ran.error, KeyboardInterrupt):
            raise ran.error
        if ran.refused:
            raise self.refused(ran.refused)
        if ran.error is not None:
            self.fail(element, ran.error, self._lines(ran.error))
            return None
        self.saved += ran.checkpoints
        element.why += ran.reasons
        result = ran.result if not ran.reasons else None
        self.collect(element, ran.values, ran.metrics)
        self.measure(element, ran.metrics)
        self._leave(element)
        self.record.done(element, result, hit=False, seconds=ran.seconds)
        for item in ran.shown:
            self.record.shown(item)
        self.next = element.index + 1
        if result is not None and element.key is not None:
            self.fresh.append((element, result, None))
        else:
            self.claims.give_up([element])
        if ran.seconds > self.pause or time.monotonic() - self.kept > self.pause or self.next == 1:
            self.keep()
        self.tell_progress()
        return result

    def _saves(self, element: Element) -> Callable[[Execution], Keeping] | None:
        """Return what gives what keeps an element's checkpoints; without a key, nobody would find them again."""
        if element.key is None:
            return None
        owner, store = owner_of_element(self.step, element), self.session.store
        element.tries += 1
        return lambda execution: Keeping(store, owner, execution)

    def _body(self, element: Element) -> Body:
        found = self._bodies.get(id(element.base))
        if found is None:
            if element.joined:  # its body is its own
                self.keep()
                self._bodies = {}
            with unseen():
                make_live(element.base, self.session.setting.namespace)
                intent = body_intent(self.step, element.base)
                body = Body(self.session.setting, self.each.code, intent, element.base.walk, here=True)
            found = self._bodies[id(element.base)] = element.base, body
        return found[1]

    def _lines(self, error: BaseException) -> list[str]:
        """Return an error's traceback as the shell shows one."""
        shell = self.session.setting.shell
        lines: list[str] = shell.InteractiveTB.structured_traceback(
            type(error), error, error.__traceback__, tb_offset=0
        )
        return lines

    def check(self) -> str:
        """Say what the body has changed that other elements see, in words."""
        return next((said for _, body in self._bodies.values() if (said := body.check())), "")
