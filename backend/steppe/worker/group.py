"""Several workers that run one task together, each on a node of its own: they begin together, and end as one.

They know each other by the Store alone. Each writes its address down, and none begins before all have: so code that
meets the others finds them, however long one of them had to wait for its node. What the first one leaves is the
task's result, and depends on what all of them were seen to read: it waits for the others' records, and leaves none
where one of them has failed.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from steppe.store.store import Store
from steppe.types import Digest, Result, Struct
from steppe.worker import saved
from steppe.worker.probes import GIVEN
from steppe.worker.task import AttemptRecord, Failure

FIRST_PAUSE, LAST_PAUSE = 0.05, 2.0
"""Seconds between two looks into the Store, at first and in the long run."""

TOLD = frozenset(
    {
        *("RANK", "NODE_RANK", "GROUP_RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "POD_IP"),
        *("MASTER_ADDR", "MASTER_PORT", "JOB_COMPLETION_INDEX", "STEPPE_NODES"),
        *("PET_NNODES", "PET_NODE_RANK", "PET_MASTER_ADDR", "PET_MASTER_PORT"),
    }
)
"""Variables that tell a worker of its group. How many there are is in the key; the rest is no matter of the result."""

PEER = re.compile(r"connection|closed by peer|broken pipe|timed? ?out|gloo|nccl|rendezvous|store", re.IGNORECASE)
"""What code says of others that are gone."""

KINDS = ("BrokenPipeError", "EOFError", "DistBackendError", "DistNetworkError", "DistStoreError")
"""Errors that code meets where others are gone."""

YIELD = 1.0
"""Seconds for which one whose code has lost another one stays, so that who is the cause can tell: the cluster ends
the others as soon as one has failed."""

_T = TypeVar("_T")
_ENCODER = msgspec.msgpack.Encoder()


class FailedElsewhere(Exception):
    """The task was done here, and another of its nodes has failed, who tells of it."""


class Place(Struct, frozen=True, kw_only=True):
    """Which of several workers one is, as it is told by who launches it.

    Attributes:
        rank: from 0.
        size: how many there are.
        address: where the others reach it.
    """

    rank: int
    size: int
    address: str


class Present(Struct, frozen=True, kw_only=True):
    """What a worker writes down as it begins: `attempts/<attempt>/nodes/<rank>`.

    Attributes:
        address: where the others reach it.
        checkpoints: what records of the task's checkpoints the first one has found: all go on from those.
    """

    address: str
    checkpoints: dict[str, bytes] = {}


class Group:
    """The workers of one attempt, as one of them sees them.

    Attributes:
        rank: which one this is, from 0.
        size: how many there are.
        checkpoints: the records of checkpoints that the first one has found.
    """

    def __init__(self, store: Store, attempt: str, rank: int, size: int) -> None:
        self.rank = rank
        self.size = size
        self.checkpoints: dict[str, bytes] = {}
        self._store = store
        self._attempt = attempt

    def meet(self, address: str, owner: str) -> None:
        """Wait until all have begun, and tell this process's code where they are.

        Args:
            address: where the others reach this one.
            owner: whose checkpoints the task's are; empty where it has none.

        Raises:
            StoreError: the Store can't be reached.
        """
        found = {}
        if self.rank == 0 and owner:
            for name in list(saved.all_records(self._store, owner)):
                if (data := self._store.read_record(name)) is not None:
                    found[name] = data
        own = Present(address=address, checkpoints=found)
        self._store.write_record(self._name(self.rank), _ENCODER.encode(own))
        all_of_them = [own if rank == self.rank else self._present(rank) for rank in range(self.size)]
        self.checkpoints = all_of_them[0].checkpoints
        first = all_of_them[0].address
        os.environ |= {"MASTER_ADDR": first, "PET_MASTER_ADDR": first}
        os.environ["STEPPE_NODES"] = ",".join(each.address for each in all_of_them)
        GIVEN.update(TOLD)

    def _present(self, rank: int) -> Present:
        return msgspec.msgpack.decode(_awaited(lambda: self._store.read_record(self._name(rank))), type=Present)

    def leave(self, record: AttemptRecord) -> None:
        """Write down what has become of the task here, for the first one to wait for."""
        self._store.write_record(f"{self._name(self.rank)}/result", _ENCODER.encode(record))

    def others(self) -> Iterator[AttemptRecord]:
        """Iterate over what has become of the task in the others, each waited for."""
        for rank in range(self.size):
            if rank != self.rank:
                name = f"{self._name(rank)}/result"
                data = _awaited(lambda name=name: self._store.read_record(name))  # type: ignore[misc]
                yield msgspec.msgpack.decode(data, type=AttemptRecord)

    def joined(self, result: Result, reasons: list[str], get: Callable[[Digest], memoryview]) -> Result:
        """Return the first one's result with what all have read and written, once all have ended.

        Args:
            result: what the first one has left.
            reasons: why that can't be cached: what speaks against the others' is added.
            get: reads the others' results.

        Raises:
            FailedElsewhere: one of the others has failed.
        """
        trace, files = dict.fromkeys(result.trace), {file.path: file for file in result.files}
        used = dict(result.used)
        for record in self.others():
            if record.status != "succeeded" or record.result is None:
                raise FailedElsewhere
            other = msgspec.msgpack.decode(get(record.result), type=Result)
            trace.update(dict.fromkeys(other.trace))
            reasons += (reason for reason in record.reasons if reason not in reasons)
            for file in other.files:
                files.setdefault(file.path, file)
            used = used_together(used, other.used)
        return msgspec.structs.replace(result, trace=tuple(trace), files=tuple(files.values()), used=used)

    def _name(self, rank: int) -> str:
        return f"attempts/{self._attempt}/nodes/{rank}"


def lost_others(record: AttemptRecord | None) -> bool:
    """Tell whether code has failed as it does where another node is gone, whatever became of that."""
    failure: Failure | None = record.failure if record is not None else None
    if failure is None:
        return False
    kind = failure.kind.rpartition(".")[2]
    if kind in KINDS or kind.startswith("Connection"):
        return True
    return kind in ("RuntimeError", "TimeoutError", "OSError") and PEER.search(failure.text) is not None


def used_together(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    """Return what two nodes have used: the processor's time of both, else what one of them did at the peak."""
    found = {name: max(value, one.get(name, value)) for name, value in other.items()}
    return {**one, **found, "cpu_seconds": one.get("cpu_seconds", 0.0) + other.get("cpu_seconds", 0.0)}


def _awaited(look: Callable[[], _T | None]) -> _T:
    pause = FIRST_PAUSE
    while (found := look()) is None:
        time.sleep(pause)
        pause = min(1.5 * pause, LAST_PAUSE)
    return found
