"""What mybinder.org does with `binder/`, by hand: a clean clone, its postBuild, JupyterLab as Binder starts it.

`make binder` runs it (some minutes: all is installed from PyPI and npm); `STEPPE_SCREENSHOT=FILE` keeps a picture.
repo2docker makes the conda environment that environment.yml names; a venv with Node beside it stands for that here.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time

import psutil
import pytest
import yaml
from playwright.sync_api import expect

from tests.ui.conftest import ROOT, Program
from tests.ui.test_demo_in_jupyterlab import cell, run_cells, states, wait_for_kernel
from tests.ui.test_lab_demo import STEPS, edit
from tests.ui.test_lab_sidebar import narrow, node, show

LONG = os.environ.get("STEPPE_TEST_LONG") == "1"
MEMORY = 2 * 2**30
OPEN = 60.0
"""Seconds from opening to the last hit."""
COMMITTED = 2**20
"""Bytes that a file of `binder/` may have."""


def test_what_binder_needs_is_committed_and_nothing_big():
    asked = yaml.safe_load((ROOT / "binder/environment.yml").read_text())
    assert any(str(each).startswith("nodejs") for each in asked["dependencies"]), "the front end is built by npm"
    post_build = ROOT / "binder/postBuild"
    assert os.access(post_build, os.X_OK)
    listed = subprocess.run(["git", "ls-files", "-s", "binder"], cwd=ROOT, capture_output=True, text=True, check=True)
    names = [line.split("\t")[1] for line in listed.stdout.splitlines()]
    assert "100755" in next(line for line in listed.stdout.splitlines() if line.endswith("binder/postBuild"))
    assert {name: (ROOT / name).stat().st_size for name in names if (ROOT / name).stat().st_size > COMMITTED} == {}


@pytest.fixture
def built(tmp_path):
    """A clone of what is committed, with a venv in which its postBuild was run."""
    clone, venv = tmp_path / "repo", tmp_path / "venv"
    subprocess.run(["git", "clone", "--quiet", "--no-local", ROOT, clone], check=True)
    uv = subprocess.run(["sh", ".ci/uv.sh"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    subprocess.run([*uv.split(), "venv", "--quiet", "--seed", "--python", sys.executable, venv], check=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("STEPPE_", "PYTHON"))}
    environ |= {"PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}", "VIRTUAL_ENV": str(venv)}
    assert shutil.which("node", path=environ["PATH"]), "Binder's environment has Node"
    done = subprocess.run(["./binder/postBuild"], cwd=clone, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert (clone / ".steppe/catalog.db").exists()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name in ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
        environ[name] = str(tmp_path / name)
    words = [venv / "bin/jupyter", "lab", "--ip=127.0.0.1", f"--port={port}", "--no-browser"]
    words += ["--IdentityProvider.token=", "--ServerApp.allow_root=True"]
    program = Program(clone, port, "lab/tree", [str(word) for word in words], environ)
    program.start()
    yield program
    program.stop()


@pytest.mark.skipif(not LONG, reason="it installs everything anew: `make binder` runs it")
@pytest.mark.slow
def test_a_visitor_finds_every_step_a_hit_and_the_sidebar_full(page, built):
    began = time.monotonic()
    page.goto(built.url("binder/digits.ipynb"))
    wait_for_kernel(page)
    show(page)
    narrow(page)
    for name in STEPS:  # before anything has run here: done when the image was built
        expect(node(page, name)).to_have_attribute("data-kind", re.compile("hit|succeeded"), timeout=OPEN * 1000)
    run_cells(page)
    for name in STEPS:
        expect(node(page, name)).to_have_attribute("data-kind", "hit", timeout=OPEN * 1000)
    took = time.monotonic() - began
    used = memory(built.server.pid)
    print(f"all hits {took:.0f} s after opening, {used / 2**20:.0f} MiB of memory")
    assert states(built)[0] == ["hit"] * len(STEPS)
    assert took <= OPEN
    assert used <= MEMORY
    if path := os.environ.get("STEPPE_SCREENSHOT"):
        page.get_by_role("button", name="No", exact=True).click()  # no news of Jupyter's
        page.mouse.move(2, 2)
        page.wait_for_timeout(1500)
        page.screenshot(path=path)
    edit(page, cell(page, "%%step train"))
    expect(node(page, "train")).to_have_attribute("data-kind", "stale-code", timeout=OPEN * 1000)
    page.keyboard.press("Shift+Enter")
    expect(node(page, "train")).to_have_attribute("data-kind", "succeeded", timeout=OPEN * 1000)
    expect(node(page, "sweep")).to_have_attribute("data-kind", "hit")


def memory(pid: int) -> int:
    """Return the bytes that a process and all that it has started have for themselves, and their share of the rest."""
    server = psutil.Process(pid)
    return sum(each.memory_full_info().pss for each in (server, *server.children(recursive=True)))
