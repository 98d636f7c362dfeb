"""Specimens made of built-in types."""

import math
import struct


def _nan(bits: int) -> float:
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def _itself() -> list:
    made: list = [1]
    made.append(made)
    return made


def _itself_in_dict() -> dict:
    made: dict = {}
    made["self"] = made
    return made


def _two_level() -> list:
    made: list = [1]
    made.append([1, made])
    return made


def _shared(n: int) -> list:
    part: list = [0]
    return [part, *([part] if n == 1 else [[0]])]


def _three(pattern: str) -> list:
    one: list = []
    two: list = []
    return [one if letter == "a" else two for letter in pattern]


def _ring(n: int) -> list:
    made: list = [[] for _ in range(n)]
    for i in range(n):
        made[i].append(made[(i + 1) % n])
    return made[0]


ATOMS = {
    "None": None,
    "Ellipsis": ...,
    "NotImplemented": NotImplemented,
    "False": False,
    "True": True,
    "0": 0,
    "1": 1,
    "-1": -1,
    "0.0": 0.0,
    "-0.0": -0.0,
    "1.0": 1.0,
    "-1.0": -1.0,
    "1j": 1j,
    "(1+0j)": 1 + 0j,
    "complex -0 imaginary": complex(1, -0.0),
    "complex -0 real": complex(-0.0, 1),
    "inf": math.inf,
    "-inf": -math.inf,
    "nan": math.nan,
    "nan negative": -math.nan,
    "nan payload": _nan(0x7FF8000000000001),
    "complex nan": complex(math.nan, 0),
    "complex nan imaginary": complex(0, math.nan),
    "2**31": 1 << 31,
    "2**63": 1 << 63,
    "-2**63": -(1 << 63),
    "2**64": 1 << 64,
    "2**64 as float": float(1 << 64),
    "2**20000": 1 << 20_000,
    "2**20000 + 1": (1 << 20_000) + 1,
    "2**100000": 1 << 100_000,
    "smallest float": 5e-324,
    "empty str": "",
    "str 0": "0",
    "str 1": "1",
    "str 1.0": "1.0",
    "str None": "None",
    "str nul": "\0",
    "str surrogate": "\ud800",
    "str e acute": "\xe9",
    "str e combining": "e\u0301",
    "long str": "a" * 5000,
    "longer str": "a" * 5001,
    "long str of bytes length": "\xe9" * 2500,
    "empty bytes": b"",
    "bytes 1": b"1",
    "bytes nul": b"\0",
    "long bytes": b"a" * 5000,
    "bytearray empty": bytearray(),
    "bytearray 1": bytearray(b"1"),
    "bytearray long": bytearray(b"a" * 5000),
}

