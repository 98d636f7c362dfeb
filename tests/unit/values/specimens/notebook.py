"""Specimens of classes and functions that were written in cells."""

from value_notebook import Notebook

CELL = """
import abc
import collections
import dataclasses
import enum
import functools
import typing


class Plain:
    kind = "plain"

    def __init__(self, a=1):
        self.a = a

    def double(self):
        return self.a * 2


class Child(Plain):
    pass


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a, b=None):
        self.a = a
        if b is not None:
            self.b = b


class SlotsAndDict(Slots):
    def __init__(self, a):
        super().__init__(a)
        self.c = a


class State:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def __getstate__(self):
        return {"a": self.a}

    def __setstate__(self, state):
        self.a, self.b = state["a"], 0


class Reduced:
    def __init__(self, a):
        self.a = a

    def __reduce__(self):
        return Reduced, (self.a,)


@dataclasses.dataclass
class Data:
    a: int
    b: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    a: int


Point = collections.namedtuple("Point", "x y")


class Typed(typing.NamedTuple):
    x: int
    y: int = 2


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Flags(enum.Flag):
    A = 1
    B = 2


class Words(str):
    pass


class Numbers(list):
    def __init__(self, items=(), note=None):
        super().__init__(items)
        self.note = note


class Table(dict):
    pass


class Bag(set):
    pass


class Count(int):
    pass


class Abstract(abc.ABC):
    @abc.abstractmethod
    def f(self): ...


class Concrete(Abstract):
    def f(self):
        return 1


class Error(Exception):
    pass


def plain(x):
    return x + 1


def with_default(x, y=1):
    return x + y


def making(n):
    def inner(x):
        return x + n

    return inner


@functools.lru_cache
def remembered(x):
    return x


@functools.wraps(plain)
def wrapping(*args):
    return plain(*args)


def counting():
    n = 0

    def step():
        nonlocal n
        n += 1
        return n

    return step


def itself():
    made = Plain()
    made.me = made
    return made


def two(same):
    one = Plain()
    return [one, one if same else Plain()]


def called(step, times):
    for _ in range(times):
        step()
    return step


def in_dict(key):
    return {key: 1}


double = lambda x: x * 2
triple = lambda x: x * 3
"""

EXPRESSIONS = """
Plain
Child
Plain()
Plain(2)
Plain(1.0)
Child()
Plain().double
Plain(2).double
Plain.double
Slots(1)
Slots(2)
Slots(1, 2)
SlotsAndDict(1)
State(1, 0)
State(2, 0)
Reduced(1)
Reduced(2)
Data(1)
Data(2)
Data(1, [1])
Data
Frozen(1)
Frozen(2)
Frozen(True)
Point(1, 2)
Point(2, 1)
(1, 2, 'Point')
Typed(1)
Typed(1, 3)
Colour.RED
Colour.BLUE
Colour
[Colour.RED, Colour.BLUE]
Flags.A
Flags.A | Flags.B
Words("a")
Words("b")
Numbers([1])
Numbers([2])
Numbers([1], note=1)
Table(a=1)
Table(a=2)
Bag([1])
Bag([2])
Count(1)
Count(2)
Concrete()
Error("a")
Error("b")
plain
with_default
making(1)
making(2)
making(1.0)
remembered
wrapping
called(counting(), 0)
called(counting(), 1)
double
triple
functools.partial(plain, 1)
functools.partial(plain, 2)
itself()
two(True)
two(False)
in_dict(Point(1, 2))
in_dict((1, 2, 3))
in_dict(Frozen(1))
in_dict(Colour.RED)
{Colour.RED, Colour.BLUE}
{Point(1, 2), Point(2, 1)}
[plain, double]
[plain, plain]
{'f': plain}
"""


def _make(expression: str):
    def make():
        book = Notebook()
        return eval(expression, book.run(CELL)), book

    return make


SPECIMENS = {expression: _make(expression) for expression in EXPRESSIONS.strip().splitlines()}
