"""A training on four nodes, one of which dies: the others are taken along, and all go on from the last checkpoint."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from steppe.store import open_store
from steppe.worker import saved
from tests.integration.crash import kernels
from tests.integration.kubernetes.test_kubernetes_kernels import wait_for
from tests.integration.kubernetes.test_several_nodes import of_rank

EPOCHS = 6
LONG = 150
"""Seconds: four processes import torch at once, twice."""

TRAIN = f"""%%step train on=kubernetes nodes=4 wait=true
import os, time
import torch
import torch.distributed as dist
import steppe
dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
torch.manual_seed(7)
model = torch.nn.Linear(3, 1)
parameters = list(model.parameters())
speeds = [torch.zeros_like(each) for each in parameters]
saved = steppe.checkpoint()
state = saved.load()
if state is not None:
    model.load_state_dict(state["model"])
    speeds = state["speeds"]
for epoch in range(state["epoch"] if state else 0, {EPOCHS}):
    shard = torch.Generator().manual_seed(100 * epoch + rank)
    for batch in range(5):
        file = os.open(os.environ["NOTED"] + "/batches", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, f"{{rank}} {{epoch}} {{batch}}\\n".encode())
        os.close(file)
        x = torch.randn(16, 3, generator=shard)
        loss = ((model(x) - x.sum(1, keepdim=True)) ** 2).mean()
        grads = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, speed, grad in zip(parameters, speeds, grads):
                dist.all_reduce(grad)
                speed.mul_(0.9).add_(grad / world)
                parameter -= 0.05 * speed
        time.sleep(0.03)
    saved.save({{"epoch": epoch + 1, "model": model.state_dict(), "speeds": speeds}}, step=epoch)
total = loss.detach().clone()
dist.all_reduce(total)
loss = total.item() / world
dist.destroy_process_group()
del file, batch, shard, x, total, model, parameters, speeds, grads, saved, state, parameter, speed, grad
loss
"""
SETTINGS = """
[tool.steppe]
store = "{store}"

[tool.steppe.profiles.kubernetes]
image = "steps:1"
volumes = {{ "{store}" = "host:{store}", "{noted}" = "host:{noted}" }}
environment = {{ NOTED = "{noted}", MASTER_PORT = "{port}", OMP_NUM_THREADS = "1" }}
"""
ALONE = """
import os, sys
import torch
rank = next((rank for rank in range(3) if os.fork() == 0), 3)
os.environ |= {"RANK": str(rank), "WORLD_SIZE": "4", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": sys.argv[1]}
exec(sys.argv[2].partition("\\n")[2])
if rank == 3:
    print(loss.hex())
"""


@pytest.fixture
def noted():
    made = Path(tempfile.mkdtemp(prefix="pymp-"))
    yield made
    shutil.rmtree(made)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def undisturbed(tmp_path):
    """Return the loss of four processes that share nothing with us, each forked once torch is there."""
    command = [sys.executable, "-c", ALONE, str(free_port()), TRAIN]
    environ = {**os.environ, "NOTED": str(tmp_path), "OMP_NUM_THREADS": "1"}
    told = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
    return float.fromhex(told.stdout.strip())


@pytest.mark.timeout(400)
def test_a_training_on_four_nodes_one_of_which_is_killed_goes_on_by_itself(fake, tmp_path, noted):
    """It loses one checkpoint interval at most, and ends at the loss of one that nothing has happened to."""
    project, store = tmp_path / "project", tmp_path / "store"
    project.mkdir()
    store.mkdir()
    settings = SETTINGS.format(store=store, noted=noted, port=free_port())
    (project / "pyproject.toml").write_text(settings)
    environ = {"KUBECONFIG": os.environ["KUBECONFIG"], "IPYTHONDIR": str(tmp_path / ".ipython"), "NOTED": str(noted)}

    def batches(rank):
        """Return the epochs and batches that a node has begun so far."""
        file = noted / "batches"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(int(epoch), int(batch)) for each, epoch, batch in map(str.split, lines) if int(each) == rank]

    driver = kernels.Kernel(project, [TRAIN], **environ)
    wait_for(lambda: (3, 2) in batches(2), LONG)
    fake.kubelet.kill(*of_rank(fake, 2))
    (told,) = driver.rest(LONG)
    assert told["states"] == ["succeeded"], (told, kernels.said(project))
    for rank in range(4):
        begun = [epoch for epoch, batch in batches(rank) if batch == 0]
        assert begun == [0, 1, 2, 3, 3, *range(4, EPOCHS)], rank  # from the last checkpoint, not from the beginning
    assert told["value"] == undisturbed(tmp_path)
    assert list(saved.all_records(open_store(str(store), store))) == []
    (again,) = kernels.run(project, [TRAIN], **environ)
    assert (again["states"], again["value"]) == (["hit"], told["value"]), again