SPECIMENS = {name: (lambda value=value: value) for name, value in ATOMS.items()}
SPECIMENS |= {
    "[]": list,
    "()": tuple,
    "{}": dict,
    "set()": set,
    "frozenset()": frozenset,
    "[[]]": lambda: [[]],
    "[()]": lambda: [()],
    "[{}]": lambda: [{}],
    "([],)": lambda: ([],),
    "((),)": lambda: ((),),
    "(((),),)": lambda: (((),),),
    "[None]": lambda: [None],
    "[1]": lambda: [1],
    "[1.0]": lambda: [1.0],
    "[True]": lambda: [True],
    "['1']": lambda: ["1"],
    "[b'1']": lambda: [b"1"],
    "[1, 2]": lambda: [1, 2],
    "[2, 1]": lambda: [2, 1],
    "[12]": lambda: [12],
    "(1, 2)": lambda: (1, 2),
    "(1, (2,))": lambda: (1, (2,)),
    "((1,), 2)": lambda: ((1,), 2),
    "((1, 2),)": lambda: ((1, 2),),
    "['ab', 'c']": lambda: ["ab", "c"],
    "['a', 'bc']": lambda: ["a", "bc"],
    "['abc']": lambda: ["abc"],
    "(0.12, 3)": lambda: (0.12, 3),
    "(0.1, 23)": lambda: (0.1, 23),
    "{1: 2}": lambda: {1: 2},
    "{1.0: 2}": lambda: {1.0: 2},
    "{True: 2}": lambda: {True: 2},
    "{'1': 2}": lambda: {"1": 2},
    "{1: 2.0}": lambda: {1: 2.0},
    "dict order 1": lambda: {"a": 1, "b": 2},
    "dict order 2": lambda: {"b": 2, "a": 1},
    "dict of pairs as list": lambda: [("a", 1), ("b", 2)],
    "mixed keys": lambda: {1: "a", "1": "b", 1.5: "c", None: "d", (1, "2"): "e", b"1": "f"},
    "mixed keys swapped": lambda: {1: "b", "1": "a", 1.5: "c", None: "d", (1, "2"): "e", b"1": "f"},
    "mixed keys regrouped": lambda: {1: "a", "1": "b", 1.5: "c", None: "d", ("1", 2): "e", b"1": "f"},
    "{1}": lambda: {1},
    "{1.0}": lambda: {1.0},
    "{True}": lambda: {True},
    "{'1'}": lambda: {"1"},
    "{1, 2}": lambda: {1, 2},
    "frozenset {1}": lambda: frozenset({1}),
    "frozenset {1, 2}": lambda: frozenset({1, 2}),
    "{frozenset {1}}": lambda: {frozenset({1})},
    "set of words": lambda: {"alpha", "beta", "gamma", "delta"},
    "set of words and numbers": lambda: {"alpha", 1, 2.5, None, b"alpha"},
    "set of tuples": lambda: {("a", 1), ("b", 2), ("c", (3, "d"))},
    "set of frozensets": lambda: {frozenset({"a", "b"}), frozenset({"c"}), frozenset()},
    "set of tuples of frozensets": lambda: {("x", frozenset({"a", "b"})), ("y", frozenset({"a", "c"}))},
    "long list": lambda: list(range(5000)),
    "long list as floats": lambda: [float(i) for i in range(5000)],
    "long list of one less": lambda: list(range(4999)),
    "long tuple": lambda: tuple(range(5000)),
    "long dict": lambda: {i: str(i) for i in range(2000)},
    "deep list": lambda: __import__("functools").reduce(lambda inner, _: [inner], range(500), []),
    "deeper list": lambda: __import__("functools").reduce(lambda inner, _: [inner], range(501), []),
    "deep tuple": lambda: __import__("functools").reduce(lambda inner, _: (inner,), range(500), ()),
    "range(3)": lambda: range(3),
    "range(0, 3, 2)": lambda: range(0, 3, 2),
    "range(0, 4, 2)": lambda: range(0, 4, 2),
    "range(0)": lambda: range(0),
    "range as tuple": lambda: (0, 3, 1),
    "slice(3)": lambda: slice(3),
    "slice(None, 3, 1)": lambda: slice(None, 3, 1),
    "slice(3.0)": lambda: slice(3.0),
    "shared lists": lambda: _shared(1),
    "equal lists": lambda: _shared(0),
    "aba": lambda: _three("aba"),
    "aab": lambda: _three("aab"),
    "abb": lambda: _three("abb"),
    "aaa": lambda: _three("aaa"),
    "a list in itself": _itself,
    "a dict in itself": _itself_in_dict,
    "a list in a list in itself": _two_level,
    "a ring of 2": lambda: _ring(2),
    "a ring of 3": lambda: _ring(3),
    "int class": lambda: int,
    "list class": lambda: list,
    "dict class": lambda: dict,
    "len": lambda: len,
    "math.sin": lambda: math.sin,
    "math.cos": lambda: math.cos,
    "math": lambda: math,
    "'abc'.upper": lambda: "abc".upper,
    "'abd'.upper": lambda: "abd".upper,
    "'abc'.lower": lambda: "abc".lower,
    "str.upper": lambda: str.upper,
    "str.lower": lambda: str.lower,
    "[].append": lambda: [].append,
    "[1].append": lambda: [1].append,
    "dict.fromkeys": lambda: dict.fromkeys,
    "int.from_bytes": lambda: int.from_bytes,
    "bytes.fromhex": lambda: bytes.fromhex,
    "bytearray.fromhex": lambda: bytearray.fromhex,
    "list[int]": lambda: list[int],
    "list[float]": lambda: list[float],
    "int | None": lambda: int | None,
    "int | str": lambda: int | str,
    "ValueError": lambda: ValueError("a"),
    "ValueError, other text": lambda: ValueError("b"),
    "KeyError": lambda: KeyError("a"),
    "object": object,
    "mapping proxy": lambda: __import__("types").MappingProxyType({"a": 1}),
}
