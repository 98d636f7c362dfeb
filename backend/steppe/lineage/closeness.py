"""Whether two values, or two texts, are equal but for small differences of their floats.

Integers, texts, dates, names and the order of everything have to be equal.
"""

from __future__ import annotations

import cmath
import math
import re
from collections.abc import Callable
from typing import Any

from steppe.types import Struct

FLOAT = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE][-+]?\d))(?:[eE][-+]?\d+)?")
"""A number in a text that is no whole one."""

SPACE = re.compile(r"[ \t]+")
"""What a number of another length shifts."""


class Tolerance(Struct, frozen=True, kw_only=True):
    """How far floats may lie apart: by no more than `atol + rtol * |now|`."""

    rtol: float = 0.0
    atol: float = 0.0

    @property
    def given(self) -> bool:
        """Whether they may lie apart at all."""
        return bool(self.rtol or self.atol)


def close(one: Any, other: Any, tolerance: Tolerance) -> bool:
    """Tell whether two values of one type differ by no more than the tolerance wherever they hold floats."""
    try:
        return _Closeness(tolerance).close(one, other)
    except Exception:  # a value's own comparison or reduction: what can't be compared is not known to be close
        return False


def texts_close(one: str, other: str, tolerance: Tolerance) -> bool:
    """Tell whether two texts are equal but for numbers with a point or an exponent, and these are close."""
    if one == other:
        return True
    between = [SPACE.sub(" ", FLOAT.sub("0.", text)) for text in (one, other)]
    if not tolerance.given or between[0] != between[1]:
        return False
    numbers = zip(FLOAT.findall(one), FLOAT.findall(other), strict=True)
    return all(_near(float(a), float(b), tolerance) for a, b in numbers)


def _near(one: float, other: float, tolerance: Tolerance) -> bool:
    if math.isnan(one) and math.isnan(other):
        return True
    return math.isclose(one, other, rel_tol=0.0, abs_tol=_far(other, tolerance))


def _far(other: complex, tolerance: Tolerance) -> float:
    return tolerance.atol + (tolerance.rtol * abs(other) if cmath.isfinite(other) else 0.0)


