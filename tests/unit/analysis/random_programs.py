"""Random small programs, and what really happens to names when they run: the ground truth for `names_of`."""

from __future__ import annotations

import contextlib
import sys
import types
from dataclasses import dataclass, field
from random import Random

from hypothesis import strategies as st

NAMES = ("a", "b", "c")
FUNCTIONS = ("f",)
CLASSES = ("K",)
LEAVING = ("break", "continue")
EVERYTHING = tuple(range(24))
EXPRESSIONS = (0, 1, 4, 4, 4, 9, 12, 15)
UNBINDING = (0, 0, 1, 3, 3, 14, 15, 16, 17, 18, 21, 23)
MATCHING = (0, 3, 22, 22)
THEMES = (EVERYTHING, EVERYTHING, EXPRESSIONS, UNBINDING, MATCHING)


class Stop(BaseException):
    """The program has run for long enough."""


class Oops(Exception):
    """An error that programs raise and catch."""


class World:
    """What a program runs in: its tools, and a record of which of the values from before it has met."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.steps = 0
        self.met: set[str] = set()

    def step(self) -> None:
        self.steps += 1
        if self.steps > 400:
            raise Stop

    def coin(self, *values: object) -> bool:
        self.meet(*values)
        return self.random.random() < 0.5

    def boom(self, *values: object) -> None:
        if self.coin(*values):
            raise Oops

    def meet(self, *values: object) -> None:
        self.step()
        for value in values:
            if isinstance(value, Value) and value.name:
                self.met.add(value.name)

    def make(self, *values: object) -> Value:
        self.meet(*values)
        return Value(self)

    def swallow(self, *values: object) -> Swallow:
        self.meet(*values)
        return Swallow(self)


class Swallow:
    """A context manager that lets some errors through."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __enter__(self) -> Value:
        return Value(self.world)

    def __exit__(self, kind: object, *_: object) -> bool:
        return kind is Oops and self.world.coin()


class Value:
    """A value that tells its world whenever something is done with it; `name` is set for those from before."""

    def __init__(self, world: World, name: str = "") -> None:
        self.__dict__.update(world=world, name=name)

    def __call__(self, *values: object) -> Value:
        return self.world.make(self, *values)

    def __bool__(self) -> bool:
        return self.world.coin(self)

    def __iter__(self):
        self.world.meet(self)
        for _ in range(self.world.random.randrange(3)):
            yield Value(self.world)

    def __getattr__(self, _: str) -> Value:
        return self.world.make(self)

    def __setattr__(self, _: str, value: object) -> None:
        self.world.meet(self, value)

    def __add__(self, other: object) -> Value:
        return self.world.make(self, other)

    def __lt__(self, other: object) -> Value:
        return self.world.make(self, other)

    def __eq__(self, other: object) -> bool:
        return self.world.coin(self, other)

    __hash__ = object.__hash__


class Namespace(dict):
    """Globals that record loads of names that still have their value from before, and what is set and deleted."""

    def __init__(self, world: World, before: dict[str, object]) -> None:
        super().__init__(before)
        self.world, self.before = world, before
        self.read: set[str] = set()
        self.bound: set[str] = set()
        self.deleted: set[str] = set()

    def __getitem__(self, name: str) -> object:
        value = super().__getitem__(name)
        if value is self.before.get(name) and name not in self.bound:
            self.read.add(name)
        return value

    def __setitem__(self, name: str, value: object) -> None:
        self.bound.add(name)
        super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        self.deleted.add(name)
        super().__delitem__(name)


@dataclass
class Truth:
    """What happened to the names of a program when it ran."""

    read: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    at_end: set[str] | None = None


