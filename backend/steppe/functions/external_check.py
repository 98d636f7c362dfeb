"""`steppe.testing.check_resource`: whether a class of external resources keeps what others rely on."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import cloudpickle

from steppe.functions.external import ExternalResource
from steppe.functions.external_course import called
from steppe.functions.mocks import MockedSteps


def check(make: Callable[[], Any]) -> None:
    """See `steppe.testing.check_resource`."""
    with MockedSteps({}):  # nothing is written down
        first = make()
        assert isinstance(first, ExternalResource), f"{type(first).__qualname__} is no steppe.ExternalResource"
        name = type(first).__qualname__
        assert first.identity() == make().identity(), f"two that are made alike have two identities: {name}.identity()"
        called(make().deactivate)  # what never came can be ended
        with first:
            assert called(first.is_active), f"{name}.is_active() says no in its block"
        _gone(first, name, "after its block")
        with make() as second:
            copy = pickle.loads(cloudpickle.dumps(second))  # ours
            called(copy.deactivate)
            _gone(second, name, "once a copy of it has been ended, as another process would do it")
        called(second.deactivate)  # what is gone can be ended


def _gone(resource: ExternalResource, name: str, when: str) -> None:
    if type(resource).is_active is ExternalResource.is_active:
        return
    try:
        there = called(resource.is_active)
    except Exception:  # an error is a no
        return
    assert not there, f"{name}.is_active() says yes {when}"
