"""What a step in a cluster does, as tests: on the cluster that runs on this machine, and on whatever real one is named.

A module takes them by a subclass, and gives a fixture `cluster`: `tests.integration.kubernetes.fake.Fake` says what one
can do; and a fixture `shared`: a folder that pods see at the same path.
"""

import json
import re
import time

import nbformat
import pytest
from click.testing import CliRunner

from steppe.catalog import open_catalog
from steppe.cli.main import steppe
from steppe.errors import UsageError
from steppe.executors.kubernetes import KubernetesExecutor
from steppe.testing.executor import Place, follow, texts, until
from steppe.types import Resources
from tests.integration.crash import kernels

LONG = 120
"""Seconds within which whatever is waited for has to come: a real cluster takes its time."""

INDEX = "batch.kubernetes.io/job-completion-index"
SLOW = "import time\nprint('on', flush=True)\ntime.sleep(600)"

ATTACHED = """%%step slow on=kubernetes wait=true
import time
print('shown before the kernel died', flush=True)
time.sleep(5)
value = 42
value
"""


NODES = """
import os
rank = int(os.environ["RANK"])
print("rank", rank, os.environ["WORLD_SIZE"], os.environ["NODE_RANK"], os.uname().nodename.rpartition("-")[2])
addresses = os.environ["STEPPE_NODES"].split(",")
assert addresses[rank] == os.environ["POD_IP"] and addresses[0] == os.environ["MASTER_ADDR"], addresses
x = rank
"""


def wait_for(there, seconds=LONG):
    last = time.monotonic() + seconds
    while not (found := there()):
        assert time.monotonic() < last, "it has not come"
        time.sleep(0.02)
    return found


def plain(text):
    return re.sub(r"\x1b\[[\d;]*m", "", text)


