"""Puts the routes into a Jupyter server, and takes down with it what they have opened."""

from __future__ import annotations

import atexit
import re
from typing import Any

from steppe_server.planner import Planner
from steppe_server.projects import Projects
from steppe_server.routes.handler import Handler
from steppe_server.routes.health import HealthHandler, OpenAPIHandler
from steppe_server.routes.pipelines import ParametersHandler, PipelineHandler
from steppe_server.table import ROUTES

HANDLERS: dict[str, type[Handler]] = {
    "openapi.json": OpenAPIHandler,
    "health": HealthHandler,
    "pipeline": PipelineHandler,
    "parameters": ParametersHandler,
}


def load(server: Any) -> None:
    """Add the routes to a server.

    Args:
        server: a `jupyter_server.serverapp.ServerApp`.
    """
    hidden = bool(getattr(server.contents_manager, "allow_hidden", False))
    server.web_app.settings["steppe_projects"] = Projects(server.root_dir, allow_hidden=hidden)
    server.web_app.settings["steppe_planner"] = planner = Planner()
    atexit.register(planner.close)
    server.web_app.add_handlers(".*$", handlers(server.web_app.settings["base_url"]))


def handlers(base_url: str) -> list[tuple[str, type[Handler]]]:
    """Return the handlers of all routes, as Tornado takes them."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = route
    found = []
    for path, methods in paths.items():
        handler = HANDLERS.get(path)
        if handler is not None:
            pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))
            ours = type(handler.__name__, (handler,), {"routes": methods})
            found.append((f"{base_url.rstrip('/')}/steppe/api/{pattern}", ours))
    return found
