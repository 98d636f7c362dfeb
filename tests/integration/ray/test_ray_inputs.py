"""Large inputs of steps on Ray: brought to a node once, and mapped there by all its workers."""

import re
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

SIZE, LARGE = 8 << 20, 96 << 20
"""Bytes of the array that lies here, and of the one that lies elsewhere."""

READERS = 8

READS = """
import re
begin = array.__array_interface__["data"][0]
mapped = ""
with open("/proc/self/maps") as maps:
    for line in maps:
        low, high = (int(number, 16) for number in line.split()[0].split("-"))
        if low <= begin < high:
            mapped = line.split()[-1]
total = float(array.sum()) + {0}
"""


class Counting:
    """A proxy before an S3 server that counts what is read: by path and range."""

    def __init__(self, port):
        reads = self.reads = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                if self.command == "GET":
                    reads.append((self.path.partition("?")[0], self.headers.get("Range", "")))
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                there = HTTPConnection("127.0.0.1", port, timeout=60)
                there.request(self.command, self.path, body, dict(self.headers))
                answer = there.getresponse()
                data = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                        self.send_header(name, value)
                length = answer.getheader("Content-Length") if self.command == "HEAD" else len(data)
                self.send_header("Content-Length", str(length or 0))
                self.end_headers()
                self.wfile.write(data)
                there.close()

            do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = pass_on

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def counted(s3):
    made = Counting(s3.port)
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_a_large_input_is_mapped_from_the_store(kernel, local):
    shell = kernel()
    shell.run(f"import numpy as np\narray = np.arange({SIZE // 8}, dtype='float64')")
    assert shell.step("reads", READS.format(0), "on=ray wait=true outputs=total,mapped cache=false").success, shell.said
    assert shell["total"] == float(np.arange(SIZE // 8, dtype="float64").sum())
    assert "/.steppe/store/" in shell["mapped"]


def test_a_large_input_is_read_from_a_store_elsewhere_once_for_a_node(shell_there, s3, counted, project, monkeypatch):
    environ = {
        "AWS_ENDPOINT": f"http://127.0.0.1:{counted.port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    given = ", ".join(f'{name} = "{value}"' for name, value in environ.items())
    (project / "pyproject.toml").write_text(
        f'[tool.steppe]\nstore = "s3://{s3.new_bucket()}/steppe"\n'
        f"[tool.steppe.profiles.ray]\nenvironment = {{ {given} }}\n"
    )
    shell = shell_there()
    shell.run(f"import numpy as np\narray = np.arange({LARGE // 8}, dtype='float64')")
    for number in range(READERS):
        options = "on=ray wait=false cpu=0.1 outputs=total,mapped cache=false"
        assert shell.step(f"reads {number}".replace(" ", "_"), READS.format(number), options).success, shell.said
    shell.run("%steppe wait")
    assert shell["total"] == float(np.arange(LARGE // 8, dtype="float64").sum()) + READERS - 1
    assert "/tier/" in shell["mapped"]
    blob = re.search("[0-9a-f]{62,64}", shell["mapped"].replace("/", ""))
    assert blob is not None
    ranges = [part for path, part in counted.reads if blob[0][-40:] in path.replace("/", "")]
    assert ranges
    assert len(ranges) == len(set(ranges)), ranges
