"""ONNX, for models that `steppe.export_model` has made: their bytes are the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from steppe.models.exported import ExportedModel
from steppe.types import Buffer, Digest, Part
from steppe.values.walk import Root


def store(name: str, root: Root, put: Callable[[Iterable[Buffer]], Digest]) -> Part | None:
    """Store the file."""
    model: ExportedModel = root.value
    return Part(names=(name,), format="onnx", blob=put([model.data]), size=len(model.data))


def load(part: Part, view: memoryview) -> Any:
    """Read it back; nothing of it runs."""
    del part
    return ExportedModel(bytes(view))
