"""Specimens of NumPy and SciPy."""

import numpy as np
from scipy import sparse

A = (0, 1, 2, 3, 4, 5)


def _array(*args, **options) -> np.ndarray:
    return np.array(A, *args, **options)


def _frozen() -> np.ndarray:
    made = _array()
    made.flags.writeable = False
    return made


def _views(kind: str) -> list:
    base = np.arange(8)
    one = base[:4]
    return [one, {"overlap": base[2:6], "apart": base[4:], "equal": base[:4], "copy": base[:4].copy()}[kind]]


def _generator(drawn: int, kind=np.random.PCG64) -> np.random.Generator:
    made = np.random.Generator(kind(1))
    made.random(drawn)
    return made


def _legacy(drawn: int) -> np.random.RandomState:
    made = np.random.RandomState(1)
    made.standard_normal(drawn)
    return made


def _structured(names: tuple, kinds: tuple = ("i4", "f8"), **options) -> np.ndarray:
    return np.zeros(2, np.dtype(list(zip(names, kinds, strict=True)), **options))


def _objects(*items) -> np.ndarray:
    made = np.empty(len(items), object)
    made[:] = items
    return made


def _shared_objects(same: bool) -> np.ndarray:
    part: list = [1]
    return _objects(part, part if same else [1])


def _holding(array: np.ndarray) -> np.ndarray:
    array.flat[0] = -0.0
    return array


