"""A real Jupyter server with Steppe's extension, and a project with a notebook in its root folder."""

from __future__ import annotations

import json
import sys
import types

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403  its fixtures, and its way to run tests that are coroutines
from tornado.httpclient import HTTPClientError


@pytest.fixture
def jp_server_config():
    return {"ServerApp": {"jpserver_extensions": {"steppe_server": True}}}


@pytest.fixture(autouse=True)
def a_servers_own_main(monkeypatch):
    """Let processes be started as from a server: tests of kernels leave a `__main__` that is a notebook's."""
    if not hasattr(sys.modules["__main__"], "__spec__"):
        made = types.ModuleType("__main__")
        made.__spec__ = None
        monkeypatch.setitem(sys.modules, "__main__", made)


@pytest.fixture
def project(jp_root_dir):
    """The project's folder: Jupyter's root folder."""
    (jp_root_dir / ".git").mkdir()
    return jp_root_dir


@pytest.fixture
def ask(jp_fetch):
    """Ask a route; return the status and the document."""

    async def asking(method, route, body=None, headers=None, **query):
        given = {"body": json.dumps(body)} if body is not None else {}
        if method in ("PATCH", "POST") and body is None:
            given = {"body": "{}"}
        try:
            answer = await jp_fetch(
                "steppe",
                "api",
                *route.split("/"),
                method=method,
                params=query,
                headers=headers or {},
                request_timeout=120,
                **given,
            )
        except HTTPClientError as error:
            return error.code, json.loads(error.response.body) if error.response and error.response.body else None
        return answer.code, json.loads(answer.body)

    return asking
