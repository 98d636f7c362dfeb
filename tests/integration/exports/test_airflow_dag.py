"""DAGs of Airflow: compiled, and run with stand-ins for what they import, which write down what they are given.

Airflow itself reads them in the last test, in an environment of its own: `make exports`. The stand-ins only show that
the module says what it is to say, not that Airflow takes it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types

import pytest

from steppe.errors import UsageError
from steppe.exports.airflow import dag_of
from tests.integration.exports.books import CELLS, STEPPE, write

LONG = bool(os.environ.get("STEPPE_TEST_LONG"))

BAG = """
import json, sys
try:
    from airflow.dag_processing.dagbag import DagBag
except ImportError:
    from airflow.models.dagbag import DagBag
bag = DagBag(dag_folder=sys.argv[1])  # without examples: the environment says so
found = {
    name: {
        "tasks": {task.task_id: [sorted(task.upstream_task_ids), task.retries] for task in dag.tasks},
        "params": sorted(dag.params),
    }
    for name, dag in bag.dags.items()
}
print("\\n" + json.dumps({"errors": {str(key): str(value) for key, value in bag.import_errors.items()}, "dags": found}))
"""


class Operator:
    """Stands for BashOperator: a task, what it is made of, and those before it."""

    made: list[Operator] = []

    def __init__(self, **given):
        self.given = given
        self.before = []
        Operator.made.append(self)

    def __rshift__(self, other):
        other.before.append(self.given["task_id"])

    def __rrshift__(self, others):
        self.before += [each.given["task_id"] for each in others]


class Graph:
    """Stands for DAG."""

    made: list[Graph] = []

    def __init__(self, **given):
        self.given = given
        Graph.made.append(self)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


@pytest.fixture
def load(monkeypatch):
    """Run a module with stand-ins; return what its DAG is given, and its tasks by their ids."""
    for name in ("airflow", "airflow.providers", "airflow.providers.standard", "airflow.providers.standard.operators"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    sdk, bash = types.ModuleType("airflow.sdk"), types.ModuleType("airflow.providers.standard.operators.bash")
    vars(sdk).update(DAG=Graph, Param=lambda default, **told: {"default": default, **told})
    vars(bash).update(BashOperator=Operator)
    monkeypatch.setitem(sys.modules, sdk.__name__, sdk)
    monkeypatch.setitem(sys.modules, bash.__name__, bash)

    def loaded(text):
        monkeypatch.setattr(Graph, "made", [])
        monkeypatch.setattr(Operator, "made", [])
        exec(compile(text, "dag.py", "exec", dont_inherit=True), {"__name__": "dag"})
        assert len(Graph.made) == 1
        return Graph.made[0].given, {each.given["task_id"]: each for each in Operator.made}

    return loaded


def test_each_step_is_a_task_after_those_before_it(tmp_path, load):
    dag, tasks = load(dag_of(write(tmp_path, CELLS), cron="0 6 * * 1"))
    assert (dag["dag_id"], dag["schedule"], dag["catchup"], dag["max_active_runs"]) == ("book", "0 6 * * 1", False, 1)
    assert {name: (param["default"], param["type"]) for name, param in dag["params"].items()} == {
        "n": ("", ["null", "string"]),
        "who": ("", ["null", "string"]),
    }
    assert {name: task.before for name, task in tasks.items()} == {
        "load": [],
        "count": ["load"],
        "train-it": ["load", "count"],
    }
    count = tasks["count"].given
    assert (count["retries"], count["execution_timeout"].total_seconds()) == (2, 3 * 3600 + 600)
    assert "execution_timeout" not in tasks["load"].given
    assert count["env"]["STEPPE_PARAMETER_n"] == "{{ params.n or '' }}"
    assert "{{" not in count["bash_command"]
    assert count["cwd"] == str(tmp_path)


def test_names_that_python_or_the_module_has_for_other_things(tmp_path, load):
    cells = {"a": "%%step dag\nx = 1", "b": "%%step class\ny = x", "c": "%%step '1 \"x\"'\nz = y", "d": "%%step a_b"}
    cells |= {"d": "%%step a_b\nw = 1", "e": "%%step a-b\nv = w"}
    dag, tasks = load(dag_of(write(tmp_path, cells, name='my "own".ipynb')))
    assert dag["schedule"] is None
    assert "params" not in dag
    assert {name: task.before for name, task in tasks.items()} == {
        "dag": [],
        "class": ["dag"],
        "1-x": ["class"],
        "a-b": ["1-x"],
        "a-b-2": ["a-b"],
    }


def test_the_tasks_commands_run_one_step_each(tmp_path, load):
    cells = {key: CELLS[key] for key in ("given:parameters", "tools", "load", "plain")} | {"train": "%%step\nm = twice"}
    _, tasks = load(dag_of(write(tmp_path, cells)))
    env = {**os.environ, "PATH": f"{STEPPE.parent}{os.pathsep}{os.environ['PATH']}", "STEPPE_PARAMETER_n": "4"}
    found = []
    for task in tasks.values():
        words = ["bash", "-c", task.given["bash_command"].replace("steppe run", "steppe run --json", 1)]
        done = subprocess.run(words, cwd=task.given["cwd"], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        found.append([step["status"] for step in json.loads(done.stdout)["steps"]])
    assert found == [["succeeded"], ["hit", "succeeded"]]


def test_what_no_dag_can_be_is_refused(tmp_path):
    with pytest.raises(UsageError, match="has no steps: give --steps all"):
        dag_of(write(tmp_path, {"a": "x = 1"}))
    with pytest.raises(UsageError, match="which Airflow would fill in"):
        dag_of(write(tmp_path, CELLS, name="{# a #}.ipynb"))
    with pytest.raises(UsageError, match="it has five fields"):
        dag_of(write(tmp_path, CELLS), cron="daily")


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not LONG, reason="installs Airflow: `make exports`")
def test_airflow_itself_imports_the_dag(tmp_path):
    place = tmp_path / "airflow"
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--python", sys.executable, place], check=True)
    python = place / "bin" / "python"
    packages = ["apache-airflow>=3,<4", "apache-airflow-providers-standard"]
    subprocess.run([*uv, "pip", "install", "--python", python, *packages], check=True)
    folder = tmp_path / "dags"
    folder.mkdir()
    (tmp_path / "book").mkdir()
    file = folder / "book_dag.py"
    file.write_text(dag_of(write(tmp_path / "book", CELLS), cron="0 6 * * 1"))
    env = {**os.environ, "AIRFLOW_HOME": str(tmp_path / "home"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    subprocess.run([place / "bin" / "airflow", "db", "migrate"], env=env, check=True)
    words = [python, "-c", BAG, file]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["errors"] == {}
    assert told["dags"] == {
        "book": {
            "tasks": {"load": [[], 0], "count": [["load"], 2], "train-it": [["count", "load"], 0]},
            "params": ["n", "who"],
        }
    }
