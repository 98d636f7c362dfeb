"""`steppe scheduler`: the process that runs what schedules say."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import click


@click.command("scheduler")
@click.option("--idle-exit", is_flag=True, help="End once there is no schedule and nothing to be done.")
def command(idle_exit: bool) -> None:
    """Run what the schedules of the project around the working directory say, until it is ended.

    One scheduler works for a project; another that is started waits to take its place. Ended by Ctrl-C or SIGTERM, it
    leaves the runs that go on alone: they write down how they end. What became due while none ran is caught up as each
    schedule says.
    """
    from steppe.catalog import open_catalog
    from steppe.engine.holder import alive, new_holder
    from steppe.errors import CatalogError
    from steppe.schedules.alerts import send
    from steppe.schedules.launching import Launching
    from steppe.schedules.scheduler import EVERY, LOG, Scheduler
    from steppe.schedules.telling import Telling
    from steppe.settings import load_project, make_state

    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
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
                if idle_exit and not catalog.schedules.all(project.root):
                    break
            except CatalogError as error:
                LOG.warning("the catalog is out of reach, trying again: %s", error)
            if over.wait(EVERY):
                break
        telling.close()
        scheduler.release()
        LOG.info("ended; runs that go on write down their own ends")


def _ended_by_signals() -> threading.Event:
    over = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return over
