"""`steppe schedule --on kubernetes`: a CronJob runs a notebook, on a fake cluster whose clock the tests set."""

import json
import os
import shutil
import time
from datetime import UTC, datetime

import msgspec
import nbformat
import pytest

from steppe.errors import UsageError
from steppe.executors.kubernetes.rights import RIGHTS, SCHEDULING, role
from steppe.schedules.due_pod import DueOrder
from steppe.settings import load_project
from steppe.store import open_store
from steppe.types import Digest
from tests.integration.kubernetes.test_kubernetes_detached import DRIVER, called
from tests.integration.kubernetes.test_kubernetes_kernels import wait_for
from tests.integration.kubernetes.test_kubernetes_steps import SETTINGS

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="the fake's certificate is made by openssl")

CELLS = ("day = 'none'", "%load_ext steppe", "%%step total\ntotal = sum(int(each) for each in open('numbers.txt'))",
         "print(day, total)")  # fmt: skip
DRIVERS = {(verb, what) for _, what, verbs in RIGHTS for verb in verbs}
ALL = DRIVERS | {(verb, what) for _, what, verbs in SCHEDULING for verb in verbs}
MAKE = ("schedule", "a.ipynb", "--on", "kubernetes", "--tz", "Asia/Tokyo")
DAILY = (*MAKE, "--cron", "0 6 * * *", "-p", "day={scheduled:%Y-%m-%d %H:%M}")


def at(text):
    """Return a time in Tokyo as seconds since 1970."""
    return datetime.fromisoformat(f"{text}+09:00").timestamp()


@pytest.fixture
def project(tmp_path, monkeypatch, fake):
    made, store = tmp_path / "project", tmp_path / "store"
    made.mkdir()
    store.mkdir()
    (made / "pyproject.toml").write_text(SETTINGS.format(store=store) + DRIVER)
    (made / "numbers.txt").write_text("1\n2\n3\n")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(notebook, made / "a.ipynb")
    monkeypatch.chdir(made)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / ".ipython"))
    fake.allow("driver", DRIVERS)  # who drives runs need not make schedules
    fake.allowed = ALL
    fake.clock = lambda: at("2030-05-03T12:00")
    return made


def steppe(*words):
    told = called(*words)
    assert told.exit_code == 0, (told.output, told.exception)
    return told


def refused(*words):
    """Return the sentence with which a command is refused."""
    told = called(*words)
    assert isinstance(told.exception, UsageError), (told.output, told.exception)
    return str(told.exception)


def dues(name="a"):
    return {due["due"][:16]: due for due in json.loads(steppe("schedule", "show", name, "--json").stdout)["dues"]}


def ended(when):
    return wait_for(lambda: (found := dues().get(when)) and found["state"] in ("succeeded", "failed") and found)


def printed(due):
    assert due["state"] == "succeeded", due
    return nbformat.read(due["output"], 4).cells[-1].outputs[0].text


def test_the_cluster_runs_each_due_time_with_its_own_time_and_what_one_run_did_the_next_one_hits(project, fake):
    steppe(*DAILY)
    (cron_job,) = fake.cron_jobs
    spec, labels = cron_job["spec"], cron_job["metadata"]["labels"]
    assert (spec["schedule"], spec["timeZone"], spec["concurrencyPolicy"]) == ("0 6 * * *", "Asia/Tokyo", "Forbid")
    assert (spec["suspend"], spec["successfulJobsHistoryLimit"], "startingDeadlineSeconds" in spec) == (False, 3, False)
    assert (labels["steppe/step"], labels["steppe/notebook"]) == ("driver", "a.ipynb")
    assert fake.jobs == []
    fake.clock = lambda: at("2030-05-04T06:00:20")
    first = ended("2030-05-04T06:00")
    assert (first["state"], printed(first)) == ("succeeded", "2030-05-04 06:00 6\n")
    fake.clock = lambda: at("2030-05-07T09:00")  # the controller slept: of what it missed, it starts the latest
    second = ended("2030-05-07T06:00")
    assert printed(second) == "2030-05-07 06:00 6\n"
    assert sorted(dues()) == ["2030-05-04T06:00", "2030-05-07T06:00"]
    runs = {run["run"]: run for run in json.loads(steppe("runs", "--json").stdout)["runs"]}
    assert [runs[due["run"]]["steps"] for due in (first, second)] == [{"succeeded": 1}, {"hit": 1}]
    assert fake.denied == []
    fake.shut()  # without the cluster, the list tells what was known
    told = steppe("schedule", "list")
    assert "succeeded 2030-05-07T06:00" in told.output
    assert "can't be asked" in told.stderr
    fake.open()


