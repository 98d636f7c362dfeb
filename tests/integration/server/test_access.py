"""Who may ask: Jupyter's own authorization decides, and a page of another site can't ask in a person's name."""

from __future__ import annotations

import json
import re

import nbformat
import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError

from steppe_server.table import ROUTES
from tests.integration.server.notebooks import CELLS, notebook


class Reading(Authorizer):
    """Lets everybody read what is Steppe's, and do nothing else."""

    def is_authorized(self, handler, user, action, resource):
        return (action, resource) == ("read", "steppe")


@pytest.fixture
def jp_server_config(request):
    config = {"ServerApp": {"jpserver_extensions": {"steppe_server": True}}}
    if hasattr(request, "param"):
        config["ServerApp"]["authorizer_class"] = request.param
    return config


LOOKING = {("POST", "pipeline"), ("POST", "options")}
"""They ask with a body, and change nothing."""


def filled(route):
    """Return a route's path with something in the place of its names."""
    return re.sub(r"\{\w+\}", "one", route.path)


class Nothing(Authorizer):
    """Lets nobody do anything."""

    def is_authorized(self, handler, user, action, resource):
        return False


@pytest.mark.parametrize("jp_server_config", [Nothing], indirect=True)
async def test_no_route_answers_whom_the_authorizer_refuses(ask):
    for route in ROUTES:
        status, told = await ask(route.method, filled(route))
        assert (status, "message" in told) == (403, True), route


@pytest.mark.parametrize("jp_server_config", [Reading], indirect=True)
async def test_who_may_only_read_changes_nothing_by_any_route(ask):
    for route in ROUTES:
        if route.method != "GET" and (route.method, route.path) not in LOOKING:
            status, told = await ask(route.method, filled(route))
            assert (status, "message" in told) == (403, True), route


async def test_no_route_answers_a_stranger(http_server_client, jp_base_url):
    for route in ROUTES:
        body = None if route.method in ("GET", "DELETE") else "{}"
        with pytest.raises(HTTPClientError) as refused:
            await http_server_client.fetch(
                f"{jp_base_url}steppe/api/{filled(route)}", method=route.method, body=body, follow_redirects=False
            )
        assert refused.value.code == 403, route


@pytest.mark.parametrize("jp_server_config", [Reading], indirect=True)
async def test_who_may_only_read_sees_pipelines_and_runs_and_changes_nothing(ask, project):
    nbformat.write(notebook(*CELLS), project / "book.ipynb")
    assert (await ask("GET", "runs"))[0] == 200
    assert (await ask("POST", "pipeline", {"path": "book.ipynb"}))[0] == 200
    assert (await ask("POST", "runs", {"path": "book.ipynb"}))[0] == 403
    assert not (project / "book-runs").exists()


async def test_a_cookie_alone_can_not_change_anything(http_server_client, jp_base_url, jp_serverapp, project):
    login = await http_server_client.fetch(
        f"{jp_base_url}steppe/api/health?token={jp_serverapp.identity_provider.token}"
    )
    cookie = "; ".join(each.partition(";")[0] for each in login.headers.get_list("Set-Cookie"))
    seen = await http_server_client.fetch(f"{jp_base_url}steppe/api/runs", headers={"Cookie": cookie})
    assert json.loads(seen.body)["items"] == []
    for route in ROUTES:
        if route.method == "GET":
            continue
        with pytest.raises(HTTPClientError) as refused:
            await http_server_client.fetch(
                f"{jp_base_url}steppe/api/{filled(route)}",
                method=route.method,
                body=None if route.method == "DELETE" else "{}",
                headers={"Cookie": cookie},
            )
        assert (refused.value.code, b"_xsrf" in refused.value.response.body) == (403, True), route
