"""`%%step on=kubernetes` in a kernel, on a cluster of this machine's own."""

import json
import os
import re
import textwrap
import time

import pytest
from click.testing import CliRunner

from steppe.cli.main import steppe
from steppe.engine import flight
from tests.integration.kubernetes.behaviours import wait_for
from tests.integration.process.conftest import Kernel

SETTINGS = """
[tool.steppe]
store = "{store}"

[tool.steppe.profiles.kubernetes]
image = "steps:1"
volumes = {{ "{store}" = "host:{store}" }}

[tool.steppe.profiles.small]
on = "kubernetes"
cpu = 0.5
labels = {{ team = "vision" }}
files-limit = "1Ki"
"""


@pytest.fixture
def project(tmp_path):
    made = tmp_path / "project"
    made.mkdir()
    store = tmp_path / "store"
    store.mkdir()
    (made / "pyproject.toml").write_text(SETTINGS.format(store=store))
    return made


@pytest.fixture
def kernel(fake, project, monkeypatch):
    """Make kernels in one project, one at a time."""
    monkeypatch.chdir(project)
    monkeypatch.setenv("IPYTHONDIR", str(project.parent / ".ipython"))
    monkeypatch.syspath_prepend(str(project))
    made = []

    def make():
        if made:
            made.pop().close()
        made.append(Kernel())
        return made[-1]

    yield make
    for each in made:
        each.close()


WAITED = "on=kubernetes wait=true"


def test_a_step_runs_in_a_pod_and_is_a_hit_in_a_kernel_and_the_other_way_round(kernel, fake):
    cells = {
        "made": "import numpy as np\ndata = np.arange(6).reshape(2, 3)\nprint('made')\ndata.sum()",
        "used": "def double(x):\n    return 2 * x\nout = double(data) + 1\nout",
    }
    first = kernel()
    said = {}
    for name, source in cells.items():
        first.step(name, source, WAITED)
        assert first.last.state == "succeeded", (first.out, first.err)
        said[name] = first.last.key, first.out
    wait_for(lambda: not first.session.journeys)  # closing the kernel would cancel, and so delete, what has not ended
    assert len(fake.jobs) == 2
    second = kernel()
    for name, source in cells.items():
        second.step(name, source, "on=inline")
        assert second.last.state == "hit", second.last.why
        assert (second.last.key, second.out) == said[name]
    assert second["out"].tolist() == [[1, 3, 5], [7, 9, 11]]
    first = kernel()
    first.step("back", "import random\nback = random.random()\nback", "on=inline")
    value = first["back"]
    second = kernel()
    second.step("back", "import random\nback = random.random()\nback", WAITED)
    assert second.last.state == "hit", second.last.why
    assert second["back"] == value
    assert len(fake.jobs) == 2


def shown(step_run):
    return json.loads(CliRunner().invoke(steppe, ["show", step_run, "--json"]).stdout)


def test_the_image_that_it_ran_in_is_recorded_with_its_digest_for_its_hits_too(kernel, fake):
    image = f"steps:1@{fake.image_id('steps:1').partition('@')[2]}"
    for where in (WAITED, "on=inline"):
        one = kernel()
        one.step("made", "x = 1", where)
        one.session.catalog.flush()
        end = time.monotonic() + 30
        while not (told := shown(one.last.id))["environment"]["image"] and time.monotonic() < end:
            time.sleep(0.05)  # an attempt's end is written down a little after its result is bound
        assert told["environment"]["image"] == image, told
    assert told["status"] == "hit"
    assert [attempt["image"] for attempt in told["attempts"]] == [image]


def test_an_unseeded_step_draws_in_a_pod_what_it_draws_in_the_kernel(kernel):
    source = "import random\nimport numpy as np\ndrawn = random.random(), float(np.random.rand())\ndrawn"
    kernel().step("drawn", source, "on=inline")
    inline = kernel()
    inline.step("drawn", source, "on=inline")
    value = inline["drawn"]
    inline.shell.run_line_magic("steppe", "clear drawn")
    elsewhere = kernel()
    elsewhere.step("drawn", source, WAITED)
    assert elsewhere.last.state == "succeeded", elsewhere.last.why
    assert elsewhere["drawn"] == value


def test_it_runs_in_the_background_by_default(kernel):
    one = kernel()
    one.step("slow", "import time\ntime.sleep(0.5)\nslow = 41", "on=kubernetes")
    assert one.last.state in ("queued", "running")
    one.run("after = slow + 1")
    assert one["after"] == 42


