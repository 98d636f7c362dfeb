"""`steppe.export_model` of modules of PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import steppe  # noqa: E402  # torch may be missing
from steppe.errors import UsageError  # noqa: E402


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.Dropout(0.5))
        self.outer = torch.nn.Linear(8, 3)

    def forward(self, left, right):
        return self.outer(self.inner(torch.cat([left, right], 1)))


def test_a_net_of_two_inputs_gives_the_same_for_any_number_of_rows():
    torch.manual_seed(0)
    net = Net().train()
    left, right = torch.randn(4, 2), torch.randn(4, 4)
    exported = steppe.export_model(net, (left, right))
    assert net.training, "it is put back as it was"
    assert net.inner[2].training
    assert exported.check.batch
    assert exported.check.model == "test_export_torch.Net"
    more = torch.randn(7, 2), torch.randn(7, 4)
    net.eval()
    np.testing.assert_allclose(exported.run(*more)[0], net(*more).detach().numpy(), rtol=1e-4, atol=1e-5)
    assert b"test_export_torch.py" not in exported.data, "no path of this machine goes along"
    with pytest.raises(UsageError, match="a tensor, or a tuple of them"):
        steppe.export_model(net, [1, 2])
