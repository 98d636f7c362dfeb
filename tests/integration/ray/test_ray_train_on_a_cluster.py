"""`ray.train` on a cluster that was raised for the step: a worker that is killed costs one interval at most."""

import pytest

from tests.integration.ray.clusters import gone, long

torch = pytest.importorskip("torch")

EPOCHS = 5

BODY = """
import os, tempfile
import ray.train, torch
from ray.train import Checkpoint, FailureConfig, RunConfig, ScalingConfig
from ray.train.torch import TorchTrainer, prepare_model

def train(config):
    torch.manual_seed(3)
    model = torch.nn.Linear(4, 1)
    x = torch.randn(32, 4)
    first, rank = 0, ray.train.get_context().get_world_rank()
    if found := ray.train.get_checkpoint():
        with found.as_directory() as folder:
            first, state = torch.load(os.path.join(folder, "state.pt"))
            model.load_state_dict(state)
    whole = prepare_model(model)
    optimizer = torch.optim.SGD(whole.parameters(), lr=0.1)
    for epoch in range(first, config["epochs"]):
        loss = ((whole(x) - x.sum(1, keepdim=True)) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        if epoch == 3 and rank == 1 and first == 0:
            os.kill(os.getpid(), 9)
        optimizer.step()
        with tempfile.TemporaryDirectory() as folder:
            torch.save((epoch + 1, model.state_dict()), os.path.join(folder, "state.pt"))
            saved = Checkpoint.from_directory(folder) if rank == 0 else None
            ray.train.report({"loss": loss.item(), "first": first}, checkpoint=saved)

result = TorchTrainer(
    train,
    train_loop_config={"epochs": 5},
    scaling_config=ScalingConfig(num_workers=4),
    run_config=RunConfig(storage_path=STORAGE, failure_config=FailureConfig(max_failures=2)),
).fit()
metrics, mark = dict(result.metrics), os.environ["RAY_STEPPE_CLUSTER"]
del result
"""


def loss_of_one_process():
    torch.manual_seed(3)
    model, x = torch.nn.Linear(4, 1), torch.randn(32, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(EPOCHS):
        loss = ((model(x) - x.sum(1, keepdim=True)) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


@long
def test_a_training_with_a_worker_killed_within_an_epoch_goes_on_from_its_checkpoint(kernel, project):
    shell = kernel()
    shell.run(f"STORAGE = {str(project / 'runs')!r}")
    assert shell.step("train", BODY, "on=ray workers=4 cpu=0.5 wait=true cache=false").success, shell.said
    assert shell["metrics"]["first"] in (2, 3)  # of the three epochs that were whole, one at most is done again
    assert shell["metrics"]["loss"] == pytest.approx(loss_of_one_process(), abs=1e-5)
    gone(shell["mark"])
