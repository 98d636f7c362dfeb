"""`steppe.export_model`: converts, runs what came out beside the original, and refuses what is not the same."""

from __future__ import annotations

import pickle
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from steppe.errors import InexactModel, UsageError
from steppe.models import sklearn_models, torch_models
from steppe.models.exported import KEY, Check, Compared, ExportedModel
from steppe.models.feeding import feed

TARGETS = {"onnx": "CPUExecutionProvider", "tensorrt": "TensorrtExecutionProvider"}
EXTRA = "pip install 'steppe[onnx]'"
PATIENCE = 0.3
"""Seconds that are spent on measuring each of the two latencies, at most, once one run has been made."""


def export_model(model: Any, sample: Any, *, to: str, rtol: float, atol: float) -> ExportedModel:
    """See `steppe.export_model`."""
    provider = _provider(to)
    first = sample[0] if isinstance(sample, tuple | list) and sample else sample
    if getattr(first, "shape", (1,))[:1] == (0,):
        raise UsageError("export_model compares on the sample, and this one has no rows: give some.")
    inputs, expected, original, conversions = _made(model, sample)
    reasons: list[str] = []
    refused: ExportedModel | None = None
    for kind, proto in conversions:
        if isinstance(proto, Exception):
            reasons.append(f"{kind}: {_line(proto)}")
            continue
        try:
            found = _checked(model, proto, kind, provider, inputs, expected, (rtol, atol))
        except UsageError:
            raise
        except Exception as error:  # onnxruntime refuses some of what converters make
            reasons.append(f"{kind}: {_line(error)}")
            continue
        if not any(each.differ for each in found.check.outputs):
            found.latency = (_milliseconds(original), _milliseconds(lambda found=found: found.run(*inputs)))  # type: ignore[misc]
            return found
        refused = found
    if refused is not None:
        raise InexactModel(_told(refused, rtol, atol))
    raise UsageError(f"{_name(model)} has no form in ONNX: {'; '.join(reasons)}.")


def _provider(to: str) -> str:
    """Return what is to run the export here.

    Raises:
        UsageError: there is no such target, or it is not installed.
    """
    if to not in TARGETS:
        raise UsageError(f"export_model has no target {to!r}: take to='onnx' or to='tensorrt'.")
    try:
        import onnx  # noqa: F401  # is it there?
        import onnxruntime
    except ModuleNotFoundError as error:
        raise UsageError(f"export_model needs {error.name}, which is not installed: {EXTRA}.") from error
    if TARGETS[to] not in onnxruntime.get_available_providers():
        raise UsageError(
            "to='tensorrt' needs TensorRT and an onnxruntime that has it (onnxruntime-gpu), neither of them here: "
            "take to='onnx', or run the step where they are."
        )
    return TARGETS[to]


