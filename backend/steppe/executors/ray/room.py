"""How many workers of a Ray cluster have room on this machine, and what is missing, in words. Knows nothing of Ray."""

from __future__ import annotations

import math

from steppe.executors.process.capacity import Capacity
from steppe.types import Resources
from steppe.worker.cgroups import said


def workers_for(asked: Resources, there: Capacity) -> tuple[int, str]:
    """Return how many workers have room, no more than are asked for; and what is missing where these are too few.

    Args:
        asked: how many workers, and what each of them has.
        there: what the machine has.
    """
    rooms = [(math.floor(there.cpu / asked.cpu + 1e-9), f"{asked.cpu:g} cores", f"{there.cpu:g} cores to use")]
    if asked.gpu:
        count = len(there.gpus)
        has = f"{count} GPU{'s' * (count != 1)}" if count else "no GPU"
        rooms.append((count // asked.gpu, f"{asked.gpu} GPU{'s' * (asked.gpu != 1)}", has))
    if asked.memory:
        rooms.append((there.memory // asked.memory, said(asked.memory), f"{said(there.memory)} of memory to use"))
    room, each, has = min(rooms, key=lambda found: found[0])
    fewest = asked.fewest or asked.workers
    if room >= fewest:
        return min(room, asked.workers), ""
    each = each.removesuffix("s") if each == "1 cores" else each
    are = f"{fewest} worker{'s' * (fewest != 1)} with {each} each {'were' if fewest != 1 else 'was'} asked for"
    return 0, f"this machine has {has}, room for {room}, and {are}"


def whole(asked: Resources, workers: int) -> Resources:
    """Return what so many workers hold together."""
    return Resources(cpu=asked.cpu * workers, memory=(asked.memory or 0) * workers or None, gpu=asked.gpu * workers)
