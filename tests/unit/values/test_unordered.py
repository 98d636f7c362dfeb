"""Sets whose items lead back to them, or to many other sets: they have a version, the same in each process."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from steppe.values.walk import Walk
from steppe.worker.sources import Sources


class Knot:
    """A node of a graph, which knows its neighbours as a set."""

    def __init__(self, name=None):
        self.name = name
        self.near = set()


def pair():
    one, other = Knot("one"), Knot("other")
    one.near.add(other)
    other.near.add(one)
    return one


def ring(count=50, *, lost=None):
    knots = [Knot(number) for number in range(count)]
    for number, knot in enumerate(knots):
        knot.near = {knots[number - 1], knots[(number + 1) % count]}
    if lost is not None:
        knots[lost].near.pop()
    return knots


def clique(count=60):
    knots = [Knot(number) for number in range(count)]
    for knot in knots:
        knot.near = set(knots)
    return knots


def tangle(count=3000):
    drawn = random.Random(1)
    knots = [Knot(number) for number in range(count)]
    for knot in knots:
        knot.near = set(drawn.sample(knots, 5))
    return knots


def chain(count=5000):
    first = last = Knot(0)
    for number in range(1, count):
        following = Knot(number)
        last.near = {following, f"a text {number}"}
        last = following
    return first


def nested():
    return {frozenset({(number, f"{letter}{number}") for letter in "abc"}) for number in range(100)}


def version(value):
    return Walk(Sources()).version_of(value)


SHAPES = {"pair": pair, "ring": ring, "clique": clique, "tangle": tangle, "chain": chain, "nested": nested}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_version_is_the_same_in_another_process(shape):
    code = f"import test_unordered as made; print(made.version(made.{shape}()))"
    began = time.process_time()
    here = version(SHAPES[shape]())
    assert time.process_time() - began < 20
    for seed in ("1", "2"):
        path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
        there = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
        assert there.stdout.strip() == here, there.stderr


def test_another_graph_has_another_version():
    plain = version(ring())
    assert plain == version(ring())
    seen = {plain}
    for lost in range(5):
        seen.add(version(ring(lost=lost)))
    renamed = ring()
    renamed[30].name = "thirty"
    seen.add(version(renamed))
    assert len(seen) == 7
    tangled = tangle()
    before = version(tangled)
    tangled[2999].near.discard(next(iter(tangled[2999].near)))
    assert version(tangled) != before


def test_a_named_value_of_torch_has_one_version_whatever_else_is_loaded(monkeypatch):
    """Pickle looks for it in all modules, and any that has imported torch would do."""
    import torch

    plain = version(torch.channels_last)
    modules = {"aaa": SimpleNamespace(torch=torch), **sys.modules}
    monkeypatch.setattr(sys, "modules", modules)
    assert version(torch.channels_last) == plain
