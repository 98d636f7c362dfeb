"""Changes of data that a step reads: what is equal to `==`, looks alike, or has the same bytes is still another value."""

from __future__ import annotations

from tests.soundness.harness import Case, hit, miss, table

READ = "\n# %%\n%%step s\nx = look(d)"
LOOK = """
import numpy as np, pandas as pd, datetime as dt, decimal, fractions, collections, zoneinfo, pathlib
def look(value):
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.strides, value.flags.c_contiguous, value.tobytes(), repr(value))
    if isinstance(value, (pd.DataFrame, pd.Series)):
        parts = [value.columns] if isinstance(value, pd.DataFrame) else [value.name]
        return (repr(parts), repr(value.index), repr(value.dtypes), repr(value), repr(value.attrs))
    return (type(value).__name__, repr(value))
# %%
"""


def changed(was: str, now: str, first: str = "") -> Case:
    """A row in which a plain cell makes another value."""
    return miss(f"{was} to {now}"[:120], f"{LOOK}{first}d = {was}{READ}", f"{LOOK}{first}d = {now}{READ}")


def alike(was: str, now: str, first: str = "") -> Case:
    """A row in which a plain cell makes the same value in another way."""
    return hit(f"{was} and {now}"[:120], f"{LOOK}{first}d = {was}{READ}", f"{LOOK}{first}d = {now}{READ}")


FRAME = "f = pd.DataFrame({'a': [1, 2, 3], 'b': [1.0, 2.0, 3.0], 'c': ['x', 'y', 'z']})\n"

CORNER = "import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass C:\n    x: int\n    y: int\n"
BYTES = "import numpy as np\nb = bytearray(4)\n"

