"""Steps on a local Ray, through real IPython shells."""

import importlib.util
import os
import subprocess
import sys
import time

import pytest

from tests.integration.ray.conftest import until


def test_a_step_runs_in_another_process_of_ray_and_is_a_hit_everywhere(kernel):
    shell = kernel()
    source = "import os\npid = os.getpid()\nprint('hello')\nos.getpid()"
    assert shell.step("first", source).success, shell.err
    assert (shell.last.state, shell.last.executor) == ("succeeded", "ray")
    pid = shell["pid"]
    assert pid != os.getpid()
    assert shell.out.startswith("hello\n")
    for options in ("on=inline", "on=process", "on=ray wait=true"):
        other = kernel()
        assert other.step("first", source, options).success
        assert (other.last.state, other["pid"]) == ("hit", pid)
        assert other.out.startswith("hello\n")


def test_what_was_made_in_the_kernel_is_a_hit_on_ray(kernel):
    shell = kernel()
    assert shell.step("made", "x = [1, 2]", "on=inline").success
    other = kernel()
    assert other.step("made", "x = [1, 2]").success
    assert (other.last.state, other["x"]) == ("hit", [1, 2])


def test_the_kernel_neither_imports_ray_nor_is_its_driver(kernel):
    code = (
        "import sys\nfrom steppe.executors.ray import RayExecutor\n"
        "print(RayExecutor().fits.__name__, [name for name in sys.modules if name.split('.')[0] == 'ray'])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["fits", "[]"]


def test_variables_mutations_and_displays_come_back(kernel):
    shell = kernel()
    assert shell.run("import pandas as pd\nframe = pd.DataFrame({'a': [1, 2]})\nalias = frame").success
    assert shell.step("grow", "frame['b'] = frame.a * 2\ndisplay(frame)\ntotal = int(frame.b.sum())").success
    assert shell["total"] == 6
    assert list(shell["alias"].columns) == ["a", "b"]
    assert "b" in shell.out


def test_an_error_has_the_traceback_of_the_cell(kernel):
    shell = kernel()
    assert isinstance(shell.step("fails", "x = 1\nvalue = x / 0").error_in_exec, ZeroDivisionError)
    assert "ZeroDivisionError" in shell.said
    assert "value = x / 0" in shell.said
    assert shell.last.state == "failed"


def test_what_a_step_prints_comes_while_it_runs_and_cancel_ends_it(kernel):
    shell = kernel()
    shell.run("import time")
    assert shell.step("slow", "print('on')\ntime.sleep(600)\ny = 1", "on=ray wait=false").success
    journey = until(lambda: next(iter(shell.session.journeys), None))
    until(lambda: journey.state == "running")
    assert shell.run("%steppe cancel slow").success
    until(journey.done.is_set)
    shell.run("%steppe wait")
    assert shell.last.state == "cancelled"


def test_a_timeout_ends_a_step_and_says_so(kernel):
    shell = kernel()
    assert not shell.step("long", "import time\ntime.sleep(600)", "on=ray wait=true timeout=1s").success
    assert "longer than its timeout of 1 s" in shell.said


def test_a_step_is_tried_again_after_an_error(kernel, tmp_path):
    shell = kernel()
    shell.run("import os")
    source = f"first = not os.path.exists({str(tmp_path / 'seen')!r})\nopen({str(tmp_path / 'seen')!r}, 'w').close()\n"
    assert shell.step("again", source + "if first: raise ValueError('once')", "on=ray wait=true retries=1").success
    assert [attempt.number for attempt in shell.session.catalog.attempts.of(shell.last.id)] == [1, 2]


def test_code_of_a_step_can_use_the_cluster_itself(kernel):
    shell = kernel()
    source = (
        "import ray\nray.init(log_to_driver=False)\n"
        "found = ray.get([ray.remote(num_cpus=0)(lambda n: n * n).remote(n) for n in range(3)])\nray.shutdown()"
    )
    assert shell.step("inner", source, "on=ray wait=true cache=false").success, shell.said
    assert shell["found"] == [0, 1, 4]


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ('address = "127.0.0.1:1"', "no Ray cluster answers at 127.0.0.1:1"),
        ('address = "ray://head"', "give the host and port of the cluster's head"),
        ("resources = { licence = 1 }", "a local Ray has no licence"),
        ('acelerator-type = "A100"', "did you mean `accelerator-type`"),
        ("runtime-env = { pipp = [] }", "did you mean `pip`"),
        ('runtime-env = { working_dir = "src" }', "a task can't bring a folder of this machine"),
    ],
)
def test_what_can_never_run_is_refused_in_one_sentence_at_once(kernel, tmp_path, profile, said):
    (tmp_path / "pyproject.toml").write_text(f"[tool.steppe.profiles.there]\n{profile}\n")
    shell = kernel()
    began = time.monotonic()
    assert not shell.step("refused", "x = 1", "on=ray wait=true profile=there").success
    assert time.monotonic() - began < 15
    assert said in shell.said


def test_a_missing_package_is_named_with_the_extra(kernel, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "ray" else found(name, *rest))
    shell = kernel()
    assert not shell.step("refused", "x = 1").success
    assert "pip install 'steppe[ray]'" in shell.said
