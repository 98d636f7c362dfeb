"""Why several nodes that ran one step together have come to an end: a pure function of what has become of each.

One that dies takes the others along: their code meets a closed connection, and the cluster ends what still runs. So
who tells of an error first is seldom who has it.
"""

from __future__ import annotations

from steppe.executors.executor import End
from steppe.types import Struct
from steppe.worker.group import lost_others
from steppe.worker.task import AttemptRecord


class Fate(Struct, frozen=True, kw_only=True):
    """What has become of one node.

    Attributes:
        rank: which one.
        end: how it has ended.
        record: what its worker has told, where its code came to an end by itself.
        trouble: when something was first seen to be wrong with its pod: counts what was heard; 0 for never.
        going: when its pod was first seen to be deleted, likewise.
        disrupted: whether the cluster says that it took its pod away for a reason of its own.
    """

    rank: int
    end: End
    record: AttemptRecord | None = None
    trouble: int = 0
    going: int = 0
    disrupted: bool = False

    @property
    def fine(self) -> bool:
        """Whether it did its work."""
        return self.end.how == "done" and (self.record is None or self.record.status == "succeeded")


def cause(fates: list[Fate]) -> Fate | None:
    """Return the one whose end has ended the others; None where nothing is wrong with any."""
    bad = [fate for fate in fates if not fate.fine]
    return min(bad, key=lambda fate: _weight(fate, fates), default=None)


def _weight(fate: Fate, fates: list[Fate]) -> tuple[int, float]:
    record = fate.record
    if _followed(fate, fates) or (record is not None and record.status == "elsewhere"):
        return 4, float(fate.going)
    if fate.end.how != "done":
        return 0, float(fate.trouble or 1 << 60)
    if record is None:
        return 3, 0.0
    return (2 if lost_others(record) else 1), record.ended


def _followed(fate: Fate, fates: list[Fate]) -> bool:
    """Tell whether a pod was deleted since another one had failed."""
    earlier = (other.trouble for other in fates if other.rank != fate.rank and other.trouble)
    return bool(fate.going) and not fate.disrupted and any(trouble < fate.going for trouble in earlier)
