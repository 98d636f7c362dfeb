"""Workflows of Argo: read by hera's models of its API, and their commands run by a shell, one pod after the other."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
import yaml

from steppe.errors import UsageError
from steppe.exports.argo import workflow_of
from tests.integration.exports.books import CELLS, STEPPE, write

TEAM = '[tool.steppe]\nstore = "s3://team/steppe"\ncatalog = "postgresql://{who}db.example/steppe"\n'


def read(text, model):
    """Have the models of Argo's API read a document; fail where that has a field that they don't know."""
    document = yaml.safe_load(text)
    assert told_again(document, model) == document
    spoiled = {**document, "spec": {**document["spec"], "entrypiont": "pipeline"}}
    assert told_again(spoiled, model) == document  # what they don't know, they leave out
    return document


def told_again(document, model):
    return json.loads(model.model_validate(document).model_dump_json(by_alias=True, exclude_none=True))


def pods(document):
    return {each["name"]: each for each in document["spec"]["templates"]}


def test_a_workflow_has_a_pod_for_each_step_after_those_before_it(tmp_path):
    from hera.workflows.models import Workflow

    (tmp_path / "pyproject.toml").write_text(TEAM.format(who=""))
    document = read(workflow_of(write(tmp_path, CELLS), image="lab:1"), Workflow)
    found = pods(document)
    assert found["pipeline"]["dag"]["tasks"] == [
        {"name": "load", "template": "step-load"},
        {"name": "count", "template": "step-count", "dependencies": ["load"]},
        {"name": "train-it", "template": "step-train-it", "dependencies": ["load", "count"]},
    ]
    count, train = found["step-count"], found["step-train-it"]["container"]
    asks = {"cpu": "2000m", "memory": str(5 * 2**30)}
    assert count["container"]["resources"] == {"requests": asks, "limits": asks}
    assert count["retryStrategy"]["limit"] == "2"
    assert count["activeDeadlineSeconds"] == 3 * 3600 + 600
    assert train["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert "resources" not in found["step-load"]["container"]
    env = {each["name"]: each["value"] for each in train["env"]}
    assert env["STEPPE_STORE"] == "s3://team/steppe"
    assert env["STEPPE_CATALOG"] == "postgresql://db.example/steppe"
    assert env["STEPPE_PARAMETER_n"] == "{{workflow.parameters.n}}"
    assert "{{" not in train["args"][0]


def test_a_template_on_a_volume(tmp_path):
    from hera.workflows.models import WorkflowTemplate

    text = workflow_of(write(tmp_path, CELLS), image="lab:1", template=True, volume="claim", folder="/work")
    document = read(text, WorkflowTemplate)
    assert document["metadata"] == {"name": "book"}
    assert document["spec"]["volumes"][0]["persistentVolumeClaim"] == {"claimName": "claim"}
    container = pods(document)["step-load"]["container"]
    assert (container["workingDir"], container["volumeMounts"][0]["mountPath"]) == ("/work", "/work")
    assert not {"STEPPE_STORE", "STEPPE_CATALOG"} & {each["name"] for each in container["env"]}


def test_the_pods_commands_run_one_step_each(tmp_path):
    cells = {key: CELLS[key] for key in ("given:parameters", "tools", "load", "plain")} | {"train": "%%step\nm = twice"}
    document = yaml.safe_load(workflow_of(write(tmp_path, cells), image="lab:1", volume="claim"))
    env = {**os.environ, "PATH": f"{STEPPE.parent}{os.pathsep}{os.environ['PATH']}", "STEPPE_PARAMETER_n": "4"}
    found = []
    for task in pods(document)["pipeline"]["dag"]["tasks"]:
        container = pods(document)[task["template"]]["container"]
        words = [*container["command"], container["args"][0].replace("steppe run", "steppe run --json", 1)]
        done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        found.append([step["status"] for step in json.loads(done.stdout)["steps"]])
    assert found == [["succeeded"], ["hit", "succeeded"]]


def test_a_password_is_not_written(tmp_path):
    (tmp_path / "pyproject.toml").write_text(TEAM.format(who="ann:hunter2@"))
    text = workflow_of(write(tmp_path, CELLS), image="lab:1")
    assert "hunter2" not in text
    container = pods(yaml.safe_load(text))["step-load"]["container"]
    assert container["envFrom"] == [{"secretRef": {"name": "steppe", "optional": False}}]


def test_what_no_workflow_can_be_is_refused(tmp_path):
    book = write(tmp_path, CELLS)
    with pytest.raises(UsageError, match="the project's store is a folder of this machine, which Argo's pods don't"):
        workflow_of(book, image="lab:1")
    (tmp_path / "pyproject.toml").write_text('[tool.steppe]\nstore = "s3://team/steppe"\n')
    with pytest.raises(UsageError, match="the project's catalog is a file of this machine"):
        workflow_of(book, image="lab:1")
    for cells, said in [
        ({"a": "x = 1"}, "has no steps: give --steps all"),
        ({"a": "%%step a cpu={n}\nx = 1"}, "`a` can't be a task: its line has {n}"),
        ({"a": "%%step a\nx = ("}, "is no valid Python"),
        ({"a": "%%step 'a {{b}}'\nx = 1"}, "which Argo would fill in|can't be a task"),
    ]:
        with pytest.raises(UsageError, match=said):
            workflow_of(write(tmp_path, cells), image="lab:1", volume="claim")
