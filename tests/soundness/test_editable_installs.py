"""Packages that are really installed with `pip install --editable`, outside the project: an edit of one is an edit of code."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig

import msgspec
import pytest

from steppe.worker.below import MARK, Below
from tests.soundness.harness import check, hit, miss

BACKENDS = {
    "hatchling": "hatchling.build",  # a .pth with the folder
    "setuptools": "setuptools.build_meta",  # a .pth with a finder, since the package is in another folder than its name
}
PROJECT = """
[build-system]
requires = ["{backend}"]
build-backend = "{module}"
[project]
name = "edited"
version = "1"
[tool.hatch.build.targets.wheel]
packages = ["src/edited"]
[tool.setuptools.package-dir]
edited = "src/edited"
"""
CELLS = "import edited\n# %%\n%%step s\nx = edited.told()"
WRITE = "open({path!r}, 'w').write({text!r})"


@pytest.fixture(scope="module", params=BACKENDS)
def installed(request, tmp_path_factory):
    """A package that is installed so, and an interpreter that sees it beside all that the tests' own sees."""
    folder = tmp_path_factory.mktemp(request.param)
    source, python = folder / "package", folder / "venv" / "bin" / "python"
    inner = source / "src" / "edited" / "inner.py"
    inner.parent.mkdir(parents=True)
    (source / "pyproject.toml").write_text(PROJECT.format(backend=request.param, module=BACKENDS[request.param]))
    (inner.parent / "__init__.py").write_text("from edited.inner import told\n")
    inner.write_text("def told():\n    return 1\n")
    _uv("venv", "--python", sys.executable, folder / "venv")
    _uv("pip", "install", "--python", python, "--editable", source)
    below, version = sysconfig.get_path("purelib"), f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "venv" / "lib" / version / "site-packages"
    site.joinpath("below.pth").write_text(f"import site; site.addsitedir({below!r})\n")
    (folder / "venv" / MARK).write_bytes(msgspec.json.encode(Below(packages=(), prefix=sys.prefix, sites=(below,))))
    return python, inner


def _uv(*words):
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    done = subprocess.run([sys.executable, "-m", "uv", *words], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("case", "text"),
    [
        (miss, "def told():\n    return 2\n"),
        (miss, "def told():\n    return helped()\n\n\ndef helped():\n    return 3\n"),
        (hit, "# It says one.\ndef told():\n    return 1\n"),
    ],
    ids=["another result", "a helper", "a comment"],
)
def test_an_edited_editable_install_is_an_edit_of_code(case, text, installed, tmp_path, monkeypatch):
    python, inner = installed
    inner.write_text("def told():\n    return 1\n")
    monkeypatch.setattr(sys, "executable", str(python))
    check(case("an editable install", CELLS, do=WRITE.format(path=str(inner), text=text), fresh=True), tmp_path)
