"""The claims of a fan-out on its elements' keys: two kernels that want the same element share one execution."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from steppe.engine.elements import Element
from steppe.engine.fan_left import take_over
from steppe.engine.holder import alive
from steppe.engine.session import LEASE
from steppe.engine.step import Step
from steppe.errors import CatalogError, StoreError
from steppe.types import Claim, Digest
from steppe.worker.trace import unseen


class ElementClaims:
    """Claims that are taken before elements run, and given up once they are entered, or have failed.

    Attributes:
        step: the fan-out.
    """

    def __init__(self, step: Step) -> None:
        self.step = step
        self._mine: set[Digest] = set()
        self._label = f"{step.request.name} in {step.session.path or 'a kernel'}"

    def take(self, elements: Iterable[Element]) -> set[int]:
        """Claim elements; return those, by their number, that another kernel is running.

        Where the Catalog can't be used, none is: each kernel then works for itself.
        """
        wanted = {element.key: element for element in elements if element.key is not None}
        session, keys = self.step.session, [key for key in wanted if key is not None and key not in self._mine]
        if not keys:
            return set()
        others, left = set[int](), list[Claim]()
        with unseen():
            try:
                there = session.catalog.claims.acquire_each(keys, session.holder, LEASE, label=self._label)
                for key in keys:
                    claim = there.get(key)
                    if claim is not None and (claim.holder == session.holder or self._is_taken_over(claim, left)):
                        self._mine.add(key)
                        session.hold(key)
                    else:
                        others.add(wanted[key].index)
                take_over(self.step, left)
            except (CatalogError, StoreError) as error:
                session.warn_once("elements are run without asking whether another kernel runs them", error)
        return others

    def _is_taken_over(self, claim: Claim, left: list[Claim]) -> bool:
        """Take over a claim of a kernel that is gone, and add it to `left`; tell whether that worked."""
        session = self.step.session
        lives = alive(claim.holder)
        if lives or (lives is None and claim.expires > session.catalog.claims.now()):
            return False
        dead = lives is False
        its = {"attempt": claim.attempt, "executor": claim.executor, "handle": claim.handle, "label": self._label}
        now = session.catalog.claims.steal(claim, session.holder, LEASE, dead=dead, **its)  # as long as that runs on
        if now.holder != session.holder:
            return False
        left.append(claim)
        return True

    def describe(self, elements: Iterable[Element], *, attempt: str, executor: str, handle: str) -> None:
        """Write down with the claims where elements run now, so that a later kernel finds them there."""
        session = self.step.session
        keys = self._mine.intersection(element.key for element in elements if element.key is not None)
        its = Claim(key="", holder=session.holder, attempt=attempt, executor=executor, handle=handle, label=self._label)
        with unseen(), session.forgiving("where elements run is not written down"):
            session.catalog.claims.describe_each(msgspec.structs.replace(its, key=key) for key in keys)

    def give_up(self, elements: Iterable[Element]) -> None:
        """Give up the claims on some elements."""
        keys = self._mine.intersection(element.key for element in elements if element.key is not None)
        self._mine -= keys
        self.step.session.let_go_each(keys)

    def end(self) -> None:
        """Give up all."""
        self.step.session.let_go_each(self._mine)
        self._mine.clear()
