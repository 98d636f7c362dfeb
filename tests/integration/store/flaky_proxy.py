"""A proxy before the S3 server that does to requests what networks do to them."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FlakyProxy:
    """Passes requests on, but for what `fault(method, path, number)` says of each.

    It returns None to pass one on; "refuse" to answer 503; "drop" to close the connection; "lose answer" to pass it on
    and close the connection; "cut answer" to break the answer off in the middle; "flip" to change a byte of the answer;
    or a number, the status to answer with.
    """

    def __init__(self, port):
        self.fault = lambda method, path, number: None
        self.requests = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                proxy.requests.append((self.command, self.path))
                fault = proxy.fault(self.command, self.path, len(proxy.requests))
                if fault == "drop":
                    self.close_connection = True
                    return
                if fault == "refuse" or isinstance(fault, int):
                    self.send_response(503 if fault == "refuse" else fault)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                upstream.request(self.command, self.path, body, dict(self.headers))
                answer = upstream.getresponse()
                data = answer.read()
                upstream.close()
                if fault == "lose answer":
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in {"content-length", "transfer-encoding", "connection", "server", "date"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", answer.headers.get("Content-Length") or str(len(data)))
                self.end_headers()
                if fault == "cut answer":
                    data = data[: len(data) // 2]
                    self.close_connection = True
                if fault == "flip" and data:
                    data = data[:-1] + bytes([data[-1] ^ 1])
                if self.command != "HEAD":
                    self.wfile.write(data)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = pass_on

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
