"""Workflows of GitHub Actions: held against GitHub's schema, and their commands run by a shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from steppe.errors import UsageError
from steppe.exports.github import workflow_of
from steppe.notebooks.marks import Steps
from tests.integration.exports.books import CELLS, STEPPE, write


def valid(file):
    """Have check-jsonschema hold a file against the schema that it brings along."""
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def test_a_workflow_fits_github_s_schema(tmp_path):
    book = write(tmp_path, CELLS)
    file = tmp_path / "flow.yml"
    file.write_text(workflow_of(book, cron="0 6 * * 1"))
    fits, said = valid(file)
    assert fits, said
    broken = yaml.safe_load(file.read_text())
    broken["jobs"]["run"]["stepps"] = broken["jobs"]["run"].pop("steps")
    file.write_text(yaml.safe_dump(broken))
    assert not valid(file)[0]  # so the schema is one that tells


def test_a_workflow_has_inputs_for_parameters_a_schedule_and_the_project_s_packages(tmp_path):
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "pyproject.toml").write_text('[project]\nname = "lab"\n')
    book = write(tmp_path / "lab", CELLS, root=tmp_path)
    flow = yaml.safe_load(workflow_of(book, cron="0 6 * * 1"))
    assert set(flow["on"]["workflow_dispatch"]["inputs"]) == {"n", "who"}
    assert flow["on"]["schedule"] == [{"cron": "0 6 * * 1"}]
    steps = flow["jobs"]["run"]["steps"]
    assert steps[2]["run"] == "pip install steppe -e ./lab"
    kept, saved = steps[3]["with"], steps[5]["with"]
    assert kept["path"] == saved["path"] == "lab/.steppe"
    assert kept["key"] == saved["key"]
    assert kept["key"].startswith(kept["restore-keys"])
    assert steps[4]["env"]["STEPPE_PARAMETER_n"] == "${{ inputs.n }}"
    assert "${{" not in steps[4]["run"]  # what somebody writes into a form never becomes a command
    (tmp_path / "lab" / "requirements.txt").write_text("numpy\n")
    steps = yaml.safe_load(workflow_of(book))["jobs"]["run"]["steps"]
    assert steps[2]["run"] == "pip install steppe -r lab/requirements.txt"


def test_the_job_s_command_runs_the_notebook(tmp_path):
    given = CELLS["given:parameters"] + "\nscales = [1, 2]"
    changed = {
        "given:parameters": given,
        "train": "%%step 'train it'\nmodel = twice",
        "last": "print(model, who, scales)",
    }
    book = write(tmp_path, CELLS | changed, name="my book.ipynb")
    step = yaml.safe_load(workflow_of(book))["jobs"]["run"]["steps"][4]
    asked = {"STEPPE_PARAMETER_n": "4", "STEPPE_PARAMETER_who": '$(touch hit) "; touch hit'}
    asked["STEPPE_PARAMETER_scales"] = "[3, 0.5]"
    env = {**os.environ, "PATH": f"{STEPPE.parent}{os.pathsep}{os.environ['PATH']}", **asked}
    words = ["bash", "-e", "-c", step["run"]]
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    executed = json.loads((tmp_path / "executed" / "my book.ipynb").read_text())
    assert "".join(executed["cells"][-1]["outputs"][0]["text"]) == f"24 {asked['STEPPE_PARAMETER_who']} [3, 0.5]\n"
    assert not (tmp_path / "hit").exists()


def test_what_no_workflow_can_be_is_refused(tmp_path):
    with pytest.raises(UsageError, match="it has five fields"):
        workflow_of(write(tmp_path, CELLS), cron="0 0 6 * * 1")
    with pytest.raises(UsageError, match=r"--cron .99 6 .* such as"):
        workflow_of(write(tmp_path, CELLS), cron="99 6 * * 1")
    with pytest.raises(UsageError, match="which GitHub would fill in"):
        workflow_of(write(tmp_path, CELLS, name="${{ a }}.ipynb"))
    with pytest.raises(UsageError, match="is in r, and only"):
        workflow_of(write(tmp_path, CELLS, language="R"))


def test_steps_of_all_cells_and_no_parameters(tmp_path):
    flow = yaml.safe_load(workflow_of(write(tmp_path, {"a": "x = 1"}), steps=Steps.ALL))
    assert flow["on"]["workflow_dispatch"] == {}
    assert flow["jobs"]["run"]["steps"][4]["run"].endswith("--steps all -o executed/book.ipynb book.ipynb\n")


def test_the_command_line_writes_it_among_the_repository_s_workflows(tmp_path):
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep", CELLS, root=tmp_path)
    words = [STEPPE, "export", "github", "book.ipynb", "--json"]
    told = json.loads(subprocess.run(words, cwd=tmp_path / "deep", capture_output=True, check=True).stdout)
    file = tmp_path / ".github" / "workflows" / "book.yml"
    assert Path(told["path"]).samefile(file)
    assert "deep/book.ipynb" in file.read_text()
