"""The packages that a run had, again by its lock: a result from before an upgrade comes out the same."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import time
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))

from steppe.catalog import open_catalog
from steppe.ids import new_id
from steppe.lineage.opened import store_of
from steppe.settings import load_project, make_state
from steppe.types import Run

UV = Path(sys.executable).with_name("uv")

MAIN = "from steppe.cli import main; main()"


def wheel(folder, version, code):
    """Write a wheel of the package `growing`."""
    folder.mkdir(exist_ok=True)
    info = f"growing-{version}.dist-info"
    files = {
        "growing.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: growing\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = []
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(text)}")
    files[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,", ""])
    with zipfile.ZipFile(folder / f"growing-{version}-py3-none-any.whl", "w") as made:
        for name, text in files.items():
            made.writestr(name, text)


class Place:
    """A virtual environment on top of the one that the tests run in, and the command line in it."""

    def __init__(self, folder, project, environ):
        self.folder = folder
        self.project = project
        self.environ = {**os.environ, **environ}
        self.python = folder / "bin" / "python"
        self.uv("venv", "--quiet", "--no-project", "--python", sys.executable, str(folder))
        sites = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
        (sites / "below.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")

    def uv(self, *words):
        subprocess.run([str(UV), *words], env=self.environ, check=True, capture_output=True, timeout=600)

    def install(self, *lines):
        self.uv("pip", "install", "--quiet", "--no-deps", "--python", str(self.python), *lines)

    def steppe(self, *words):
        command = [str(self.python), "-c", MAIN, *words]
        done = subprocess.run(
            command, cwd=self.project, env=self.environ, capture_output=True, text=True, timeout=600, check=False
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def index(tmp_path):
    wheels = tmp_path / "wheels"
    wheel(wheels, "1.0", "def grow(x):\n    return 2 * x\n")
    wheel(wheels, "2.0", "def grow(x):\n    return 3 * x\n")
    return {"UV_NO_INDEX": "1", "UV_FIND_LINKS": str(wheels)}


def test_a_run_from_before_an_upgrade_is_rebuilt_by_its_lock_to_the_same_result(room, tmp_path, index):
    place = Place(tmp_path / "venv", room.folder, index)
    place.install("growing==1.0")
    room.write({"a": "%%step make\nx = 21", "b": "%%step grow\nfrom growing import grow\ny = grow(x)"})
    code, out, err = place.steppe("run", "book.ipynb", "--json")
    assert code == 0, err
    run = json.loads(out)["run"]
    place.install("growing==2.0")

    code, out, err = place.steppe("verify", run)
    assert code == 1, (out, err)
    assert "✗ grow  differs: y" in out
    assert "growing was 1.0, and is 2.0 here" in out

    code, out, err = place.steppe("rerun", run, "--env", "lock")
    assert code == 0, (out, err)
    assert "2 of 2 steps gave the same again." in out
    assert "an environment with growing==1.0" in err
    made = [
        each for each in (room.folder / ".steppe" / "environments").iterdir() if each.is_dir() and each.name != "cache"
    ]
    assert len(made) == 1

    (tmp_path / "wheels" / "growing-1.0-py3-none-any.whl").unlink()
    code, out, err = place.steppe("verify", run, "--env", "lock", "--json")  # it is made once
    assert (code, {step["status"] for step in json.loads(out)["steps"]}) == (0, {"same"}), err
    assert "an environment with" not in err

    for each in made:
        each.rename(tmp_path / "away")
    environ = place.environ
    place.environ = {**environ, "UV_CACHE_DIR": str(tmp_path / "empty")}
    code, out, err = place.steppe("rerun", run, "--env", "lock")
    assert (code, "growing==1.0 can't be had again, which the run had" in err) == (2, True), err
    code, _, err = place.steppe("rerun", run, "--env", "lock", "--scratch")
    assert (code, "give nothing else beside it" in err) == (2, True)


@pytest.mark.skipif(
    not os.environ.get("STEPPE_TEST_LONG"), reason="`make env-lock-long` runs it: it installs two pandas"
)
def test_a_run_from_before_pandas_was_upgraded_is_rebuilt_to_the_same_result(room, tmp_path):
    place = Place(tmp_path / "venv", room.folder, {})
    place.install("pandas==2.2.3", "pytz")
    code = "import pandas as pd\nkinds = [str(kind) for kind in pd.DataFrame({'a': ['x', 'y'], 'b': [1, 2]}).dtypes]"
    room.write({"a": f"%%step kinds\n{code}"})
    code, out, err = place.steppe("run", "book.ipynb", "--json")
    assert code == 0, err
    run = json.loads(out)["run"]
    place.install("pandas==3.0.0")
    code, out, err = place.steppe("verify", run)
    assert (code, "differs: kinds" in out, "pandas was 2.2.3, and is 3.0.0 here" in out) == (1, True, True), out
    code, out, err = place.steppe("rerun", run, "--env", "lock")
    assert (code, "1 of 1 steps gave the same again." in out) == (0, True), (out, err)


def test_an_environment_with_a_whole_lock_has_it_and_the_steppe_that_is_here(room, monkeypatch, index):
    for name, value in index.items():
        monkeypatch.setenv(name, value)
    project = load_project(room.folder, os.environ)
    python = ".".join(map(str, sys.version_info[:3]))
    with open_catalog(str(make_state(project) / "catalog.db")) as catalog:
        runs = {}
        for which, text in {
            "whole": f"# Python {python}\ngrowing==1.0\nhomemade==0.1\nsteppe==0.0.1\n",
            "older": "# Python 2.7.18\ngrowing==1.0\n",
            "none": "",
        }.items():
            lock = store_of(project).put([text.encode()]) if text else None
            runs[which] = new_id(time.time() + len(runs) * 60, lambda bits: 7)
            catalog.runs.begin(Run(id=runs[which], status="succeeded", lock=lock))
    document = room.json("env", runs["whole"], "-o", "made")
    assert document["left"] == ["homemade==0.1"]
    said = subprocess.run(
        [
            str(room.folder / "made" / "bin" / "python"),
            "-c",
            "import growing, steppe; print(growing.grow(2), steppe.__file__)",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        env={"PYTHONPATH": ""},
    )
    assert said.stdout.startswith("4 ")
    assert str(room.folder / "made") in said.stdout
    for which, words in {
        "whole": "made is there already",
        "older": "the run had Python 2.7, and this is",
        "none": "has no lock",
    }.items():
        code, _, err = room.steppe("env", runs[which], "-o", "made")
        assert (code, words in err) == (2, True), err
