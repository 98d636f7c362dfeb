"""Who may ask: Jupyter's own authorization decides, and a page of another site can't ask in a person's name."""

from __future__ import annotations

import json

import nbformat
import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError

from tests.integration.server.notebooks import CELLS, notebook


class Reading(Authorizer):
    """Lets everybody read what is Steppe's, and do nothing else."""

    def is_authorized(self, handler, user, action, resource):
        return (action, resource) == ("read", "steppe")


@pytest.fixture
def jp_server_config(request):
    config = {"ServerApp": {"jpserver_extensions": {"steppe_server": True}}}
    if "authorizer" in getattr(request, "param", ()):
        config["ServerApp"]["authorizer_class"] = Reading
    return config


@pytest.mark.parametrize("jp_server_config", [("authorizer",)], indirect=True)
async def test_who_may_only_read_sees_pipelines_and_runs_and_changes_nothing(ask, project):
    nbformat.write(notebook(*CELLS), project / "book.ipynb")
    assert (await ask("GET", "runs"))[0] == 200
    assert (await ask("POST", "pipeline", {"path": "book.ipynb"}))[0] == 200
    for method, route, body in (
        ("POST", "runs", {"path": "book.ipynb"}),
        ("PATCH", "runs/one", {"tags": ["x"]}),
        ("POST", "runs/one/notes", {"text": "x"}),
        ("DELETE", "runs/one/notes/two", None),
        ("POST", "runs/one/cancel", None),
    ):
        status, told = await ask(method, route, body)
        assert (status, "message" in told) == (403, True), (method, route)
    assert not (project / "book-runs").exists()


async def test_a_cookie_alone_can_not_change_anything(http_server_client, jp_base_url, jp_serverapp, project):
    login = await http_server_client.fetch(
        f"{jp_base_url}steppe/api/health?token={jp_serverapp.identity_provider.token}"
    )
    cookie = "; ".join(each.partition(";")[0] for each in login.headers.get_list("Set-Cookie"))
    seen = await http_server_client.fetch(f"{jp_base_url}steppe/api/runs", headers={"Cookie": cookie})
    assert json.loads(seen.body)["items"] == []
    for method, route, body in (
        ("POST", "runs", '{"path": "book.ipynb"}'),
        ("POST", "pipeline", '{"path": "book.ipynb"}'),
        ("PATCH", "runs/one", '{"tags": []}'),
        ("POST", "runs/one/notes", '{"text": "x"}'),
        ("DELETE", "runs/one/notes/two", None),
        ("POST", "runs/one/cancel", "{}"),
    ):
        with pytest.raises(HTTPClientError) as refused:
            await http_server_client.fetch(
                f"{jp_base_url}steppe/api/{route}", method=method, body=body, headers={"Cookie": cookie}
            )
        assert (refused.value.code, b"_xsrf" in refused.value.response.body) == (403, True), (method, route)
