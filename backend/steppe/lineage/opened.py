"""A project's Store and Catalog opened to be looked at: nothing is made that is not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from steppe.catalog import Catalog, open_catalog
from steppe.settings import Project, load_project
from steppe.store import open_store
from steppe.store.store import Store


class Opened:
    """What is kept of a project.

    Attributes:
        project: the project.
        catalog: its Catalog.
        store: its Store.
    """

    def __init__(self, project: Project, catalog: Catalog, store: Store) -> None:
        self.project = project
        self.catalog = catalog
        self.store = store


@contextmanager
def opened(start: Path) -> Iterator[Opened | None]:
    """Open what is kept of the project around `start`; None where nothing has been kept yet."""
    project = load_project(start, os.environ)
    place = catalog_place(project)
    if not project.settings.catalog and not os.path.exists(place):
        yield None
        return
    with open_catalog(place) as catalog:
        yield Opened(project, catalog, store_of(project))


def catalog_place(project: Project) -> str:
    """Return where a project's Catalog is."""
    return project.settings.catalog or str(project.state / "catalog.db")


def store_of(project: Project) -> Store:
    """Open a project's Store."""
    return open_store(project.settings.store or str(project.state / "store"), project.state / "store")
