"""Which project a contents path belongs to, and that project's catalog and store, opened once.

A path that leads out of Jupyter's root folder, or that the contents manager would not show, names nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from steppe.catalog import open_catalog
from steppe.lineage.opened import Opened, catalog_place, store_of
from steppe.settings import Project, load_project
from steppe_server.errors import NotFound


class Projects:
    """The projects below one root folder. Safe to use from several threads."""

    def __init__(self, root: str, *, allow_hidden: bool = False) -> None:
        """Serve what lies below `root`."""
        self.root = Path(root).resolve()
        self._allow_hidden = allow_hidden
        self._opened: dict[str, tuple[tuple[int, int] | None, Opened]] = {}
        self._lock = threading.Lock()

    def file(self, path: str) -> Path:
        """Return where a contents path is.

        Raises:
            NotFound: it leads out of the root folder, is hidden, or there is nothing.
        """
        parts = [part for part in path.split("/") if part not in ("", ".")]
        hidden = not self._allow_hidden and any(part.startswith(".") for part in parts)
        if hidden or ".." in parts or "\0" in path:
            raise NotFound(f"there is no {path!r} in Jupyter's folder.")
        try:
            found = self.root.joinpath(*parts).resolve()
            inside = found.is_relative_to(self.root) and found.exists()
        except (OSError, RuntimeError, ValueError) as error:  # a name too long, a circle of links
            raise NotFound(f"there is no {path!r} in Jupyter's folder.") from error
        if not inside:
            raise NotFound(f"there is no {path!r} in Jupyter's folder.")
        return found

    def project(self, path: str) -> Project:
        """Return the project of a notebook or folder: what is settled in it and in the environment."""
        found = self.file(path)
        return load_project(found if found.is_dir() else found.parent, os.environ)

    def opened(self, path: str) -> Opened | None:
        """Return what is kept of a project, or None where nothing has been kept yet."""
        project = self.project(path)
        place = catalog_place(project)
        mark: tuple[int, int] | None = None
        if not project.settings.catalog:
            try:
                found = os.stat(place)
            except OSError:
                return None
            mark = (found.st_dev, found.st_ino)
        with self._lock:
            known = self._opened.get(place)
            if known is not None and known[0] == mark and known[1].project == project:
                return known[1]
            opened = Opened(project, open_catalog(place), store_of(project))
            self._opened[place] = (mark, opened)
        if known is not None:
            known[1].catalog.close()  # another file stands there now
        return opened

    def notebooks(self, runs: Iterable[str], opened: Opened) -> dict[str, str | None]:
        """Return the contents paths of runs' notebooks, by the runs; None where one is gone or out of reach."""
        found: dict[str, str | None] = {}
        for id_ in dict.fromkeys(runs):
            run = opened.catalog.runs.get(id_)
            found[id_] = self.contents_path(run.path, opened.project) if run is not None and run.path else None
        return found

    def contents_path(self, file: str, project: Project, *, shown: bool = False) -> str | None:
        """Return the contents path of a project's file, or None where it is gone or out of Jupyter's reach.

        With `shown`, what Jupyter hides is out of its reach, too.
        """
        whole = Path(project.root, file).resolve()
        if not whole.is_relative_to(self.root) or not whole.is_file():
            return None
        found = whole.relative_to(self.root)
        hidden = shown and not self._allow_hidden and any(part.startswith(".") for part in found.parts)
        return None if hidden else found.as_posix()

    def close(self) -> None:
        """Close all catalogs."""
        with self._lock:
            for _, opened in self._opened.values():
                opened.catalog.close()
            self._opened.clear()


def of(settings: dict[str, Any]) -> Projects:
    """Return the projects of a running server, from its Tornado settings."""
    found: Projects = settings["steppe_projects"]
    return found
