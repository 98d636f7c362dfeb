"""What every route has in common: who may ask, how a question is read, and how it is refused. The owner of Tornado."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, ParamSpec, TypeVar

import msgspec
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.web import authenticated

from steppe.catalog import Catalog
from steppe.errors import SteppeError
from steppe.lineage.opened import Opened
from steppe_server.errors import NotFound, Refused
from steppe_server.projects import Projects
from steppe_server.table import Route

P = ParamSpec("P")
T = TypeVar("T")

LARGEST_BODY = 32 * 2**20
"""Bytes of a body: a notebook without its outputs."""

THREADS = ThreadPoolExecutor(4, thread_name_prefix="steppe-server")

Answering = Callable[..., Any]


class Handler(APIHandler):
    """One path of the table; a subclass has a coroutine `on_METHOD(query, body, **names)` for each of its methods."""

    auth_resource = "steppe"
    routes: ClassVar[dict[str, Route]] = {}

    @property
    def projects(self) -> Projects:
        """The projects that this server serves."""
        found: Projects = self.settings["steppe_projects"]
        return found

    @authenticated
    @authorized
    async def get(self, **names: str) -> None:
        """Answer a GET."""
        await self._answer("GET", names)

    @authenticated
    @authorized
    async def post(self, **names: str) -> None:
        """Answer a POST."""
        await self._answer("POST", names)

    @authenticated
    @authorized
    async def patch(self, **names: str) -> None:
        """Answer a PATCH."""
        await self._answer("PATCH", names)

    @authenticated
    @authorized
    async def delete(self, **names: str) -> None:
        """Answer a DELETE."""
        await self._answer("DELETE", names)

    async def off_loop(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something that takes a while, or asks the disk, beside the server's loop."""
        return await asyncio.get_running_loop().run_in_executor(THREADS, lambda: work(*args, **kwargs))

    async def of_project(self, path: str, work: Callable[[Opened], T], nothing: T | None = None) -> T:
        """Read what is kept of a project, beside the server's loop.

        Args:
            path: the contents path that decides the project.
            work: reads it.
            nothing: the answer where nothing has been kept yet.

        Raises:
            NotFound: nothing has been kept yet, and there is no answer for that.
        """

        def read() -> T:
            opened = self.projects.opened(path)
            if opened is not None:
                return work(opened)
            if nothing is None:
                raise NotFound("nothing has been kept in this project yet: run a step first.")
            return nothing

        return await self.off_loop(read)

    async def of_catalog(self, path: str, work: Callable[[Catalog], T], nothing: T | None = None) -> T:
        """Read a project's catalog; see `of_project`."""
        return await self.of_project(path, lambda opened: work(opened.catalog), nothing)

    async def _answer(self, method: str, names: dict[str, str]) -> None:
        route = self.routes.get(method)
        if route is None:
            self.set_header("Allow", ", ".join(sorted(self.routes)))
            self.refuse(405, f"{method} is not a method of this route.")
            return
        try:
            query = self._query(route)
            body = None if route.body is None else self._body(route.body)
            answer = await getattr(self, f"on_{method.lower()}")(query, body, **names)
        except Refused as error:
            self.refuse(error.status, str(error))
        except SteppeError as error:
            self.refuse(400, str(error))
        else:
            if answer is not None:
                self.set_header("Content-Type", "application/json")
                self.set_header("Cache-Control", "no-store")
                self.finish(msgspec.json.encode(answer))

    def refuse(self, status: int, message: str) -> None:
        """Say in one sentence why there is no answer."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode({"message": message}))

    def _query(self, route: Route) -> Any:
        given: dict[str, str] = {}
        for name, values in self.request.query_arguments.items():
            if name in ("token", "_xsrf") or (name.isdecimal() and name.isascii()):
                continue  # Jupyter's own; JupyterLab adds the time to what is not to be cached
            if len(values) > 1:
                raise Refused(f"`{name}` is asked {len(values)} times: give it once.")
            try:
                given[name] = values[0].decode()
            except UnicodeDecodeError as error:
                raise Refused(f"`{name}` is no text in UTF-8.") from error
        try:
            return msgspec.convert(given, route.query, strict=False)
        except msgspec.ValidationError as error:
            raise Refused(f"the query of {route.path} is not right: {error}.") from error

    def _body(self, kind: type[msgspec.Struct]) -> Any:
        if len(self.request.body) > LARGEST_BODY:
            raise Refused(f"the body is larger than {LARGEST_BODY // 2**20} MiB.")
        try:
            return msgspec.json.decode(self.request.body, type=kind)
        except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refused(f"the body is not what this route takes: {error}.") from error


class Asking(Handler):
    """A path whose POST changes nothing: it has a body only since what it asks is too long for a query."""

    @authenticated
    @authorized("read")
    async def post(self, **names: str) -> None:
        """Answer a POST."""
        await self._answer("POST", names)
