"""A step that can't come back from a worker, and has changed what can't be put back: it is not run a second time."""

import os

SMALL = "from steppe.worker import undo\nundo.LARGEST = 3\n"
GROW = "with open('log.txt', 'a') as file:\n    file.write('once')"


def test_a_step_that_changed_a_large_file_is_not_run_again_and_says_so(kernel, tmp_path, tmp_path_factory, monkeypatch):
    library = tmp_path_factory.mktemp("library")
    (library / "small_limit.py").write_text(SMALL)
    (tmp_path / "pyproject.toml").write_text('[tool.steppe]\npreload = ["small_limit"]\n')
    (tmp_path / "log.txt").write_text("before")
    monkeypatch.syspath_prepend(str(library))
    made = kernel()
    result = made.step("grow", GROW, "timeout=100")
    assert (tmp_path / "log.txt").read_text() == "beforeonce", made.last.why
    assert not result.success
    assert str(made.last.state) == "failed"
    assert made.last.error == (
        "`grow` ran, but what it made can't come back: `file` holds a _io.TextIOWrapper, which can't be kept: it is an "
        "open file or stream: keep its path, or what was read from it. "
        f"It is not run again in the kernel, since it changed what could not be put back: {tmp_path}/log.txt "
        "(too large to keep a copy). Keep it in the kernel with on=inline."
    )


def test_an_input_that_comes_out_otherwise_in_a_worker_keeps_the_step_in_the_kernel(kernel, tmp_path, monkeypatch):
    (tmp_path / "which_process.py").write_text(
        "import os\nclass Which:\n    def __init__(self):\n        self.pid = os.getpid()\n"
        "    def __reduce__(self):\n        return Which, ()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    made = kernel()
    made.run("from which_process import Which\nwhich = Which()")
    made.step("read", "pid = which.pid", "timeout=100")
    assert made["pid"] == os.getpid()
    assert made.last.why[0] == "`which` comes out there as something else than it is in the kernel"
    result = made.step("there", "other = which.pid", "on=process")
    assert not result.success
    assert "`there` can't run on process: `which` comes out there as something else" in made.last.error
