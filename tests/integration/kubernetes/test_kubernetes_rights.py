"""The rights that `steppe manifest --rbac` prints: all of them are enough, and without any one something can't be done.

What it is says which right is missing and who prints it, or is told less well, as the right is for words alone.
"""

import json
import re
import shutil
import threading

import nbformat
import pytest
from click.testing import CliRunner

from steppe.cli.main import steppe
from steppe.errors import UsageError
from steppe.executors.kubernetes import KubernetesExecutor
from steppe.executors.kubernetes.jobs import create
from steppe.executors.kubernetes.rights import FOR_WORDS, RIGHTS
from steppe.testing.executor import Place, follow, texts, until
from steppe.types import Resources
from tests.integration.kubernetes.test_kubernetes_detached import DRIVER
from tests.integration.kubernetes.test_kubernetes_kernels import wait_for
from tests.integration.kubernetes.test_kubernetes_steps import SETTINGS

ALL = {(verb, what) for _, what, verbs in RIGHTS for verb in verbs}
SLOW = "import time\nprint('on', flush=True)\ntime.sleep(600)"
GROUP = {"jobs": "jobs.batch"}


@pytest.fixture
def place(executor, tmp_path):
    return Place(executor, tmp_path / "store-of-tasks")


@pytest.fixture
def project(tmp_path, monkeypatch):
    made, store = tmp_path / "project", tmp_path / "store"
    made.mkdir()
    store.mkdir()
    (made / "pyproject.toml").write_text(SETTINGS.format(store=store) + DRIVER)
    monkeypatch.chdir(made)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / ".ipython"))
    return made


def called(*arguments):
    return CliRunner().invoke(steppe, arguments)


def begun(place):
    flight = place.launch(SLOW)
    until(flight, lambda events: "on" in texts(events))
    return flight


def taken(fake, place):
    """Ask for a Job whose name another has, which is under way."""
    cluster, container = place.executor.cluster({}), {"name": "step", "image": "steps:1", "command": ["sleep"]}
    container["args"] = ["600"]

    def job(attempt):
        labels = {"app.kubernetes.io/managed-by": "steppe", "steppe/attempt": attempt}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
        return {"kind": "Job", "metadata": {"name": "steppe-same", "labels": labels}, "spec": {"template": template}}

    fake.allowed, kept = ALL, fake.allowed
    create(cluster, "research", job("one"), ())
    fake.allowed = kept
    return create(cluster, "research", job("two"), ())["metadata"]["labels"]["steppe/attempt"]


def without_launching(fake, place):
    with pytest.raises(UsageError) as refused:
        place.launch(SLOW)
    assert fake.jobs == []
    return str(refused.value)


def without_finding(fake, place):
    with pytest.raises(Exception) as refused:
        taken(fake, place)
    return str(refused.value)


def without_following(fake, place):
    end, _ = follow(place.launch(SLOW))
    assert end.how == "refused"
    wait_for(lambda: all("deletionTimestamp" in job["metadata"] for job in fake.jobs))
    return end.why


def without_cancelling(fake, place):
    flight = begun(place)
    flight.cancel()
    end, _ = follow(flight)
    assert end.how == "cancelled"
    assert fake.pods[0]["status"]["phase"] == "Running"
    assert end.why.startswith("it is left running: ada may not")
    return end.why


WITHOUT = {
    ("create", "jobs"): without_launching,
    ("get", "jobs"): without_finding,
    ("list", "jobs"): without_following,
    ("watch", "jobs"): without_following,
    ("delete", "jobs"): without_cancelling,
    ("list", "pods"): without_following,
    ("watch", "pods"): without_following,
    ("get", "pods/log"): without_following,
}


@pytest.mark.parametrize(("right", "what"), WITHOUT.items(), ids=map("-".join, WITHOUT))
def test_without_any_one_right_what_needs_it_names_it_and_who_prints_it(fake, place, right, what):
    fake.allowed = ALL - {right}
    verb, resource = right
    said = (
        f"ada may not {verb} {GROUP.get(resource, resource)} in the namespace research: ask for a Role with this verb "
        "(`steppe manifest --rbac --namespace research --to ada` prints one)"
    )
    assert said in what(fake, place)
    assert set(fake.denied) == {("ada", *right)}


