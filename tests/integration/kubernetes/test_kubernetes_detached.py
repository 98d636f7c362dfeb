"""`steppe run --detach`: a notebook run from a driver pod, with no more rights than `steppe manifest --rbac` prints."""

import json
import os
import shutil
import signal
import subprocess
import sys

import nbformat
import pytest
from click.testing import CliRunner

from steppe.cli.main import steppe
from steppe.executors.kubernetes.rights import RIGHTS
from tests.integration.kubernetes.test_kubernetes_kernels import wait_for
from tests.integration.kubernetes.test_kubernetes_steps import SETTINGS

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="the fake's certificate is made by openssl")

CELLS = [
    "%load_ext steppe",
    "%%step read\nfrom helping import double\nnumbers = [int(line) for line in open('numbers.txt')]",
    "%%step train on=kubernetes\nimport os\ntotal, host = double(sum(numbers)), os.uname().nodename",
    "print('total', total)\nprint('from', host)",
]
DRIVER = """
[tool.steppe.profiles.driver]
service-account = "driver"
"""
ALL = {(verb, what) for _, what, verbs in RIGHTS for verb in verbs}


@pytest.fixture
def project(tmp_path, monkeypatch, fake):
    made, store = tmp_path / "project", tmp_path / "store"
    made.mkdir()
    store.mkdir()
    (made / "pyproject.toml").write_text(SETTINGS.format(store=store) + DRIVER)
    (made / "helping.py").write_text("def double(x):\n    return 2 * x\n")
    (made / "numbers.txt").write_text("1\n2\n3\n")
    write(made, CELLS)
    monkeypatch.chdir(made)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / ".ipython"))
    fake.allow("driver", ALL)
    fake.allowed = ALL
    return made


def write(project, cells, name="a.ipynb"):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    nbformat.write(notebook, project / name)


def called(*arguments):
    return CliRunner().invoke(steppe, arguments, catch_exceptions=True)


def detached(*arguments):
    told = called("run", "a.ipynb", "--on", "kubernetes", "--detach", "--json", *arguments)
    assert told.exit_code == 0, (told.output, told.exception)
    return json.loads(told.stdout)["run"]


def listed():
    return {run["run"]: run for run in json.loads(called("runs", "--json").stdout)["runs"]}


def test_a_whole_notebook_runs_in_the_cluster_and_comes_home(project, fake):
    run = detached()
    assert listed()[run]["status"] == "running"
    told = called("attach", run, "-o", "executed/out.ipynb")
    assert told.exit_code == 0, (told.output, told.exception)
    assert "✓ train" in told.output
    text = "".join(output.text for output in nbformat.read("executed/out.ipynb", 4).cells[3].outputs)
    assert text.startswith("total 12\n")
    assert {job["metadata"]["labels"]["steppe/step"] for job in fake.jobs} == {"driver", "train"}
    assert {job["metadata"]["labels"]["steppe/run"] for job in fake.jobs} == {run}
    found = listed()[run]
    assert found["status"] == "succeeded"
    assert found["steps"] == {"succeeded": 2}
    shown = json.loads(called("show", run, "--json").stdout)
    assert {step["name"] for step in shown["steps"]} == {"read", "train"}, shown
    again = called("run", "a.ipynb", "--json")  # here: what ran there is a hit
    assert [step["status"] for step in json.loads(again.stdout)["steps"]] == ["hit", "hit"]


def test_what_is_known_here_is_a_hit_in_the_driver(project, fake):
    assert called("run", "a.ipynb", "--json").exit_code == 0
    jobs = len(fake.jobs)
    document = json.loads(called("attach", detached(), "--json").stdout)
    assert [step["status"] for step in document["steps"]] == ["hit", "hit"]
    assert document["status"] == "succeeded"
    assert os.path.exists(document["output"])
    assert len(fake.jobs) == jobs + 1


