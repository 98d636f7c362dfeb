"""Artifacts: what is known of one, pages of its table, its columns in short, what is drawn of it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from steppe.errors import SteppeError
from steppe.lineage.opened import Opened
from steppe.lineage.views.source import Source, Unreadable
from steppe.lineage.views.stored import Stored, stored
from steppe.settings import make_state
from steppe.types import StepRun
from steppe_server.errors import NotFound, Refused
from steppe_server.projects import Projects
from steppe_server.reader import Reader, Unable
from steppe_server.routes.handler import Handler
from steppe_server.schemas import artifacts as schemas
from steppe_server.schemas.queries import Place, TableColumns, TableOrder, TablePage

WAIT = 1.5
"""Seconds for which an answer is held back while something is being computed."""
PLACES = 50
"""Executions that are told of those that made or read a value."""


class _Reading(Handler):
    """What the routes of an artifact have in common."""

    @property
    def reader(self) -> Reader:
        found: Reader = self.settings["steppe_reader"]
        return found

    async def found(self, path: str, version: str) -> tuple[Stored, Source | None, str, Path]:
        """Return an artifact, the bytes that show it (or why there are none), and where orders of it are kept."""

        def read(opened: Opened) -> tuple[Stored, Source | None, str, Path]:
            what = _stored(opened, version)
            folder = _folder(opened)
            try:
                return what, what.source(opened.store), "", folder
            except Unreadable as error:
                return what, None, str(error), folder

        return await self.of_project(path, read)

    async def table(self, path: str, version: str) -> tuple[Source, Path]:
        """Return the bytes of a table."""
        what, source, why, folder = await self.found(path, version)
        if source is None:
            raise Unable(why)
        if what.view not in ("table", "array"):
            raise Refused(f"{version} is no table: ask for its content.")
        return source, folder


class ArtifactHandler(_Reading):
    """`artifacts/{version}`."""

    async def on_get(self, query: Place, _body: None, version: str) -> schemas.Artifact:
        """Tell what is known of an artifact."""
        projects = self.projects

        def read(opened: Opened) -> schemas.Artifact:
            what = _stored(opened, version)
            catalog = opened.catalog
            makers = catalog.lineage.makers(version, limit=PLACES).items
            users = catalog.lineage.users(version, limit=PLACES).items
            return schemas.Artifact(
                version=version,
                name=what.name,
                type=what.artifact.type,
                bytes=what.artifact.size,
                format=what.part.format if what.part is not None else "",
                preview=what.artifact.preview,
                kept=what.part is not None,
                view=what.view,
                load=what.load,
                makers=_places(makers, version, opened, projects, made=True),
                users=_places(users, version, opened, projects, made=False),
            )

        return await self.of_project(query.path, read)


class TableHandler(_Reading):
    """`artifacts/{version}/table`."""

    async def on_get(self, query: TablePage, _body: None, version: str) -> schemas.Table:
        """Read a page."""
        at = _place(query.at)
        source, folder = await self.table(query.path, version)
        return await self.reader.page(
            source,
            folder,
            at=at,
            span=(query.offset, query.limit),
            columns=(query.left, query.width),
            sort=query.sort,
            descending=query.descending,
            wait=WAIT,
        )

    async def on_delete(self, query: TableOrder, _body: None, version: str) -> schemas.GivenUp:
        """Give up the order by a column that is being computed."""
        at = _place(query.at)
        source, folder = await self.table(query.path, version)
        return schemas.GivenUp(ended=await self.reader.give_up(source, folder, at=at, sort=query.sort))


def _place(text: str) -> tuple[int, ...]:
    """Return where an array is cut through.

    Raises:
        Refused: it is not written so.
    """
    if not re.fullmatch(r"(\d{1,18}(,\d{1,18}){0,62})?", text):
        raise Refused("`at` is numbers with commas between them, such as 3,0.")
    return tuple(map(int, text.split(","))) if text else ()


class ColumnsHandler(_Reading):
    """`artifacts/{version}/columns`."""

    async def on_get(self, query: TableColumns, _body: None, version: str) -> schemas.Summaries:
        """Tell columns in short."""
        source, folder = await self.table(query.path, version)
        return await self.reader.columns(source, folder, (query.left, query.width), WAIT)


class ContentHandler(_Reading):
    """`artifacts/{version}/content`."""

    async def on_get(self, query: Place, _body: None, version: str) -> schemas.Content:
        """Read what is drawn of a value."""
        what, source, why, _ = await self.found(query.path, version)
        if source is not None:
            return await self.reader.content(source, what.view)
        if what.shown:
            return await self.reader.shown(what.shown)
        raise Unable(why)


def _stored(opened: Opened, version: str) -> Stored:
    if not re.fullmatch(r"b3:[0-9a-f]{64}", version):
        raise NotFound(f"{version[:80]!r} is no version: they are written b3: and 64 hexadecimal digits.")
    found = stored(opened.catalog, opened.store, version)
    if found is None:
        raise NotFound(f"there is no artifact {version}.")
    return found


def _folder(opened: Opened) -> Path:
    """Return where what is computed of tables is kept: with the project's state, else among passing files."""
    try:
        folder = make_state(opened.project) / "views"
        folder.mkdir(exist_ok=True)
    except (OSError, SteppeError):
        return _passing_folder()
    return folder


@cache
def _passing_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="steppe-views-"))


def _places(
    steps: Iterable[StepRun], version: str, opened: Opened, projects: Projects, *, made: bool
) -> list[schemas.Execution]:
    found = []
    steps = list(steps)
    paths = projects.notebooks((step.run for step in steps), opened)
    for step in steps:
        names = step.outputs if made else step.inputs
        found.append(
            schemas.Execution(
                step_run=step.id,
                run=step.run,
                step=step.step.name,
                cell=step.cell,
                notebook=step.step.notebook,
                path=paths[step.run],
                names=[name for name, its in names.items() if its == version],
                started=step.started,
            )
        )
    return found
