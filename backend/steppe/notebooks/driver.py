"""The driver of a run in a cluster, `python -m steppe.notebooks.driver`: runs a notebook in its pod.

It leaves in the Store how that ended. It is launched with a worker's arguments, its order in the place of a task; what
happens goes out as a worker's events.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from steppe.catalog import travel
from steppe.errors import SteppeError, StoreError, UsageError
from steppe.notebooks.leaving import Leaving, name_of
from steppe.notebooks.marks import Steps
from steppe.notebooks.orders import Ended, Order, record_of
from steppe.notebooks.outcome import Outcome
from steppe.notebooks.run import run_notebook
from steppe.settings import load_project, make_state
from steppe.store import open_store
from steppe.store.store import Store
from steppe.types import Digest
from steppe.worker.events import Event, Sender
from steppe.worker.keeper import Keeper
from steppe.worker.lines import LineWriter
from steppe.worker.luggage import unpack


def arguments() -> argparse.Namespace:
    """Read the command line; what only a worker needs is left alone."""
    parser = argparse.ArgumentParser(prog="python -m steppe.notebooks.driver", description="Run a notebook in a pod.")
    parser.add_argument("order", help="the order's blob in the store")
    for name in ("store", "tier", "root"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--timeout", type=float, default=None)
    parser.add_argument("--memory", type=int, default=None)
    return parser.parse_known_args()[0]


UNKNOWN = (
    "the catalog of who has launched it is a PostgreSQL that its pod does not know: name it in pyproject.toml, or give "
    'it to the pod by `secrets = { STEPPE_CATALOG = "SECRET/KEY" }` in the profile `driver`.'
)


class Orders:
    """Where a driver has its order from, and what it does with how that ended."""

    def read(self, store: Store, blob: str) -> Order | None:
        """Return the order; None where there is nothing to do."""
        return msgspec.msgpack.decode(store.get(Digest(blob)), type=Order)

    def done(self, store: Store, order: Order, ended: Ended) -> None:
        """Hear how it ended: that is kept already."""


def drive(given: argparse.Namespace, sender: Sender, orders: Orders) -> int:
    """Run the notebook, and leave a record of how it ended."""

    def tell(kind: str, **data: Any) -> None:
        sender.send(Event(kind=kind, at=time.time(), data=data))

    try:
        store = open_store(given.store, Path(given.tier))
        order = orders.read(store, given.order)
        if order is None:
            tell("done", status="succeeded")
            return 0
        os.makedirs(given.root, exist_ok=True)
        unpack(order.luggage, given.root, store.get)
        os.environ["STEPPE_STORE"] = given.store
        file = _own_catalog(given.root, order, store)
        tell("started")
        leaving = None if file is None else Leaving(store, order.run, file)

        def progress(line: dict[str, Any]) -> None:
            if leaving is not None:  # what was told to have ended can't be lost
                leaving.after(line)
            tell("step", **line)

        ended = _run(given.root, order, store, file, progress)
    except Exception as error:  # whatever it is, whoever follows the run is to know
        why = str(error) if isinstance(error, SteppeError) else f"{type(error).__name__}: {error}"
        tell("done", status="broken", why=why)
        return 1
    store.write_record(record_of(order.run), msgspec.msgpack.encode(ended))
    with contextlib.suppress(StoreError):
        store.delete_record(name_of(order.run))
        orders.done(store, order, ended)
    tell("done", status="succeeded" if ended.status == "succeeded" else "failed")
    return 0


def _own_catalog(root: str, order: Order, store: Store) -> Path | None:
    """Begin a Catalog of the driver's own with what the user's knows; None where both use one."""
    if order.catalog is None:
        if not load_project(Path(root), os.environ).settings.catalog.startswith("postgres"):
            raise UsageError(UNKNOWN)
        return None
    os.environ["STEPPE_CATALOG"] = ""
    file = make_state(load_project(Path(root), os.environ)) / "catalog.db"
    if not file.exists():
        file.write_bytes(store.get(order.catalog))
    return file


def _run(root: str, order: Order, store: Store, catalog: Path | None, progress: Any) -> Ended:
    output = Path(root, ".steppe", "runs", order.run, os.path.basename(order.notebook))
    began = time.monotonic()
    try:
        outcome = run_notebook(
            Path(root, order.notebook),
            output,
            parameters=order.parameters,
            steps=Steps(order.steps),
            jobs=order.jobs,
            refresh=order.refresh,
            kernel=order.kernel,
            progress=progress,
            run_id=order.run,
        )
    except KeyboardInterrupt:
        outcome = Outcome(order.run, order.notebook, str(output))
        outcome.status, outcome.seconds = "cancelled", time.monotonic() - began
    except SteppeError as error:
        outcome = Outcome(order.run, order.notebook, str(output))
        outcome.status, outcome.error = "failed", str(error)
    return Ended(
        status=outcome.status,
        error=outcome.error,
        seconds=outcome.seconds,
        output=store.put([output.read_bytes()]) if output.exists() else None,
        catalog=store.put([travel.take(catalog)]) if catalog is not None and catalog.exists() else None,
        warnings=tuple(outcome.warnings),
    )


def main(orders: Orders | None = None) -> int:
    """Drive the run under a keeper, which tells of its end whatever it is."""
    given = arguments()
    with contextlib.suppress(OSError):  # an image may have a home that nobody can write to
        os.makedirs(os.path.expanduser("~"), exist_ok=True)
    keeper = Keeper(LineWriter(os.dup(1)), timeout=given.timeout, memory=given.memory)
    return keeper.keep(lambda tells, _: drive(given, Sender(tells), orders or Orders()))


if __name__ == "__main__":
    sys.exit(main())