SPECIMENS = {
    "int64": _array,
    "int32": lambda: _array(np.int32),
    "uint64": lambda: _array(np.uint64),
    "float64": lambda: _array(np.float64),
    "float32": lambda: _array(np.float32),
    "float16": lambda: _array(np.float16),
    "longdouble": lambda: _array(np.longdouble),
    "clongdouble": lambda: _array(np.clongdouble),
    "complex": lambda: _array(np.complex128),
    "longdouble of other": lambda: _array(np.longdouble) / 3,
    "clongdouble of other": lambda: _array(np.clongdouble) / 3,
    "structure of longdouble": lambda: np.zeros(2, [("a", "g", (2,)), ("b", "O")]),
    "structure of longdouble of ones": lambda: np.ones(2, [("a", "g", (2,)), ("b", "O")]),
    "structure of others with gaps": lambda: _with_gaps(1),
    "structure of others with gaps, 2": lambda: _with_gaps(2),
    "records in a plain array": lambda: np.zeros(2, np.dtype((np.record, [("a", "i4"), ("b", "f8")]))),
    "bool": lambda: _array(bool),
    "bytes": lambda: _array("S1"),
    "bytes of 2": lambda: _array("S2"),
    "text": lambda: _array("U1"),
    "text of 2": lambda: _array("U2"),
    "void": lambda: np.zeros(6, "V8"),
    "void of 4": lambda: np.zeros(6, "V4"),
    "big endian": lambda: _array(">i8"),
    "objects": lambda: _array(object),
    "objects of floats": lambda: _objects(*map(float, A)),
    "objects of texts": lambda: _objects(*map(str, A)),
    "objects of lists": lambda: _objects([1], [2]),
    "objects of one list": lambda: _shared_objects(True),
    "objects of equal lists": lambda: _shared_objects(False),
    "objects of NumPy integers": lambda: _objects(*_array()),
    "strings": lambda: np.array(["a", "b"], np.dtypes.StringDType()),
    "strings of other": lambda: np.array(["a", "c"], np.dtypes.StringDType()),
    "strings with None": lambda: np.array(["a", "b"], np.dtypes.StringDType(na_object=None)),
    "strings with nan": lambda: np.array(["a", "b"], np.dtypes.StringDType(na_object=np.nan)),
    "strings in order F": lambda: np.array([["a", "b"], ["c", "d"]], np.dtypes.StringDType(), order="F"),
    "strings in order C": lambda: np.array([["a", "b"], ["c", "d"]], np.dtypes.StringDType()),
    "2 by 3": lambda: _array().reshape(2, 3),
    "3 by 2": lambda: _array().reshape(3, 2),
    "3 by 2, transposed": lambda: _array().reshape(2, 3).T,
    "2 by 3, transposed": lambda: _array().reshape(3, 2).T,
    "2 by 3, order F": lambda: np.asfortranarray(_array(np.float64).reshape(2, 3)),
    "2 by 3, order C": lambda: _array(np.float64).reshape(2, 3),
    "1 by 6": lambda: _array().reshape(1, 6),
    "6 by 1": lambda: _array().reshape(6, 1),
    "2 by 3 by 1": lambda: _array().reshape(2, 3, 1),
    "axes 0 2 1": lambda: np.arange(24).reshape(2, 3, 4).transpose(0, 2, 1),
    "axes 1 0 2": lambda: np.arange(24).reshape(2, 3, 4).transpose(1, 0, 2),
    "axes 0 1 2": lambda: np.arange(24).reshape(2, 3, 4),
    "every second": lambda: np.arange(12)[::2],
    "every second, packed": lambda: np.arange(12)[::2].copy(),
    "reversed": lambda: np.arange(6)[::-1],
    "reversed, packed": lambda: np.arange(6)[::-1].copy(),
    "broadcast": lambda: np.broadcast_to(np.arange(3), (2, 3)),
    "broadcast, packed": lambda: np.broadcast_to(np.arange(3), (2, 3)).copy(),
    "a column": lambda: np.arange(6).reshape(2, 3)[:, 1],
    "a column, packed": lambda: np.arange(6).reshape(2, 3)[:, 1].copy(),
    "read-only": _frozen,
    "empty": lambda: np.array([]),
    "empty ints": lambda: np.array([], int),
    "0 by 3": lambda: np.zeros((0, 3)),
    "3 by 0": lambda: np.zeros((3, 0)),
    "0 by 0": lambda: np.zeros((0, 0)),
    "0-d": lambda: np.array(1),
    "0-d float": lambda: np.array(1.0),
    "1 of 1": lambda: np.array([1]),
    "1 by 1": lambda: np.array([[1]]),
    "scalar int64": lambda: np.int64(1),
    "scalar int32": lambda: np.int32(1),
    "scalar float64": lambda: np.float64(1),
    "scalar -0.0": lambda: np.float64(-0.0),
    "scalar 0.0": lambda: np.float64(0.0),
    "scalar nan": lambda: np.float64("nan"),
    "scalar longdouble": lambda: np.longdouble(1),
    "scalar longdouble of 1/3": lambda: np.longdouble(1) / 3,
    "scalar longdouble of float 1/3": lambda: np.longdouble(1 / 3),
    "scalar bool": lambda: np.bool_(True),
    "scalar text": lambda: np.str_("a"),
    "scalar bytes": lambda: np.bytes_(b"a"),
    "scalar of a structure": lambda: _structured(("a", "b"))[0],
    "zeros": lambda: np.zeros(3),
    "zeros with -0.0": lambda: _holding(np.zeros(3)),
    "nans": lambda: np.full(3, np.nan),
    "negative nans": lambda: -np.full(3, np.nan),
    "datetime ns": lambda: np.array(["2024-01-01"], "M8[ns]"),
    "datetime us": lambda: np.array(["2024-01-01"], "M8[us]"),
    "datetime day": lambda: np.array(["2024-01-01"], "M8[D]"),
    "datetime NaT": lambda: np.array(["NaT"], "M8[D]"),
    "datetime scalar": lambda: np.datetime64("2024-01-01"),
    "datetime scalar s": lambda: np.datetime64("2024-01-01T00:00:00"),
    "timedelta ns": lambda: np.array([1], "m8[ns]"),
    "timedelta 2ns": lambda: np.array([1], "m8[2ns]"),
    "timedelta s": lambda: np.array([1], "m8[s]"),
    "structure": lambda: _structured(("a", "b")),
    "structure renamed": lambda: _structured(("a", "c")),
    "structure swapped": lambda: _structured(("b", "a"), ("f8", "i4")),
    "structure of others": lambda: _structured(("a", "b"), ("i4", "i8")),
    "structure aligned": lambda: _structured(("a", "b"), align=True),
    "structure with offsets": lambda: np.zeros(
        2, {"names": ["a", "b"], "formats": ["i4", "f8"], "offsets": [0, 8], "itemsize": 24}
    ),
    "structure of shapes": lambda: np.zeros(2, [("a", "i4", (2,))]),
    "structure of other shapes": lambda: np.zeros(2, [("a", "i4", (1, 2))]),
    "structure with titles": lambda: np.zeros(2, [(("title", "a"), "i4")]),
    "structure without titles": lambda: np.zeros(2, [("a", "i4")]),
    "structure of objects": lambda: np.zeros(2, [("a", "O"), ("b", "i4")]),
    "nested structure": lambda: np.zeros(2, [("a", [("b", "i4")])]),
    "recarray": lambda: _structured(("a", "b")).view(np.recarray),
    "record": lambda: _structured(("a", "b")).view(np.recarray)[0],
    "matrix": lambda: np.asmatrix(_array().reshape(2, 3)),
    "matrix of other": lambda: np.asmatrix(_array().reshape(2, 3) + 1),
    "masked": lambda: np.ma.array([1, 2, 3], mask=[0, 1, 0]),
    "masked elsewhere": lambda: np.ma.array([1, 2, 3], mask=[0, 0, 1]),
    "masked nowhere": lambda: np.ma.array([1, 2, 3]),
    "masked with False": lambda: np.ma.array([1, 2, 3], mask=[0, 0, 0]),
    "masked filled with 9": lambda: np.ma.array([1, 2, 3], mask=[0, 1, 0], fill_value=9),
    "masked hard": lambda: np.ma.array([1, 2, 3], mask=[0, 1, 0], hard_mask=True),
    "np.ma.masked": lambda: np.ma.masked,
    "views that overlap": lambda: _views("overlap"),
    "views side by side": lambda: _views("apart"),
    "views of the same": lambda: _views("equal"),
    "a view and a copy": lambda: _views("copy"),
    "dtype i8": lambda: np.dtype("i8"),
    "dtype >i8": lambda: np.dtype(">i8"),
    "dtype with metadata": lambda: np.dtype("i8", metadata={"a": 1}),
    "class int64": lambda: np.int64,
    "class float64": lambda: np.float64,
    "np.sin": lambda: np.sin,
    "np.cos": lambda: np.cos,
    "np.add": lambda: np.add,
    "np.add.reduce": lambda: np.add.reduce,
    "np.multiply.reduce": lambda: np.multiply.reduce,
    "np.mean": lambda: np.mean,
    "vectorize": lambda: np.vectorize(abs),
    "vectorize, other type": lambda: np.vectorize(abs, otypes=[float]),
    "poly1d": lambda: np.poly1d([1, 2]),
    "poly1d of other": lambda: np.poly1d([1, 3]),
    "Polynomial": lambda: np.polynomial.Polynomial([1, 2]),
    "Generator": lambda: _generator(0),
    "Generator drawn": lambda: _generator(1),
    "Generator of other bits": lambda: _generator(0, np.random.MT19937),
    "RandomState": lambda: _legacy(0),
    "RandomState drawn": lambda: _legacy(1),
    "RandomState drawn twice": lambda: _legacy(2),
    "bit generator": lambda: np.random.PCG64(1),
    "seed sequence": lambda: np.random.SeedSequence(1),
    "seed sequence, spawned": lambda: _spawned(),
    "finfo": lambda: np.finfo(np.float32),
    "csr": lambda: sparse.csr_matrix(np.eye(2)),
    "csc": lambda: sparse.csc_matrix(np.eye(2)),
    "coo": lambda: sparse.coo_matrix(np.eye(2)),
    "lil": lambda: sparse.lil_matrix(np.eye(2)),
    "dok": lambda: sparse.dok_matrix(np.eye(2)),
    "dia": lambda: sparse.dia_matrix(np.eye(2)),
    "csr array": lambda: sparse.csr_array(np.eye(2)),
    "csr of other": lambda: sparse.csr_matrix(np.eye(2) * 2),
    "csr of other shape": lambda: sparse.csr_matrix(np.eye(2, 3)),
    "csr of float32": lambda: sparse.csr_matrix(np.eye(2, dtype="f4")),
    "large": lambda: np.arange(200_000.0),
    "large F": lambda: np.asfortranarray(np.arange(200_000.0).reshape(400, 500)),
    "large C": lambda: np.arange(200_000.0).reshape(400, 500),
    "large with gaps": lambda: np.arange(400_000.0)[::2],
    "large of few": lambda: np.arange(400_000.0)[::20],
}


def _spawned() -> np.random.SeedSequence:
    made = np.random.SeedSequence(1)
    made.spawn(1)
    return made


def _with_gaps(item: int) -> np.ndarray:
    made = np.zeros(2, np.dtype([("a", "i1"), ("b", "O"), ("c", "g")], align=True))
    made["b"] = [[item], [item]]
    return made
