"""Steps in local workers where the store takes nothing: it is said that nothing comes back, or the kernel runs them."""

import os
import resource
import subprocess
from pathlib import Path

import pytest

from tests.integration.crash.kernels import run

LIMIT = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, {resource.RLIM_INFINITY}))"
"""What a disk quota looks like to the kernel's process, and to its workers: small files can be written."""

BIG = "%%step big {}\nimport numpy as np\nx = np.arange(500_000.0)\nprint('ran')"


@pytest.fixture
def project(tmp_path, monkeypatch):
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.setenv("STEPPE_MACHINE", str(tmp_path))
    return folder


@pytest.fixture(params=["full", "read-only", "in the way"])
def store(request, tmp_path):
    """A store that takes nothing at all; only root may mount the disk that two of them are on."""
    place = tmp_path / "disk"
    place.mkdir()
    environ = {"STEPPE_STORE": str(place / "store"), "STEPPE_MACHINE": str(tmp_path)}
    if request.param == "in the way":
        _make(tmp_path, environ)
        (place / "store/tmp").rmdir()
        (place / "store/tmp").write_text("a file")
        yield environ
        return
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", place], capture_output=True, check=False)
    if mounted.returncode:
        why = mounted.stderr.decode().splitlines()[0]
        pytest.skip(f"no disk can be mounted here ({why}): the third of these tests shows the same")
    try:
        _make(tmp_path, environ)
        if request.param == "full":
            _fill(place / "filler")
        else:
            subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        yield environ
    finally:
        subprocess.run(["umount", place], check=True)


def _make(tmp_path, environ):
    other = tmp_path / "other"
    (other / ".git").mkdir(parents=True)
    assert run(other, ["%%step a\nx = [1]"], **environ)[0]["states"] == ["succeeded"]


def _fill(path: Path):
    with open(path, "wb", buffering=0) as file:
        for size in (65536, 4096):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


SAID = {
    "full": "is full (No space left on device): free some space, for example with `steppe gc`, then run again.",
    "read-only": "may not be used as asked (Read-only file system): give yourself the right to, or set another one as "
    "`store` under [tool.steppe] in pyproject.toml or in STEPPE_STORE.",
    "in the way": "can't be used (Not a directory): see that its disk is sound and mounted, then run again.",
}


def test_a_step_that_was_sent_to_a_worker_says_why_nothing_comes_back(project, store, request):
    said = SAID[request.node.callspec.params["store"]]
    cells = ["%%step a on=process\ny = 1", "'y' in globals()", "%%step b on=process\nz = 1 / 0"]
    found = run(project, cells, **store)
    assert found[0]["states"] == ["failed"]
    assert found[0]["error"] == (
        f"CannotMove: `a` ran, but what it made can't come back: the store at {store['STEPPE_STORE']} {said} "
        "Keep it in the kernel with on=inline."
    )
    assert found[1]["value"] is False
    assert found[2]["error"] == "ZeroDivisionError: division by zero"
    assert len([text for text in found[2]["warned"] if "the tasks of steps are not kept" in text]) == 1


def test_a_step_that_nobody_sent_away_runs_in_the_kernel(project, store, request):
    said = SAID[request.node.callspec.params["store"]]
    cells = ["w = [1]", "%%step a retries=1\ny = 1", "%%step b retries=1\nz = w", "y, z"]
    found = run(project, cells, **store)
    assert [told["error"] for told in found] == [""] * 4
    assert [told["states"] for told in found[1:3]] == [["succeeded"]] * 2
    assert found[-1]["value"] == (1, [1])
    assert all(any("was not kept" in text and said in text for text in told["warned"]) for told in found[1:3])


def test_a_value_that_does_not_fit_fails_its_step_and_is_there_once_it_does(project, tmp_path):
    big = BIG.format("on=process")
    found = run(project, [LIMIT, big, "'x' in globals()"], STEPPE_MACHINE=str(tmp_path))
    assert found[1]["states"] == ["failed"]
    assert "`big` ran, but what it made can't come back: the store at" in found[1]["error"]
    assert "is full (File too large): free some space, for example with `steppe gc`" in found[1]["error"]
    assert found[2]["value"] is False
    for state in ("succeeded", "hit"):
        again = run(project, [LIMIT.replace("2 << 20", "1 << 40"), big, "float(x.sum())"], STEPPE_MACHINE=str(tmp_path))
        assert again[1]["states"] == [state]
        assert again[2]["value"] == 124999750000.0


def test_a_value_that_does_not_fit_stays_bound_where_nobody_sent_its_step_away(project, tmp_path):
    found = run(project, [LIMIT, BIG.format("retries=1"), "float(x.sum())"], STEPPE_MACHINE=str(tmp_path))
    assert found[1]["states"] == ["succeeded"]
    assert found[2]["value"] == 124999750000.0
    assert any("was not kept" in text for text in found[1]["warned"])


def test_a_step_in_a_worker_needs_no_catalog(project, tmp_path):
    cell = "%%step a on=process\ny = [1]\ny"
    run(project, [cell], STEPPE_MACHINE=str(tmp_path))
    for path in (project / ".steppe").glob("catalog.db*"):
        path.write_bytes(b"no database at all" * 100)
    (told,) = run(project, [cell], STEPPE_MACHINE=str(tmp_path))
    assert (told["states"], told["value"], told["error"]) == (["succeeded"], [1], "")
    assert any("is damaged. Move it away" in text for text in told["warned"])
    assert os.listdir(project / ".steppe/store/blobs")
