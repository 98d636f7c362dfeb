"""One step on several nodes: they begin together, end as one, and one that dies brings all back to the checkpoint."""

import os
import time

import msgspec
import pytest

from steppe.errors import UsageError
from steppe.testing.executor import Place, follow, texts, until
from steppe.types import Resources, Result
from steppe.worker import group
from steppe.worker.execution import Intent
from steppe.worker.task import Task
from tests.integration.crash import kernels
from tests.integration.kubernetes.behaviours import plain
from tests.integration.kubernetes.test_kubernetes_kernels import wait_for
from tests.integration.kubernetes.test_kubernetes_steps import SETTINGS

THREE = Resources(cpu=0.0, nodes=3)


def empty(fake):
    wait_for(lambda: not fake.jobs and not fake.pods)


@pytest.fixture
def place(executor, tmp_path):
    return Place(executor, tmp_path / "store")


def test_what_any_of_them_reads_the_result_depends_on_and_what_any_writes_comes_back(place, tmp_path):
    """Files in a mounted folder, which each reads by itself."""
    (tmp_path / "shards").mkdir()
    for rank in range(3):
        (tmp_path / "shards" / f"{rank}.txt").write_text(str(rank))
    source = f"""
import os
rank = os.environ["RANK"]
x = open("{tmp_path}/shards/" + rank + ".txt").read()
open("{tmp_path}/store/out-" + rank, "w").write(rank)
"""
    end, _ = follow(place.launch(source, THREE))
    assert end.how == "done", end
    result = msgspec.msgpack.decode(place.store.get(place.record().result), type=Result)
    assert {item.name for item in result.trace if "shards" in item.name} == {
        f"{tmp_path}/shards/{rank}.txt" for rank in range(3)
    }
    assert not {item.name for item in result.trace} & group.TOLD
    assert sorted(file.path for file in result.files) == ["out-0", "out-1", "out-2"]


def test_an_error_on_one_of_them_is_the_steps_and_ends_the_others(place, fake):
    source = """
import os, time
if os.environ["RANK"] == "1":
    [][7]
time.sleep(600)
"""
    began = time.monotonic()
    end, events = follow(place.launch(source, THREE))
    assert time.monotonic() - began < 15
    assert end.how == "done", end
    (ended,) = [event for event in events if event.kind == "ended"]
    record = msgspec.msgpack.decode(ended.data["record"])
    assert (record["status"], record["failure"]["kind"]) == ("failed", "builtins.IndexError")
    assert record["failure"]["traceback"][-1] == "This was node 2 of 3 (rank 1)."
    assert place.record() is None
    wait_for(lambda: not [pod for pod in fake.pods if pod["status"].get("phase") == "Running"])


def test_who_meets_a_closed_connection_is_not_the_cause(place):
    """The node that fails closes its connection before it has told why; another one tells of that at once."""
    source = """
import os, socket, time
rank, port = int(os.environ["RANK"]), int(os.environ["MASTER_PORT"])
if rank == 2:
    listening = socket.create_server((os.environ["POD_IP"], 0))
    open("port.new", "w").write(str(listening.getsockname()[1]))
    os.rename("port.new", "port")
    connection, _ = listening.accept()
    connection.close()
    time.sleep(0.3)
    raise ValueError("the cause")
if rank == 1:
    while not os.path.exists("port"):
        time.sleep(0.01)
    connection = socket.create_connection((os.environ["STEPPE_NODES"].split(",")[2], int(open("port").read())))
    if not connection.recv(1):
        raise ConnectionResetError("Connection closed by peer")
time.sleep(600)
"""
    end, events = follow(place.launch(source, THREE))
    assert end.how == "done", end
    (ended,) = [event for event in events if event.kind == "ended"]
    assert msgspec.msgpack.decode(ended.data["record"])["failure"]["text"] == "the cause"


def slow(place):
    source = "import os, time\nprint('on', flush=True)\ntime.sleep(600)"
    flight = place.launch(source, THREE)
    until(flight, lambda events: "on" in texts(events) and len([e for e in events if e.kind == "aside"]) == 2)
    return flight


