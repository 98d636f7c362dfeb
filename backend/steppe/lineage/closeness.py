"""Whether two values are equal but for small differences of their floats."""

from __future__ import annotations

import math
from typing import Any


def close(one: Any, other: Any, rtol: float, atol: float) -> bool:
    """Tell whether two values of one type differ by no more than `atol + rtol * |other|` wherever they hold floats."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return math.isclose(one, other, rel_tol=0.0, abs_tol=atol + rtol * abs(other)) or (
            math.isnan(one) and math.isnan(other)
        )
    if isinstance(one, dict):
        return list(one) == list(other) and all(close(one[key], other[key], rtol, atol) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(close(a, b, rtol, atol) for a, b in zip(one, other, strict=True))
    module = type(one).__module__.partition(".")[0]
    if module == "numpy":
        return _arrays(one, other, rtol, atol)
    if module == "pandas" and hasattr(one, "to_numpy"):
        return _frames(one, other, rtol, atol)
    if module == "torch":
        return bool(one.shape == other.shape and _arrays(one.detach().numpy(), other.detach().numpy(), rtol, atol))
    try:
        return bool(one == other)
    except Exception:  # their own comparison: what can't be compared is not known to be close
        return False


def _arrays(one: Any, other: Any, rtol: float, atol: float) -> bool:
    import numpy as np

    if np.shape(one) != np.shape(other) or np.asarray(one).dtype != np.asarray(other).dtype:
        return False
    if np.asarray(one).dtype.kind in "fc":
        return bool(np.allclose(one, other, rtol=rtol, atol=atol, equal_nan=True))
    return bool(np.array_equal(one, other))


def _frames(one: Any, other: Any, rtol: float, atol: float) -> bool:
    import pandas as pd

    compare = {"DataFrame": pd.testing.assert_frame_equal, "Series": pd.testing.assert_series_equal}
    check = compare.get(type(one).__name__, pd.testing.assert_index_equal)
    try:
        check(one, other, rtol=rtol, atol=atol, check_exact=False)
    except AssertionError:
        return False
    return True
