"""Large inputs of steps on Ray: mapped from the store by the workers of a node."""

import numpy as np

SIZE = 1 << 23
"""Bytes of the array."""

READS = """
import re
begin = array.__array_interface__["data"][0]
mapped = ""
with open("/proc/self/maps") as maps:
    for line in maps:
        low, high = (int(number, 16) for number in line.split()[0].split("-"))
        if low <= begin < high:
            mapped = line.split()[-1]
total = float(array.sum()) + {0}
"""


def test_a_large_input_is_mapped_from_the_store(kernel, local):
    shell = kernel()
    shell.run(f"import numpy as np\narray = np.arange({SIZE // 8}, dtype='float64')")
    assert shell.step("reads", READS.format(0), "on=ray wait=true outputs=total,mapped cache=false").success, shell.said
    assert shell["total"] == float(np.arange(SIZE // 8, dtype="float64").sum())
    assert "/.steppe/store/" in shell["mapped"]