def test_it_is_paused_run_now_resumed_and_removed_by_the_same_commands(project, fake):
    steppe(*DAILY)
    steppe("schedule", "pause", "a")
    assert json.loads(steppe("schedule", "list", "--json").stdout)["schedules"][0]["paused"]
    fake.clock = lambda: at("2030-05-04T07:00")
    steppe("schedule", "run", "a")
    (due,) = wait_for(lambda: [each for each in dues().values() if each["state"] == "succeeded"])
    assert due["origin"] == "now"
    assert abs(datetime.fromisoformat(due["due"]).timestamp() - time.time()) < 3600
    assert [job["metadata"]["annotations"]["cronjob.kubernetes.io/instantiate"] for job in fake.jobs] == ["manual"]
    assert "no scheduler runs" not in steppe("schedule", "show", "a").output
    assert "is a CronJob, which has no backfill" in refused(
        "schedule", "backfill", "a", "--from", "2026-05-01", "--to", "2026-05-02"
    )
    assert fake.cron_jobs[0]["spec"]["suspend"]
    fake.clock = lambda: at("2030-05-03T13:00")
    steppe("schedule", "resume", "a")
    assert not fake.cron_jobs[0]["spec"]["suspend"]
    steppe("schedule", "remove", "a")
    wait_for(lambda: not fake.cron_jobs and not fake.jobs and not fake.pods)
    assert json.loads(steppe("schedule", "list", "--json").stdout) == {"schedules": []}
    assert os.path.exists(due["output"])


def test_a_schedule_is_replaced_with_the_project_as_it_is_then(project, fake):
    steppe(*DAILY, "--catch-up", "skip")
    assert fake.cron_jobs[0]["spec"]["startingDeadlineSeconds"] == 120
    before = order(project, fake.cron_jobs[0])
    (project / "numbers.txt").write_text("40\n2\n")
    steppe(*MAKE, "--cron", "30 7 * * *", "--parallel", "2", "--replace")
    (cron_job,) = fake.cron_jobs
    assert (cron_job["spec"]["schedule"], cron_job["spec"]["concurrencyPolicy"]) == ("30 7 * * *", "Allow")
    assert "startingDeadlineSeconds" not in cron_job["spec"]
    after = order(project, cron_job)
    assert (before.schedule.id, before.schedule.cron) == (after.schedule.id, "0 6 * * *")
    assert after.schedule.cron == "30 7 * * *"
    assert file(before) != file(after)


def order(project, cron_job):
    """Return what the pods of a CronJob find in the store."""
    task = cron_job["spec"]["jobTemplate"]["metadata"]["annotations"]["steppe/task"]
    store = open_store(load_project(project, os.environ).settings.store, project / ".steppe/store")
    return msgspec.msgpack.decode(store.get(Digest(task)), type=DueOrder)


def file(order):
    return next(item.blob for item in order.order.luggage.files if item.path == "numbers.txt")


def test_what_a_cronjob_can_not_do_is_refused_and_nothing_is_made(project, fake):
    for words, said in {
        ("--retries", "2"): "--retries: a CronJob has none",
        ("--jitter", "5m"): "--jitter: a CronJob has none",
        ("--webhook", "http://127.0.0.1:9/"): "--webhook: a CronJob has none",
        ("--catch-up", "all"): "give latest or skip",
        ("--cron", "0 0 6 * * *"): "knows no seconds",
        ("--profile", "nobody"): "--profile nobody",
    }.items():
        assert said in refused(*DAILY, *words), words
    fake.forbid("create", "cronjobs")
    fake.allowed = ALL
    told = refused(*DAILY)
    assert "may not create cronjobs.batch in the namespace research" in told
    assert "steppe manifest --rbac --schedules --namespace research" in told
    assert json.loads(steppe("schedule", "list", "--json").stdout) == {"schedules": []}
    assert fake.cron_jobs == []
    assert "--profile is for --on kubernetes" in refused("schedule", "a.ipynb", "--cron", "0 6 * * *", "--profile", "x")


def test_the_rights_for_schedules_are_apart_from_those_that_drivers_need():
    made, _ = role("research", {"kind": "User", "name": "ada"}, schedules=True)
    rules = {rule["resources"][0]: set(rule["verbs"]) for rule in made["rules"]}
    assert rules["cronjobs"] == {"create", "get", "patch", "delete"}
    assert made["metadata"]["name"] == "steppe-schedules"
    plain, binding = role("research", {"kind": "User", "name": "ada"})
    assert all("cronjobs" not in rule["resources"] for rule in plain["rules"])
    assert (plain["metadata"]["name"], binding["roleRef"]["name"]) == ("steppe", "steppe")
    assert datetime.fromtimestamp(at("2030-05-04T06:00"), UTC).hour == 21