def run(code: types.CodeType, seed: int, missing: frozenset[str] = frozenset()) -> Truth:
    """Run a program and, afterwards, the functions that it left behind."""
    world = World(seed)
    mine = {name: Value(world, name) for name in (*NAMES, *FUNCTIONS, *CLASSES) if name not in missing}
    tools = {"v": world.make, "coin": world.coin, "boom": world.boom, "swallow": world.swallow, "Oops": Oops}
    space = Namespace(world, {**mine, **tools, "__name__": "program"})
    truth = Truth()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(200)
    try:
        with contextlib.suppress(Exception, Stop):
            exec(code, space)
            truth.at_end = set(space.keys())
        for value in list(space.values()):
            if isinstance(value, types.FunctionType):
                with contextlib.suppress(Exception, Stop):
                    value()
    finally:
        sys.setrecursionlimit(limit)
    ours = {*NAMES, *FUNCTIONS, *CLASSES}
    moved = {
        value.name for name, value in space.items() if isinstance(value, Value) and value.name and value.name != name
    }
    changed = {name for name in ours if name in space and dict.get(space, name) is not mine.get(name)}
    truth.read = (space.read | world.met | moved) & ours
    truth.bound = (space.bound | changed) & ours
    truth.deleted = (space.deleted | {name for name in mine if name not in space}) & ours
    return truth