@pytest.mark.parametrize("again", [False, True], ids=["in its midst", "by another kernel"])
def test_work_that_has_begun_is_not_thrown_away_where_the_right_to_follow_it_is_lost(fake, place, pod, again):
    fake.allowed = ALL
    flight = begun(place)
    fake.allowed = ALL - {("watch", "pods")}
    if again:
        flight.leave()
        flight = KubernetesExecutor(pod).attach(flight.handle)
    fake.cut()
    end, _ = follow(flight)
    assert end.how == "left"
    assert end.why.startswith("ada may not watch pods in the namespace research: ask for a Role")
    assert end.why.endswith("It is left running")
    (its,) = fake.pods
    assert its["status"]["phase"] == "Running"
    assert "deletionTimestamp" not in its["metadata"]


def test_each_right_is_one_that_something_needs():
    assert {*WITHOUT, *(right for right in ALL if right[1] in FOR_WORDS)} == ALL


def waits_for(place, fake):
    """Return what a step says that it waits for once the quota of the namespace is used up."""
    fake.limit(requests__cpu="1")
    first, second = (place.launch(SLOW, Resources(cpu=0.6)) for _ in range(2))
    until(first, lambda events: "on" in texts(events))
    asked = ("GET", "/api/v1/namespaces/research/events")
    until(second, lambda _: any((method, path) == asked for method, path, _ in fake.requests))
    until(second, lambda _: "quota" in second.queued or fake.denied)
    said = second.queued
    for flight in (first, second):
        flight.cancel()
    return said


def test_without_the_right_to_events_it_says_less_of_what_it_waits_for(fake, place):
    fake.allowed = ALL - {("list", "events")}
    assert waits_for(place, fake) == "the cluster to make its pod"
    assert set(fake.denied) == {("ada", "list", "events")}


def test_without_the_right_to_quotas_the_cluster_says_what_would_never_pass(fake, place):
    fake.limit(requests__cpu="1")
    fake.allowed = ALL
    with pytest.raises(UsageError, match="the quota compute"):
        place.launch("x = 1", Resources(cpu=3.0))
    fake.allowed = ALL - {("list", "resourcequotas")}
    place.executor._quotas.clear()
    flight = place.launch("x = 1", Resources(cpu=3.0))
    until(flight, lambda _: "quota compute of the namespace is used up" in flight.queued)
    flight.cancel()
    assert set(fake.denied) == {("ada", "list", "resourcequotas")}


def test_all_of_them_are_enough_for_all_that_a_step_can_come_to(fake, place):
    fake.allowed = ALL
    assert follow(place.launch("x = 1"))[0].how == "done"
    flight = begun(place)
    again = place.executor.attach(flight.handle)
    until(again, lambda events: "on" in texts(events))
    threading.Thread(target=flight.cancel).start()
    assert [follow(each)[0].how for each in (flight, again)].count("cancelled") == 1
    assert taken(fake, place) == "one"
    assert "quota compute of the namespace is used up" in waits_for(place, fake)
    assert fake.denied == []


SLOW_CELL = "%%step slow on=kubernetes\nimport time\nfor _ in range(6000): time.sleep(0.1)\nx = 1"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the fake's certificate is made by openssl")
def test_commands_about_a_run_in_the_cluster_name_the_right_that_is_missing(fake, project):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in ("%load_ext steppe", SLOW_CELL)])
    nbformat.write(notebook, project / "a.ipynb")
    fake.allow("driver", ALL)
    fake.allowed = ALL
    run = json.loads(called("run", "a.ipynb", "--detach", "--json").stdout)["run"]
    for command, right in (
        ("attach", ("list", "jobs")),
        ("attach", ("get", "pods/log")),
        ("cancel", ("delete", "jobs")),
    ):
        fake.allowed = ALL - {right}
        told = called(command, run)
        assert told.exit_code != 0
        said = f"{told.output}{told.exception}"
        assert f"ada may not {right[0]} {GROUP.get(right[1], right[1])} in the namespace research" in said
        assert "`steppe manifest --rbac --namespace research --to ada` prints one" in said
        (driver,) = [job for job in fake.jobs if job["metadata"]["labels"]["steppe/step"] == "driver"]
        assert "deletionTimestamp" not in driver["metadata"]
        assert json.loads(called("runs", "--json").stdout)["runs"][0]["status"] == "running"
    fake.allowed = ALL
    assert called("cancel", run).output == f"{run} was cancelled.\n"


def test_the_doctor_names_each_of_them(fake, project):
    for right in WITHOUT:
        fake.allowed = ALL - {right}
        told = called("doctor", "--on", "kubernetes", "--json")
        (finding,) = json.loads(told.output)["findings"]
        assert re.match(f"you may not {' '.join(right)} in the namespace research, so steps can't run", finding["said"])
    assert fake.jobs == []
