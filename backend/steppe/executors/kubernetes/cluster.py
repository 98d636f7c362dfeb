"""One cluster, as this user reaches it: plain requests with plain answers, over the official client's own connections.

The client gives what is hard: kubeconfigs, the pod's own service account, exec plugins, TLS, proxies. Its models are
left alone: manifests are plain dicts. It is imported when the first request is made, which takes a second.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from steppe.errors import SteppeError, UsageError
from steppe.executors.kubernetes.refusals import refusal

QUICK = 30.0
"""Seconds within which an answer has to come that is no stream."""

CONNECT = 5.0
"""Seconds within which the server has to take a connection."""

OF_POD = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
"""Where a pod finds the namespace that it is in."""

PASSING = frozenset({429, 500, 502, 503, 504})
"""Answers of a server that can't answer now, and may in a moment."""


class Refused(SteppeError):
    """The API server has answered, and does not do what was asked.

    Attributes:
        status: the HTTP status.
        body: what it said, a `Status`.
    """

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        """Say why, in words for people."""
        super().__init__(refusal(status, body))
        self.status = status
        self.body = body


class Unreachable(SteppeError):
    """The API server does not answer, or can't now."""


class Cut(Unreachable):
    """The connection was cut while the answer came."""


class Cluster:
    """A cluster.

    Attributes:
        asked: how many requests were made.
    """

    def __init__(self, context: str = "") -> None:
        """Prepare.

        Args:
            context: the kubeconfig's context; empty for the one that it says is current.
        """
        self.asked = 0
        self._context = context
        self._lock = threading.Lock()
        self._made: tuple[Any, str] | None = None

    @property
    def namespace(self) -> str:
        """The namespace that the kubeconfig's context names, or that this process's pod is in."""
        return self._client()[1]

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout: float = QUICK,
    ) -> dict[str, Any]:
        """Make a request and return its answer.

        Raises:
            Refused: the server says no.
            Unreachable: it says nothing, or that it can't now.
            UsageError: there is no cluster to ask: no kubeconfig, no such context, or the library is not there.
        """
        response = self._send(method, path, query, body, (CONNECT, timeout))
        try:
            data = response.read()
        except Exception as error:  # whatever the connection met with
            raise Unreachable(_said(error)) from error
        finally:
            response.release_conn()
        found: dict[str, Any] = json.loads(data)
        return found

    def stream(self, path: str, *, query: Mapping[str, Any], silent: float | None) -> Iterator[bytes]:
        """Make a request and yield its answer as it comes, to its end.

        Args:
            path: what is asked for.
            query: how.
            silent: seconds without a word after which the connection is taken for dead; None for no limit.

        Raises:
            Refused, Unreachable, UsageError: as `ask`.
            Cut: the connection was cut.
        """
        response = self._send("GET", path, query, None, (CONNECT, silent))
        try:
            yield from response.stream(1 << 16)
        except GeneratorExit:
            response.close()
            raise
        except Exception as error:  # whatever the connection met with
            raise Cut(_said(error)) from error
        finally:
            response.release_conn()

    def _send(
        self, method: str, path: str, query: Mapping[str, Any] | None, body: Any, timeout: tuple[float, float | None]
    ) -> Any:
        """Send a request; once more with fresh credentials where they have run out."""
        for last in (False, True):
            client, _ = self._client()
            try:
                response = self._request(client, method, path, query, body, timeout)
            except Exception as error:
                raise Unreachable(_said(error)) from error
            if response.status < 400:
                return response
            answer = _answer(response)
            if response.status == 401 and not last:
                self._forget(client)
                continue
            if response.status in PASSING:
                raise Unreachable(f"the API server can't answer now ({response.status})")
            raise Refused(response.status, answer)
        raise AssertionError

    def _request(
        self,
        client: Any,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Any,
        timeout: tuple[float, float | None],
    ) -> Any:
        import urllib3

        self.asked += 1
        configuration = client.configuration
        headers = {"Accept": "application/json, */*", "User-Agent": "steppe", **client.default_headers}
        for auth in configuration.auth_settings().values():
            headers[auth["key"]] = auth["value"]
        data = None
        if body is not None:
            headers["Content-Type"] = f"application/{'merge-patch+' if method == 'PATCH' else ''}json"
            data = json.dumps(body).encode()
        url = f"{configuration.host}{path}" + (f"?{urlencode(query)}" if query else "")
        return client.rest_client.pool_manager.request(
            method,
            url,
            body=data,
            headers=headers,
            preload_content=False,
            retries=False,
            timeout=urllib3.Timeout(connect=timeout[0], read=timeout[1]),
        )

    def _client(self) -> tuple[Any, str]:
        with self._lock:
            if self._made is None:
                self._made = _load(self._context)
            return self._made

    def _forget(self, client: Any) -> None:
        """Read the credentials anew for the next request."""
        with self._lock:
            if self._made is not None and self._made[0] is client:
                self._made = None


