"""A state of a Mersenne Twister that comes from another by drawing is told from one that somebody has set."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppe.worker.generators import GENERATORS
from steppe.worker.mersenne import leads_to

SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


def leads(before: random.Random, after: random.Random, patience: float = 5) -> bool:
    old, new = before.getstate()[1], after.getstate()[1]
    return leads_to(old[:-1], old[-1], new[:-1], new[-1], patience)


@given(seed=SEEDS, earlier=st.integers(0, 3000), draws=st.integers(0, 3000))
def test_any_number_of_draws_is_met(seed: int, earlier: int, draws: int) -> None:
    before, after = random.Random(seed), random.Random(seed)
    for each, count in ((before, earlier), (after, earlier + draws)):
        for _ in range(count):
            each.getrandbits(32)
    assert leads(before, after)


@given(seed=SEEDS, other=SEEDS, draws=st.integers(0, 2000))
def test_another_seed_is_not_met(seed: int, other: int, draws: int) -> None:
    before, after = random.Random(seed), random.Random(other)
    for _ in range(draws):
        after.getrandbits(32)
    assert leads(before, after, 0.0) is (seed == other)


def test_a_state_of_the_past_is_not_met() -> None:
    """As one that is put back: what comes after is drawn for the second time."""
    before, after = random.Random(1), random.Random(1)
    before.getrandbits(32 * 10)
    assert not leads(before, after)


def test_patience_ends() -> None:
    begun = time.monotonic()
    assert not leads(random.Random(1), random.Random(2), 0.05)
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize("name", ["random", "numpy", "torch"])
def test_each_generator_tells_draws_from_seeds(name: str) -> None:
    pytest.importorskip(name)
    generator = next(each for each in GENERATORS if each.name == name)
    saved = generator.read()
    draw = {
        "random": lambda: random.gauss(0, 1),
        "numpy": lambda: __import__("numpy").random.randn(2001),
        "torch": lambda: __import__("torch").randn(2001),
    }[name]
    try:
        generator.seed(1)
        known = generator.read()
        draw()
        assert generator.drawn(known, generator.read(), 5)
        generator.seed(2)
        assert not generator.drawn(known, generator.read(), 0.01)
    finally:
        generator.write(saved)


def test_another_kind_of_bits_comes_and_goes() -> None:
    numpy = pytest.importorskip("numpy")
    generator = next(each for each in GENERATORS if each.name == "numpy")
    saved = generator.read()
    try:
        for kind in (numpy.random.PCG64, numpy.random.Philox, numpy.random.SFC64):
            numpy.random.set_bit_generator(kind(1))
            state = generator.read()
            drawn = numpy.random.rand(3).tolist()
            assert not generator.drawn(saved, state, 0.01)
            generator.write(saved)
            assert generator.read() == saved
            generator.write(state)
            assert numpy.random.rand(3).tolist() == drawn
    finally:
        generator.write(saved)
