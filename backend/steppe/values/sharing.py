"""Memory that the arrays of one Part share with each other or with the step's inputs."""

from __future__ import annotations

from typing import Any

from steppe.errors import CannotMove
from steppe.values.arrays_out import Shared, Stretch
from steppe.values.changes import Place
from steppe.values.memory import address_of
from steppe.values.walk import Root, Walk


def shared_memory(members: list[Root], before: Walk | None, known: dict[int, Place]) -> Shared | None:
    """Find the stretches of memory that more than one array of `members` shows, or an array of the inputs.

    Raises:
        CannotMove: an array shows more of an input's memory than the input itself does.
    """
    mine = [
        (low, high, root.nodes[number])
        for root in members
        for number, low, high in root.extents
        if low < high and id(root.nodes[number]) not in known
    ]
    if not mine:
        return None
    inputs = _of_inputs(before)
    stretches: list[tuple[int, int, Any, int]] = list(inputs)
    from_inputs = Shared(inputs)
    merged: list[list[Any]] = []
    for low, high, array in sorted(mine, key=lambda stretch: stretch[:2]):
        if from_inputs.find(low, high) is not None:
            continue
        if any(low < end and begin < high for begin, end, _, _ in inputs):
            raise CannotMove("an output shows more of the memory of an input than the input itself")
        if merged and low < merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], high)
            merged[-1][3] += 1
            if isinstance(array, bytearray):
                merged[-1][2] = array
        else:
            merged.append([low, high, array, 1])
    for low, high, owner, count in merged:
        if count > 1:  # a bytearray owns all that is shown of it
            stretches.append((low, high, owner if isinstance(owner, bytearray) else Stretch(owner, low, high), low))
    return Shared(stretches) if stretches else None


def _of_inputs(before: Walk | None) -> list[tuple[int, int, Any, int]]:
    if before is None:
        return []
    found: dict[int, tuple[int, int, Any, int]] = {}
    for root in before.roots.values():
        for number, low, high in root.extents:
            node = root.nodes[number]
            if low < high and number not in root.fresh:
                found[id(node)] = low, high, node, first_address(node)
    return list(found.values())


def first_address(array: Any) -> int:
    """Return the address of an array's, a tensor's or a bytearray's first element."""
    if isinstance(array, bytearray):
        return address_of(array)
    interface = getattr(array, "__array_interface__", None) if not hasattr(array, "data_ptr") else None
    address: int = array.data_ptr() if interface is None else interface["data"][0]
    return address
