"""A step whose packages are not in its image: uv makes an environment in its pod, once for all who share a volume."""

import base64
import hashlib
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import msgspec
import pytest

from steppe.engine import modules
from steppe.errors import CannotMove
from steppe.worker.packages import Packages, interpreter, misfits
from tests.integration.kubernetes.test_kubernetes_steps import WAITED, kernel, project  # noqa: F401

UV = shutil.which("uv", path=str(Path(sys.executable).parent))
needs_uv = pytest.mark.skipif(UV is None, reason="uv is not beside the interpreter: install the group `test`")

SOURCE = "import tried_apart\nsaid = tried_apart.VERSION, tried_apart.__file__\nprint(said[0])"


def wheel(folder, version, name="tried-apart"):
    """Build a wheel of one module that says its version."""
    folder.mkdir(exist_ok=True)
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    files = {
        f"{module}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(text)}")
    files[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,"]) + "\n"
    made = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return made


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Install a wheel for the kernel alone."""
    folder = tmp_path / "kernel" / "site-packages"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(wheel(tmp_path / "wheels", "1.5")) as archive:
        archive.extractall(folder)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(
        modules, "LIBRARIES", (*modules.LIBRARIES, f"{folder}/")
    )  # as if the kernel had been made with it
    monkeypatch.delitem(sys.modules, "tried_apart", raising=False)
    yield tmp_path / "wheels"
    sys.modules.pop("tried_apart", None)


def settings(project, text):  # noqa: F811
    with (project / "pyproject.toml").open("a") as file:
        file.write(f"\n{text}\n")


def set_environment(project, **variables):  # noqa: F811
    lines = [f'{name} = "{value}"' for name, value in variables.items()]
    settings(project, "[tool.steppe.profiles.kubernetes.environment]\n" + "\n".join(lines))


def configured(folder, links):
    """Write a configuration of uv that knows no index but a folder."""
    made = folder / "uv.toml"
    made.write_text(f'no-index = true\nfind-links = ["{links}"]\n')
    return made


def said_by(kernel_):
    return re.sub(r"\x1b\[[\d;]*m", "", kernel_.out + kernel_.err)


@needs_uv
def test_what_the_image_has_not_is_installed_once_and_kept_on_the_volume(kernel, project, here, fake, tmp_path):  # noqa: F811
    kept = tmp_path / "environments"
    text = (project / "pyproject.toml").read_text()
    text = text.replace('image = "steps:1"', f'image = "steps:1"\nenvironments = "host:{kept}"')
    (project / "pyproject.toml").write_text(text)
    set_environment(project, UV_CONFIG_FILE=configured(tmp_path, here))
    one = kernel()
    one.step("apart", SOURCE, WAITED)
    assert one.last.state == "succeeded", (said_by(one), one.last.why)
    version, file = one["said"]
    assert version == "1.5"
    assert file.startswith("/steppe/environments/")
    (made,) = [path for path in kept.iterdir() if path.is_dir() and path.name != "cache"]
    marks = (made / "steppe-environment").stat()
    assert msgspec.json.decode((made / "steppe-environment").read_bytes())["packages"] == ["tried-apart==1.5"]
    shutil.rmtree(here)  # nothing can be installed any more, and need not be
    one.step("later", SOURCE.replace("said", "again"), WAITED)
    assert one.last.state == "succeeded", (said_by(one), one.last.why)
    assert one["again"] == (version, file)
    assert (made / "steppe-environment").stat() == marks
    assert [path for path in kept.iterdir() if path.is_dir() and path.name != "cache"] == [made]


@needs_uv
def test_without_a_volume_it_is_made_in_the_pod(kernel, project, here, fake, tmp_path):  # noqa: F811
    set_environment(project, UV_CONFIG_FILE=configured(tmp_path, here))
    one = kernel()
    one.step("apart", f"{SOURCE}\nimport os\nos.system('echo from a child')\nprint('after')", f"{WAITED} expires=1d")
    assert one.last.state == "succeeded", (said_by(one), one.last.why)
    assert one["said"][0] == "1.5"
    assert "from a child" in one.out
    assert "after" in one.out


def test_an_image_without_uv_is_said_in_one_sentence(kernel, project, here, fake, tmp_path):  # noqa: F811
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (folder / "python").chmod(0o755)
    set_environment(project, PATH=f"{folder}:/usr/bin:/bin")
    one = kernel()
    one.step("apart", SOURCE, WAITED)
    assert one.last.state == "failed"
    assert (
        "`apart` can't run on kubernetes: its image has no tried-apart 1.5, and no uv to make an environment with: "
        "take an image with what the kernel has, or one with uv."
    ) in said_by(one)


@needs_uv
def test_an_index_out_of_reach_is_said(kernel, project, here, fake):  # noqa: F811
    set_environment(project, UV_INDEX_URL="http://127.0.0.1:9/simple", UV_HTTP_TIMEOUT="2", UV_HTTP_RETRIES="0")
    one = kernel()
    one.step("apart", SOURCE, WAITED)
    assert one.last.state == "failed"
    assert (
        "`apart` can't run on kubernetes: its image lacks tried-apart==1.5, and uv there reaches no package index:"
        in said_by(one)
    )


@needs_uv
def test_a_package_that_can_t_be_installed_is_named(kernel, project, here, fake, tmp_path):  # noqa: F811
    wheel(tmp_path / "others", "0.1")
    set_environment(project, UV_CONFIG_FILE=configured(tmp_path, tmp_path / "others"))
    one = kernel()
    one.step("apart", SOURCE, WAITED)
    assert one.last.state == "failed"
    assert "its image lacks tried-apart==1.5, and uv can't install it there: " in said_by(one)
    assert "there is no version of tried-apart==1.5" in said_by(one)


def test_what_fits_needs_no_environment_and_another_python_is_refused(tmp_path):
    assert misfits(Packages(versions={"no-such-package": "1"})) == {"no-such-package": ""}
    assert interpreter(Packages(), str(tmp_path), print) == ""
    with pytest.raises(CannotMove, match=r"its image has Python 3\.\d+, and the kernel 2\.7: take an image"):
        interpreter(Packages(python="2.7"), str(tmp_path), print)


@needs_uv
def test_two_at_once_make_one_environment_and_see_it_whole_or_not_at_all(tmp_path):
    links, kept = tmp_path / "wheels", tmp_path / "environments"
    wheel(links, "1.5")
    code = (
        "import sys; from steppe.worker.packages import Packages, interpreter;"
        "print(interpreter(Packages(versions={'tried-apart': '1.5'}), sys.argv[1], lambda said: None))"
    )
    environ = {"PATH": f"{Path(UV).parent}:/usr/bin:/bin", "UV_CONFIG_FILE": str(configured(tmp_path, links))}
    seen, over = [], threading.Event()

    def look():
        while not over.wait(0.001):
            there = [path for path in kept.glob("*") if re.fullmatch("[0-9a-f]{40}", path.name)]
            seen.extend((path / "steppe-environment").exists() for path in there)

    looking = threading.Thread(target=look)
    looking.start()
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(kept)], env=environ, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    told = {process.communicate(timeout=60)[0].strip() for process in started}
    over.set()
    looking.join()
    (python,) = told
    assert all(seen)
    assert len([path for path in kept.iterdir() if path.is_dir() and path.name != "cache"]) == 1
    done = subprocess.run(
        [python, "-c", "import tried_apart, steppe, msgspec; print(tried_apart.VERSION)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1.5\n"
