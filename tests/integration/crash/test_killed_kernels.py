"""Kernels killed at any moment: what was done is a hit afterwards, nothing partial is seen, values are right."""

import os
import random
import time

import pytest

from steppe.catalog import StepRunFilter, open_catalog
from steppe.store import open_store
from tests.integration.crash.kernels import Kernel, run, said

KILLS = int(os.environ.get("STEPPE_KILLS", "12")) // 3
"""How many notebooks, each killed at three moments; STEPPE_KILLS=200 for `make crash`."""

CELLS = [
    "%%step one\nimport numpy as np\na = np.arange(20_000.0)",
    "%%step two\nb = a * 2\nprint('b is', b[:3])",
    "%%step three\nc = {'total': float(b.sum()), 'names': [str(i) for i in range(2_000)]}",
    "%%step four\nc['total'] += 1\nopen('kept.txt', 'w').write(str(c['total']))",
    "%%step five\nd = open('kept.txt').read()\nd",
    "%%step six\ne = np.random.rand(1000)\nf = e[:10]",
    "%%step seven\nclass Model:\n    def __init__(self, w):\n        self.w = w\nm = Model(c['total'])",
    "%%step eight\ng = (m.w, d, len(c['names']), float(e.sum()) == float(e.sum()))\ng",
]
NAMES = len(CELLS)
VALUE = (399980001.0, "399980001.0", 2000, True)


@pytest.fixture
def rng(request):
    seed = int(os.environ.get("STEPPE_SEED", "0")) or random.randrange(10**6)
    print(f"STEPPE_SEED={seed}")
    return random.Random(seed)


def check(project):
    """All that the catalog calls kept can be read back whole."""
    store = open_store(str(project / ".steppe/store"), project / ".steppe/store")
    for blob in store.blobs():
        store.verify(blob.digest)
    with open_catalog(str(project / ".steppe/catalog.db")) as catalog:
        return catalog.step_runs.list(StepRunFilter(), limit=200).items


def test_what_was_said_to_be_done_is_a_hit_after_the_kernel_is_killed(tmp_path, rng):
    started = time.monotonic()
    first = tmp_path / "timed"
    (first / ".git").mkdir(parents=True)
    assert run(first, CELLS)[-1]["value"] == VALUE
    whole = time.monotonic() - started
    for kill in range(KILLS):
        project = tmp_path / f"project-{kill}"
        (project / ".git").mkdir(parents=True)
        done = 0
        for _ in range(3):
            kernel = Kernel(project, CELLS)
            time.sleep(rng.uniform(0.05, whole))
            kernel.kill()
            told = [each for each in kernel.rest() if each is not None]
            assert all(each["error"] == "" for each in told), (told, said(project))
            hits = [each["states"] for each in told[:done]]
            assert hits == [["hit"]] * len(hits), (kill, told)
            done = max(done, len(told))
        after = run(project, CELLS)
        assert [each["states"] for each in after[:done]] == [["hit"]] * done, (kill, done, after)
        assert after[-1]["value"] == VALUE, (kill, after)
        assert check(project)
        assert (project / "kept.txt").read_text() == "399980001.0"


def test_sixteen_kernels_at_once_execute_each_key_once(project):
    kernels = [Kernel(project, CELLS) for _ in range(16)]
    found = [kernel.rest() for kernel in kernels]
    assert [len(each) for each in found] == [NAMES] * 16, said(project)
    assert not any(each["error"] for kernel in found for each in kernel), said(project)
    for number in range(NAMES):
        states = [each[number]["states"][0] for each in found]
        assert states.count("succeeded") == 1, (number, states, [each[number]["why"] for each in found])
        assert states.count("hit") == 15
    assert {each[-1]["value"] for each in found} == {VALUE}


def test_kernels_that_wait_for_one_that_is_killed_take_its_work_over(project, rng):
    slow = [cell.replace("\n", "\nimport time as t; [None for _ in range(200_000)]\n", 1) for cell in CELLS]
    kernels = [Kernel(project, slow) for _ in range(6)]
    for kernel in kernels[:4]:
        time.sleep(rng.uniform(0.05, 0.4))
        kernel.kill()
    left = [kernel.rest() for kernel in kernels[4:]]
    for found in left:
        assert [each["error"] for each in found] == [""] * NAMES, said(project)
        assert found[-1]["value"] == VALUE
    assert check(project)
