"""Whether Steppe is there, and what it can be asked."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from steppe_server.openapi import document
from steppe_server.routes.handler import Handler
from steppe_server.schemas.health import Health
from steppe_server.table import ROUTES


class HealthHandler(Handler):
    """`health`."""

    async def on_get(self, _query: Any, _body: None) -> Health:
        """Tell Steppe's version."""
        return Health(version=version("steppe"), features=sorted({route.path.partition("/")[0] for route in ROUTES}))


class OpenAPIHandler(Handler):
    """`openapi.json`."""

    async def on_get(self, _query: Any, _body: None) -> dict[str, Any]:
        """Return the document."""
        return document(version("steppe"))
