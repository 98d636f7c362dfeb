"""`python -m steppe.worker`."""

from __future__ import annotations

import argparse
import sys

from steppe.worker.descriptors import Captured, Descriptors
from steppe.worker.events import Sender
from steppe.worker.main import main

parser = argparse.ArgumentParser(prog="python -m steppe.worker", description="Run one task of a Steppe pipeline.")
parser.add_argument("task", help="the task's blob in the store")
parser.add_argument("--attempt", required=True, help="the attempt's id")
parser.add_argument("--store", required=True, help="the store's URL or path")
parser.add_argument("--tier", default="", help="a folder for copies of what a store elsewhere holds")
parser.add_argument("--events", type=int, default=None, help="a descriptor to write events to")
given = parser.parse_args()
captured = tuple(Captured.make(number) for number in (1, 2)) if given.events is not None else ()
for each in captured:
    each.install()
sys.exit(
    main(
        given.task, given.attempt, given.store, Sender(given.events), tier=given.tier, descriptors=Descriptors(captured)
    )
)
