"""Type hints at the boundary: one clear sentence, and no false alarms."""

from typing import Any

import pytest

import steppe
from steppe.errors import WrongType
from steppe.functions.hints import Hints


def f(a: int, b: float = 1, *rest: int, c: "list[str] | None" = None, d: Any = None, **more: str) -> dict[str, int]:
    """Have hints of many kinds."""


hints = Hints(f, "f")


@pytest.mark.parametrize(
    "arguments",
    [
        {"a": 1, "b": 2, "rest": (1, 2), "c": None, "d": object(), "more": {}},
        {"a": True, "b": 0.5, "rest": (), "c": ["x"], "more": {"k": "v"}},
    ],
)
def test_what_fits_is_let_through(arguments):
    hints.arguments(arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"a": "1"}, "f() takes an int as `a`, not the str '1'."),
        ({"b": None}, "f() takes a float as `b`, not None."),
        ({"rest": (1, "x")}, "f() takes an int as `rest`, not the str 'x'."),
        ({"more": {"k": 1}}, "f() takes a str as `more`, not the int 1."),
        ({"c": [1]}, "f() takes a list[str] | None as `c`, not a list."),
    ],
)
def test_what_does_not_fit_is_said_in_one_sentence(arguments, said):
    with pytest.raises(WrongType) as error:
        hints.arguments(arguments)
    assert str(error.value) == said
    assert isinstance(error.value, TypeError)


def test_what_is_returned_is_checked():
    hints.value({"a": 1})
    with pytest.raises(WrongType, match=r"f\(\) is said to return a dict\[str, int\], and has returned None"):
        hints.value(None)
    with pytest.raises(WrongType):
        hints.value({"a": "b"})


def test_hints_that_can_not_be_made_out_say_nothing():
    def g(x: "NotThere") -> "NorThis":  # noqa: F821
        """Name what is not there."""

    odd = Hints(g, "g")
    odd.arguments({"x": 1})
    odd.value(2)
    assert odd.said == {}


def test_a_call_is_checked_before_anything_runs(session):
    @steppe.step
    def train(lr: float) -> float:
        raise AssertionError

    with pytest.raises(WrongType, match=r"train\(\) takes a float as `lr`, not the str 'fast'"):
        train("fast")

    @steppe.step(cache=False)
    def quick(x: int) -> int:
        return "no"

    with pytest.raises(WrongType, match="not the str 'x'"):
        quick("x")
    with pytest.raises(WrongType, match="said to return an int"):
        quick(1)
