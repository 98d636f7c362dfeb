"""Which paths matter, and how they are called."""

import os
import random
import sys
import sysconfig
from pathlib import Path

import pytest

from steppe.worker.places import Places, real_path, real_paths
from steppe.worker.probes import PROBES
from steppe.worker.randomness import Randomness
from steppe.worker.trace import tracing


@pytest.fixture
def folders(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("1")
    (tmp_path / "other").mkdir()
    (tmp_path / "link").symlink_to("there")
    (tmp_path / "there" / "to_file").symlink_to("file")
    (tmp_path / "there" / "to_nothing").symlink_to("gone")
    (tmp_path / "there" / "round").symlink_to("round")
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "there/file",
        "link/file",
        "link/to_file",
        "link/to_nothing",
        "link/absent",
        "absent/absent",
        "link",
        "link/",
        "link/..",
        "link/.",
        "link/../other/x",
        "there/round",
        "there/file/below",
        "",
    ],
)
def test_a_path_is_resolved_as_by_the_standard_library(folders, name):
    path = f"{folders}/{name}"
    for _ in range(2):
        assert real_path(path) == os.path.realpath(path)
        assert real_path(f"/{path}") == os.path.realpath(f"/{path}")
    assert list(real_paths([path, f"/{path}", path])) == [
        (each, os.path.realpath(each)) for each in (path, f"/{path}", path)
    ]


def test_a_link_that_leads_elsewhere_now_is_followed_anew(folders):
    path = f"{folders}/link/file"
    assert real_path(path) == f"{folders.resolve()}/there/file"
    (folders / "link").unlink()
    (folders / "link").symlink_to("other")
    assert real_path(path) == f"{folders.resolve()}/other/file"


def test_compiled_modules_are_no_files_that_a_step_writes(tmp_path, monkeypatch):
    (tmp_path / "project").mkdir()
    monkeypatch.setattr("sys.pycache_prefix", str(tmp_path / "bytecode"))
    places = Places(str(tmp_path / "project"))
    assert not places.matters(f"{tmp_path}/bytecode/x/module.pyc")
    assert places.matters(f"{tmp_path}/elsewhere/module.pyc")


def test_a_path_that_is_asked_about_often_is_noted_once_as_it_was_at_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with tracing(PROBES) as trace:
        for _ in range(3):
            assert not os.path.exists("x")
        with open("x", "w"):
            pass
        assert os.path.exists("x")
        os.stat("y") if os.path.exists("y") else None
        os.mkdir("sub")
        os.chdir("sub")
        assert not os.path.exists("x")
        os.chdir("..")
    assert trace.probed[f"{tmp_path}/x"] == ("missed", "absent")
    assert trace.probed[f"{tmp_path}/sub/x"] == ("missed", "absent")


def test_the_standard_generator_is_put_back_where_it_was():
    randomness = Randomness()
    before = randomness.states()["random"]
    expected = random.random()
    version, numbers, gauss = before
    for state in (before, [version, list(numbers), gauss]):
        randomness.restore({"random": state})
        assert random.random() == expected


@pytest.mark.parametrize(
    ("path", "matters"),
    [
        ("/etc/myconfig.yaml", True),
        ("/opt/data/x.csv", True),
        ("/usr/share/dict/words", True),
        ("/usr/local/share/data.csv", True),
        ("/run/media/me/disk/x.csv", True),
        ("/var/lib/data/x.csv", True),
        ("/dev/shm/x.csv", True),
        ("/proc/self/status", False),
        ("/sys/fs/cgroup/memory.max", False),
        ("/dev/null", False),
        (f"{sys.prefix}/share/x.csv", False),
        (f"{os.path.dirname(os.__file__)}/json/__init__.py", False),
        (f"{sysconfig.get_path('purelib')}/x/data.csv", False),
        (f"{Path.home()}/.config/matplotlib/matplotlibrc", False),
        (f"{Path.home()}/.config/mine.yaml", True),
        (f"{Path.home()}/.cache/data/x.csv", True),
    ],
)
def test_only_the_interpreter_its_packages_and_the_machines_state_are_no_inputs(path, matters, tmp_path):
    assert Places(str(tmp_path)).matters(path) is matters


def test_an_interpreter_that_shares_its_prefix_is_told_from_what_else_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    places = Places(str(tmp_path))
    assert places.matters("/usr/share/dict/words")
    assert not places.matters("/usr/lib/python3/dist-packages/x/data.csv")


def test_files_of_the_project_whose_names_begin_as_ours_do_matter(tmp_path):
    places = Places(str(tmp_path))
    assert places.matters(f"{tmp_path}/.gitignore")
    assert places.matters(f"{tmp_path}/.steppe-data/x")
    assert not places.matters(f"{tmp_path}/.git/HEAD")


def test_tools_own_files_are_those_of_the_home_that_there_is_now(folders, monkeypatch):
    for home in ("one", "two"):
        monkeypatch.setenv("HOME", str(folders / home))
        places = Places(str(folders / "there"))
        assert not places.matters(str(folders / home / ".ipython" / "profile"))
    assert Places(str(folders / "there")).matters(str(folders / "one" / ".ipython" / "profile"))
