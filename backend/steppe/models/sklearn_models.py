"""Estimators of scikit-learn as ONNX: what they are to give, and ways to convert them, the most exact first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from steppe.models.feeding import array

SCORES = ("predict_proba", "decision_function", "transform")
"""What stands beside predictions in an estimator's ONNX: the first of these that it has."""


def expected(model: Any, sample: Any) -> list[Any]:
    """Return what an estimator gives, in the order of its ONNX outputs: predictions, then scores, where it has any."""
    names = ["predict"] if hasattr(model, "predict") else []
    names += [name for name in SCORES if hasattr(model, name)][:1]
    return [array(getattr(model, name)(sample)) for name in names]


def converted(model: Any, sample: Any) -> Iterator[tuple[str, Any]]:
    """Convert with the sample's own types, then with 32-bit floats, which all converters know.

    Yields:
        The type of its numbers, and the `ModelProto`, or the error that says why there is none.
    """
    import skl2onnx
    from sklearn.base import is_classifier

    options = {"zipmap": False} if is_classifier(model) else None
    tried: list[Any] = []
    for floats in ("float64", "float32"):
        types = _types(sample, floats)
        if types in tried:
            continue
        tried.append(types)
        try:
            proto = skl2onnx.convert_sklearn(
                model, name=type(model).__name__, initial_types=types, options={id(model): options} if options else None
            )
        except Exception as error:  # converters raise whatever they meet: the caller says which
            yield floats, error
        else:
            yield _numbers(types), proto


def _numbers(types: list[tuple[str, Any]]) -> str:
    kinds = {type(kind).__name__ for _, kind in types}
    return next((name for kind, name in _NAMES.items() if kind in kinds), "text")


_NAMES = {"DoubleTensorType": "float64", "FloatTensorType": "float32", "Int64TensorType": "int64"}


def _types(sample: Any, floats: str) -> list[tuple[str, Any]]:
    if hasattr(sample, "columns"):
        return [(str(name), _type(sample[name].dtype, 1, floats)) for name in sample.columns]
    whole = array(sample)
    return [("X", _type(whole.dtype, whole.shape[1], floats))]


def _type(dtype: Any, width: int, floats: str) -> Any:
    """Return how a column, or an array, is declared: whole numbers stay so only where floats may be 64 bits wide."""
    from skl2onnx.common import data_types

    shape = [None, width]
    kind = getattr(dtype, "kind", "O")
    if kind not in "fiub":
        return data_types.StringTensorType(shape)
    if kind != "f" and floats == "float64":
        return data_types.Int64TensorType(shape)
    wide = floats == "float64" and str(dtype).lower() == "float64"
    return data_types.DoubleTensorType(shape) if wide else data_types.FloatTensorType(shape)
