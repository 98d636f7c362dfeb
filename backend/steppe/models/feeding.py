"""What an ONNX session is fed with: arrays of the element types and ranks that its inputs declare."""

from __future__ import annotations

from typing import Any

TYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
    "tensor(string)": "object",
}


def feed(session: Any, inputs: tuple[Any, ...]) -> dict[str, Any]:
    """Return inputs by the session's names.

    Args:
        session: of onnxruntime.
        inputs: one frame with a column for each input; or one array for each, in order.
    """
    wanted = session.get_inputs()
    if len(inputs) == 1 and hasattr(inputs[0], "columns"):
        frame = inputs[0]
        if len(wanted) == len(frame.columns):
            columns = (frame[name].to_numpy().reshape(-1, 1) for name in frame.columns)
            return {each.name: _typed(column, each.type) for each, column in zip(wanted, columns, strict=True)}
        inputs = (frame.to_numpy(),)
    return {each.name: _typed(array(given), each.type) for each, given in zip(wanted, inputs, strict=True)}


def array(value: Any) -> Any:
    """Return a tensor, or anything of numbers, as an array of NumPy."""
    import numpy as np

    if hasattr(value, "detach"):
        return value.detach().cpu().numpy()
    return value.toarray() if hasattr(value, "toarray") else np.asarray(value)


def _typed(given: Any, kind: str) -> Any:
    import numpy as np

    wanted = TYPES.get(kind)
    return np.ascontiguousarray(given if wanted is None else given.astype(wanted))
