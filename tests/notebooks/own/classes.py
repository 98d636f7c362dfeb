# %%
from abc import ABC, abstractmethod
from collections import namedtuple
from dataclasses import dataclass, field
from enum import Enum, IntFlag, auto
from typing import NamedTuple


class Point:
    made = 0

    def __init__(self, x, y):
        self.x, self.y = x, y
        type(self).made += 1

    def __repr__(self):
        return f"Point({self.x}, {self.y})"


first = Point(1, 2)
first

# %%
Point(3, 4), Point.made


# %%
class Point:
    def __init__(self, x):
        self.x = x

    def __repr__(self):
        return f"New({self.x})"


second = Point(5)
isinstance(first, Point), isinstance(second, Point), first, second

# %%
first.__class__ = Point
first, isinstance(first, Point)


# %%
@dataclass(order=True)
class Item:
    name: str
    tags: list = field(default_factory=list)


items = [Item("b"), Item("a", ["x"])]
sorted(items)

# %%
items[0].tags.append("late")
items


# %%
class Colour(Enum):
    RED = 1
    GREEN = auto()


class Rights(IntFlag):
    READ = 1
    WRITE = 2


picked = Colour.GREEN
Colour(2) is picked, Rights.READ | Rights.WRITE

# %%
picked is Colour.GREEN, list(Colour), {Colour.RED: "red"}[Colour.RED]

# %%
Pair = namedtuple("Pair", "left right")


class Triple(NamedTuple):
    a: int
    b: str = "b"


Pair(1, 2), Triple(3), Pair(1, 2)._replace(left=9)


# %%
class Shape(ABC):
    registry = {}

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        Shape.registry[cls.__name__] = cls

    @abstractmethod
    def area(self): ...


class Square(Shape):
    __slots__ = ("side",)

    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side**2

    @property
    def double(self):
        return self.area() * 2


square = Square(3)
square.area(), square.double, list(Shape.registry)


# %%
class Cube(Square):
    def area(self):
        return super().area() * 6


Cube(2).area(), list(Shape.registry)

# %%
Square.area = lambda self: -1
square.area(), Cube(2).area()

# %%
Cube.colour = picked
Cube(1).colour, isinstance(square, Shape), type(square) is Square
