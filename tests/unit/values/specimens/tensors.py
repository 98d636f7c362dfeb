"""Specimens of PyTorch."""

import itertools

import torch


def _net(*sizes: int, seed: int = 0) -> torch.nn.Module:
    torch.manual_seed(seed)
    return torch.nn.Sequential(*(torch.nn.Linear(*pair) for pair in itertools.pairwise(sizes)))


def _changed(change, made):
    change(made)
    return made


def _optimiser(kind, steps: int = 0, **options) -> tuple:
    net = _net(2, 1)
    made = kind(net.parameters(), **options)
    for _ in range(steps):
        made.zero_grad()
        net(torch.ones(1, 2)).sum().backward()
        made.step()
    return net, made


def _graded(value: float) -> torch.Tensor:
    made = torch.ones(2, requires_grad=True)
    made.grad = torch.full((2,), value)
    return made


def _sharing(kind: str) -> list:
    base = torch.arange(6.0)
    return [
        base,
        {"view": base.view(2, 3), "copy": base.clone().view(2, 3), "tail": base[3:], "copied tail": base[3:].clone()}[
            kind
        ],
    ]


def _tied(same: bool) -> torch.nn.Module:
    one, two = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    with torch.no_grad():
        for part in (one, two):
            part.weight.fill_(1)
            part.bias.fill_(0)
    if same:
        two.weight = one.weight
    return torch.nn.Sequential(one, two)


def _conv(**options) -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Conv2d(1, 1, 2, **options)


def _drawn(count: int) -> torch.Generator:
    made = torch.Generator()
    made.manual_seed(1)
    torch.rand(count, generator=made)
    return made


