"""The catalogs that the process which plans looks at, kept open from plan to plan with what they have answered."""

from __future__ import annotations

import os

from steppe.catalog import open_catalog
from steppe.catalog.remembered import Remembered
from steppe.lineage.opened import catalog_place
from steppe.settings import Project

MOST = 4
"""Catalogs that are kept open."""

_OPEN: dict[tuple[str, object], Remembered] = {}


def catalog_of(project: Project) -> Remembered | None:
    """Return a project's catalog as it is now; None where nothing has been kept yet."""
    place = catalog_place(project)
    file: object = None
    if not project.settings.catalog:
        try:
            seen = os.stat(place)
        except OSError:
            return None
        file = (seen.st_dev, seen.st_ino)
    found = _OPEN.pop((place, file), None)
    if found is None:
        for old in [key for key in _OPEN if key[0] == place] + list(_OPEN)[: len(_OPEN) - MOST + 1]:
            if old in _OPEN:
                _OPEN.pop(old).catalog.close()
        found = Remembered(open_catalog(place))
    _OPEN[place, file] = found
    found.begin()
    return found
