"""What is built is whole: the wheel, made from the source distribution, works in an empty environment."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
PYTHONS = os.environ.get("STEPPE_PYTHONS", sys.executable).split()
CELLS = ("%load_ext steppe", "%%step count\nnumbers = [n * n for n in range(10)]\nprint(sum(numbers))", "len(numbers)")


def said(*command: object, cwd: Path = ROOT) -> str:
    """Run a command, and return what it printed."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("STEPPE_", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environ | {"UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def uv():
    return ROOT / said("sh", ".ci/uv.sh").strip()


@pytest.fixture(scope="module")
def built(uv, tmp_path_factory):
    """Build the source distribution, and from it the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    said(uv, "build", "--quiet", "--python", sys.executable, "--out-dir", folder)
    return folder


@pytest.fixture(scope="module", params=PYTHONS, ids=os.path.basename)
def environment(request, uv, built, tmp_path_factory):
    """Make an environment with nothing in it but the wheel and what it needs; return its folder of programs."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    said(uv, "venv", "--quiet", "--python", request.param, folder)
    wheel = next(built.glob("*.whl"))
    said(uv, "pip", "install", "--quiet", "--python", folder / "bin/python", "-c", "requirements.lock", wheel)
    return folder / "bin"


def test_the_wheel_holds_all_that_is_no_python_too_and_no_tests(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    folders = (ROOT / "backend/steppe", ROOT / "kernel_magic/steppe_magic", ROOT / "jupyter_ext/steppe_server")
    ours = {
        str(path.relative_to(folder.parent))
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", "labextension"} & set(path.parts[len(ROOT.parts) :])
    }
    assert ours - names == set()
    assert {"steppe/py.typed", "steppe/catalog/sql/sqlite.sql", "steppe/catalog/migrations/script.py.mako"} <= names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"steppe", "steppe_magic", "steppe_server"}
    shared = {name.partition(".data/data/")[2] for name in names}
    assert "etc/jupyter/jupyter_server_config.d/steppe_server.json" in shared
    assert "share/jupyter/labextensions/steppe-lab/package.json" in shared
    assert [name for name in shared if name.startswith("share/jupyter/labextensions/steppe-lab/static/remoteEntry.")]


def test_the_source_distribution_can_run_its_own_tests(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    assert {"Makefile", "LICENSE", "README.md", "requirements.lock", ".ci/run", "tests/conftest.py"} <= names
    assert not [name for name in names if name.startswith((".venv", ".steppe", ".corpus", "dist"))]


def test_the_command_says_its_version(environment, built):
    version = next(built.glob("*.whl")).name.split("-")[1]
    assert version in said(environment / "steppe", "--version")


def test_a_notebook_runs_and_hits_the_second_time(environment, tmp_path):
    (tmp_path / ".git").mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS])
    nbformat.write(notebook, tmp_path / "tiny.ipynb")
    states = []
    for _ in range(2):
        document = json.loads(
            said(environment / "steppe", "run", "tiny.ipynb", "-o", "out.ipynb", "--json", cwd=tmp_path)
        )
        states.append([(step["name"], step["status"]) for step in document["steps"]])
        executed = nbformat.read(tmp_path / "out.ipynb", 4)
        assert executed.cells[1].outputs[0].text == "285\n"
        assert executed.cells[2].outputs[0].data["text/plain"] == "10"
    assert states == [[("count", "succeeded")], [("count", "hit")]]


def test_papermill_knows_the_engine(environment, tmp_path):
    (tmp_path / ".git").mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "tiny.ipynb")
    said(environment / "papermill", "--engine", "steppe", "--no-progress-bar", "tiny.ipynb", "out.ipynb", cwd=tmp_path)
    assert nbformat.read(tmp_path / "out.ipynb", 4).cells[1].outputs[0].text == "285\n"


def test_the_extension_loads_in_a_terminal(environment, tmp_path):
    (tmp_path / ".git").mkdir()
    script = tmp_path / "session.ipy"
    script.write_text("%load_ext steppe\nget_ipython().run_cell('%%step a\\nx = 6 * 7')\nprint('x is', x)\n")
    assert "x is 42" in said(environment / "ipython", "--no-banner", "--colors=NoColor", script, cwd=tmp_path)


def test_importing_steppe_loads_no_heavy_library(environment):
    heavy = "{'sqlalchemy', 'alembic', 'pyarrow', 'numpy', 'papermill', 'obstore', 'IPython', 'click'}"
    code = f"import steppe, sys; print(sorted({heavy} & set(sys.modules)))"
    assert said(environment / "python", "-c", code).strip() == "[]"


@pytest.mark.slow
def test_with_its_extra_for_jupyterlab_both_extensions_are_there_and_enabled(uv, built, tmp_path):
    said(uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "lab")
    wheel = f"{next(built.glob('*.whl'))}[lab]"
    said(uv, "pip", "install", "--quiet", "--python", tmp_path / "lab/bin/python", "-c", "requirements.lock", wheel)
    listed = subprocess.run(
        [tmp_path / "lab/bin/jupyter-labextension", "list"], capture_output=True, text=True, check=True, cwd=tmp_path
    ).stderr
    assert re.search(r"steppe-lab v\S+ .*enabled.* .*OK", listed), listed
    listed = subprocess.run(
        [tmp_path / "lab/bin/jupyter-server", "extension", "list"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert re.search(r"steppe_server\S*\s+.*enabled", listed.stdout + listed.stderr), listed


def test_the_lock_names_all_that_is_needed_and_no_host():
    import tomllib

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    lines = (ROOT / "requirements.lock").read_text().splitlines()
    locked = {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}
    assert all(len(requirement.specifier) == 1 and requirement.url is None for requirement in locked.values())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    wanted = [
        *project["project"]["dependencies"],
        *(line for extra in project["project"]["optional-dependencies"].values() for line in extra),
        *(line for group in ("demo", "libraries", "test", "lint") for line in groups[group] if isinstance(line, str)),
    ]
    names = {canonicalize_name(Requirement(line).name) for line in wanted} - {"steppe"}
    assert names - locked.keys() == set()
