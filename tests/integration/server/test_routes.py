"""What holds for all routes: who may ask, what is refused and how, and that the document tells the truth."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from tornado.httpclient import HTTPClientError

from steppe_server.extension import HANDLERS
from steppe_server.table import ROUTES


async def test_health_tells_the_version(ask):
    status, told = await ask("GET", "health")
    assert (status, told["version"]) == (200, version("steppe"))
    assert "pipeline" in told["features"]


async def test_the_document_has_every_route(ask):
    status, document = await ask("GET", "openapi.json")
    assert status == 200
    told = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert told == {(route.method, f"/steppe/api/{route.path}") for route in ROUTES}


@pytest.mark.parametrize("route", sorted(HANDLERS))
async def test_who_is_not_known_is_refused(route, http_server_client, jp_base_url):
    path = route.replace("{", "").replace("}", "")
    with pytest.raises(HTTPClientError) as refused:
        await http_server_client.fetch(f"{jp_base_url}steppe/api/{path}", follow_redirects=False)
    assert refused.value.code == 403


async def test_every_route_of_the_table_is_answered_by_somebody():
    assert {route.path for route in ROUTES} == set(HANDLERS)
    for route in ROUTES:
        assert hasattr(HANDLERS[route.path], f"on_{route.method.lower()}"), route


async def test_a_query_that_makes_no_sense_is_refused_with_a_sentence(ask):
    status, told = await ask("GET", "health", colour="red")
    assert status == 400
    assert "colour" in told["message"]


async def test_a_method_that_a_route_does_not_have_is_refused(ask):
    status, told = await ask("DELETE", "health")
    assert status == 405
    assert "DELETE" in told["message"]