def of_rank(fake, rank):
    (found,) = [pod for pod in fake.pods if pod["spec"]["hostname"].endswith(f"-{rank}")]
    return found["metadata"]["namespace"], found["metadata"]["name"]


def test_one_that_is_killed_ends_all_and_may_be_tried_again(place, fake):
    flight = slow(place)
    fake.kubelet.kill(*of_rank(fake, 2))
    end, _ = follow(flight)
    assert (end.how, end.again) == ("lost", True)
    assert end.why == "node 3 of 3 (rank 2): its pod was killed by signal 9 (SIGKILL) on node node-1"


def test_one_that_used_too_much_memory_is_named_and_not_tried_again(place, fake):
    flight = slow(place)
    fake.kubelet.container(*of_rank(fake, 1)).too_much = True
    fake.kubelet.kill(*of_rank(fake, 1))
    end, _ = follow(flight)
    assert (end.how, end.again) == ("killed", False)
    assert end.why.startswith("node 2 of 3 (rank 1): it used more than its memory")


def test_one_whose_pod_is_deleted_is_the_cause_and_those_that_follow_are_not(place, fake):
    flight = slow(place)
    fake.delete("pods", *of_rank(fake, 1), {})
    end, _ = follow(flight)
    assert (end.how, end.again) == ("lost", True)
    assert end.why == "node 2 of 3 (rank 1): its pod was deleted while it ran"


def test_a_cancelled_one_takes_all_down(place, fake):
    flight = slow(place)
    flight.cancel()
    assert follow(flight)[0].how == "cancelled"
    empty(fake)


def test_one_that_no_node_has_room_for_is_what_all_wait_for(place, fake):
    flight = place.launch("x = 1", Resources(cpu=4.0, nodes=3))
    until(flight, lambda _: flight.queued)
    until(flight, lambda _: flight.queued.startswith("node 3 of 3 (rank 2): a node with room for it"))
    fake.nodes["node-2"] = dict(fake.nodes["node-1"])
    assert follow(flight)[0].how == "done"


def test_a_quota_that_never_lets_all_of_them_pass_is_told_before_anything_is_made(place, fake):
    fake.limit(requests__cpu="2")
    with pytest.raises(UsageError, match="cpu=1 was asked for on 3 nodes"):
        place.launch("x = 1", Resources(cpu=1.0, nodes=3))
    assert fake.jobs == []


SAVING = """
import os, time
import steppe
rank = int(os.environ["RANK"])
saved = steppe.checkpoint()
state = saved.load()
if state is None:
    read = open("{shards}/" + str(rank)).read()
    state = dict(step=0)
{saves}
file = open("{shards}/said", "a")
file.write(str(rank) + " " + str(state["step"]) + chr(10))
file.close()
del file
if state["step"] == 0:
    time.sleep(600)
x = state["step"]
"""


EACH = "saved.save(dict(step=1))"
FIRST = "if rank == 0:\n    time.sleep(2)\n    saved.save(dict(step=1))"
"""Once a second the others tell of what they have read."""


