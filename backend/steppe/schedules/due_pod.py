"""The driver of a scheduled run in a cluster: `python -m steppe.schedules.due_pod`, in the pod of a CronJob's Job."""

from __future__ import annotations

import os
import sys

import msgspec
from blake3 import blake3

from steppe.catalog import Schedule
from steppe.executors.kubernetes.cron_jobs import JOB_NAME, due_of
from steppe.ids import new_id
from steppe.notebooks.driver import Orders, main
from steppe.notebooks.orders import Ended, Order, record_of
from steppe.schedules.parameters import parameters_at
from steppe.store.store import Store
from steppe.types import Digest, Struct


class DueOrder(Struct, frozen=True, kw_only=True):
    """What each run of a schedule is to do: kept in the Store as long as its CronJob is there.

    Attributes:
        schedule: the schedule.
        order: all but its run, and its parameters, which are the due time's.
    """

    schedule: Schedule
    order: Order


def run_of(schedule: str, due: int) -> str:
    """Return the id of a due time's run: whoever knows the time can look for what it left."""
    digest = int.from_bytes(blake3(f"{schedule} {due}".encode()).digest())
    return new_id(due, lambda bits: digest % 2**bits)


def latest_of(schedule: str) -> str:
    """Return the name of the record of the Catalog that the latest run had: the next one's hits are from there."""
    return f"schedules/{schedule}/catalog"


class DueOrders(Orders):
    """Orders of a schedule: of which time, the name of this pod's Job tells."""

    def __init__(self, job: str) -> None:
        """Be in a pod of a Job."""
        self._job = job
        self._schedule = ""

    def read(self, store: Store, blob: str) -> Order | None:
        """Return the order of the due time; None where it has run: a cluster may make two Jobs of one time."""
        asked = msgspec.msgpack.decode(store.get(Digest(blob)), type=DueOrder)
        self._schedule, due = asked.schedule.id, due_of(self._job)
        run, order = run_of(self._schedule, due), asked.order
        if store.read_record(record_of(run)) is not None:
            return None
        latest = store.read_record(latest_of(self._schedule)) if order.catalog is not None else None
        catalog = order.catalog if latest is None else Digest(latest.decode())
        return msgspec.structs.replace(order, run=run, parameters=parameters_at(asked.schedule, due), catalog=catalog)

    def done(self, store: Store, order: Order, ended: Ended) -> None:
        """Leave what this run knew for the next one."""
        del order
        if ended.catalog is not None:
            store.replace_record(latest_of(self._schedule), ended.catalog.encode())


if __name__ == "__main__":
    sys.exit(main(DueOrders(os.environ[JOB_NAME])))
