"""Starts the fork servers and makes the corpus use them: see `forkserver.py`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.notebooks.corpus import steppe_run
from tests.notebooks.corpus.fetch import ROOT

CLIENT = str(Path(__file__).with_name("forkclient.py"))


@contextmanager
def swift() -> Iterator[None]:
    """Have kernels and commands forked rather than started, within this process and those that it starts."""
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        sockets = {kind: os.path.join(folder, kind) for kind in ("kernel", "command")}
        servers = [_started(kind, place) for kind, place in sockets.items()]
        _kernel_spec(Path(folder, "jupyter"), sockets["kernel"])
        before = os.environ.get("JUPYTER_PATH")
        command = steppe_run.COMMAND
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, (f"{folder}/jupyter", before)))
        steppe_run.COMMAND = [sys.executable, "-I", "-S", CLIENT, sockets["command"]]
        try:
            for place in sockets.values():
                _wait_for(place, servers)
            yield
        finally:
            steppe_run.COMMAND = command
            os.environ.pop("JUPYTER_PATH")
            if before is not None:
                os.environ["JUPYTER_PATH"] = before
            for server in servers:
                server.kill()
                server.wait()


def _started(kind: str, place: str) -> subprocess.Popen[bytes]:
    env = os.environ | {"PYTHONHASHSEED": "0"}
    return subprocess.Popen([sys.executable, "-m", "tests.notebooks.corpus.forkserver", kind, place], cwd=ROOT, env=env)


def _kernel_spec(folder: Path, place: str) -> None:
    spec = folder / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [sys.executable, "-I", "-S", CLIENT, place, "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))


def _wait_for(place: str, servers: list[subprocess.Popen[bytes]], seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not os.path.exists(place):
        if time.monotonic() > ends or any(server.poll() is not None for server in servers):
            raise RuntimeError("a fork server did not start: see what it said above.")
        time.sleep(0.05)