@pytest.mark.parametrize(("saves", "changed"), [(EACH, False), (EACH, True), (FIRST, True)])
def test_a_checkpoint_depends_on_what_any_of_them_had_read(place, fake, tmp_path, saves, changed):
    """A file in a mounted folder, which the second one alone has read, and which is another when they go on."""
    shards = tmp_path / "shards"
    shards.mkdir()
    for rank in range(2):
        (shards / str(rank)).write_text("1")
    intent = Intent(binds=frozenset({"x"}))
    source = SAVING.format(shards=shards, saves=saves)
    root = str(place.folder)
    task = Task(label="tried", source=source, intent=intent, root=root, start=root, checkpoints="a" * 64)
    blob = place.store.put([msgspec.msgpack.encode(task)])
    flight = place.launch_blob(blob, Resources(cpu=0.0, nodes=2))

    def said():
        return sorted((shards / "said").read_text().split("\n")[:-1]) if (shards / "said").exists() else []

    wait_for(lambda: said() == ["0 0", "1 0"])
    fake.kubelet.kill(*of_rank(fake, 1))
    assert follow(flight)[0].again
    (shards / "said").unlink()
    if changed:
        (shards / "1").write_text("22")
    flight = place.launch_blob(blob, Resources(cpu=0.0, nodes=2))
    wait_for(lambda: said() == (["0 0", "1 0"] if changed else ["0 1", "1 1"]))
    if changed:
        _, events = flight.cancel(), follow(flight)[1]
        told = "".join(event.shown.text for event in events if event.kind == "shown")
        assert told.startswith(f"steppe.checkpoint(): the checkpoint is not used: {shards}/1 has changed since")
        return
    assert follow(flight)[0].how == "done"
    result = msgspec.msgpack.decode(place.store.get(place.record().result), type=Result)
    assert {f"{shards}/0", f"{shards}/1"} <= {item.name for item in result.trace}


@pytest.fixture
def project(fake, tmp_path):
    made, store = tmp_path / "project", tmp_path / "store"
    made.mkdir()
    store.mkdir()
    (made / "pyproject.toml").write_text(SETTINGS.format(store=store))
    return made


@pytest.fixture
def environ(tmp_path, fake):
    return {"KUBECONFIG": os.environ["KUBECONFIG"], "IPYTHONDIR": str(tmp_path / ".ipython")}


def test_a_result_is_a_hit_for_as_many_nodes_and_an_error_says_on_which_one_it_was(project, environ):
    counted = "%%step counted on=kubernetes nodes={} wait=true\nimport os\nx = int(os.environ['WORLD_SIZE'])\nx"
    broken = "%%step broken on=kubernetes nodes=2 wait=true\nimport os\n1 / (1 - int(os.environ['RANK']))"
    told = kernels.run(project, [counted.format(2), counted.format(3), broken], **environ)
    assert [each["states"] for each in told] == [["succeeded"], ["succeeded"], ["failed"]], told
    assert [each["value"] for each in told] == [2, 3, None]
    assert told[2]["error"] == "ZeroDivisionError: division by zero"
    said = kernels.said(project)
    assert "----> 3 1 / (1 - int(os.environ['RANK']))" in plain(said)
    assert "This was node 2 of 2 (rank 1)." in said
    told = kernels.run(project, [counted.format(2), counted.format(3)], **environ)
    assert [(each["states"], each["value"]) for each in told] == [(["hit"], 2), (["hit"], 3)]


def test_the_next_kernel_goes_on_with_them_where_one_was_killed_meanwhile(project, environ, fake):
    """The first kernel is gone, and then one of the nodes: nobody has seen it."""
    step = "%%step slow on=kubernetes nodes=2 wait=true\nimport time\ntime.sleep(2)\nvalue = 42\nvalue"
    first = kernels.Kernel(project, [step], **environ)
    wait_for(lambda: [pod["status"].get("phase") for pod in fake.pods] == ["Running"] * 2)
    first.kill()
    second = kernels.Kernel(project, [step], **environ)
    assert [(told["states"], told["value"]) for told in second.rest()] == [(["hit"], 42)]
    assert len(fake.jobs) == 1
    other = step.replace("42", "43")
    third = kernels.Kernel(project, [other], **environ)
    wait_for(lambda: [pod["status"].get("phase") for pod in fake.pods].count("Running") == 2)
    third.kill()
    (killed,) = [job for job in fake.jobs if not job["status"].get("conditions")]
    name = killed["metadata"]["name"]
    (one,) = [pod for pod in fake.pods if pod["spec"]["hostname"] == f"{name}-1"]
    fake.kubelet.kill("research", one["metadata"]["name"])
    wait_for(lambda: not [pod for pod in fake.pods if pod["status"].get("phase") == "Running"])
    (told,) = kernels.run(project, [other], **environ)
    assert (told["states"], told["value"]) == (["succeeded"], 43), told