ROWS = [
    miss(
        "an array over the bytes of a name, and one over its own",
        f"{BYTES}a = np.frombuffer(b, 'i1')\n# %%\n%%step s\nb[0] = 5\nx = int(a[0])",
        ("frombuffer(b", "frombuffer(bytearray(b)"),
    ),
    hit(
        "an array that a step makes over the bytes of a name",
        f"{BYTES}# %%\n%%step s\na = np.frombuffer(b, 'i1')\n# %%\nb[1] = 7\nx = a.tolist()\na[2] = 8\ny = bytes(b)",
    ),
    hit(
        "an array over bytes that a step makes with it",
        "%%step s\nimport numpy as np\nb = bytearray(4)\na = np.frombuffer(b, 'i1')\n# %%\nb[1] = 7\nx = a.tolist()",
    ),
    hit(
        "sets whose items collide, and what iterates over them",
        "%%step s\nimport numpy as np\ns = set(np.array([40, 8, 0, 32, 7, -1]))\nt = {s_ * 977 % 1009 for s_ in range(99)}\n"
        "# %%\na, b = [int(s_) for s_ in s], list(t)\n# %%\ns.add(np.int64(16))\nc = [int(s_) for s_ in s]\n"
        "# %%\n%%step r\nd = [int(s_) for s_ in s], list(t)",
    ),
    *(
        changed(was, now, *first)
        for was, now, *first in [
            ("np.arange(6.).reshape(2, 3)", "np.arange(6.).reshape(3, 2)"),
            ("np.arange(4.).reshape(2, 2)", "np.arange(4.).reshape(2, 2).T"),
            ("np.arange(6.).reshape(2, 3)", "np.asfortranarray(np.arange(6.).reshape(2, 3))"),
            ("np.zeros(4)", "np.zeros(4, dtype='f4')"),
            ("np.zeros(4, dtype='i8')", "np.zeros(4, dtype='u8')"),
            ("np.zeros(8, dtype='i1')", "np.zeros(1, dtype='i8')"),
            ("np.arange(3, dtype='<i4')", "np.arange(3, dtype='>i4')"),
            ("np.array([0.0])", "np.array([-0.0])"),
            ("np.array([np.nan])", "np.array([0.0])"),
            ("np.float64(1)", "1.0"),
            ("np.array(1.0)", "np.array([1.0])"),
            ("np.array(['a', 'b'])", "np.array(['a', 'b'], dtype=object)"),
            ("np.array(['2020-01-01'], 'M8[D]')", "np.array(['2020-01-01'], 'M8[s]')"),
            ("np.ma.array([1, 2], mask=[0, 1])", "np.ma.array([1, 2], mask=[1, 0])"),
            ("np.empty((0, 3))", "np.empty((3, 0))"),
            ("2**63", "2**63 + 1"),
            ("10**30", "10**30 + 1"),
            ("{1: 'a', '1': 'b'}", "{1: 'b', '1': 'a'}"),
            ("{1: 'a'}", "{True: 'a'}"),
            ("{1: 'a'}", "{1.0: 'a'}"),
            ("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}"),
            ("[[1], [2]]", "[[1, 2], []]"),
            ("[{'a': [1]}]", "[{'a': (1,)}]"),
            ("{'k': {1, 2}}", "{'k': {1, 3}}"),
            ("{0, 8}", "{8, 0}"),
            ("{np.int64(0), np.int64(8)}", "{np.int64(8), np.int64(0)}"),
            ("{(0, 0), (2, 2)}", "{(2, 2), (0, 0)}"),
            ("{P(0, 0), P(2, 2)}", "{P(2, 2), P(0, 0)}", "P = collections.namedtuple('P', 'x y')\n"),
            ("{C(0, 0), C(2, 2)}", "{C(2, 2), C(0, 0)}", CORNER),
            ("(1, [2, {3}])", "(1, [2, {4}])"),
            ("b'ab'", "bytearray(b'ab')"),
            ("decimal.Decimal('1.0')", "decimal.Decimal('1.00')"),
            ("fractions.Fraction(1, 2)", "0.5"),
            ("collections.OrderedDict(a=1)", "dict(a=1)"),
            ("collections.deque([1], 3)", "collections.deque([1], 4)"),
            ("dt.datetime(2020, 1, 1)", "dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc)"),
            (
                "dt.datetime(2020, 1, 1, tzinfo=zoneinfo.ZoneInfo('UTC'))",
                "dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc)",
            ),
            ("dt.datetime(2020, 10, 25, 2, 30, fold=0)", "dt.datetime(2020, 10, 25, 2, 30, fold=1)"),
            ("pathlib.PurePosixPath('a')", "'a'"),
            ("range(0, 4, 2)", "range(0, 4, 3)"),
            ("complex(0.0, -0.0)", "complex(0.0, 0.0)"),
            ("float('nan')", "float('inf')"),
            ("'\\ud800'", "'\\ud801'"),
        ]
    ),
    *(
        changed(was, now, FRAME)
        for was, now in [
            ("f", "f.rename(columns={'a': 'A'})"),
            ("f", "f[['b', 'a', 'c']]"),
            ("f", "f.iloc[::-1]"),
            ("f", "f.set_axis([0, 1, 4])"),
            ("f", "f.rename_axis('row')"),
            ("f", "f.set_index('c')"),
            ("f", "f.astype({'a': 'int32'})"),
            ("f", "f.astype({'a': 'Int64'})"),
            ("f", "f.assign(b=f['b'].where(f['b'] > 1))"),
            ("f['c'].astype('category')", "f['c'].astype(pd.CategoricalDtype(['x', 'y', 'z', 'w']))"),
            (
                "f['c'].astype(pd.CategoricalDtype(['x', 'y', 'z']))",
                "f['c'].astype(pd.CategoricalDtype(['x', 'y', 'z'], ordered=True))",
            ),
            (
                "f['c'].astype(pd.CategoricalDtype(['x', 'y', 'z']))",
                "f['c'].astype(pd.CategoricalDtype(['z', 'y', 'x']))",
            ),
            ("f['a']", "f['a'].rename('q')"),
            ("f.assign(t=pd.Timestamp('2020-01-01'))", "f.assign(t=pd.Timestamp('2020-01-01', tz='UTC'))"),
            (
                "f.assign(t=pd.Timestamp('2020-01-01', tz='UTC'))",
                "f.assign(t=pd.Timestamp('2020-01-01', tz='Europe/Rome'))",
            ),
            ("pd.concat([f, f])", "pd.concat([f, f], ignore_index=True)"),
            ("f", "f.assign(c=['x', 'y', None])"),
            (
                "pd.Series([1, 2], index=pd.date_range('2020', periods=2))",
                "pd.Series([1, 2], index=pd.date_range('2020', periods=2).tz_localize('UTC'))",
            ),
        ]
    ),
    *(
        alike(was, now, FRAME)
        for was, now in [
            ("{1, 2, 3}", "{3, 2, 1}"),
            ("[1, 2]", "list((1, 2))"),
            ("{'a': 1}", "dict(a=1)"),
            ("np.arange(3.)", "np.array([0., 1., 2.])"),
            ("f", "f.copy()"),
            ("f", "f[['a', 'b', 'c']].iloc[:]"),
            ("'ab' * 2", "''.join(['abab'])"),
        ]
    ),
    miss(
        "inputs that share a part",
        "a = [1]\nb = [a, [1]]\n# %%\n%%step s\nb[0].append(2)\nx = repr(b)",
        "a = [1]\nb = [a, a]\n# %%\n%%step s\nb[0].append(2)\nx = repr(b)",
    ),
    miss(
        "two inputs that share a part",
        "a = [1]\nb = [1]\n# %%\n%%step s\na.append(2)\nx = repr(b)",
        "a = [1]\nb = a\n# %%\n%%step s\na.append(2)\nx = repr(b)",
    ),
    miss(
        "an array and its view",
        "import numpy as np\na = np.zeros(4)\nb = a[1:3].copy()\n# %%\n%%step s\na[:] = 7\nx = repr(b)",
        "import numpy as np\na = np.zeros(4)\nb = a[1:3]\n# %%\n%%step s\na[:] = 7\nx = repr(b)",
    ),
    miss(
        "an input changed through another name",
        "a = [1]\nb = a\n# %%\nb.append(2)\n# %%\n%%step s\nx = repr(a)",
        "a = [1]\nb = a\n# %%\nb.append(3)\n# %%\n%%step s\nx = repr(a)",
    ),
    miss(
        "an input changed by the step before",
        "a = [1]\nn = 2\n# %%\n%%step r\na.append(n)\n# %%\n%%step s\nx = repr(a)",
        "a = [1]\nn = 3\n# %%\n%%step r\na.append(n)\n# %%\n%%step s\nx = repr(a)",
    ),
    hit(
        "mutation twice",
        "a = [1]\nb = a\n# %%\n%%step r\na.append(2)\n# %%\n%%step s\na.append(3)\nx = repr(b)\n# %%\ny = repr((a, b, a is b))",
    ),
]

test_rows = table(ROWS)
