"""A project with schedules, a scheduler process for it, and a server that is told of what goes wrong."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import v4

from steppe.catalog import open_catalog
from steppe.cli import main
from steppe.schedules.making import named
from steppe.schedules.shown import schedule_document

COMMAND = str(Path(sys.executable).with_name("steppe"))


class Place:
    """A project, its commands as processes, and its schedulers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {k: v for k, v in os.environ.items() if not k.startswith("STEPPE_")}
        self.schedulers: list[subprocess.Popen[bytes]] = []
        (folder / ".git").mkdir()

    def write(self, name: str, *cells: str) -> None:
        made = [v4.new_code_cell(source) for source in cells]
        made[0].metadata["tags"] = ["parameters"]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(v4.new_notebook(cells=made, metadata={"kernelspec": kernel}), self.folder / name)

    def steppe(self, *words: str, code: int = 0) -> str:
        """Run a command in this process; return what it said."""
        out, err, ended = io.StringIO(), io.StringIO(), 0
        with chdir(self.folder), redirect_stdout(out), redirect_stderr(err), pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["steppe", *words])
            try:
                main()
            except SystemExit as error:
                ended = error.code or 0
        assert ended == code, out.getvalue() + err.getvalue()
        return out.getvalue() if code == 0 else err.getvalue()

    def json(self, *words: str) -> Any:
        return json.loads(self.steppe(*words, "--json"))

    def start(self) -> subprocess.Popen[bytes]:
        with open(self.folder / "scheduler.log", "ab") as log:
            child = subprocess.Popen([COMMAND, "scheduler"], cwd=self.folder, env=self.environ, stderr=log)
        self.schedulers.append(child)
        return child

    def log(self) -> str:
        return (self.folder / "scheduler.log").read_text()

    def dues(self, name: str) -> list[dict[str, Any]]:
        with open_catalog(str(self.folder / ".steppe/catalog.db")) as catalog:
            schedule = named(catalog, str(self.folder), name)
            return schedule_document(catalog, schedule, dues=500)["dues"]

    def wait(self, name: str, ready: Callable[[list[dict[str, Any]]], object]) -> list[dict[str, Any]]:
        """Wait until what became of a schedule's times is as it should be."""
        return until(
            lambda: (found := self.dues(name)) and ready(found) and found, lambda: (self.dues(name), self.log())
        )

    def notebook(self, due: dict[str, Any]) -> Any:
        return nbformat.read(due["output"], 4)


def until(ready: Callable[[], Any], told: Callable[[], object]) -> Any:
    ends = time.monotonic() + 150
    while not (found := ready()):
        assert time.monotonic() < ends, told()
        time.sleep(0.3)
    return found


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    for child in made.schedulers:
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
            child.wait()


@pytest.fixture
def hook():
    """A server that keeps what is posted to it; the first post is answered with an error."""
    got: list[tuple[str, dict[str, Any]]] = []
    tries = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            tries.append(body)
            if len(tries) > 1:
                got.append((self.path, body))
            self.send_response(500 if len(tries) == 1 else 200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.got = got
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
