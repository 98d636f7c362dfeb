"""Modules of PyTorch as ONNX, by its own exporter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from steppe.models.feeding import array


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """Have a module, and each part of it, evaluate, and put back what was training; no gradients are kept."""
    import torch

    before = [(each, each.training) for each in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for each, training in before:
            each.training = training


def expected(model: Any, inputs: tuple[Any, ...]) -> list[Any]:
    """Return what a module gives, flat: the tensors of a tuple or a dict in their order."""
    from torch.utils import _pytree

    with evaluating(model):
        return [array(each) for each in _pytree.tree_leaves(model(*inputs))]


def converted(model: Any, inputs: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """Convert with any number of rows, where the module does not need a certain one.

    Yields:
        The type of its first input, and the `ModelProto`, or the error that says why there is none.
    """
    import torch

    rows = tuple({0: torch.export.Dim.AUTO} if each.dim() else None for each in inputs)
    kind = str(inputs[0].dtype).removeprefix("torch.")
    try:
        with evaluating(model):
            program = torch.onnx.export(model, inputs, dynamo=True, dynamic_shapes=rows, verbose=False)
        yield kind, _bare(program.model_proto)
    except Exception as error:  # likewise: the exporter raises whatever it meets
        yield kind, error


def _bare(proto: Any) -> Any:
    """Take out what tells of this machine: the paths and lines of code that each node was made for."""
    for part in (proto.graph, *proto.functions):
        for node in part.node:
            del node.metadata_props[:]
    for value in (*proto.graph.value_info, *proto.graph.input, *proto.graph.output, *proto.graph.initializer):
        del value.metadata_props[:]
    del proto.graph.metadata_props[:]
    return proto
