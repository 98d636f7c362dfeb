"""`python -m steppe.worker`."""

from __future__ import annotations

import argparse
import sys

from steppe.worker.main import main

parser = argparse.ArgumentParser(prog="python -m steppe.worker", description="Run one task of a Steppe pipeline.")
parser.add_argument("task", help="the task's blob in the store")
parser.add_argument("--attempt", required=True, help="the attempt's id")
parser.add_argument("--store", required=True, help="the store's URL or path")
parser.add_argument("--events", type=int, default=None, help="a descriptor to write events to")
given = parser.parse_args()
sys.exit(main(given.task, given.attempt, given.store, given.events))