def test_a_failed_cell_is_the_exit_code_of_whoever_attaches_and_later_too(project, fake):
    write(project, [CELLS[0], "%%step bad\n1 / 0"])
    run = detached()
    for _ in range(2):
        told = called("attach", run, "--json")
        assert told.exit_code == 1, (told.output, told.exception)
        assert "ZeroDivisionError: division by zero" in told.stderr
        assert json.loads(told.stdout)["status"] == "failed"


def test_runs_brings_home_what_has_ended_though_nobody_attached(project, fake):
    run = detached()
    name = f"steppe-{run}"
    wait_for(lambda: any(job["metadata"]["name"] == name and job["status"].get("conditions") for job in fake.jobs))
    found = listed()[run]
    assert (found["status"], found["steps"]) == ("succeeded", {"succeeded": 2})


SLOW = "%%step slow on=kubernetes\nimport time\nprint('on')\nfor _ in range(6000): time.sleep(0.1)\nx = 1"


def slow_pod(fake):
    return wait_for(
        lambda: [
            pod
            for pod in fake.pods
            if pod["metadata"]["labels"]["steppe/step"] == "slow" and pod["status"].get("phase") == "Running"
        ]
    )


def test_a_run_is_cancelled_with_its_driver_and_all_its_steps(project, fake):
    write(project, [CELLS[0], SLOW])
    run = detached()
    slow_pod(fake)
    told = called("cancel", run)
    assert told.exit_code == 0, (told.output, told.exception)
    assert told.output == f"{run} was cancelled.\n"
    wait_for(lambda: not fake.jobs and not fake.pods)
    assert listed()[run]["status"] == "cancelled"
    assert called("attach", run, "--json").exit_code == 130


def test_ctrl_c_stops_following_and_the_run_goes_on(project, fake):
    write(project, [CELLS[0], SLOW])
    run = detached()
    slow_pod(fake)
    following = subprocess.Popen(
        [sys.executable, "-c", "from steppe.cli import main; main()", "attach", run],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    driver = next(pod["metadata"]["name"] for pod in fake.pods if pod["metadata"]["labels"]["steppe/step"] == "driver")
    wait_for(lambda: any(path.endswith(f"{driver}/log") for _, path, _ in fake.requests))
    following.send_signal(signal.SIGINT)
    _, said = following.communicate(timeout=30)
    assert following.returncode == 130, said
    assert f"the run goes on: `steppe attach {run}` follows it, `steppe cancel {run}` ends it." in said
    assert len(slow_pod(fake)) == 1
    assert listed()[run]["status"] == "running"
    assert called("cancel", run).exit_code == 0


def test_what_can_t_be_is_said_before_anything_is_launched(project, fake):
    def refused(*arguments):
        return str(called("run", "a.ipynb", "--detach", *arguments).exception)

    assert "--on kubernetes is the only place for it" in refused("--on", "process")
    assert "`steppe attach RUN -o PATH` writes it" in refused("-o", "x.ipynb")
    assert "--profile big: there are driver, kubernetes, small." in refused("--profile", "big")
    (project / "large.bin").write_bytes(bytes(2000))
    assert "the largest file is large.bin (2.0 KiB)" in refused("--profile", "small")
    assert "give both" in str(called("run", "a.ipynb", "--profile", "small").exception)
    assert "there is no run 0123: `steppe runs`" in str(called("attach", "0123").exception)
    assert fake.jobs == []


def test_a_driver_without_rights_says_which_is_missing_and_what_to_ask_for(project, fake):
    fake.accounts.clear()
    fake.allow("driver", ALL - {("create", "jobs")})
    told = called("attach", detached(), "--json")
    assert told.exit_code == 1
    assert (
        "system:serviceaccount:research:driver may not create jobs.batch in the namespace research: ask for a Role "
        "with this verb (`steppe manifest --rbac --namespace research --to research:driver` prints one)"
    ) in told.stderr
