"""A model in ONNX with what its check has found: a value whose bytes are an `.onnx` file. Light until it runs."""

from __future__ import annotations

import html
import os
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from steppe.types import Struct
from steppe.wording import table

KEY = "steppe.check"
"""The property of the file under which its check is kept."""

HEAD = ("output", "shape", "max abs error", "max rel error", "differ")


class Compared(Struct, frozen=True, kw_only=True):
    """One output of the model, beside what the original gives on the sample.

    Attributes:
        name: of the output in the graph.
        shape: of the output on the sample.
        absolute: the largest absolute error; 0 for labels.
        relative: the largest error relative to the original's value, where that is not 0.
        differ: how many elements are beyond the tolerance; of labels, how many are others.
    """

    name: str
    shape: tuple[int, ...]
    absolute: float
    relative: float
    differ: int


class Check(Struct, frozen=True, kw_only=True):
    """What the comparison has found.

    Attributes:
        model: the original's class.
        outputs: each of them.
        runs_on: what has executed it: `CPUExecutionProvider`, …
        input: the element type of numbers that it takes: `float32`, `float64`, …
        batch: whether it takes any number of rows; else just as many as the sample had.
        size: bytes of the original, pickled; 0 where it can't be.
    """

    model: str
    outputs: tuple[Compared, ...]
    runs_on: str
    input: str
    batch: bool
    size: int


_LATENCIES: WeakKeyDictionary[ExportedModel, tuple[float, float]] = WeakKeyDictionary()
_SESSIONS: WeakKeyDictionary[ExportedModel, Any] = WeakKeyDictionary()
"""What belongs to this process and not to the value: it has to be the same whenever the model is."""


class ExportedModel:
    """A model as ONNX, made by `steppe.export_model`. As a step's variable it is kept as the `.onnx` file that it is.

    Attributes:
        data: the bytes of the file.
    """

    def __init__(self, data: bytes) -> None:
        """Hold a file that `steppe.export_model` has made."""
        self.data = bytes(data)

    def __reduce__(self) -> Any:
        return ExportedModel, (self.data,)

    def __eq__(self, other: object) -> bool:
        """Tell whether it is the same file."""
        return isinstance(other, ExportedModel) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.data)

    def proto(self) -> Any:
        """Return it as an `onnx.ModelProto`."""
        import onnx

        return onnx.load_from_string(self.data)

    @property
    def check(self) -> Check:
        """What the comparison with the original has found."""
        found = next(each.value for each in self.proto().metadata_props if each.key == KEY)
        return msgspec.json.decode(found, type=Check)

    def session(self) -> Any:
        """Return an `onnxruntime.InferenceSession` of it; the same each time."""
        if self not in _SESSIONS:
            import onnxruntime

            _SESSIONS[self] = onnxruntime.InferenceSession(self.data, providers=[self.check.runs_on])
        return _SESSIONS[self]

    @property
    def latency(self) -> tuple[float, float] | None:
        """Milliseconds for the sample, of the original and of this; None but in the process that measured."""
        return _LATENCIES.get(self)

    @latency.setter
    def latency(self, measured: tuple[float, float]) -> None:
        _LATENCIES[self] = measured

    def run(self, *inputs: Any) -> list[Any]:
        """Run it.

        Args:
            inputs: what the original takes: an array or a frame, or tensors. Rows come first.

        Returns:
            Its outputs as arrays, in the graph's order: of a classifier the labels, then the probabilities, one row
            for each row of the input.
        """
        from steppe.models.feeding import feed

        session = self.session()
        found: list[Any] = session.run(None, feed(session, inputs))
        return found

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file.

        Args:
            path: where; in a step, a file inside the project is kept with the result, and is there again on a hit.
        """
        with open(path, "wb") as file:
            file.write(self.data)

    def rows(self) -> list[tuple[str, ...]]:
        """Return the table of outputs as texts, without its head."""
        return [
            (
                each.name,
                "x".join(map(str, each.shape)),
                f"{each.absolute:.3g}",
                f"{each.relative:.3g}",
                str(each.differ),
            )
            for each in self.check.outputs
        ]

    def facts(self) -> list[tuple[str, str]]:
        """Return size and latency, beside the original's, and how it may be called."""
        check = self.check
        before = f" (pickled, the original has {check.size:,})" if check.size else ""
        took = [("latency", "{1:.3f} ms, the original {0:.3f} ms".format(*self.latency))] if self.latency else []
        rows = "any number of rows" if check.batch else "as many rows as the sample"
        return [("size", f"{len(self.data):,} bytes{before}"), *took, ("takes", f"{check.input}, {rows}")]

    def __repr__(self) -> str:
        """Show the table."""
        lines = "\n".join(f"{name}: {value}" for name, value in self.facts())
        return f"ONNX of {self.check.model}\n{table(HEAD, self.rows())}\n{lines}"

    def _repr_html_(self) -> str:
        """Show the table, in a notebook."""
        head = "".join(f"<th>{html.escape(name)}</th>" for name in HEAD)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows()
        )
        facts = "".join(f"<p>{html.escape(name)}: {html.escape(value)}</p>" for name, value in self.facts())
        title = f"<p><b>ONNX of {html.escape(self.check.model)}</b></p>"
        return f"{title}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{facts}"
