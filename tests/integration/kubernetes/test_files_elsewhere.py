"""Files that nobody could foresee: a step in a pod must not go on as if what is here were not there."""

from __future__ import annotations

import pytest

from tests.integration.kubernetes.test_kubernetes_steps import kernel, project

__all__ = ["kernel", "project"]

UNFORESEEN = {
    "a file that is there": ("x = os.path.exists('da' + 'ta.csv')", True),
    "a file that is read": ("x = open('da' + 'ta.csv').read()", "1,2"),
    "two files, one after the other": ("x = open(open('na' + 'me.txt').read()).read()", "1,2"),
    "the names in a folder": ("x = sorted(os.listdir('par' + 'ts'))", ["a.txt", "b.txt"]),
    "files by a pattern": ("x = sorted(glob.glob('par' + 'ts/*.txt'))", ["parts/a.txt", "parts/b.txt"]),
}


@pytest.fixture
def files(project):
    for name, text in {"data.csv": "1,2", "name.txt": "data.csv", "parts/a.txt": "a", "parts/b.txt": "b"}.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text)


@pytest.mark.parametrize("wait", ["true", "false"])
@pytest.mark.parametrize(("source", "expected"), UNFORESEEN.values(), ids=UNFORESEEN)
def test_a_step_in_a_pod_sees_the_files_that_are_here(kernel, files, source, expected, wait):
    first = kernel()
    first.step("s", f"import glob, os\n{source}", f"on=kubernetes wait={wait}")
    first.shell.run_cell("found = x")
    assert first["found"] == expected
    assert first.last.state == "succeeded"
    second = kernel()
    second.step("s", f"import glob, os\n{source}", "on=inline")
    assert (second.last.state, second["x"]) == ("hit", expected)


def test_what_can_not_go_along_is_refused_by_name(kernel, files, project):
    (project / "parts" / "empty").mkdir()
    first = kernel()
    first.step("s", "import os\nx = sorted(os.listdir('par' + 'ts'))", "on=kubernetes wait=true")
    assert "saw something else at parts on kubernetes than is here" in first.last.error
    assert "x" not in first.shell.user_ns


@pytest.mark.parametrize("wait", ["true", "false"])
def test_a_module_that_is_another_where_the_step_runs_is_refused_by_name(kernel, project, tmp_path, wait):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "helping.py").write_text("def f():\n    return 'old'\n")
    (project / "sub").mkdir()
    (project / "sub" / "helping.py").write_text("def f():\n    return 'new'\n")
    with (project / "pyproject.toml").open("a") as settings:
        settings.write(
            f'\n[tool.steppe.profiles.mounted]\non = "kubernetes"\n'
            f'volumes = {{ "{project}/sub" = "host:{tmp_path}/old", "{tmp_path}/store" = "host:{tmp_path}/store" }}\n'
        )
    first = kernel()
    first.step("s", "from sub.helping import f\nx = f()", f"profile=mounted wait={wait}")
    first.run("found = x")
    assert "found" not in first.shell.user_ns
    assert "sub/helping.py is another file where it runs than here" in str(first.last.error)
