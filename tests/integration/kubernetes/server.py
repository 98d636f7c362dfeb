"""An API server, as far as the executor speaks with one: REST, watches, logs, refusals and faults."""

import contextlib
import json
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

GROUPS = {"jobs": ("batch", "batch/v1", "Job"), "pods": ("", "v1", "Pod"), "events": ("", "v1", "Event")}
GROUPS["cronjobs"] = ("batch", "batch/v1", "CronJob")
GROUPS["resourcequotas"] = ("", "v1", "ResourceQuota")


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, code, reason, message, **details):
        super().__init__(message)
        group = GROUPS.get(details.get("kind"), ("",))[0]
        if group:
            details["group"] = group
        self.code = code
        self.body = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            **({"details": details} if details else {}),
            "code": code,
        }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.server.api.connections.add(self.connection)

    def finish(self):
        self.server.api.connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def _serve(self):
        api = self.server.api
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        api.requests.append((self.command, url.path, query))
        try:
            self.who = api.who(self.headers.get("Authorization", "").partition(" ")[2])
            if self.who is None:
                raise Refused(401, "Unauthorized", "Unauthorized")
            self._answer(api, url.path.strip("/").split("/"), query, body)
        except Refused as refused:
            self._json(refused.code, refused.body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = do_DELETE = do_PATCH = _serve

    def _json(self, code, obj):
        data = json.dumps(obj).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _answer(self, api, parts, query, body):
        if parts[-1] == "selfsubjectaccessreviews" and self.command == "POST":
            asked = body["spec"]["resourceAttributes"]
            part = f"/{asked['subresource']}" if asked.get("subresource") else ""
            allowed = api.may(self.who, asked["verb"], asked["resource"] + part)
            self._json(201, body | {"status": {"allowed": allowed}})
            return
        at = parts.index("namespaces")
        namespace, kind, *rest = parts[at + 1 :]
        if kind not in GROUPS:
            raise Refused(404, "NotFound", "the server could not find the requested resource")
        api.check(self.who, self._verb(rest, query), kind if rest[1:] != ["log"] else "pods/log", namespace)
        if rest[1:] == ["log"]:
            self._log(api, namespace, rest[0], query)
        elif self.command == "POST":
            self._json(201, api.create(kind, namespace, body))
        elif self.command == "PATCH":
            if self.headers["Content-Type"] != "application/merge-patch+json":
                raise Refused(415, "UnsupportedMediaType", "the body of the request was in an unknown format")
            self._json(200, api.patch(kind, namespace, rest[0], body))
        elif self.command == "DELETE":
            self._json(200, api.delete(kind, namespace, rest[0], {**query, **(body or {})}))
        elif rest:
            found = api.objects.get(kind, namespace, rest[0])
            if found is None:
                raise missing(kind, rest[0])
            self._json(200, found)
        elif query.get("watch") in ("true", "1"):
            self._watch(api, kind, namespace, query)
        else:
            self._list(api, kind, namespace, query)

    def _verb(self, rest, query):
        if self.command == "GET":
            return "get" if rest else "watch" if query.get("watch") in ("true", "1") else "list"
        return {"POST": "create", "DELETE": "delete", "PATCH": "patch"}[self.command]

    def _list(self, api, kind, namespace, query):
        items, version = api.objects.list(kind, namespace, query.get("labelSelector"))
        for field in filter(None, query.get("fieldSelector", "").split(",")):
            name, _, value = field.partition("=")
            items = [item for item in items if str(_at(item, name)) == value]
        group = GROUPS[kind]
        self._json(
            200,
            {
                "kind": f"{group[2]}List",
                "apiVersion": group[1],
                "metadata": {"resourceVersion": str(version)},
                "items": [
                    {key: value for key, value in item.items() if key not in ("kind", "apiVersion")} for item in items
                ],
            },
        )

    # Streams

    def _begin(self, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _chunk(self, data):
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _watch(self, api, kind, namespace, query):
        objects, version = api.objects, int(query.get("resourceVersion") or 0)
        until = time.monotonic() + float(query.get("timeoutSeconds") or 1800)
        self._begin("application/json")
        with objects.changed:
            while api.serving:
                found = objects.since(version, kind, namespace, query.get("labelSelector"))
                if found is None:
                    gone = Refused(410, "Expired", f"too old resource version: {version} ({objects.compacted})").body
                    self._line({"type": "ERROR", "object": gone})
                    break
                for number, what, obj in found:
                    self._line({"type": what, "object": obj})
                    version = number
                left = until - time.monotonic()
                if left <= 0:
                    break
                objects.changed.wait(min(left, 1.0))
        self._chunk(b"")

    def _line(self, obj):
        self._chunk(json.dumps(obj).encode() + b"\n")

    def _log(self, api, namespace, name, query):
        container = api.kubelet.container(namespace, name)
        if api.objects.get("pods", namespace, name) is None:
            raise missing("pods", name)
        if container is None:
            message = f'container "step" in pod "{name}" is waiting to start: ContainerCreating'
            raise Refused(400, "BadRequest", message)
        self._begin("text/plain")
        with container.log.open("rb") as log:
            while api.serving:
                over = container.over.is_set() or query.get("follow") not in ("true", "1") or api.unfollowed
                while data := log.read(1 << 16):
                    self._chunk(data)
                if over:
                    break
                container.written(0.02)
        self._chunk(b"")


def missing(kind, name):
    return Refused(404, "NotFound", f'{_called(kind)} "{name}" not found', name=name, kind=kind)


def _called(kind):
    group = GROUPS[kind][0]
    return f"{kind}.{group}" if group else kind


def _at(obj, path):
    for name in path.split("."):
        obj = obj.get(name, {}) if isinstance(obj, dict) else {}
    return obj


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def handle_error(self, *_):
        pass


class Front:
    """The server's door: it can be shut and opened again at the same port, and connections can be cut.

    Attributes:
        connections: the sockets that are open.
        requests: method, path and query of every request.
        token: what a client has to show.
        forbidden: pairs of a verb and a resource that the user has no right to.
        allowed: the pairs that the user has a right to; None for all.
        denied: who was refused which verb and resource.
        unfollowed: whether logs end where they are, though they are to be followed: nodes out of inotify watches do so.
        accounts: the pairs that service accounts have a right to, by their tokens: what the user is called, and these.
    """

    def __init__(self):
        self.connections = set()
        self.requests = []
        self.token = "first"
        self.forbidden = set()
        self.allowed = None
        self.denied = []
        self.unfollowed = False
        self.serving = False
        self.port = 0
        self.user = "ada"
        self.accounts = {}
        self.secure_port = 0
        self.certificate = None

    def open(self):
        self.serving = True
        self._listeners = [
            Listener(("127.0.0.1", self.port), Handler),
            Listener(("127.0.0.1", self.secure_port), Handler),
        ]
        self.port, self.secure_port = (each.server_address[1] for each in self._listeners)
        if self.certificate is not None:  # pods reach it so alone
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self._listeners[1].socket = context.wrap_socket(
                self._listeners[1].socket, server_side=True, do_handshake_on_connect=False
            )
        self._threads_of_listeners = []
        for listener in self._listeners:
            listener.api = self
            thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            self._threads_of_listeners.append(thread)

    def shut(self):
        """Be gone, with all connections."""
        self.serving = False
        for listener in self._listeners:
            listener.shutdown()
            listener.server_close()
        for thread in self._threads_of_listeners:
            thread.join()
        self.cut()

    def cut(self):
        """Cut all connections; new ones are taken."""
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def who(self, token):
        """Return whom a token is of; None where it is nobody's."""
        return self.user if token == self.token else self.accounts.get(token, (None,))[0]

    def may(self, who, verb, resource):
        for user, allowed in self.accounts.values():
            if user == who:
                return (verb, resource) in allowed
        return (verb, resource) not in self.forbidden and (self.allowed is None or (verb, resource) in self.allowed)

    def check(self, who, verb, resource, namespace):
        if not self.may(who, verb, resource):
            self.denied.append((who, verb, resource))
            kind = resource.partition("/")[0]
            message = (
                f'{_called(kind)} is forbidden: User "{who}" cannot {verb} resource "{resource}" in API group '
                f'"{GROUPS[kind][0]}" in the namespace "{namespace}"'
            )
            raise Refused(403, "Forbidden", message, kind=kind)
