"""What of a file system is asked, whichever function of whichever Python asks it."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from steppe.worker.native import watch_natives
from steppe.worker.places import Places
from steppe.worker.probes import watch_environ, watch_stat
from steppe.worker.trace import tracing


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_text("1")
    return tmp_path


def probed(act) -> dict[str, str]:
    with tracing((watch_stat,)) as trace:
        act()
    return {os.path.relpath(path): answer for path, (_, answer) in trace.probed.items()}


GLOBS = {
    "a/c": ("a/c",),
    "*/c": ("a/c",),
    "**/c": ("c", "a/c"),
}


@pytest.mark.parametrize("pattern", GLOBS)
def test_a_name_that_a_path_globs_for_in_vain_is_asked_for(folder, pattern):
    asked = probed(lambda: list(Path().glob(pattern)))
    for name in GLOBS[pattern]:
        assert asked[name] == "absent", asked


def test_a_file_that_a_path_globs_for_is_asked_for(folder):
    assert "a/b" in probed(lambda: list(Path().glob("a/b")))


ASKED = {
    "exists": lambda: Path("a/c").exists(),
    "is_file": lambda: Path("a/c").is_file(),
    "is_dir": lambda: Path("a/c").is_dir(),
    "is_symlink": lambda: Path("a/c").is_symlink(),
    "is_mount": lambda: Path("a/c").is_mount(),
    "stat": lambda: _fails(Path("a/c").stat),
    "lstat": lambda: _fails(Path("a/c").lstat),
    "resolve": lambda: Path("a/c").resolve(),
    "owner": lambda: _fails(Path("a/c").owner),
    "os.path.exists": lambda: os.path.exists("a/c"),
    "os.path.isfile": lambda: os.path.isfile("a/c"),
    "os.path.isdir": lambda: os.path.isdir("a/c"),
    "os.path.islink": lambda: os.path.islink("a/c"),
    "os.path.lexists": lambda: os.path.lexists("a/c"),
}


def _fails(call) -> None:
    with pytest.raises(OSError):
        call()


@pytest.mark.parametrize("name", ASKED)
def test_a_file_that_is_absent_is_asked_for(folder, name):
    assert probed(ASKED[name])["a/c"].startswith("absent")


def test_what_was_put_for_a_trace_is_taken_out_after_it(folder):
    import glob

    before = [os.stat, os.lstat, vars(Path).get("info"), vars(getattr(glob, "_StringGlobber", object)).get("lstat")]
    probed(lambda: None)
    assert before == [
        os.stat,
        os.lstat,
        vars(Path).get("info"),
        vars(getattr(glob, "_StringGlobber", object)).get("lstat"),
    ]


def test_names_that_are_listed_by_a_descriptor_are(folder):
    with tracing((watch_stat,)) as trace:
        list(os.fwalk("a"))
        at = os.open(".", os.O_RDONLY)
        os.listdir(at)
        os.close(at)
    assert {os.path.relpath(path) for kind, path in trace.listings if kind == "listing"} == {".", "a"}


@pytest.mark.skipif(sys.version_info < (3, 14), reason="`Path.info` came with Python 3.14")
class TestInfo:
    def test_it_asks_whether_something_is_there(self, folder):
        asked = probed(lambda: (Path("a/b").info.exists(), Path("a/c").info.is_file()))
        assert asked == {"a/b": "file", "a/c": "absent"}

    def test_what_it_was_told_before_the_step_is_asked_again(self, folder):
        path, (listed,) = Path("a/c"), Path("a").iterdir()
        assert not path.info.exists()
        asked = probed(lambda: (path.info.exists(), listed.info.is_file()))
        assert asked == {"a/c": "absent", "a/b": "file"}


@pytest.mark.skipif(sys.version_info < (3, 14), reason="interpreters can be had from Python 3.14 on")
class TestInterpreters:
    def test_what_runs_in_another_one_is_outside(self, folder):
        from concurrent import interpreters

        other = interpreters.create()
        with tracing((watch_natives,)) as trace:
            other.exec("open('a/b').read()")
        other.close()
        assert trace.outside == ["it runs code in another interpreter"]

    def test_what_a_pool_of_them_runs_is_outside(self, folder):
        from concurrent.futures import InterpreterPoolExecutor

        with tracing((watch_natives,)) as trace, InterpreterPoolExecutor(1) as pool:
            assert pool.submit(os.path.basename, "a/b").result() == "b"
        assert trace.outside == ["it runs code in another interpreter"]

    def test_a_pool_of_threads_is_not(self, folder):
        with tracing((watch_natives,)) as trace, ThreadPoolExecutor(1) as pool:
            pool.submit(len, "a").result()
        assert trace.outside == []


def test_a_variable_that_we_look_up_ourselves_while_the_users_code_runs_is_not_the_steps(folder):
    places = Places(str(folder))
    with tracing((watch_environ,)) as trace:
        places.above("/nowhere")
        assert trace.variables == {}
        os.path.expanduser("~")
        assert set(trace.variables) == {"HOME"}
