"""`steppe image`: what it writes, carried out by hand, is an image that a step's packages fit."""

import importlib.metadata
import json
import os
import re
import shutil
import sys
import time
import zipfile
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from steppe.catalog import open_catalog
from steppe.cli.main import steppe
from steppe.engine.environment import Distributions
from steppe.notebooks.dockerfile import recipe, written
from steppe.store import open_store
from steppe.types import Run
from tests.integration.kubernetes.dockerfiles import carried_out, flags, instructions
from tests.integration.kubernetes.sandbox import possible
from tests.integration.kubernetes.test_kubernetes_steps import WAITED, kernel, project  # noqa: F401
from tests.integration.kubernetes.test_packages_elsewhere import (  # noqa: F401
    configured,
    here,
    needs_uv,
    said_by,
    set_environment,
    wheel,
)

NEEDED = ("blake3", "cloudpickle", "ipython", "msgspec", "obstore", "psutil", "uv")
"""What a worker imports, and uv, which the image gets from its base."""

BACKEND = Path(importlib.import_module("steppe").__file__).parent


def repacked(name, folder):
    """Build a wheel of an installed distribution from what it says that it has."""
    found = importlib.metadata.distribution(name)
    tag = re.findall(r"^Tag: (\S+)$", found.read_text("WHEEL"), re.MULTILINE)[-1]
    return _zip(folder, found.name, found.version, tag, _files(found))


def _files(found):
    for file in found.files:
        path = Path(found.locate_file(file))
        if ".." not in file.parts and path.suffix != ".pyc" and file.name not in ("RECORD", "direct_url.json"):
            yield str(file), path.read_bytes()


def of_steppe(folder):
    """Build a wheel of Steppe as it is here."""
    version = importlib.metadata.version("steppe")
    info = f"steppe-{version}.dist-info"
    files = {str(path.relative_to(BACKEND.parent)): path.read_bytes() for path in BACKEND.rglob("*") if path.is_file()}
    files = {name: data for name, data in files.items() if not name.endswith(".pyc")}
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: steppe\nVersion: {version}\n".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    return _zip(folder, "steppe", version, "py3-none-any", files.items())


def _zip(folder, name, version, tag, files):
    folder.mkdir(exist_ok=True)
    name = re.sub(r"[-_.]+", "_", name)
    made = folder / f"{name}-{version}-{tag}.whl"
    names = []
    with zipfile.ZipFile(made, "w") as archive:
        for path, data in files:
            archive.writestr(path, data)
            names.append(path)
        record = next(each for each in names if each.endswith(".dist-info/METADATA")).replace("METADATA", "RECORD")
        archive.writestr(record, "".join(f"{path},,\n" for path in [*names, record]))
    return made


def recorded(project, packages):  # noqa: F811
    """Have a run of a notebook that has recorded these packages; return the notebook."""
    nbformat.write(nbformat.v4.new_notebook(), project / "a.ipynb")
    python = ".".join(map(str, sys.version_info[:3]))
    text = "\n".join([f"# Python {python}", *(f"{name}=={version}" for name, version in packages.items()), ""])
    store = open_store(str(project.parent / "store"), project.parent / "store")
    with open_catalog(str(project / ".steppe" / "catalog.db")) as catalog:
        catalog.runs.begin(Run(id="r" * 26, kind="headless", notebook="a.ipynb", path="a.ipynb", started=time.time()))
        catalog.runs.describe("r" * 26, lock=store.put([text.encode()]))
        later = Run(id="s" * 26, kind="headless", notebook="b.ipynb", path="b.ipynb", started=time.time())
        catalog.runs.begin(later)  # of another notebook
        catalog.runs.describe(later.id, lock=store.put([b"# Python 2.7\n"]))
        catalog.flush()
    return project / "a.ipynb"


def called(*arguments):
    return CliRunner().invoke(steppe, ["image", *map(str, arguments)])


@needs_uv
@pytest.mark.skipif(find_spec("pip") is None, reason="the base image of this test is this interpreter, without pip")
def test_a_step_s_packages_fit_the_image_that_is_made_of_the_recorded_lock(kernel, project, here, fake, tmp_path):  # noqa: F811
    needed = (*NEEDED, "numpy", "matplotlib")  # whose state goes along where this process has one
    worker = {item.name: item.version for item in Distributions().installed(needed)}
    links = tmp_path / "wheels"
    for name in worker.keys() - {"uv"}:
        repacked(name, links)
    of_steppe(project)
    packages = {**worker, "steppe": "0", "tried-apart": "1.5", "not-for-steps": "7"}
    notebook = recorded(project, packages)
    (ours,) = project.glob("*.whl")
    wanted = ("--with", ours, "--without", "not-for-steps", "--without", "uv")
    told = called(notebook, "-o", project / "Dockerfile", *wanted)
    assert told.exit_code == 0, told.exception
    text = (project / "Dockerfile").read_text()
    assert f"the {len(packages)} packages of the run {'r' * 26}" in told.output
    built = tmp_path / "built"
    secrets = {"UV_CONFIG_FILE": str(configured(tmp_path, links)), "PIP_NO_INDEX": "1"}
    environ = carried_out(text, built, project, secrets)
    inside = built / "opt" / "steppe"
    modules = [path for path in inside.rglob("steppe/worker/*.py") if path.name != "__init__.py"]
    assert modules
    assert all(list(path.parent.glob(f"__pycache__/{path.stem}.*.pyc")) for path in modules)
    settings = (project / "pyproject.toml").read_text()
    (project / "pyproject.toml").write_text(
        settings.replace("volumes = { ", f'volumes = {{ "/opt/steppe" = "host:{inside}", ')
    )
    set_environment(project, PATH=environ["PATH"].removesuffix(str(Path(sys.executable).parent)))
    one = kernel()
    places = "tried_apart.__file__, steppe.__file__, sys.prefix"
    one.step("apart", f"import sys, steppe, tried_apart\nsaid = tried_apart.VERSION, {places}", WAITED)
    assert one.last.state == "succeeded", (said_by(one), one.last.why)
    version, *places = one["said"]
    assert version == "1.5"
    assert all(place.startswith("/opt/steppe") for place in places), places  # no environment was made in the pod


