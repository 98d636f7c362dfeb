"""Specimens from the standard library."""

import array
import collections
import datetime as dt
import decimal
import enum
import fractions
import functools
import heapq
import io
import ipaddress
import json
import operator
import pathlib
import random
import re
import string
import types
import typing
import uuid
import zoneinfo
from concurrent.futures import Future
from decimal import Decimal
from urllib.parse import urlparse

del Future


def _random(seed: int, drawn: int = 0) -> random.Random:
    made = random.Random(seed)
    for _ in range(drawn):
        made.random()
    return made


def _shared_in_partial(same: bool) -> tuple:
    part: list = [1]
    return functools.partial(sorted, part), part if same else [1]


def _moved_to_end() -> collections.OrderedDict:
    made = collections.OrderedDict(a=1, b=2)
    made.move_to_end("a")
    return made


def _zone(fold: int) -> dt.datetime:
    return dt.datetime(2024, 10, 27, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"), fold=fold)


def _stream(position: int) -> io.BytesIO:
    made = io.BytesIO(b"abc")
    made.seek(position)
    return made


SPECIMENS = {
    "Decimal 1": lambda: Decimal(1),
    "Decimal 1.0": lambda: Decimal("1.0"),
    "Decimal 1E+0": lambda: Decimal("1.00"),
    "Decimal -0": lambda: Decimal("-0"),
    "Decimal 0": lambda: Decimal(0),
    "Decimal nan": lambda: Decimal("nan"),
    "Decimal snan": lambda: Decimal("snan"),
    "Decimal inf": lambda: Decimal("inf"),
    "Fraction 1": lambda: fractions.Fraction(1),
    "Fraction 1/3": lambda: fractions.Fraction(1, 3),
    "date": lambda: dt.date(2024, 1, 1),
    "datetime": lambda: dt.datetime(2024, 1, 1),
    "datetime of a microsecond": lambda: dt.datetime(2024, 1, 1, microsecond=1),
    "datetime UTC": lambda: dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    "datetime ZoneInfo UTC": lambda: dt.datetime(2024, 1, 1, tzinfo=zoneinfo.ZoneInfo("UTC")),
    "datetime offset 0": lambda: dt.datetime(2024, 1, 1, tzinfo=dt.timezone(dt.timedelta(0), "Z")),
    "datetime +1": lambda: dt.datetime(2024, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1))),
    "datetime Berlin": lambda: _zone(0),
    "datetime Berlin folded": lambda: _zone(1),
    "time": lambda: dt.time(0, 0),
    "timedelta": lambda: dt.timedelta(0),
    "timedelta of a microsecond": lambda: dt.timedelta(microseconds=1),
    "ZoneInfo": lambda: zoneinfo.ZoneInfo("Europe/Berlin"),
    "ZoneInfo Paris": lambda: zoneinfo.ZoneInfo("Europe/Paris"),
    "Path": lambda: pathlib.PurePosixPath("a/b"),
    "Path of other parts": lambda: pathlib.PurePosixPath("a", "c"),
    "Path windows": lambda: pathlib.PureWindowsPath("a/b"),
    "Path concrete": lambda: pathlib.Path("a/b"),
    "UUID": lambda: uuid.UUID(int=1),
    "UUID 2": lambda: uuid.UUID(int=2),
    "IPv4": lambda: ipaddress.ip_address("10.0.0.1"),
    "IPv4 network": lambda: ipaddress.ip_network("10.0.0.0/24"),
    "pattern": lambda: re.compile("a+"),
    "pattern ignoring case": lambda: re.compile("a+", re.IGNORECASE),
    "pattern of bytes": lambda: re.compile(b"a+"),
    "OrderedDict": lambda: collections.OrderedDict(a=1, b=2),
    "OrderedDict moved": _moved_to_end,
    "OrderedDict of one": lambda: collections.OrderedDict(a=1),
    "defaultdict list": lambda: collections.defaultdict(list, a=[1]),
    "defaultdict set": lambda: collections.defaultdict(set, a=[1]),
    "defaultdict without": lambda: collections.defaultdict(None, a=[1]),
    "defaultdict of other": lambda: collections.defaultdict(list, a=[2]),
    "Counter": lambda: collections.Counter("abca"),
    "Counter of other": lambda: collections.Counter("abcb"),
    "ChainMap": lambda: collections.ChainMap({"a": 1}, {"b": 2}),
    "ChainMap turned": lambda: collections.ChainMap({"b": 2}, {"a": 1}),
    "deque": lambda: collections.deque([1, 2]),
    "deque of at most 2": lambda: collections.deque([1, 2], maxlen=2),
    "deque of at most 3": lambda: collections.deque([1, 2], maxlen=3),
    "UserDict": lambda: collections.UserDict(a=1),
    "UserList": lambda: collections.UserList([1]),
    "array i": lambda: array.array("i", [1, 2]),
    "array l": lambda: array.array("l", [1, 2]),
    "array d": lambda: array.array("d", [1, 2]),
    "array of other": lambda: array.array("i", [1, 3]),
    "SimpleNamespace": lambda: types.SimpleNamespace(a=1),
    "SimpleNamespace of other": lambda: types.SimpleNamespace(a=2),
    "SimpleNamespace of other name": lambda: types.SimpleNamespace(b=1),
    "BytesIO": lambda: _stream(0),
    "BytesIO at 1": lambda: _stream(1),
    "StringIO": lambda: io.StringIO("abc"),
    "StringIO of other": lambda: io.StringIO("abd"),
    "Random 1": lambda: _random(1),
    "Random 2": lambda: _random(2),
    "Random 1 drawn": lambda: _random(1, 1),
    "partial": lambda: functools.partial(int, base=2),
    "partial of 3": lambda: functools.partial(int, base=3),
    "partial positional": lambda: functools.partial(int, "1"),
    "partial of other": lambda: functools.partial(float, "1"),
    "partial with its argument": lambda: _shared_in_partial(True),
    "partial without its argument": lambda: _shared_in_partial(False),
    "partialmethod": lambda: functools.partialmethod(int, 1),
    "partialmethod 2": lambda: functools.partialmethod(int, 2),
    "itemgetter": lambda: operator.itemgetter(1),
    "itemgetter 2": lambda: operator.itemgetter(2),
    "itemgetter text": lambda: operator.itemgetter("1"),
    "attrgetter": lambda: operator.attrgetter("a"),
    "methodcaller": lambda: operator.methodcaller("a", 1),
    "methodcaller 2": lambda: operator.methodcaller("a", 2),
    "a function of the library": lambda: heapq.merge,
    "a class of the library": lambda: json.JSONDecoder,
    "template": lambda: string.Template("$a"),
    "template of other": lambda: string.Template("$b"),
    "parsed url": lambda: urlparse("https://a/b"),
    "parsed url of other": lambda: urlparse("https://a/c"),
    "member": lambda: re.RegexFlag.IGNORECASE,
    "members": lambda: re.RegexFlag.IGNORECASE | re.RegexFlag.MULTILINE,
    "no member": lambda: re.RegexFlag(0),
    "int of that member": lambda: 2,
    "HTTPStatus": lambda: __import__("http").HTTPStatus.OK,
    "StrEnum class": lambda: enum.StrEnum,
    "TypeVar": lambda: typing.AnyStr,
    "typing.Literal": lambda: typing.Literal["a"],
    "typing.Literal b": lambda: typing.Literal["b"],
    "typing.Callable": lambda: typing.Callable[[int], str],
    "decimal context": lambda: decimal.Context(prec=5),
    "decimal context of 6": lambda: decimal.Context(prec=6),
    "bound method": lambda: collections.Counter("ab").most_common,
    "bound method of other": lambda: collections.Counter("abc").most_common,
    "bound method, other method": lambda: collections.Counter("ab").elements,
    "exception with notes": lambda: _noted(),
    "struct_time": lambda: __import__("time").gmtime(0),
    "struct_time of 1": lambda: __import__("time").gmtime(1),
    "bound method of a shared object": lambda: _append_of([1]),
    "bound method of an equal object": lambda: ([1].append, [1]),
}


def _append_of(made: list) -> tuple:
    return made.append, made


def _noted() -> Exception:
    made = ValueError("a")
    made.add_note("noted")
    return made