def test_the_project_s_modules_and_files_go_along_and_what_it_writes_comes_back(kernel, project, fake):
    package = project / "kube_tried"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "deep.py").write_text("from kube_tried.deeper import FACTOR\ndef scaled(x):\n    return FACTOR * x\n")
    (package / "deeper.py").write_text("FACTOR = 3\n")
    (project / "data").mkdir()
    (project / "data" / "numbers.txt").write_text("1\n2\n3\n")
    source = textwrap.dedent(
        """
        from kube_tried.deep import scaled
        import os
        from pathlib import Path
        total = scaled(sum(map(int, Path('data/numbers.txt').read_text().split())))
        written = Path('total.txt').write_text(str(total))
        where = os.getcwd(), sorted(os.listdir('.'))
        """
    )
    one = kernel()
    one.step("total", source, WAITED)
    assert one.last.state == "succeeded", (one.out, one.err, one.last.why)
    assert one["total"] == 18
    folder, listing = one["where"]
    assert folder == os.getcwd() == str(project)
    assert listing == ["data", "kube_tried", "pyproject.toml", "total.txt"]  # as here: it listed the folder
    assert (project / "total.txt").read_text() == "18"
    two = kernel()
    two.step("total", source.replace("where = os.getcwd(), sorted(os.listdir('.'))\n", ""), WAITED)
    assert two.last.state == "succeeded"
    three = kernel()
    (project / "total.txt").unlink()
    three.step("total", source.replace("where = os.getcwd(), sorted(os.listdir('.'))\n", ""), "on=inline")
    assert three.last.state == "hit", three.last.why
    assert (project / "total.txt").read_text() == "18"


def test_files_beyond_the_limit_are_refused_before_anything_is_launched(kernel, project, fake):
    (project / "large.bin").write_bytes(bytes(2000))
    one = kernel()
    one.step("large", "size = len(open('large.bin', 'rb').read())", "profile=small wait=true")
    assert "the largest is large.bin (2.0 KiB)" in one.out + one.err
    assert fake.jobs == []


