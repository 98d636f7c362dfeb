"""Generators that are seeded by other ways than the functions for it: seen by a state that draws can't have led to."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

RANDOM = ("import random", "x = random.random()")
NUMPY = ("import numpy as np", "x = int(np.random.randint(1 << 30))")
TORCH = ("import torch", "x = torch.rand(1).item()")
FREE = ("random", "np", "torch", "mt", "f", "bits", "s")

WAYS = {
    "numpy's inner module": (NUMPY, "from numpy.random import mtrand as mt\nmt.seed(1)"),
    "numpy's own generator": (NUMPY, "np.random.mtrand._rand.seed(1)"),
    "numpy's bits are exchanged": (NUMPY, "np.random.set_bit_generator(np.random.MT19937(1))"),
    "numpy's bits are exchanged for another kind": (NUMPY, "np.random.set_bit_generator(np.random.PCG64(1))"),
    "the state of numpy's bits": (NUMPY, "np.random.get_bit_generator().state = np.random.MT19937(1).state"),
    "random's own generator": (RANDOM, "random._inst.seed(1)"),
    "random's own generator, and a draw": (RANDOM, "random._inst.seed(1)\nrandom.random()"),
    "torch's own generator": (TORCH, "torch.default_generator.manual_seed(1)\nNone"),
    "a method that was there before": (RANDOM, "f = type(random._inst).seed\nf(random._inst, 1)"),
}


def other(seeds: str) -> tuple[str, str]:
    """Return the edit that makes it another seed."""
    head, last = seeds.rsplit("(1)", 1) if "(1)" in seeds else seeds.rsplit(" 1)", 1)
    return seeds, f"{head}(2){last}" if "(1)" in seeds else f"{head} 2){last}"


SEEDED = [
    miss(name, f"{load}\n{seeds}\n# %%\n%%step s\n{draw}", other(seeds), free=FREE)
    for name, ((load, draw), seeds) in WAYS.items()
]
INSIDE = [
    miss(
        f"{name}, by a step itself",
        f"{load}\n# %%\n%%step s\n{seeds}\ny = 1\n# %%\n{draw}",
        other(seeds),
        free=(*FREE, "y"),
    )
    for name, ((load, draw), seeds) in WAYS.items()
    if "draw" not in name
]
DRAWN = [
    hit(f"{what} that draw alone", f"{load}\n{code}\n# %%\n%%step s\ny = 1\n{draw}", free=(*FREE, "x", "z"))
    for what, load, code, draw in (
        ("a few calls of random's", RANDOM[0], "z = [random.random() for _ in range(10)]", RANDOM[1]),
        ("many calls of random's", RANDOM[0], "z = sum(random.random() for _ in range(200_000))", RANDOM[1]),
        ("calls of random's normal numbers", RANDOM[0], "z = random.gauss(0, 1)", RANDOM[1]),
        ("a few calls of numpy's", NUMPY[0], "z = np.random.rand(3)", NUMPY[1]),
        ("many calls of numpy's", NUMPY[0], "z = np.random.rand(5_000_000).sum()", NUMPY[1]),
        ("calls of numpy's normal numbers", NUMPY[0], "z = np.random.randn(3)", NUMPY[1]),
        ("calls of torch's", TORCH[0], "z = torch.rand(3)", TORCH[1]),
    )
]

test_seeded = table(SEEDED)
test_inside = table(INSIDE)
test_drawn = table(DRAWN)