def path_of(kind: str, namespace: str, *rest: str) -> str:
    """Return the path of objects of a kind."""
    group = "/apis/batch/v1" if kind in ("jobs", "cronjobs") else "/api/v1"
    return "/".join((group, "namespaces", quote(namespace), kind, *map(quote, rest)))


def deletion(uid: str) -> dict[str, Any]:
    """Return how a Job is deleted: it, and no later one of its name, which is free once its pod is gone."""
    return {"propagationPolicy": "Foreground", "preconditions": {"uid": uid}}


def patiently(ask: Callable[[], dict[str, Any]], seconds: float, *, pause: float = 0.1) -> dict[str, Any]:
    """Ask again, with growing pauses, while the server can't be reached.

    Raises:
        Unreachable: it could not be for that long.
        Refused, UsageError: as the request.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except Unreachable:
            if time.monotonic() + pause > until:
                raise
            time.sleep(pause)
            pause = min(pause * 2, 5.0)


def _load(context: str) -> tuple[Any, str]:
    """Return the official client and the namespace to work in."""
    try:
        from kubernetes import client, config
    except ImportError as error:
        said = "on=kubernetes needs the package kubernetes: `pip install 'steppe[kubernetes]'`."
        raise UsageError(said) from error
    inside = bool(os.environ.get("KUBERNETES_SERVICE_HOST")) and not os.environ.get("KUBECONFIG")
    if context and os.path.exists(os.path.expanduser("~/.kube/config")):  # else it is that of who launched this pod
        inside = False
    if inside and os.path.exists(OF_POD):
        configuration = client.Configuration()
        config.load_incluster_config(configuration)
        with open(OF_POD) as namespace:
            return client.ApiClient(configuration), namespace.read().strip()
    try:
        file = os.environ.get("KUBECONFIG") or "~/.kube/config"  # the client looks when it is imported, not when asked
        contexts, current = config.list_kube_config_contexts(file)
        named = next((each for each in contexts if each["name"] == context), None) if context else current
        if named is None:
            known = ", ".join(sorted(each["name"] for each in contexts))
            raise UsageError(f"the kubeconfig has no context `{context}`: there are {known}. Correct `context`.")
        made = config.new_client_from_config(file, context=named["name"], persist_config=False)
    except config.ConfigException as error:
        said = f"no cluster can be reached: {error}. Set KUBECONFIG, or log in with your cluster's own tool."
        raise UsageError(said) from error
    return made, str(named["context"].get("namespace") or "default")


def _answer(response: Any) -> dict[str, Any]:
    try:
        found = json.loads(response.read())
    except Exception:  # a proxy's page, say: the status has to do
        return {}
    finally:
        response.release_conn()
    return found if isinstance(found, dict) else {}


def _said(error: Exception) -> str:
    return f"the cluster's API server does not answer ({type(error).__name__}: {error})"