class _Closeness:
    """One comparison; pairs that are being compared are taken for close where they come up inside of themselves."""

    def __init__(self, tolerance: Tolerance) -> None:
        self._tolerance = tolerance
        self._open: set[tuple[int, int]] = set()

    def close(self, one: Any, other: Any) -> bool:
        if one is other:
            return True
        if type(one) is not type(other):
            return False
        pair = (id(one), id(other))
        if pair in self._open:
            return True
        self._open.add(pair)
        try:
            return self._by_type(one, other)
        finally:
            self._open.discard(pair)

    def _by_type(self, one: Any, other: Any) -> bool:
        if isinstance(one, float):
            return _near(one, other, self._tolerance)
        if isinstance(one, complex):
            return bool(cmath.isclose(one, other, rel_tol=0.0, abs_tol=_far(other, self._tolerance)))
        if isinstance(one, dict):
            return list(one) == list(other) and all(self.close(one[key], other[key]) for key in one)
        if isinstance(one, list | tuple):
            return len(one) == len(other) and all(self.close(a, b) for a, b in zip(one, other, strict=True))
        if isinstance(one, int | str | bytes | type):
            return bool(one == other)
        family = _FAMILIES.get(type(one).__module__.partition(".")[0])
        known = family(self, one, other) if family is not None else None
        return known if known is not None else self._equal(one, other) or self._states(one, other)

    def _equal(self, one: Any, other: Any) -> bool:
        try:
            return bool(one == other)
        except Exception:  # their own comparison: pandas' missing value is neither true nor false
            return False

    def _states(self, one: Any, other: Any) -> bool:
        """Compare what pickle would make them of: their classes, and all that they hold."""
        made = [self._plain(value.__reduce_ex__(4)) for value in (one, other)]
        return self.close(made[0], made[1])

    @staticmethod
    def _plain(made: Any) -> Any:
        """Return a reduction with lists in the place of iterators over what a container holds."""
        if isinstance(made, str):
            return made
        return (*made[:3], *(None if each is None else list(each) for each in made[3:5]))

    def numpy(self, one: Any, other: Any) -> bool | None:
        import numpy as np

        if not isinstance(one, np.ndarray | np.generic):
            return None
        if one.shape != other.shape or one.dtype != other.dtype:
            return False
        if isinstance(one, np.ma.MaskedArray):
            hidden = np.ma.getmaskarray(one)
            alike = bool(np.array_equal(hidden, np.ma.getmaskarray(other)))
            return alike and bool(self.numpy(one.data[~hidden], other.data[~hidden]))
        if one.dtype.names:
            fields = np.asarray(one), np.asarray(other)
            return all(self.numpy(fields[0][name], fields[1][name]) for name in one.dtype.names)
        if one.dtype.kind in "fc":
            far = {"rtol": self._tolerance.rtol, "atol": self._tolerance.atol}
            return bool(np.allclose(one, other, equal_nan=True, **far))
        if one.dtype.kind == "O":
            return self.close(np.asarray(one).ravel().tolist(), np.asarray(other).ravel().tolist())
        return bool(np.array_equal(one, other, equal_nan=one.dtype.kind in "mM"))

    def pandas(self, one: Any, other: Any) -> bool | None:
        import pandas as pd

        if isinstance(one, pd.DataFrame):
            around = one.columns.identical(other.columns) and self.close(one.index, other.index)
            return bool(around) and all(
                self.close(one.iloc[:, number].array, other.iloc[:, number].array) for number in range(one.shape[1])
            )
        if isinstance(one, pd.Series):
            around = one.name == other.name and self.close(one.index, other.index)
            return bool(around) and self.close(one.array, other.array)
        if isinstance(one, pd.MultiIndex):
            levels = range(one.nlevels) if one.nlevels == other.nlevels and one.names == other.names else ()
            return bool(levels) and all(
                self.close(one.get_level_values(level).array, other.get_level_values(level).array) for level in levels
            )
        if isinstance(one, pd.Index):
            return bool(one.names == other.names) and self.close(one.array, other.array)
        if not isinstance(one, pd.api.extensions.ExtensionArray):
            return None
        if len(one) != len(other) or one.dtype != other.dtype:
            return False
        if one.dtype.kind in "fc":
            there = ~pd.isna(one)
            wide = "complex128" if one.dtype.kind == "c" else "float64"
            alike = bool((there == ~pd.isna(other)).all())
            return alike and self.close(one[there].to_numpy(wide), other[there].to_numpy(wide))
        return bool(one.equals(other)) or (one.dtype.kind == "O" and self.close(list(one), list(other)))

    def polars(self, one: Any, other: Any) -> bool | None:
        import polars as pl

        if isinstance(one, pl.DataFrame):
            return bool(one.schema == other.schema) and self.close(one.get_columns(), other.get_columns())
        if not isinstance(one, pl.Series):
            return None
        if len(one) != len(other) or one.dtype != other.dtype or one.name != other.name:
            return False
        if one.dtype.is_float() or one.dtype.is_nested():
            return self.close(one.to_list(), other.to_list())
        return bool(one.equals(other, null_equal=True))

    def torch(self, one: Any, other: Any) -> bool | None:
        import torch

        if isinstance(one, torch.nn.Module):
            return str(one) == str(other) and self.close(one.state_dict(), other.state_dict())
        if not isinstance(one, torch.Tensor):
            return None
        if one.shape != other.shape or one.dtype != other.dtype or one.requires_grad != other.requires_grad:
            return False
        if not (one.is_floating_point() or one.is_complex()):
            return bool(torch.equal(one, other))
        far = {"rtol": self._tolerance.rtol, "atol": self._tolerance.atol}
        return bool(torch.allclose(one.to_dense(), other.to_dense(), equal_nan=True, **far))


_FAMILIES: dict[str, Callable[[_Closeness, Any, Any], bool | None]] = {
    "numpy": _Closeness.numpy,
    "pandas": _Closeness.pandas,
    "polars": _Closeness.polars,
    "torch": _Closeness.torch,
}
"""Compare values of a library, by its name; None where they know nothing of a value."""
