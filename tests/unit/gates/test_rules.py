"""Rules: what they say, and that nothing else than a rule is ever done."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steppe.errors import UsageError
from steppe.gates.rules import Rule


class Facts:
    def __init__(self, before, now):
        self.before, self.now = before, now

    def number(self, name, *, before):
        known = self.before if before else self.now
        if name not in known:
            raise UsageError(f"no {name}")
        return known[name]

    def rows(self, name, *, before):
        return float(len(self.number(name, before=before)))

    def same(self, name, tolerance):
        return abs(self.before[name] - self.now[name]) <= tolerance


FACTS = Facts({"accuracy": 0.95, "loss": 0.2, "t": [1, 2, 3]}, {"accuracy": 0.93, "loss": 0.1, "t": [1, 2], "a.b": 5})


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("accuracy >= baseline - 0.01", False),
        ("accuracy >= baseline - 0.021", True),
        ("accuracy >= 0.98 * baseline", False),
        ("loss < baseline", True),
        ("abs(accuracy - baseline) <= 0.05", True),
        ("loss <= baseline(accuracy)", True),
        ("0 < loss < 1", True),
        ("0 < loss < 0.05", False),
        ("max(loss, accuracy) == accuracy", True),
        ("a.b == 5", True),
        ("rows(t) >= baseline", False),
        ("rows(t) >= baseline * 0.5", True),
        ("same(loss)", False),
        ("same(loss, 0.1)", True),
        ("loss / 0 > 1", False),
        ("-loss < +accuracy", True),
    ],
)
def test_a_rule_says_whether_it_holds(rule, holds):
    assert Rule(rule).holds(FACTS)[0] is holds


def test_it_tells_the_numbers():
    assert Rule("accuracy >= baseline - 0.01").holds(FACTS) == (False, "0.93 against 0.94")


@pytest.mark.parametrize(
    "rule",
    [
        "__import__('os').system('true') == 0",
        "open('/etc/passwd') == 1",
        "accuracy.__class__.__mro__ == 1",
        "(lambda: 1)() == 1",
        "[x for x in (1,)] == 1",
        "accuracy if loss else 1",
        "accuracy > 'text'",
        "accuracy ** 9 ** 9 ** 9 > 1",
        "accuracy and loss",
        "accuracy",
        "1 < 2",
        "baseline > 1",
        "max(loss) > 1",
        "abs(loss, 1) > 1",
        "rows(3) > 1",
        "same(loss, accuracy) == 1",
        "accuracy is baseline",
        "accuracy in (1, 2)",
        "x := 3",
        "f(loss) > 1",
        "max(*loss) > 1",
        "min(loss, key=loss) > 1",
        "loss > True",
        "loss > 1j",
        "",
        "loss > ",
        "(" * 90 + "loss" + ")" * 90 + " > -" + "-" * 60 + "1",
        "loss > " + "1 + " * 300 + "1",
    ],
)
def test_anything_else_is_refused_in_one_sentence(rule):
    with pytest.raises(UsageError) as caught:
        Rule(rule)
    assert "\n" not in str(caught.value)


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_no_text_does_anything_but_be_read_or_refused(text):
    try:
        rule = Rule(text)
    except UsageError:
        return
    assert rule.subject


@given(st.floats(0, 1), st.floats(0, 1))
def test_it_computes_as_python_does(one, other):
    held, _ = Rule("x >= baseline - 0.01").holds(Facts({"x": one}, {"x": other}))
    assert held == (other >= one - 0.01)
    assert not Rule("x > 0").holds(Facts({}, {"x": math.nan}))[0]