SPECIMENS = {
    "float32": lambda: torch.arange(6.0),
    "float64": lambda: torch.arange(6.0, dtype=torch.float64),
    "float16": lambda: torch.arange(6.0, dtype=torch.float16),
    "bfloat16": lambda: torch.arange(6.0, dtype=torch.bfloat16),
    "bfloat16 of other": lambda: torch.arange(6.0, dtype=torch.bfloat16) + 1,
    "int64": lambda: torch.arange(6),
    "int32": lambda: torch.arange(6, dtype=torch.int32),
    "bool": lambda: torch.arange(6) > 2,
    "complex64": lambda: torch.arange(6.0).to(torch.complex64),
    "complex64 conjugated": lambda: (torch.arange(6.0) * 1j).conj(),
    "complex64 conjugated, resolved": lambda: (torch.arange(6.0) * 1j).conj().resolve_conj() + 0,
    "float8": lambda: torch.arange(6.0).to(torch.float8_e4m3fn),
    "2 by 3": lambda: torch.arange(6.0).view(2, 3),
    "3 by 2": lambda: torch.arange(6.0).view(3, 2),
    "3 by 2 transposed": lambda: torch.arange(6.0).view(2, 3).T,
    "3 by 2 transposed, packed": lambda: torch.arange(6.0).view(2, 3).T.contiguous(),
    "channels last": lambda: torch.zeros(1, 2, 3, 3).to(memory_format=torch.channels_last),
    "channels first": lambda: torch.zeros(1, 2, 3, 3),
    "expanded": lambda: torch.ones(1, 3).expand(2, 3),
    "not expanded": lambda: torch.ones(2, 3),
    "0-d": lambda: torch.tensor(1.0),
    "0-d of int": lambda: torch.tensor(1),
    "1 of 1": lambda: torch.tensor([1.0]),
    "empty": lambda: torch.empty(0),
    "0 by 3": lambda: torch.empty(0, 3),
    "3 by 0": lambda: torch.empty(3, 0),
    "with -0.0": lambda: torch.tensor([-0.0]),
    "with 0.0": lambda: torch.tensor([0.0]),
    "with nan": lambda: torch.tensor([float("nan")]),
    "requires grad": lambda: torch.ones(2, requires_grad=True),
    "no grad": lambda: torch.ones(2),
    "with a gradient": lambda: _graded(1.0),
    "with another gradient": lambda: _graded(2.0),
    "parameter": lambda: torch.nn.Parameter(torch.ones(2)),
    "parameter without grad": lambda: torch.nn.Parameter(torch.ones(2), requires_grad=False),
    "buffer": lambda: torch.nn.Buffer(torch.ones(2)),
    "buffer not kept": lambda: torch.nn.Buffer(torch.ones(2), persistent=False),
    "on meta": lambda: torch.empty(2, device="meta"),
    "sparse": lambda: torch.eye(2).to_sparse(),
    "sparse csr": lambda: torch.eye(2).to_sparse_csr(),
    "sparse of other": lambda: (torch.eye(2) * 2).to_sparse(),
    "with an attribute": lambda: _changed(lambda made: setattr(made, "note", 1), torch.ones(3)),
    "with another attribute": lambda: _changed(lambda made: setattr(made, "note", 2), torch.ones(3)),
    "a tensor and its view": lambda: _sharing("view"),
    "a tensor and a copy": lambda: _sharing("copy"),
    "a tensor and its tail": lambda: _sharing("tail"),
    "a tensor and a copied tail": lambda: _sharing("copied tail"),
    "module": lambda: _net(2, 3),
    "module of other weights": lambda: _net(2, 3, seed=1),
    "module of other shape": lambda: _net(2, 4),
    "module deeper": lambda: _net(2, 3, 2),
    "module in eval": lambda: _net(2, 3).eval(),
    "module frozen": lambda: _net(2, 3).requires_grad_(False),
    "module of float64": lambda: _net(2, 3).double(),
    "module with dropout": lambda: torch.nn.Dropout(0.1),
    "module with other dropout": lambda: torch.nn.Dropout(0.2),
    "batch norm": lambda: torch.nn.BatchNorm1d(2),
    "batch norm that has run": lambda: _changed(
        lambda made: made(torch.arange(4.0).view(2, 2)), torch.nn.BatchNorm1d(2)
    ),
    "conv": lambda: _conv(stride=1),
    "conv of stride 2": lambda: _conv(stride=2),
    "tied weights": lambda: _tied(True),
    "equal weights": lambda: _tied(False),
    "state dict": lambda: _net(2, 3).state_dict(),
    "SGD": lambda: _optimiser(torch.optim.SGD, lr=0.1),
    "SGD of other rate": lambda: _optimiser(torch.optim.SGD, lr=0.2),
    "SGD with momentum": lambda: _optimiser(torch.optim.SGD, lr=0.1, momentum=0.9),
    "Adam": lambda: _optimiser(torch.optim.Adam),
    "Adam after 1": lambda: _optimiser(torch.optim.Adam, steps=1),
    "Adam after 2": lambda: _optimiser(torch.optim.Adam, steps=2),
    "generator": lambda: _drawn(0),
    "generator drawn": lambda: _drawn(1),
    "dtype": lambda: torch.float32,
    "dtype float64": lambda: torch.float64,
    "device": lambda: torch.device("cpu"),
    "device cuda": lambda: torch.device("cuda", 0),
    "device cuda 1": lambda: torch.device("cuda", 1),
    "size": lambda: torch.Size([2, 3]),
    "layout": lambda: torch.strided,
    "memory format": lambda: torch.channels_last,
    "dataset": lambda: torch.utils.data.TensorDataset(torch.arange(3)),
    "dataset of other": lambda: torch.utils.data.TensorDataset(torch.arange(4)),
    "functions": lambda: torch.nn.functional.relu,
    "torch.sin": lambda: torch.sin,
    "torch.cos": lambda: torch.cos,
    "untyped storage": lambda: torch.arange(6.0).untyped_storage(),
    "large": lambda: torch.arange(50_000.0),
    "packed sequence": lambda: torch.nn.utils.rnn.pack_sequence([torch.arange(3.0), torch.arange(2.0)]),
}