@dataclass(frozen=True)
class Place:
    """Where a statement stands."""

    loop: bool = False
    function: bool = False
    kind: str = "module"
    depth: int = 0
    kinds: tuple[int, ...] = EVERYTHING
    rich: bool = False

    def inner(self, **changes: object) -> Place:
        return Place(**{**self.__dict__, "depth": self.depth + 1, **changes})  # type: ignore[arg-type]


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Programs over a few names, with every statement that binds, unbinds or branches."""
    theme = draw(st.sampled_from(THEMES))
    lines = _block(draw, Place(kinds=theme, rich=theme is EXPRESSIONS), draw(st.integers(1, 6)))
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=2)):
        lines += [f"if v({name}): pass"]
    return "\n".join(lines) + "\n"


def _name(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(NAMES))


def _expression(draw: st.DrawFn, place: Place, depth: int = 0) -> str:
    n = _name(draw)
    kind = draw(
        st.sampled_from((0, 0, 1, 1, 2, 3) if depth > 1 or not (place.rich or draw(st.booleans())) else range(15))
    )

    def inner() -> str:
        return _expression(draw, place, depth + 1)

    match kind:
        case 0:
            return "v()"
        case 1 | 2:
            return f"v({n})"
        case 3:
            return f"v({draw(st.sampled_from(FUNCTIONS))}())"
        case 4:
            return f"v({n} := {inner()})"
        case 5:
            return f"({inner()} and {inner()})"
        case 6:
            return f"({inner()} or {inner()})"
        case 7:
            return f"({inner()} if {inner()} else {inner()})"
        case 8:
            return f"[{inner()} for {n} in {inner()} if {inner()}]"
        case 9:
            return f"v(*({inner()} for {n} in {inner()}))"
        case 10:
            return f"v((lambda {n}=({inner()}): {inner()})())"
        case 11:
            return f"v(lambda: {inner()})"
        case 12:
            return f"({inner()} < {inner()} < {inner()})"
        case 13:
            return f"(not {inner()})"
        case _:
            return f"{{{inner()}: {inner()} for {n} in {inner()}}}"


def _block(draw: st.DrawFn, place: Place, size: int) -> list[str]:
    lines: list[str] = []
    for _ in range(size):
        lines.extend(_statement(draw, place))
    return lines


def _inner(draw: st.DrawFn, place: Place, *, risky: bool = False) -> list[str]:
    lines = _block(draw, place, draw(st.integers(1, 2)))
    if risky:
        lines = [*_block(draw, place, draw(st.integers(0, 1))), "boom()", *lines]
    if place.loop and draw(st.integers(0, 2)) == 0:
        lines = [*_block(draw, place, draw(st.integers(0, 1))), f"if coin(): {draw(st.sampled_from(LEAVING))}", *lines]
    return ["    " + line for line in lines]


def _statement(draw: st.DrawFn, place: Place) -> list[str]:
    n, expression = _name(draw), _expression(draw, place)
    kind = draw(st.sampled_from([kind for kind in place.kinds if place.depth <= 2 or kind < 12]))
    match kind:
        case 0 | 1:
            return [f"{n} = {expression}"]
        case 2:
            return [f"{n} += v()"]
        case 3:
            return [f"del {n}"]
        case 4:
            return [expression]
        case 5:
            return [f"{n}, ({_name(draw)}, *{_name(draw)}) = v(), [v(), v()]"]
        case 6:
            return ["boom()"]
        case 7:
            return (
                [draw(st.sampled_from(["break", "continue"]))]
                if place.loop
                else [f"{n}: v({_name(draw)}) = {expression}"]
            )
        case 8:
            return [f"return {expression}"] if place.kind == "function" else [f"import sys as {n}"]
        case 9:
            return ["raise Oops"] if draw(st.booleans()) else [f"assert {expression}, {n}"]
        case 10:
            return [f"{n}.x = {_name(draw)}"]
        case 11:
            return [f"{draw(st.sampled_from(FUNCTIONS))}()"]
        case 12 | 13:
            lines = [f"if {expression}:", *_inner(draw, place.inner())]
            return lines + (["else:", *_inner(draw, place.inner())] if draw(st.booleans()) else [])
        case 14:
            over = draw(st.sampled_from(["v()", n, "range(2)", "(v(), v())", "range(0)"]))
            lines = [f"for {_name(draw)} in {over}:", *_inner(draw, place.inner(loop=True))]
            return lines + (["else:", *_inner(draw, place.inner())] if draw(st.booleans()) else [])
        case 15:
            test = draw(st.sampled_from([f"coin({n})", "True", expression]))
            lines = [f"while {test}:", "    v()", *_inner(draw, place.inner(loop=True))]
            return lines + (["else:", *_inner(draw, place.inner())] if draw(st.booleans()) else [])
        case 16 | 17:
            return _try(draw, place)
        case 18:
            manager = draw(
                st.sampled_from(["swallow()", f"swallow() as {n}", f"swallow() as {n}, swallow({n}) as {_name(draw)}"])
            )
            return [f"with {manager}:", *_inner(draw, place.inner(), risky=True)]
        case 19 | 20:
            return _function(draw, place)
        case 21:
            lines = [f"class {draw(st.sampled_from(CLASSES))}:"]
            if draw(st.booleans()):
                lines.append(f"    global {_name(draw)}")
            return lines + _inner(draw, place.inner(kind="class", loop=False))
        case 22:
            return _match(draw, place, expression)
        case _:
            return ["if coin():", *_inner(draw, place.inner())]


def _try(draw: st.DrawFn, place: Place) -> list[str]:
    lines = ["try:", *_inner(draw, place.inner(), risky=True)]
    if draw(st.booleans()):
        caught = draw(st.sampled_from(["Oops", f"Oops as {_name(draw)}", f"(NameError, Oops) as {_name(draw)}"]))
        lines += [f"except {caught}:", *_inner(draw, place.inner())]
        if draw(st.booleans()):
            lines += ["else:", *_inner(draw, place.inner())]
        if draw(st.booleans()):
            lines += ["finally:", *_inner(draw, place.inner())]
    else:
        lines += ["finally:", *_inner(draw, place.inner())]
    return lines


def _function(draw: st.DrawFn, place: Place) -> list[str]:
    name = draw(st.sampled_from(FUNCTIONS))
    parameter = draw(st.sampled_from(["", f"{_name(draw)}=v({_name(draw)})", f"*{_name(draw)}"]))
    lines = []
    if draw(st.integers(0, 4)) == 0:
        lines.append(f"@v({_name(draw)})")
    lines.append(f"def {name}({parameter}) -> v({_name(draw)}):")
    if draw(st.booleans()):
        lines.append(f"    {draw(st.sampled_from(['global', 'global', 'nonlocal']))} {_name(draw)}")
    return lines + _inner(draw, place.inner(kind="function", loop=False))


def _match(draw: st.DrawFn, place: Place, subject: str) -> list[str]:
    lines = [f"match {subject}:"]
    for _ in range(draw(st.integers(1, 2))):
        n = _name(draw)
        pattern = draw(st.sampled_from([f"[{n}, *{_name(draw)}2]", "v.x", f"[v.x, {n}]", f"[{n}]", f"{{1: {n}}}"]))
        pattern = pattern.replace("2]", "]")
        guard = f" if {_expression(draw, place, 2)}" if draw(st.booleans()) else ""
        lines += [f"    case {pattern}{guard}:", *("    " + line for line in _inner(draw, place.inner()))]
    if draw(st.booleans()):
        lines += [
            f"    case {draw(st.sampled_from(['_', _name(draw)]))}:",
            *("    " + line for line in _inner(draw, place.inner())),
        ]
    return lines
