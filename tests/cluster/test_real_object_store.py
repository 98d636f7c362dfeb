"""Steps in a real cluster that share nothing with the kernel but a bucket; and notebooks that run there whole."""

import json
import re

import nbformat
import pytest

from tests.cluster.real import USER
from tests.integration.crash import kernels
from tests.integration.kubernetes.behaviours import LONG
from tests.integration.kubernetes.test_kubernetes_detached import called, detached, listed, write

CELLS = [
    "%load_ext steppe",
    "%%step read\nfrom helping import double\nnumbers = [int(line) for line in open('numbers.txt')]",
    "%%step train on=kubernetes\nimport os\ntotal, host = double(sum(numbers)), os.uname().nodename",
    "print('total', total)\nprint('from', host)",
]
SETTINGS = """
[tool.steppe]
store = "s3://{bucket}/steppe"

[tool.steppe.profiles.kubernetes]
image = "{image}"

[tool.steppe.profiles.kubernetes.secrets]
AWS_ACCESS_KEY_ID = "s3/id"
AWS_SECRET_ACCESS_KEY = "s3/secret"

[tool.steppe.profiles.kubernetes.environment]
AWS_REGION = "us-east-1"
AWS_ENDPOINT_URL = "{endpoint}"
AWS_ALLOW_HTTP = "true"

[tool.steppe.profiles.driver]
service-account = "{user}"
"""


@pytest.fixture
def environ(cluster, objects, tmp_path, monkeypatch):
    """What the kernel's environment says of the store: the same as the pods' is told by secrets."""
    made = {
        "KUBECONFIG": str(cluster.kubeconfig),
        "IPYTHONDIR": str(tmp_path / ".ipython"),
        "AWS_ACCESS_KEY_ID": objects.options["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": objects.options["secret_access_key"],
        "AWS_REGION": objects.options["region"],
        "AWS_ENDPOINT_URL": objects.options["endpoint"],
        "AWS_ALLOW_HTTP": "true",
    }
    for name, value in made.items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def project(cluster, objects, tmp_path, environ, monkeypatch):
    """A project whose store is a bucket, in a namespace where nothing of the host may be mounted."""
    made = tmp_path / "project"
    made.mkdir()
    cluster.restrict()
    cluster.keep_secret("s3", id=objects.options["access_key_id"], secret=objects.options["secret_access_key"])
    names = {"bucket": objects.new_bucket(), "image": cluster.image, "user": USER}
    (made / "pyproject.toml").write_text(SETTINGS.format(**names, endpoint=objects.options["endpoint"]))
    (made / "helping.py").write_text("def double(x):\n    return 2 * x\n")
    (made / "numbers.txt").write_text("1\n2\n3\n")
    write(made, CELLS)
    monkeypatch.chdir(made)
    return made


def run(project, cells, environ):
    begin = f"import sys\nsys.path.insert(0, {str(project)!r})"  # as Jupyter begins a kernel
    _, *told = kernels.Kernel(project, [begin, *cells], **environ).rest(timeout=LONG)
    assert len(told) == len(cells), (told, kernels.said(project))
    return told


def test_modules_files_and_results_go_by_the_bucket_and_are_hits_here_and_there(project, environ, cluster):
    made = (
        "%%step made on=kubernetes wait=true\nimport numpy as np\nfrom helping import double\n"
        "data = np.loadtxt('numbers.txt')\nopen('twice.txt', 'w').write(str(double(data.sum())))"
    )
    used = "%%step used on=kubernetes wait=true\nout = float(data.sum()) + float(open('twice.txt').read())\nout"
    cells = [made, used]
    told = run(project, cells, environ)
    assert [each["states"] for each in told] == [["succeeded"], ["succeeded"]], (told, kernels.said(project))
    assert told[1]["value"] == 18.0
    assert (project / "twice.txt").read_text() == "12.0"
    assert len(cluster.jobs) == 2
    (project / "twice.txt").unlink()
    again = run(project, [each.replace(" on=kubernetes wait=true", "") for each in cells], environ)
    assert [each["states"] for each in again] == [["hit"], ["hit"]], again
    assert (project / "twice.txt").read_text() == "12.0"


def test_several_nodes_find_each_other_by_the_bucket(project, environ):
    cell = (
        "%%step each on=kubernetes nodes=2 wait=true\nimport os\nprint('rank', os.environ['RANK'])\n"
        "x = os.environ['STEPPE_NODES'].count(',') + 1\nx"
    )
    (told,) = run(project, [cell], environ)
    assert (told["states"], told["value"]) == (["succeeded"], 2), (told, kernels.said(project))


def test_the_doctor_finds_nothing_wrong_and_names_a_store_that_pods_can_t_reach(project, objects, cluster):
    told = called("doctor", "--on", "kubernetes", "--json")
    assert json.loads(told.output)["findings"] == [], told.output
    settings = project / "pyproject.toml"
    nobody = f"http://{objects.address}:1"
    settings.write_text(settings.read_text().replace(objects.options["endpoint"], nobody))
    told = called("doctor", "--on", "kubernetes", "--json")
    found = json.loads(told.output)["findings"]
    assert told.exit_code != 0, told.output
    assert any("store" in json.dumps(each) and f"{objects.address}:1" in json.dumps(each) for each in found), found


def test_a_whole_notebook_runs_there_with_a_team_s_postgresql_and_what_it_did_is_a_hit_here(
    project, database, cluster, monkeypatch
):
    place = database.database()
    cluster.keep_secret("catalog", url=place)
    monkeypatch.setenv("STEPPE_CATALOG", place)  # nothing that can be read says its password
    settings = project / "pyproject.toml"
    settings.write_text(
        settings.read_text()
        + """
        [tool.steppe.profiles.driver.secrets]
        STEPPE_CATALOG = "catalog/url"
        AWS_ACCESS_KEY_ID = "s3/id"
        AWS_SECRET_ACCESS_KEY = "s3/secret"
        """
    )
    whole_run(project, cluster)
    password = re.search(r":(\w+)@", place)[1]
    assert password not in json.dumps([cluster.jobs, cluster.pods])


def test_a_whole_notebook_runs_there_with_a_copy_of_the_catalog_and_comes_home(project, cluster):
    whole_run(project, cluster)


def whole_run(project, cluster):
    run_id = detached()
    assert listed()[run_id]["status"] == "running"
    told = called("attach", run_id, "-o", "executed/out.ipynb")
    assert told.exit_code == 0, (told.output, told.exception)
    text = "".join(output.text for output in nbformat.read("executed/out.ipynb", 4).cells[3].outputs)
    assert text.startswith("total 12\nfrom steppe-"), text
    jobs = {job["metadata"]["labels"]["steppe/step"]: job for job in cluster.jobs}
    assert set(jobs) == {"driver", "train"}
    assert {job["metadata"]["labels"]["steppe/run"] for job in jobs.values()} == {run_id}
    found = listed()[run_id]
    assert (found["status"], found["steps"]) == ("succeeded", {"succeeded": 2})
    again = called("run", "a.ipynb", "--json")
    assert [step["status"] for step in json.loads(again.stdout)["steps"]] == ["hit", "hit"]
    assert len(cluster.jobs) == 2
