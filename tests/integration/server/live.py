"""A Jupyter server with Steppe's extension in a process of its own, as people run it."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import requests

TOKEN = secrets.token_hex(8)


class Live(NamedTuple):
    """A server that runs: its address, where it logs, and its process."""

    url: str
    log: Path
    pid: int

    @property
    def headers(self) -> dict[str, str]:
        """What tells the server who asks."""
        return {"Authorization": f"token {TOKEN}"}

    def get(self, route: str, **query: object) -> requests.Response:
        """Ask a route."""
        return requests.get(f"{self.url}/steppe/api/{route}", params=query, headers=self.headers, timeout=60)


@contextlib.contextmanager
def serving(root: Path, home: Path, environ: dict[str, str] | None = None) -> Iterator[Live]:
    """Serve a folder until the block ends.

    Args:
        root: Jupyter's root folder.
        home: an empty folder for Jupyter's own files and the log.
        environ: variables that the server has beside ours.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = home / "log"
    own = {name: str(home / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    command = [
        *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--ServerApp.root_dir={root}"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"),
        "--ServerApp.jpserver_extensions={'steppe_server': True, 'jupyter_scheduler': False}",
    ]
    with log.open("wb") as told:
        process = subprocess.Popen(
            command, stdout=told, stderr=told, cwd=home, env={**os.environ, **own, **(environ or {})}
        )
        try:
            live = Live(f"http://127.0.0.1:{port}", log, process.pid)
            _wait_for(live, process)
            yield live
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(live: Live, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(requests.ConnectionError):
            if live.get("health").status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError(live.log.read_text())
