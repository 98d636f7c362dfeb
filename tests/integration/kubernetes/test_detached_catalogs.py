"""A detached run's driver and the Catalog: a shared PostgreSQL, or a copy of a SQLite file; and a lost driver."""

import json
import shutil

import pytest

from tests.integration.kubernetes.test_kubernetes_detached import (  # noqa: F401
    CELLS,
    SLOW,
    called,
    detached,
    listed,
    project,
    slow_pod,
    write,
)
from tests.integration.kubernetes.test_kubernetes_kernels import wait_for

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="the fake's certificate is made by openssl")


def using(project, catalog):  # noqa: F811
    text = (project / "pyproject.toml").read_text()
    (project / "pyproject.toml").write_text(text.replace("[tool.steppe]\n", f'[tool.steppe]\ncatalog = "{catalog}"\n'))


def lose_the_driver(fake, once):
    """Have the driver's pod gone once it has told that a step has ended."""
    (driver,) = [pod for pod in fake.pods if pod["metadata"]["labels"]["steppe/step"] == "driver"]
    log = fake.kubelet.container("research", driver["metadata"]["name"]).log
    wait_for(lambda: [line for line in log.read_text().splitlines() if once in line and "succeeded" in line])
    fake.kubelet.kill("research", driver["metadata"]["name"], forget=True)


def steps_of(run):
    return {step["name"]: step["status"] for step in json.loads(called("show", run, "--json").stdout)["steps"]}


def test_the_driver_enters_into_postgresql_what_everybody_sees_while_it_goes_on(project, fake, postgres):  # noqa: F811
    using(project, postgres.database())
    write(project, [*CELLS, SLOW])
    run = detached()
    slow_pod(fake)
    assert listed()[run]["status"] == "running"
    wait_for(lambda: steps_of(run) == {"read": "succeeded", "train": "succeeded", "slow": "running"})
    assert not (project / ".steppe" / "catalog.db").exists()
    assert called("cancel", run).exit_code == 0
    write(project, CELLS)
    told = called("attach", detached(), "--json")
    assert told.exit_code == 0, (told.output, told.exception)
    document = json.loads(told.stdout)
    assert {step["name"]: step["status"] for step in document["steps"]} == {"read": "hit", "train": "hit"}
    here = json.loads(called("run", "a.ipynb", "--json").stdout)
    assert [step["status"] for step in here["steps"]] == ["hit", "hit"]


@pytest.mark.parametrize("kind", ["a file", "postgresql"])
def test_a_driver_that_is_lost_loses_nothing_that_had_finished_and_says_so(kind, project, fake, request, tmp_path):  # noqa: F811
    if kind == "postgresql":
        using(project, request.getfixturevalue("postgres").database())
    else:  # on a volume that pods reach, too, which is no place for two machines to write to
        using(project, tmp_path / "store" / "catalog.db")
    write(project, [*CELLS, SLOW])
    run = detached()
    slow_pod(fake)
    lose_the_driver(fake, once="train")
    told = called("attach", run, "--json")
    assert told.exit_code == 1, (told.output, told.exception)
    assert "its driver: " in told.stderr
    assert "What had finished is kept: the next run goes on from there" in told.stderr
    assert listed()[run]["status"] == "failed"
    assert called("cancel", run).exit_code == 0
    left = [job["metadata"] for job in fake.jobs if job["metadata"]["labels"]["steppe/run"] == run]
    assert all("deletionTimestamp" in job for job in left if job["labels"]["steppe/step"] == "slow")
    assert steps_of(run)["train"] == "succeeded"
    write(project, CELLS)
    again = called("attach", detached(), "--json")
    assert again.exit_code == 0, (again.output, again.exception)
    document = json.loads(again.stdout)
    assert {step["name"]: step["status"] for step in document["steps"]} == {"read": "hit", "train": "hit"}


def test_a_catalog_that_the_environment_names_has_to_be_known_in_the_driver_s_pod_too(
    project,  # noqa: F811
    fake,
    postgres,
    monkeypatch,
):
    """A driver that took another one would keep what it did in a pod that goes away with it."""
    place = postgres.database()
    monkeypatch.setenv("STEPPE_CATALOG", place)
    told = called("attach", detached(), "--json")
    assert told.exit_code == 1, told.output
    assert "is a PostgreSQL that its pod does not know: name it in pyproject.toml" in told.stderr
    fake.secrets["catalog"] = {"url": place}
    settings = project / "pyproject.toml"
    settings.write_text(f'{settings.read_text()}secrets = {{ STEPPE_CATALOG = "catalog/url" }}\n')
    told = called("attach", detached(), "--json")
    assert told.exit_code == 0, (told.output, told.exception)
    assert {job["metadata"]["labels"]["steppe/step"] for job in fake.jobs} == {"driver", "train"}
    here = json.loads(called("run", "a.ipynb", "--json").stdout)
    assert [step["status"] for step in here["steps"]] == ["hit", "hit"]