def test_what_it_writes_is_for_pods_that_are_restricted_and_names_no_registry(project, tmp_path, monkeypatch):  # noqa: F811
    notebook = recorded(project, {"numpy": "2.4.0", "steppe": "0.0.7", "torch": "2.13.0+cpu", "uv": "0.13.9"})
    monkeypatch.chdir(project)
    told = called(notebook, "--json")
    document = json.loads(told.stdout)
    assert document["packages"] == ["numpy==2.4.0", "steppe==0.0.7", "torch==2.13.0+cpu", "uv==0.13.9"]
    text = (project / "Dockerfile").read_text()
    assert document["text"] == text
    found = instructions(text)
    assert found[0] == ("FROM", f"python:{sys.version_info[0]}.{sys.version_info[1]}-slim")
    assert found[-1] == ("USER", "1000:1000")  # a number: else the cluster can't tell that it is not root
    assert "://" not in text
    assert not [name for name, _ in found if name in ("COPY", "ADD")]
    runs = [flags(argument) for name, argument in found if name == "RUN"]
    assert runs[0][1] == "python -m pip install --no-cache-dir --root-user-action=ignore uv==0.13.9"
    (install,) = [words for _, words in runs if words.startswith("uv pip install")]
    assert {"--no-deps", "--compile-bytecode", *document["packages"]} <= set(install.split())
    assert all(flag.startswith("--mount=type=secret,") for flags_, _ in runs for flag in flags_)
    assert called(notebook, "--base", "registry.example:5000/python:x").exit_code == 0  # it writes over its own
    assert instructions((project / "Dockerfile").read_text())[0] == ("FROM", "registry.example:5000/python:x")
    again = called(notebook, "-o", "-")
    assert "torch==2.13.0+cpu: an index of its own has that" in again.stderr


@needs_uv
@pytest.mark.skipif(find_spec("pip") is None or not possible(), reason="it carries out what a build does, as root")
def test_a_base_with_another_python_is_refused_by_the_build(tmp_path):
    made = recipe({"steppe": "0.0.7"}, "3.1.0", "Python 3.1")
    with pytest.raises(AssertionError, match=r"its base has not Python 3\.1"):
        carried_out(written(made), tmp_path / "built", tmp_path, {"PIP_NO_INDEX": "1"})


def test_what_others_have_written_is_left_alone_unless_it_is_forced(project, monkeypatch):  # noqa: F811
    notebook = recorded(project, {"steppe": "0.0.7"})
    monkeypatch.chdir(project)
    Path("Dockerfile").write_text("FROM scratch\n")
    said = str(called(notebook).exception)
    assert "is not as `steppe image` has written it: give another --output, or --force" in said
    assert Path("Dockerfile").read_text() == "FROM scratch\n"
    assert called(notebook, "--force").exit_code == 0
    with Path("Dockerfile").open("a") as file:
        file.write("RUN echo by hand\n")
    assert "is not as `steppe image`" in str(called(notebook).exception)
    assert "by hand" in Path("Dockerfile").read_text()


def test_what_can_t_be_is_said_in_one_sentence(project, tmp_path, monkeypatch):  # noqa: F811
    notebook = recorded(project, {"numpy": "2.4.0"})
    monkeypatch.chdir(project)
    elsewhere = wheel(tmp_path / "elsewhere", "1")

    def refused(*arguments):
        told = called(*arguments)
        assert told.exit_code != 0
        assert not os.path.exists("Dockerfile")
        return str(told.exception)

    assert "the lock has no Steppe, without which no step runs: give `--with steppe==VERSION`" in refused(notebook)
    assert "there is no notebook none.ipynb" in refused("none.ipynb")
    with_it = (notebook, "--with", "steppe==0.1.0")
    assert "--base: 'a b' is no name of an image, such as python:3." in refused(*with_it, "--base", "a b")
    assert "--without pandas: the lock has no such package" in refused(*with_it, "--without", "pandas")
    assert "--with 'x y': give the path of a wheel, NAME==VERSION, or NAME @ URL" in refused(*with_it, "--with", "x y")
    assert "--with a-1-py3-none-any.whl: there is no such wheel" in refused(notebook, "--with", "a-1-py3-none-any.whl")
    assert "a build sees only the folder of its Dockerfile" in refused(*with_it, "--with", elsewhere)
    assert "can't be written: No such file or directory" in refused(*with_it, "-o", "none/Dockerfile")


def test_without_any_run_it_is_of_what_is_installed_here_and_what_came_from_a_folder_is_named(tmp_path, monkeypatch):
    shutil.rmtree(tmp_path / ".steppe", ignore_errors=True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")
    told = called("--json", "--with", "steppe==0.1.0", "--with", "msgspec @ git+https://host.example/msgspec@abc")
    document = json.loads(told.stdout)
    assert document["run"] == ""
    assert f"blake3=={importlib.metadata.version('blake3')}" in document["packages"]
    assert "steppe==0.1.0" in document["packages"]
    assert "msgspec @ git+https://host.example/msgspec@abc" in document["packages"]
    told = called()
    if importlib.metadata.distribution("steppe").read_text("direct_url.json"):
        assert "Steppe itself is installed from /" in str(told.exception)
