"""A local Ray that is too slow to come up is started once more."""

import pytest

from steppe.executors.ray.driver import _begin_local

SLOW = "The current node timed out during startup. This could happen because some of the raylet failed to startup"


def begun(*errors):
    """Return how often a Ray was started whose first starts end in these errors, and what came of it."""
    left, times = list(errors), []

    def begin():
        times.append(1)
        if left:
            raise left.pop(0)

    try:
        _begin_local(begin)
    except Exception as error:
        return len(times), str(error)
    return len(times), ""


def test_one_that_is_too_slow_is_started_once_more():
    assert begun() == (1, "")
    assert begun(Exception(SLOW)) == (2, "")
    assert begun(Exception(SLOW), Exception(SLOW)) == (2, SLOW)


def test_another_error_is_told_at_once():
    assert begun(ValueError("no such option")) == (1, "no such option")
    with pytest.raises(KeyboardInterrupt):
        _begin_local(lambda: (_ for _ in ()).throw(KeyboardInterrupt))
