"""`steppe manifest` and `steppe doctor --on kubernetes`."""

import json

import nbformat
import pytest
import yaml
from click.testing import CliRunner

from steppe.cli.main import steppe
from tests.integration.kubernetes.restricted import violations
from tests.integration.kubernetes.test_kubernetes_steps import SETTINGS

NOTEBOOK = ["%load_ext steppe", "%%step train profile=small gpu=1 memory=2Gi timeout=1h\nx = 1", "%%step plain\ny = 2"]


@pytest.fixture
def project(tmp_path, monkeypatch):
    made, store = tmp_path / "project", tmp_path / "store"
    made.mkdir()
    store.mkdir()
    (made / "pyproject.toml").write_text(SETTINGS.format(store=store))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in NOTEBOOK])
    nbformat.write(notebook, made / "a.ipynb")
    monkeypatch.chdir(made)
    return made


def called(*arguments):
    return CliRunner().invoke(steppe, arguments, catch_exceptions=True)


def test_a_step_s_job_is_printed_without_a_cluster(project):
    told = called("manifest", "a.ipynb", "train")
    assert told.exit_code == 0, told
    job = yaml.safe_load(told.output)
    assert job["kind"] == "Job"
    assert job["metadata"]["labels"]["steppe/step"] == "train"
    assert job["metadata"]["labels"]["team"] == "vision"
    spec = job["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert container["resources"]["limits"] == {"cpu": "500m", "memory": str(2 * 2**30), "nvidia.com/gpu": "1"}
    assert "3600" in container["args"]
    assert json.loads(called("manifest", "a.ipynb", "plain", "--json").output)["kind"] == "Job"


def test_a_step_that_is_not_there_is_said(project):
    told = called("manifest", "a.ipynb", "trian")
    assert "a.ipynb has no step `trian`: did you mean `train`?" in str(told.exception)
    assert "give a notebook" in str(called("manifest").exception)


def test_the_role_is_the_smallest_that_is_enough(project, fake):
    told = called("manifest", "--rbac", "--namespace", "research", "--to", "ada")
    role, binding = yaml.safe_load_all(told.output)
    allowed = {(verb, what) for rule in role["rules"] for what in rule["resources"] for verb in rule["verbs"]}
    assert "*" not in str(role["rules"])
    assert binding["subjects"] == [{"kind": "User", "name": "ada", "apiGroup": "rbac.authorization.k8s.io"}]
    fake.allowed = allowed
    told = called("doctor", "--on", "kubernetes", "--json")
    assert json.loads(told.output)["findings"] == []
    fake.allowed = None


def test_a_service_account_is_meant_by_a_colon(project):
    _, binding = yaml.safe_load_all(called("manifest", "--rbac", "--namespace", "research", "--to", "hub:ada").output)
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "ada", "namespace": "hub"}]
    _, binding = yaml.safe_load_all(called("manifest", "--rbac", "--namespace", "research").output)
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "default", "namespace": "research"}]


def test_the_doctor_names_the_rights_that_are_missing(project, fake):
    fake.forbidden |= {("create", "jobs"), ("list", "events")}
    told = called("doctor", "--on", "kubernetes", "--json")
    jobs, events = [finding["said"] for finding in json.loads(told.output)["findings"]]
    ask = "`steppe manifest --rbac` prints the Role to ask for."
    assert jobs == f"you may not create jobs in the namespace research, so steps can't run: {ask}"
    assert events.startswith("you may not list events in the namespace research, so what keeps steps waiting is told")
    assert events.endswith(ask)
    assert told.exit_code == 1
    assert fake.jobs == []


def test_the_doctor_says_why_its_pod_did_not_run(project, fake):
    fake.images.clear()
    told = called("doctor", "--on", "kubernetes", "--json")
    (finding,) = json.loads(told.output)["findings"]
    assert finding["said"].startswith("a tiny pod did not run: its image steps:1 can't be pulled")


def test_the_doctor_says_where_no_cluster_is(project, monkeypatch, tmp_path):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    (finding,) = json.loads(called("doctor", "--on", "kubernetes", "--json").output)["findings"]
    assert finding["said"].startswith("no cluster can be reached")


def test_the_default_pod_passes_the_restricted_standard_but_for_a_host_path(project):
    job = yaml.safe_load(called("manifest", "a.ipynb", "train").output)
    (broken,) = violations(job["spec"]["template"]["spec"])
    assert "hostPath" in broken
