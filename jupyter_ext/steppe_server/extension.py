"""Puts the routes into a Jupyter server, and takes down with it what they have opened."""

from __future__ import annotations

import atexit
import re
import threading
from typing import Any

from steppe_server.headless import Headless
from steppe_server.planner import Planner
from steppe_server.projects import Projects
from steppe_server.reader import Reader
from steppe_server.routes import (
    artifacts,
    compare,
    details,
    events,
    figures,
    health,
    lineage,
    options,
    pipelines,
    runs,
    schedules,
    step_runs,
)
from steppe_server.routes.handler import Handler
from steppe_server.schedulers import Schedulers
from steppe_server.table import ROUTES

HANDLERS: dict[str, type[Handler]] = {
    "openapi.json": health.OpenAPIHandler,
    "health": health.HealthHandler,
    "pipeline": pipelines.PipelineHandler,
    "parameters": pipelines.ParametersHandler,
    "events": events.EventsHandler,
    "runs": runs.RunsHandler,
    "runs/{id}": runs.RunHandler,
    "runs/{id}/notes": runs.NotesHandler,
    "runs/{id}/notes/{note}": runs.NoteHandler,
    "runs/{id}/cancel": runs.CancelHandler,
    "schedules": schedules.SchedulesHandler,
    "schedules/{id}": schedules.ScheduleHandler,
    "schedules/{id}/runs": schedules.ScheduleRunsHandler,
    "schedules/{id}/backfill": schedules.BackfillHandler,
    "due-times": schedules.DueTimesHandler,
    "compare": compare.CompareHandler,
    "step-runs": step_runs.StepRunsHandler,
    "step-runs/{id}": step_runs.StepRunHandler,
    "step-runs/{id}/logs": step_runs.LogsHandler,
    "step-runs/{id}/metrics": step_runs.MetricsHandler,
    "step-runs/{id}/diff": step_runs.DiffHandler,
    "step-runs/{id}/usage": details.UsageHandler,
    "step-runs/{id}/code-versions": details.CodeVersionsHandler,
    "step-runs/{id}/figures": figures.FiguresHandler,
    "step-runs/{id}/environment": details.EnvironmentHandler,
    "artifacts/{version}": artifacts.ArtifactHandler,
    "artifacts/{version}/table": artifacts.TableHandler,
    "artifacts/{version}/columns": artifacts.ColumnsHandler,
    "artifacts/{version}/content": artifacts.ContentHandler,
    "lineage/{version}": lineage.LineageHandler,
    "options": options.OptionsHandler,
}


def load(server: Any) -> None:
    """Add the routes to a server.

    Args:
        server: a `jupyter_server.serverapp.ServerApp`.
    """
    hidden = bool(getattr(server.contents_manager, "allow_hidden", False))
    projects, planner, headless = Projects(server.root_dir, allow_hidden=hidden), Planner(), Headless()
    reader, schedulers = Reader(), Schedulers()
    server.web_app.settings |= {
        "steppe_projects": projects,
        "steppe_planner": planner,
        "steppe_headless": headless,
        "steppe_reader": reader,
        "steppe_schedulers": schedulers,
        "steppe_changes": {},
    }
    for opened in (planner, headless, reader, projects, schedulers):
        atexit.register(opened.close)
    threading.Thread(target=schedulers.look, args=(projects,), name="steppe-schedulers", daemon=True).start()
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