def _made(model: Any, sample: Any) -> tuple[tuple[Any, ...], list[Any], Callable[[], Any], Iterator[tuple[str, Any]]]:
    """Return the inputs, what the original gives, a call of the original, and its conversions."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(model, torch.nn.Module):
        inputs = tuple(sample) if isinstance(sample, tuple | list) else (sample,)
        if not inputs or not all(isinstance(each, torch.Tensor) and each.dim() for each in inputs):
            raise UsageError("the sample of a module is a tensor, or a tuple of them, with rows first.")
        _need("onnxscript", "a module of PyTorch")
        expected = torch_models.expected(model, inputs)
        return inputs, expected, lambda: torch_models.expected(model, inputs), torch_models.converted(model, inputs)
    sklearn = sys.modules.get("sklearn.base")
    if sklearn is not None and isinstance(model, sklearn.BaseEstimator):
        if getattr(sample, "ndim", 0) != 2:
            raise UsageError(
                "the sample of an estimator is a frame or an array of rows and columns, as it was fitted on."
            )
        _need("skl2onnx", "an estimator of scikit-learn")
        expected = sklearn_models.expected(model, sample)
        conversions = sklearn_models.converted(model, sample)
        return (sample,), expected, lambda: sklearn_models.expected(model, sample), conversions
    raise UsageError(f"export_model takes estimators of scikit-learn and modules of PyTorch, not {_name(model)}.")


def _need(package: str, whom: str) -> None:
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise UsageError(f"export_model needs {package} for {whom}, which is not installed: {EXTRA}.")


def _checked(
    model: Any,
    proto: Any,
    kind: str,
    provider: str,
    inputs: tuple[Any, ...],
    expected: list[Any],
    tolerance: tuple[float, float],
) -> ExportedModel:
    """Run a conversion on the sample, and return it with what the comparison has found."""
    import onnxruntime

    del proto.graph.output[len(expected) :]  # nothing is handed out that was not compared
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=[provider])
    if provider not in session.get_providers():  # it went on without, and only warned
        raise UsageError(
            "onnxruntime names TensorRT as one of its own and could not start it here (is its library, libnvinfer, "
            "installed?): install it, or take to='onnx'."
        )
    names = [each.name for each in session.get_outputs()]
    given = session.run(None, feed(session, inputs))
    outputs = tuple(
        _compared(name, wanted, got, *tolerance) for name, wanted, got in zip(names, expected, given, strict=False)
    )
    rows = session.get_inputs()[0].shape[0]
    check = Check(
        model=_name(model),
        outputs=outputs,
        runs_on=provider,
        input=kind,
        batch=not isinstance(rows, int),
        size=_pickled(model),
    )
    entry = proto.metadata_props.add()
    entry.key, entry.value = KEY, msgspec.json.encode(check).decode()
    return ExportedModel(proto.SerializeToString(deterministic=True))


def _compared(name: str, wanted: Any, given: Any, rtol: float, atol: float) -> Compared:
    """Compare one output. A column more or less, as of a regressor's one, is no difference."""
    import numpy as np

    if wanted.size == given.size and wanted.shape != given.shape:
        given = given.reshape(wanted.shape)
    if wanted.shape != given.shape:
        return Compared(name=name, shape=given.shape, absolute=np.inf, relative=np.inf, differ=wanted.size)
    if wanted.dtype.kind != "f":  # labels, of numbers or of text
        differ = int((wanted.astype(given.dtype) != given).sum())
        return Compared(name=name, shape=given.shape, absolute=0.0, relative=0.0, differ=differ)
    left, right = wanted.astype("float64"), given.astype("float64")
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.where(left == right, 0.0, np.abs(left - right))
        error[np.isnan(left) & np.isnan(right)] = 0.0
        error[np.isnan(left) ^ np.isnan(right)] = np.inf
        relative = np.where(left != 0, error / np.abs(left), 0.0)
        beyond = ~(error <= atol + rtol * np.abs(np.nan_to_num(left)))
    largest = [float(each.max(initial=0.0)) for each in (error, np.nan_to_num(relative, nan=0.0))]
    return Compared(name=name, shape=given.shape, absolute=largest[0], relative=largest[1], differ=int(beyond.sum()))


def _told(refused: ExportedModel, rtol: float, atol: float) -> str:
    """Return why an export is refused, with its numbers."""
    outputs = [each for each in refused.check.outputs if each.differ]
    said = "; ".join(
        f"`{each.name}` differs at {each.differ} of {_count(each.shape)} places (at most by {each.absolute:.3g}, "
        f"relative {each.relative:.3g})"
        for each in outputs
    )
    return (
        f"the ONNX of {refused.check.model} is not what the original is on the sample: {said}. The tolerance is "
        f"atol={atol:g} and rtol={rtol:g}: raise it, if that is good enough."
    )


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for length in shape:
        total *= length
    return total


def _milliseconds(call: Callable[[], Any]) -> float:
    """Return the median of some runs, in milliseconds."""
    call()
    taken: list[float] = []
    until = time.perf_counter() + PATIENCE
    while len(taken) < 20 and (not taken or time.perf_counter() < until):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return sorted(taken)[len(taken) // 2] * 1000


def _pickled(model: Any) -> int:
    try:
        return len(pickle.dumps(model, protocol=5))
    except Exception:  # its size is told where there is one
        return 0


def _name(model: Any) -> str:
    kind = type(model)
    return f"{kind.__module__.partition('.')[0]}.{kind.__qualname__}"


def _line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else text[:199] + "…"
