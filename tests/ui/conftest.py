"""Real programs: JupyterLab and Notebook 7, with or without our extension, and a Chromium that looks at them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[2]
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SHARP = 1.5 if {"STEPPE_SCREENSHOT", "STEPPE_SCREENSHOTS", "STEPPE_PAGES"} & {*os.environ} else 1
"""Pixels for each of CSS's: pictures for the docs are sharp; others are drawn by a processor that tests need."""
expect.set_options(timeout=40_000)  # what is to be so at once is soon so on a busy machine, too

TOGETHER = ("@jupyter/collaboration-extension", "@jupyter/docprovider-extension")
"""The front end of jupyter-collaboration."""
FORMATTER = "jupyterlab_code_formatter"
"""An extension that formats cells by black: its server and its front end."""


class Program:
    """A JupyterLab or Notebook; `url` opens a file of `folder`. It can be stopped, and started again at its port."""

    def __init__(self, folder: Path, port: int, place: str, words: list[str], environ: dict[str, str]) -> None:
        self.folder = folder
        self.port = port
        self.place = place
        self.words = words
        self.environ = environ
        self.log = folder.parent / "log"

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{self.place}/{path}?reset"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.server = subprocess.Popen(
                self.words, cwd=self.folder, env=self.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        _wait_for(f"http://127.0.0.1:{self.port}/api", self.server, self.log)

    def stop(self) -> None:
        self.server.send_signal(
            signal.SIGTERM
        )  # SIGINT would have it ask, and a second signal leave its kernels behind
        try:
            self.server.wait(20)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with serving("jupyterlab", "lab/tree", tmp_path_factory.mktemp("lab")) as found:
        yield found


@pytest.fixture(scope="module")
def notebook_7(tmp_path_factory):
    with serving("notebook", "notebooks", tmp_path_factory.mktemp("notebook")) as found:
        yield found


@pytest.fixture(scope="module")
def steppe_lab(tmp_path_factory):
    """A JupyterLab with Steppe's server and front end."""
    with serving("jupyterlab", "lab/tree", tmp_path_factory.mktemp("steppe-lab"), front=built()) as found:
        yield found


@pytest.fixture(scope="module")
def steppe_notebook_7(tmp_path_factory):
    """A Notebook 7 with Steppe's server and front end."""
    with serving("notebook", "notebooks", tmp_path_factory.mktemp("steppe-notebook"), front=built()) as found:
        yield found


def built():
    """Return the folder of the built front end."""
    folder = ROOT / "jupyter_ext/steppe_server/labextension"
    if not (folder / "package.json").exists():
        pytest.fail("this test needs the front end: make front", pytrace=False)
    return folder


@contextmanager
def serving(module, place, home, front=None, server=True, packages="", together=False, formatter=False):
    """Serve a project that holds the demo, from settings of its own.

    Args:
        module: `jupyterlab` or `notebook`.
        place: where it opens files.
        home: an empty folder.
        front: the front end to load, or None.
        server: whether the front end, where it is loaded, finds our server extension.
        packages: a folder with packages for the server and its kernels.
        together: whether several people edit one document together.
        formatter: whether cells can be formatted.
    """
    project, settings = home / "project", home / "settings" / "@jupyterlab" / "apputils-extension"
    (project / ".git").mkdir(parents=True)
    settings.mkdir(parents=True)
    asks_nothing = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(asks_nothing))
    shutil.copy(ROOT / "binder/digits.ipynb", project)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("STEPPE_", "JUPYTER"))}
    environ |= {
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    words = [sys.executable, "-m", module, "--no-browser", f"--port={port}", "--IdentityProvider.token="]
    words += ["--ServerApp.allow_root=True", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={project}"]
    if front is not None:
        (home / "share/labextensions").mkdir(parents=True)
        (home / "share/labextensions/steppe-lab").symlink_to(front)
        environ["JUPYTER_PATH"] = str(home / "share")
        if module == "jupyterlab":
            words += ["--LabApp.expose_app_in_browser=True"]  # for commands that take words
    off = {"steppe-lab": front is None, **dict.fromkeys(TOGETHER, not together), FORMATTER: not formatter}
    off["@jupyterlab/scheduler"] = True
    (home / "config/labconfig").mkdir(parents=True)
    (home / "config/labconfig/page_config.json").write_text(json.dumps({"disabledExtensions": off}))
    environ["JUPYTER_CONFIG_DIR"] = str(home / "config")
    if packages:
        environ["PYTHONPATH"] = str(packages)
    on = {"steppe_server": front is not None and server, "jupyter_server_ydoc": together, FORMATTER: formatter}
    on |= {"jupyter_server_fileid": together, "jupyter_scheduler": False}
    words += ["--ServerApp.jpserver_extensions", str(on)]
    program = Program(project, port, place, words, environ)
    try:
        program.start()
        yield program
    finally:
        program.stop()


@pytest.fixture
def page():
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail("this test needs a browser: apt-get install -y chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        try:
            yield browser.new_page(viewport={"width": 1180, "height": 940}, device_scale_factor=SHARP)
        finally:
            browser.close()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 90
    while True:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.2)
