"""An S3 server on this machine for the tests of a session, and buckets in it."""

import itertools
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest


class Server:
    """moto's server. `options` are what obstore needs to reach it."""

    def __init__(self, port, address="127.0.0.1"):
        self.address, self.port = address, port
        self.options = {
            "endpoint": f"http://{address}:{port}",
            "access_key_id": "test",
            "secret_access_key": "test",
            "region": "us-east-1",
        }
        self._numbers = itertools.count()

    def ask(self, method, path):
        connection = HTTPConnection(self.address, self.port, timeout=10)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def new_bucket(self):
        name = f"bucket-{next(self._numbers)}"
        status, body = self.ask("PUT", f"/{name}")
        assert status == 200, body
        return name


@pytest.fixture(scope="session")
def s3(tmp_path_factory):
    with running(tmp_path_factory.mktemp("moto") / "log") as server:
        yield server


@contextmanager
def running(log, address="127.0.0.1"):
    """Start a server that listens on one address, and kill it in the end."""
    with socket.socket() as free:
        free.bind((address, 0))
        port = free.getsockname()[1]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", address, "-p", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(port, address)
    try:
        until = time.monotonic() + 60
        while True:
            assert process.poll() is None, log.read_text()
            try:
                server.ask("GET", "/")
                break
            except OSError:
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.1)
        yield server
    finally:
        process.kill()
        process.wait()
