"""Users with catalogs of their own and one store: the same work is under way once, and others attach to it."""

import os

import pytest

from steppe.executors.kubernetes.jobs import create
from tests.integration.crash import kernels
from tests.integration.kubernetes.test_kubernetes_kernels import running, wait_for
from tests.integration.kubernetes.test_kubernetes_steps import made

STEP = """%%step slow on=kubernetes wait=true
import os, time
print('shown before the other came', flush=True)
time.sleep({seconds})
value = os.uname().nodename
value
"""
SETTINGS = """
[tool.steppe]
store = "s3://{bucket}/steppe"

[tool.steppe.profiles.kubernetes]
image = "steps:1"
secrets = {{ AWS_ACCESS_KEY_ID = "s3/id", AWS_SECRET_ACCESS_KEY = "s3/secret" }}

[tool.steppe.profiles.kubernetes.environment]
AWS_REGION = "us-east-1"
AWS_ENDPOINT_URL = "{endpoint}"
AWS_ALLOW_HTTP = "true"
"""


@pytest.fixture
def project(tmp_path, fake, s3):
    fake.secrets["s3"] = {"id": "test", "secret": "test"}
    made_ = tmp_path / "project"
    made_.mkdir()
    (made_ / "pyproject.toml").write_text(SETTINGS.format(bucket=s3.new_bucket(), endpoint=s3.options["endpoint"]))
    return made_


@pytest.fixture
def user(project, tmp_path, fake, s3):
    """Start a kernel of a user with a catalog of their own."""
    started = []

    def start(name, seconds=2, step=STEP, *more):
        environ = {
            "KUBECONFIG": os.environ["KUBECONFIG"],
            "IPYTHONDIR": str(tmp_path / name / ".ipython"),
            "STEPPE_CATALOG": str(tmp_path / f"{name}.db"),
            "LOGNAME": name,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": s3.options["endpoint"],
            "AWS_ALLOW_HTTP": "true",
        }
        started.append(kernels.Kernel(project, [step.format(seconds=seconds), *more], **environ))
        return started[-1]

    yield start
    for kernel in started:
        kernel.kill()


def test_a_second_user_attaches_to_the_job_of_the_first(user, project, fake):
    first = user("ada")
    running(fake)
    second = user("grace")
    (one,), (two,) = first.rest(), second.rest()
    assert one["states"] == two["states"] == ["succeeded"], (one, two, kernels.said(project))
    assert one["value"] == two["value"]
    assert made(fake) == 1
    assert kernels.said(project).count("shown before the other came") == 2


def test_users_who_ask_at_the_same_moment_share_one_job(user, project, fake):
    started = [user(name, 1) for name in ("ada", "grace", "mary")]
    told = [kernel.rest()[0] for kernel in started]
    assert [one["states"] for one in told] == [["succeeded"]] * 3, (told, kernels.said(project))
    assert len({one["value"] for one in told}) == 1
    assert made(fake) == 1


def test_the_first_user_s_kernel_may_die_meanwhile(user, project, fake):
    first = user("ada", 3)
    running(fake)
    first.kill()
    (two,) = user("grace", 3).rest()
    assert two["states"] == ["succeeded"], (two, kernels.said(project))
    assert made(fake) == 1


def test_who_has_only_attached_does_not_end_what_another_has_started(user, project, fake):
    first = user("ada", 4)
    running(fake)
    second = user("grace", 4, STEP.replace(" wait=true", ""), "%steppe cancel slow")
    told = second.rest()
    assert told[0]["states"] == ["queued"]
    assert "slow: cancelled" in kernels.said(project)
    (one,) = first.rest()
    assert one["states"] == ["succeeded"], (one, kernels.said(project))
    assert made(fake) == 1


def test_a_job_of_a_name_makes_room_once_it_has_ended_and_its_pod_is_gone(fake, executor):
    cluster, container = executor.cluster({}), {"name": "step", "image": "steps:1"}

    def job(attempt, seconds):
        run = {**container, "command": ["sleep"], "args": [str(seconds)]}
        labels = {"app.kubernetes.io/managed-by": "steppe", "steppe/attempt": attempt}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [run], "terminationGracePeriodSeconds": 1}}
        return {"kind": "Job", "metadata": {"name": "steppe-same", "labels": labels}, "spec": {"template": template}}

    def attempt(made_):
        return made_["metadata"]["labels"]["steppe/attempt"]

    first = create(cluster, "research", job("one", 600), ())
    running(fake)
    assert attempt(create(cluster, "research", job("two", 600), ())) == "one"
    assert attempt(create(cluster, "research", job("one", 600), ())) == "one"
    assert made(fake) == 1
    two = create(
        cluster, "research", job("two", 0), {"one"}
    )  # known to have ended, though the cluster says nothing yet
    assert attempt(two) == "two"
    assert two["metadata"]["uid"] != first["metadata"]["uid"]
    history = [
        (what, obj["metadata"].get("labels", {}).get("steppe/attempt"))
        for _, kind, what, obj in fake.objects.history
        if kind == "pods" and what in ("ADDED", "DELETED")
    ]
    assert history.index(("DELETED", "one")) < (
        history.index(("ADDED", "two")) if ("ADDED", "two") in history else len(history)
    )
    wait_for(lambda: any(job["status"].get("conditions") for job in fake.jobs))
    assert attempt(create(cluster, "research", job("three", 0), ())) == "three"
