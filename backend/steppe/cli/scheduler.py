"""`steppe scheduler`: the process that runs what schedules say."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import click

from steppe.cli.asking import as_json


@click.command("scheduler")
@click.option("--idle-exit", is_flag=True, help="End once there is no schedule and nothing to be done.")
@as_json
def command(idle_exit: bool, json_only: bool) -> None:
    """Run what the schedules of the project around the working directory say, until it is ended.

    One scheduler works for a project; another that is started waits to take its place. Ended by Ctrl-C or SIGTERM, it
    leaves the runs that go on alone: they write down how they end. What became due while none ran is caught up as each
    schedule says. It writes a log to its standard error; with --json, a JSON document a line.
    """
    from steppe.catalog import open_catalog
    from steppe.engine.holder import alive, new_holder
    from steppe.errors import CatalogError
    from steppe.schedules.alerts import send
    from steppe.schedules.launching import Launching
    from steppe.schedules.making import here
    from steppe.schedules.scheduler import EVERY, LOG, Scheduler
    from steppe.schedules.telling import Telling
    from steppe.settings import load_project, make_state

    _log(json_only=json_only)
    project = load_project(Path.cwd(), os.environ)
    place = project.settings.catalog or str(make_state(project) / "catalog.db")
    over = _ended_by_signals()
    with open_catalog(place) as catalog:
        telling = Telling(send)
        scheduler = Scheduler(
            catalog, project.root, new_holder(os.getpid()), launch=Launching(project), tell=telling, alive=alive
        )
        LOG.info("serving the schedules of %s", project.root)
        while True:
            try:
                scheduler.tick()
                if idle_exit and not here(catalog, project.root):
                    break
            except CatalogError as error:
                LOG.warning("the catalog is out of reach, trying again: %s", error)
            if over.wait(EVERY):
                break
        telling.close()
        scheduler.release()
        LOG.info("ended; runs that go on write down their own ends")


class _Lines(logging.Formatter):
    """A JSON document a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record's line."""
        said = record.getMessage() + (f"\n{self.formatException(record.exc_info)}" if record.exc_info else "")
        return json.dumps({"time": record.created, "level": record.levelname.lower(), "message": said})


def _log(*, json_only: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines() if json_only else logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _ended_by_signals() -> threading.Event:
    over = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return over