def test_a_file_outside_of_the_project_that_it_is_told_to_read_has_to_be_mounted(kernel, project, fake, tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("x")
    one = kernel()
    one.step("outside", "x = 1", f"{WAITED} files={outside}")
    assert f"it reads {outside}, which is outside of the project" in one.out + one.err
    assert fake.jobs == []


def test_its_labels_say_whose_it_is(kernel, project, fake):
    one = kernel()
    one.step("labelled", "x = 1", "profile=small wait=true")
    (job,) = fake.jobs
    labels = job["metadata"]["labels"]
    assert labels["steppe/step"] == "labelled"
    assert labels["steppe/project"] == "project"
    assert labels["team"] == "vision"
    assert labels["steppe/key"] == one.last.key.removeprefix("b3:")[:40]
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["limits"] == {"cpu": "500m"}


def test_an_error_is_raised_in_the_kernel_with_its_own_line(kernel):
    one = kernel()
    result = one.step("broken", "numbers = [1]\nnumbers[7]", WAITED)
    assert isinstance(result.error_in_exec, IndexError) or "IndexError" in one.out + one.err
    assert "----> 3 numbers[7]" in re.sub(r"\x1b\[[\d;]*m", "", one.out)


def test_what_it_shows_streams_into_the_cell(kernel, fake):
    one = kernel()
    one.step("shown", "print('one')\nimport sys\nprint('two', file=sys.stderr)\n'three'", WAITED)
    assert one.out.startswith("one\n")
    assert "two\n" in one.err
    assert "'three'" in one.out


def test_a_cancelled_step_leaves_no_job(kernel, fake):
    one = kernel()
    one.step("long", "import time\ntime.sleep(600)\nlong = 1", "on=kubernetes")
    one.run("%steppe cancel long")
    one.run("%steppe wait")
    assert one.last.state == "cancelled"
    until = time.monotonic() + 30
    while fake.jobs or fake.pods:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_no_image_is_said_in_one_sentence(kernel, project, fake):
    settings = (project / "pyproject.toml").read_text()
    (project / "pyproject.toml").write_text(settings.replace('image = "steps:1"\n', ""))
    one = kernel()
    one.step("without", "x = 1", WAITED)
    assert "no image is named: give `image=`" in one.out + one.err
    one.step("given", "x = 1", f"{WAITED} image=steps:1")
    assert one.last.state == "succeeded"


def running(fake):
    """Wait for a pod that runs, and that nothing has asked to end."""
    until = time.monotonic() + 60
    while True:
        for pod in fake.pods:
            if pod["status"].get("phase") == "Running" and "deletionTimestamp" not in pod["metadata"]:
                return pod
        assert time.monotonic() < until
        time.sleep(0.01)


def made(fake):
    """Return how many Jobs were made, those that are gone again too."""
    return sum(what == "ADDED" and kind == "jobs" for _, kind, what, _ in fake.objects.history)


def test_a_step_whose_node_is_lost_runs_again_on_another_without_being_told(kernel, fake):
    one = kernel()
    fake.nodes["node-2"] = dict(fake.nodes["node-1"])
    one.step("long", "import time\ntime.sleep(1.5)\nlong = 1", "on=kubernetes")
    pod = running(fake)
    fake.lose_node(pod["spec"]["nodeName"])
    one.run("after = long + 1")
    assert one["after"] == 2, one.out
    assert made(fake) == 2


def test_a_lost_node_takes_none_of_the_tries_that_the_code_s_own_errors_have(kernel, fake, monkeypatch, tmp_path):
    monkeypatch.setattr(flight, "PAUSE", 0.05)
    one = kernel()
    fake.nodes["node-2"] = dict(fake.nodes["node-1"])
    source = f"""
    import pathlib, time
    tries = pathlib.Path("{tmp_path / "store" / "tries"}")
    number = len(tries.read_text()) if tries.exists() else 0
    tries.write_text("x" * (number + 1))
    if number == 0:
        time.sleep(600)
    if number == 1:
        raise ValueError("a bad batch")
    """
    one.step("flaky", textwrap.dedent(source), "on=kubernetes retries=1")
    wait_for((tmp_path / "store" / "tries").exists)
    fake.lose_node(running(fake)["spec"]["nodeName"])
    assert one.run("number").result == 2, one.out
    assert made(fake) == 3


def test_a_step_that_is_drained_again_and_again_is_told_of_as_such_and_not_as_an_interrupt(kernel, fake, monkeypatch):
    monkeypatch.setattr(flight, "PAUSE", 0.05)
    one = kernel()
    one.step("long", "import time\ntime.sleep(600)\nlong = 1", "on=kubernetes")
    for _ in range(3):
        pod = running(fake)
        fake.disrupt(pod, "EvictionByEvictionAPI", gently=True)
    one.session.pending[0].wait(60)
    one.run("long")
    assert "WorkerDied: `long` (attempt 3 of 3): its node node-1 was drained." in re.sub(r"\x1b\[[\d;]*m", "", one.out)
    assert made(fake) == 3
    (name,) = {job["metadata"]["name"] for job in fake.jobs}  # that of the key: one at a time
    assert name != f"steppe-{fake.jobs[0]['metadata']['labels']['steppe/attempt']}"


def test_a_store_in_object_storage_is_all_that_a_pod_shares_with_the_kernel(kernel, project, fake, s3, monkeypatch):
    credentials = {
        "AWS_ACCESS_KEY_ID": s3.options["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": s3.options["secret_access_key"],
        "AWS_REGION": s3.options["region"],
        "AWS_ENDPOINT_URL": s3.options["endpoint"],
        "AWS_ALLOW_HTTP": "true",
    }
    for name, value in credentials.items():
        monkeypatch.setenv(name, value)
    fake.secrets["s3"] = {"id": "test", "secret": "test"}
    fake.restricted = True  # nothing of the host is mounted: the default pod passes
    (project / "pyproject.toml").write_text(
        f"""
        [tool.steppe]
        store = "s3://{s3.new_bucket()}/steppe"

        [tool.steppe.profiles.kubernetes]
        image = "steps:1"
        secrets = {{ AWS_ACCESS_KEY_ID = "s3/id", AWS_SECRET_ACCESS_KEY = "s3/secret" }}

        [tool.steppe.profiles.kubernetes.environment]
        AWS_REGION = "us-east-1"
        AWS_ENDPOINT_URL = "{s3.options["endpoint"]}"
        AWS_ALLOW_HTTP = "true"
        """
    )
    one = kernel()
    one.step("made", "import numpy as np\nmade = np.arange(100_000)\nprint('in a pod')", WAITED)
    assert one.last.state == "succeeded", (one.out, one.err, one.last.why)
    two = kernel()
    two.step("made", "import numpy as np\nmade = np.arange(100_000)\nprint('in a pod')", "on=inline")
    assert two.last.state == "hit", two.last.why
    assert two["made"].sum() == sum(range(100_000))
    assert "in a pod" in two.out
