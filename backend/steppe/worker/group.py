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
from typing import TYPE_CHECKING, TypeVar

import msgspec

from steppe.store.store import Store
from steppe.types import Digest, Result, Struct
from steppe.worker import saved, witness
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

if TYPE_CHECKING:
    from steppe.worker.execution import Execution

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
        unfit: attempts whose checkpoints are not to be used, and why, in words.
    """

    address: str
    checkpoints: dict[str, bytes] = {}
    unfit: dict[str, str] = {}


class Group:
    """The workers of one attempt, as one of them sees them.

    Attributes:
        rank: which one this is, from 0.
        size: how many there are.
        checkpoints: the records of checkpoints that the first one has found.
        attempt: the attempt's id.
    """

    def __init__(self, store: Store, attempt: str, rank: int, size: int) -> None:
        self.rank = rank
        self.size = size
        self.checkpoints: dict[str, bytes] = {}
        self.attempt = attempt
        self._store = store
        self._unfit: dict[str, str] = {}

    def meet(self, address: str, owner: str) -> None:
        """Wait until all have begun, and tell this process's code where they are.

        Args:
            address: where the others reach this one.
            owner: whose checkpoints the task's are; empty where it has none.

        Raises:
            StoreError: the Store can't be reached.
        """
        found = self._found(owner) if self.rank == 0 and owner else {}
        own = Present(address=address, checkpoints=found, unfit=self._changed(found))
        self._store.write_record(self._name(self.rank), _ENCODER.encode(own))
        all_of_them = [own if rank == self.rank else self._present(rank) for rank in range(self.size)]
        self.checkpoints, self._unfit = all_of_them[0].checkpoints, all_of_them[0].unfit
        first = all_of_them[0].address
        os.environ |= {"MASTER_ADDR": first, "PET_MASTER_ADDR": first}
        os.environ["STEPPE_NODES"] = ",".join(each.address for each in all_of_them)
        GIVEN.update(TOLD)

    def _found(self, owner: str) -> dict[str, bytes]:
        records = {name: self._store.read_record(name) for name in list(saved.all_records(self._store, owner))}
        return {name: data for name, data in records.items() if data is not None}

    def _changed(self, found: dict[str, bytes]) -> dict[str, str]:
        """Say of which attempts with checkpoints one of the nodes had read what has changed since."""
        records = [record for data in found.values() if (record := saved.decoded(data)) is not None]
        unfit = {}
        for attempt in {each.attempt for record in records for each in record.both if each.attempt}:
            known = (witness.heard(self._store, attempt, rank) for rank in range(1, self.size))
            if path := next(filter(None, map(witness.changed, known)), ""):
                unfit[attempt] = f"{path} has changed"
        return unfit

    def unfit(self, attempt: str) -> str:
        """Say why no checkpoint of an attempt is to be used, as the first one has found; nothing where all is well."""
        return self._unfit.get(attempt, "")

    def take_over(self, execution: Execution, attempt: str) -> None:
        """Let what this rank had read in an attempt, from whose checkpoint all go on, be read by this one."""
        if self.rank:
            for path in witness.heard(self._store, attempt, self.rank):
                execution.trace.reads(path)

    def make_witness(self, execution: Execution, along: frozenset[str]) -> witness.Witness | None:
        """Return who tells what is read here; None on the first one, whose checkpoints say that."""
        if self.rank == 0:
            return None
        return witness.Witness(self._store, witness.name_of(self.attempt, self.rank), execution, along)

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
        return f"attempts/{self.attempt}/nodes/{rank}"


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
