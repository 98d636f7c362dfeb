"""PyTorch: tensors by dtype, shape, layout, place and content; storages; generators."""

from __future__ import annotations

from typing import Any

import torch

from steppe.values.memory import note_stretch
from steppe.values.reduced import put_object
from steppe.values.walk import Encoder, Walk, refuse


def _put_tensor(walk: Walk, value: torch.Tensor) -> None:
    if value.grad_fn is not None:
        raise refuse(value, "it is a step of an autograd graph, which can't be kept: use `.detach()` of it")
    if value.layout is not torch.strided or value.is_quantized or value.device.type == "meta":
        put_object(walk, value)
        return
    walk.out += b"X"
    if type(value) is not torch.Tensor:
        walk.put(type(value))
    for name, part in (
        ("dtype", str(value.dtype)),
        ("shape", tuple(value.shape)),
        ("memory order", _order(value)),
        ("device", value.device.type),
        ("requires_grad", value.requires_grad),
    ):
        start = len(walk.out)
        walk.put(part)
        if walk.depth == 1:
            walk.detail(name, start)
    start = len(walk.out)
    walk.buffer(value, _bytes(value))
    if walk.depth == 1:
        walk.detail("content", start)
    if value.device.type == "cpu" and value.numel():
        low = value.data_ptr()
        reach = sum((size - 1) * stride for size, stride in zip(value.shape, value.stride(), strict=True)) + 1
        note_stretch(walk, value, low, low + reach * value.element_size(), tuple(value.stride()))
    walk.put(value.grad)
    extra = {name: item for name, item in vars(value).items() if not name.startswith("_backward")}
    if extra:
        walk.put(tuple(extra.items()))


def _order(value: torch.Tensor) -> tuple[int, ...]:
    """Return the strides where the elements do not simply follow each other."""
    return () if value.is_contiguous() else tuple(value.stride())


def _bytes(value: torch.Tensor) -> memoryview:
    """Return the elements as bytes, in the order of their indices; a view where the tensor is contiguous on the CPU."""
    plain = value.detach().resolve_conj().resolve_neg().cpu().contiguous().reshape(-1)
    return memoryview(plain.view(torch.uint8).numpy()) if plain.numel() else memoryview(b"")


def _put_storage(walk: Walk, value: Any) -> None:
    walk.out += b"x"
    walk.tag(value.device.type)
    walk.bytes(memoryview(torch.tensor([], dtype=torch.uint8, device=value.device).set_(value).cpu().numpy()))


def _put_constant(walk: Walk, value: Any) -> None:
    walk.out += b"."
    walk.tag(f"{type(value).__name__} {value}")


def _put_generator(walk: Walk, value: Any) -> None:
    walk.out += b"?"
    walk.tag(str(value.device))
    walk.bytes(memoryview(value.get_state().cpu().numpy()))


tensor: tuple[Encoder, bool] = (_put_tensor, True)
storage: tuple[Encoder, bool] = (_put_storage, True)
constant: tuple[Encoder, bool] = (_put_constant, False)
generator: tuple[Encoder, bool] = (_put_generator, True)