class Behaviours:
    """The tests."""

    @pytest.fixture
    def executor(self, cluster, shared):
        made = KubernetesExecutor(cluster.pod(shared))
        yield made
        made.close()

    @pytest.fixture
    def place(self, executor, shared):
        return Place(executor, shared / "store-of-tasks")

    @pytest.fixture
    def project(self, cluster, shared, tmp_path, monkeypatch):
        """A project whose steps go to the cluster, and whose store is in the shared folder."""
        made = tmp_path / "project"
        made.mkdir()
        (made / "pyproject.toml").write_text(cluster.settings(shared))
        monkeypatch.chdir(made)
        return made

    @pytest.fixture
    def environ(self, cluster, tmp_path):
        return {"KUBECONFIG": str(cluster.kubeconfig), "IPYTHONDIR": str(tmp_path / ".ipython")}

    def begun(self, place, **asked):
        flight = place.launch(SLOW, **asked)
        until(flight, lambda events: "on" in texts(events))
        return flight

    def empty(self, cluster):
        wait_for(lambda: not cluster.jobs and not cluster.pods)

    def test_a_step_reads_what_another_one_made_and_each_is_one_job(self, project, environ, cluster):
        cells = [
            "%%step made on=kubernetes wait=true\nimport numpy as np\ndata = np.arange(6)\nprint('made')",
            "%%step used on=kubernetes wait=true\nout = int(data.sum()) + 1\nout",
        ]
        told = kernels.run(project, cells, **environ)
        assert [each["states"] for each in told] == [["succeeded"], ["succeeded"]], (told, kernels.said(project))
        assert told[1]["value"] == 16
        assert "made" in kernels.said(project)
        assert len(cluster.jobs) == 2
        again = kernels.run(project, cells, **environ)
        assert [each["states"] for each in again] == [["hit"], ["hit"]], again
        assert len(cluster.jobs) == 2
        with open_catalog(str(project / ".steppe" / "catalog.db")) as catalog:
            runs = catalog.step_runs.list().items
            images = {attempt.image for each in runs for attempt in catalog.attempts.of(each.id)}
        (image,) = images
        assert re.fullmatch(r"[^@]+(@| \()sha256:[0-9a-f]{64}\)?", image), image  # no registry gave a cluster's own

    def test_what_it_prints_is_heard_while_it_runs(self, place):
        source = (
            "import time\nfor i in range(3):\n    print(f'{time.time()}\\n', end='', flush=True)\n    time.sleep(1)"
        )
        late = []

        def heard(event):
            if event.shown is not None and event.shown.text.strip():
                late.append(time.time() - float(event.shown.text))

        end = place.launch(source).follow(heard, timeout=LONG)
        assert end.how == "done", end
        assert len(late) == 3
        assert max(late[1:]) < 1.0, late  # what comes next was not waited for

    def test_an_error_of_its_code_is_raised_in_the_kernel(self, project, environ):
        (told,) = kernels.run(project, ["%%step broken on=kubernetes wait=true\nnumbers = [1]\nnumbers[7]"], **environ)
        assert told["states"] == ["failed"], told
        assert "IndexError" in told["error"]
        assert "----> 3 numbers[7]" in plain(kernels.said(project))

    def test_several_nodes_are_told_their_ranks_and_addresses_and_the_first_ones_result_is_the_steps(
        self, place, cluster
    ):
        end, events = follow(place.launch(NODES, Resources(cpu=0.0, nodes=3)))
        assert end.how == "done", (end, events)
        assert texts([event for event in events if event.kind == "shown"]) == "rank 0 3 0 0\n"
        asides = [event.shown.text for event in events if event.kind == "aside"]
        assert sorted(asides) == ["[rank 1] rank 1 3 1 1\n", "[rank 2] rank 2 3 2 2\n"]
        assert place.record().status == "succeeded"
        conditions = wait_for(lambda: [each["type"] for each in cluster.jobs[0]["status"].get("conditions", ())])
        assert "Complete" in conditions or "SuccessCriteriaMet" in conditions

    def test_a_step_that_uses_too_much_memory(self, place):
        source = "print('on', flush=True)\nx = []\nwhile True:\n    x.append(bytearray(b'1') * 10_000_000)"
        end, _ = follow(place.launch(source, Resources(cpu=0.0, memory=300 * 2**20)))
        assert end.how == "killed", end
        assert "it used more than its memory of 300.0 MiB, and was killed" in end.why
        assert not end.again

    def test_a_step_that_takes_longer_than_it_may(self, place):
        began = time.monotonic()
        end, _ = follow(place.launch(SLOW, timeout=2.0))
        assert end.how == "timeout", end
        assert time.monotonic() - began < LONG / 2

    def test_a_cancelled_step_leaves_no_job_and_no_pod(self, place, cluster):
        flight = self.begun(place)
        flight.cancel()
        assert follow(flight)[0].how == "cancelled"
        self.empty(cluster)

    def test_an_image_that_no_node_has_ends_it_and_leaves_nothing(self, place, cluster, executor):
        executor._pod |= {"image": cluster.absent, "pull_policy": "Never"}
        end, _ = follow(place.launch("x = 1"))
        assert end.how == "refused"
        assert end.why == f"its image {cluster.absent} is not on the node, and `pull-policy` is Never"
        self.empty(cluster)

    def test_a_secret_that_is_not_there_ends_it(self, place, executor):
        executor._pod["secrets"] = {"TOKEN": "api/token"}
        end, _ = follow(place.launch("x = 1"))
        assert end.how == "refused"
        assert end.why == "its container can't be set up: there is no secret api in its namespace"

    def test_a_command_that_is_not_in_the_image(self, place, executor):
        executor._pod["pod_template"] = {"containers": [{"name": "step", "command": ["python9"]}]}
        end, _ = follow(place.launch("x = 1"))
        assert end.how == "refused", end
        assert "python9" in end.why

    def test_an_image_without_steppe_says_its_last_words(self, place, executor):
        said = {"name": "step", "command": ["python", "-I", "-c", "raise SystemExit('No module named steppe')"]}
        executor._pod["pod_template"] = {"containers": [said]}
        end, _ = follow(place.launch("x = 1"))
        assert end.how == "failed"
        assert end.why == "its pod ended with exit code 1 before it was done: No module named steppe"

    def test_a_step_that_no_node_has_room_for_says_so(self, place, cluster):
        flight = place.launch("x = 1", Resources(cpu=0.0, memory=2**46))
        until(flight, lambda _: flight.queued.startswith("a node with room"))
        nodes = "1 node, 1 lacks" if cluster.size == 1 else f"{cluster.size} nodes, "
        assert flight.queued.startswith(f"a node with room for it: of {nodes}")
        assert "free memory" in flight.queued
        flight.cancel()
        assert follow(flight)[0].how == "cancelled"
        self.empty(cluster)

    @pytest.mark.parametrize(
        ("verb", "resource", "said"),
        [
            ("create", "jobs", "may not create jobs.batch in the namespace"),
            ("watch", "pods", "may not watch pods in the namespace"),
            ("get", "pods/log", "may not get pods/log in the namespace"),
        ],
    )
    def test_a_right_that_is_missing_is_named(self, place, cluster, verb, resource, said):
        cluster.forbid(verb, resource)
        try:
            end, _ = follow(place.launch(SLOW))
            assert end.how == "refused", end
            why = end.why
            wait_for(lambda: not cluster.jobs)
        except UsageError as error:
            why = str(error)
        assert f"{cluster.user} {said} {cluster.namespace}" in why
        assert "ask for a Role with this verb" in why

    def test_a_quota_that_is_used_up_is_what_it_waits_for(self, place, cluster):
        cluster.limit(requests__cpu="1")
        first = self.begun(place, resources=Resources(cpu=0.6))
        second = place.launch("x = 1", Resources(cpu=0.6))
        until(second, lambda _: "quota" in second.queued)
        assert second.queued.startswith("its pod, which may not be made: the quota compute of the namespace is used up")
        assert "requests.cpu=600m of requests.cpu=1 are in use" in second.queued
        for flight in (first, second):
            flight.cancel()
            assert follow(flight)[0].how == "cancelled"

    def test_what_a_quota_could_never_let_pass_is_refused_before_anything_is_made(self, place, cluster):
        cluster.limit(requests__cpu="1")
        with pytest.raises(UsageError, match="the quota compute of the namespace allows cpu=1 for all pods together"):
            place.launch("x = 1", Resources(cpu=2.0))
        assert cluster.jobs == []

    def test_a_namespace_with_the_restricted_standard_says_what_it_does_not_let_pass(self, place, cluster):
        cluster.restrict()
        flight = place.launch("x = 1")  # its store is a host path here
        until(flight, lambda _: "violates PodSecurity" in flight.queued)
        assert "hostPath" in flight.queued
        flight.cancel()
        assert follow(flight)[0].how == "cancelled"

    def test_a_pod_that_somebody_deletes(self, place, cluster):
        flight = self.begun(place)
        (pod,) = cluster.pods
        cluster.delete("pods", cluster.namespace, pod["metadata"]["name"], {})
        end, _ = follow(flight)
        assert end.how == "lost"
        assert end.why == "its pod was deleted while it ran"

    def test_a_node_of_several_that_somebody_deletes_ends_them_all(self, place, cluster):
        flight = place.launch(SLOW, Resources(cpu=0.0, nodes=3))
        until(flight, lambda events: sum("on" in event.shown.text for event in events if event.kind == "aside") == 2)
        gone = next(pod for pod in cluster.pods if pod["metadata"]["labels"][INDEX] == "1")
        cluster.delete("pods", cluster.namespace, gone["metadata"]["name"], {})
        end, _ = follow(flight)
        assert (end.how, end.again) == ("lost", True), end
        assert "node 2 of 3" in end.why
        assert "its pod was deleted while it ran" in end.why
        wait_for(lambda: all(pod["status"]["phase"] in ("Failed", "Succeeded") for pod in cluster.pods))

    def test_a_job_that_somebody_deletes(self, place, cluster):
        flight = self.begun(place)
        cluster.delete("jobs", cluster.namespace, flight.handle, {"propagationPolicy": "Background"})
        end, _ = follow(flight)
        assert end.how == "lost"
        assert end.why == "its Job was deleted while it ran"
        assert not end.again

    def test_the_doctor_runs_a_tiny_pod_that_reads_and_writes_the_store(self, project, cluster):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%load_ext steppe")])
        nbformat.write(notebook, project / "a.ipynb")
        told = CliRunner().invoke(steppe, ["doctor", "--on", "kubernetes", "--json"])
        found = json.loads(told.output)
        assert found["findings"] == []
        assert found["checked"]["namespace"] == cluster.namespace
        assert found["checked"]["pod"].startswith("ran: its code began after ")
        assert told.exit_code == 0

    def test_a_job_outlives_its_kernel_and_the_next_kernel_attaches_to_it(self, project, environ, cluster):
        first = kernels.Kernel(project, [ATTACHED], **environ)
        wait_for(lambda: [pod for pod in cluster.pods if pod["status"].get("phase") == "Running"])
        first.kill()
        (told,) = kernels.run(project, [ATTACHED], **environ)
        assert told["states"] == ["hit"], (told, kernels.said(project))
        assert told["value"] == 42
        assert len(cluster.jobs) == 1
        assert "shown before the kernel died" in kernels.said(project)
