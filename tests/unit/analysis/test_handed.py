"""What code hands on, or sets something in, by the paths that its names stand for."""

import ast
import glob
import os

import pytest

from steppe.analysis.handed import ABSTRACT, CLASSES, handed, says_more

PATHS = {"F": "fractions.Fraction", "np": "numpy", "math": "math", "patch": "unittest.mock.patch"}

FOUND = {
    "F.unit = 3": {"fractions.Fraction"},
    "math.inner.pi = 3": {"math.inner"},
    "del F.unit": {"fractions.Fraction"},
    "f(F)": {"fractions.Fraction"},
    "f(*[F], key=np)": {"fractions.Fraction", "numpy"},
    "F(3)": set(),
    "np.zeros(3).sum()": set(),
    "np.lists.append(3)": {"numpy.lists"},
    "np.lists.index(3)": set(),
    "x = np": {"numpy"},
    "type.__setattr__(F, 'unit', 3)": {"fractions.Fraction"},
    "isinstance(x, F)": set(),
    "isinstance(x, (F, np))": {"fractions.Fraction", "numpy"},
    "np.zeros(3, dtype=F)": set(),
    "f(shape=F)": {"fractions.Fraction"},
    "x == F": set(),
    "F == x": {"fractions.Fraction"},
    "class A(F): pass": set(),
    "class A:\n    part = F": {"fractions.Fraction"},
    "@F\ndef f(a: F) -> F: pass": set(),
    "def f(a=F): pass": {"fractions.Fraction"},
    "x: F = 3": set(),
    "try: pass\nexcept F: pass": set(),
    "try: pass\nexcept (F, np): pass": set(),
    "try: pass\nexcept g(np): pass": {"numpy"},
    "type(x).unit = 3": {CLASSES},
    "x.__class__.unit = 3": {CLASSES},
    "F.register(int)": {"fractions.Fraction", ABSTRACT},
    "A.register.x = 3": {ABSTRACT},
    "x._hidden = 3": {"._hidden"},
    "setattr(x, '_hidden', 3)": {"._hidden"},
    "patch('math.pi', 3)": {"math"},
    "x = [i for i in range(3)]": set(),
}


@pytest.mark.parametrize("source", FOUND)
def test_what_is_handed_on(source):
    assert handed(ast.parse(source), PATHS.get) == FOUND[source]


@pytest.mark.parametrize("source", FOUND)
def test_code_whose_text_says_nothing_more_hands_on_nothing_without_a_path(source):
    assert says_more(source) or not handed(ast.parse(source), {}.get)


def test_the_same_holds_for_python_s_own_modules():
    quiet = 0
    for file in sorted(glob.glob(f"{os.path.dirname(os.__file__)}/*.py"))[:150]:
        with open(file, "rb") as opened:
            body = ast.parse(opened.read()).body
        for source in map(ast.unparse, body):
            if not says_more(source):
                quiet += 1
                assert handed(ast.parse(source), {}.get) == frozenset(), source
    assert quiet > 300
