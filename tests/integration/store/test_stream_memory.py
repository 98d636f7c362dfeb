"""A stream holds in memory what waits to be taken and what is read, whatever it streams."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, resource, sys
import numpy as np
from steppe.store import LocalStore
from steppe.streaming.batches import ordered
from steppe.streaming.opened import _of_part
from steppe.streaming.stream import Stream
from steppe.types import Part
from steppe.values.numpy_arrays import _head

GIB, WIDTH = 1 << 30, 1024
store = LocalStore(sys.argv[1])
piece = np.arange(1 << 20, dtype=np.float32)
head = _head("<f4", False, (GIB // WIDTH, WIDTH // 4))
blob = store.put(iter([head] + [piece] * 256))
part = Part(names=("array",), format="npy", blob=blob, size=GIB)

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10

before, found = peak(), []
for seed in (None, 1):
    rows = _of_part(part, store)
    order = ordered(rows, 256, (0, 1), seed, drop_last=False)
    with Stream(rows, order, name="", version="", form="numpy", prefetch=64 << 20, epochs=1) as stream:
        found.append([sum(len(batch) for batch in stream), peak() - before])
print(json.dumps(found))
"""


@pytest.mark.slow
def test_a_gibibyte_takes_a_fraction_of_that_shuffled_too(tmp_path):
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "store")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (rows, in_order), (same, shuffled) = json.loads(done.stdout)
    assert rows == same == (1 << 30) // 1024
    assert in_order < 160 << 20
    assert shuffled < 320 << 20
