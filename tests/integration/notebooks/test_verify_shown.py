"""`steppe verify` on what steps show: a picture, a table, a line of stderr that is another each time is named."""

from __future__ import annotations

import os
import re

import pytest

DRAW = """import matplotlib.pyplot as plt
import numpy as np
fig, ax = plt.subplots(figsize=(1, 1))
ax.imshow(np.random.default_rng({}).random((3, 3)), vmin=0, vmax=1)
ax.set_axis_off()
plt.show()
del fig, ax"""

TOLD = """import random, sys
from IPython.display import HTML, Latex
drawn = random.Random()
display(HTML(f"<table><tr><td>{drawn.random()}</td></tr></table>"))
display(Latex(f"${drawn.random()}$"))
print("begun\\n", drawn.random(), file=sys.stderr)
del drawn"""

HARMLESS = """import sys, uuid, warnings
from IPython.display import HTML, update_display
class Thing: pass
print(Thing())
name = f"T_{uuid.uuid4().hex[:6]}"
display(HTML(f"<style>#{name} b {{color: red}}</style><table id='{name}'><td id='{name}_row0'><b>1</b></td></table>"))
for number in range(3):
    sys.stderr.write(f"\\r{number}/2 [00:00<00:01, {uuid.uuid4().int % 99}.5it/s]")
sys.stderr.write("\\n")
warnings.warn("odd")
display("0 of 1", display_id="bar")
update_display("1 of 1", display_id="bar")
del name
[Thing()]"""


def test_what_is_shown_otherwise_is_found_and_named_and_what_only_looks_so_is_not(room):
    cells = {
        "draw": f"%%step draw\n{DRAW.format('')}",
        "steady": f"%%step steady\n{DRAW.format(1)}",
        "told": f"%%step told\n{TOLD}",
        "harmless": f"%%step harmless\n{HARMLESS}",
    }
    room.write(cells)
    run = room.json("run", "book.ipynb")["run"]
    code, out, err = room.steppe("verify", run)
    assert code == 1, (out, err)
    assert "2 of 4 steps gave the same again." in out
    assert re.search(
        r"✗ draw  differs: the picture that it shows \(image/png\)\n"
        r"    the picture that it shows \(image/png\) differs in [1-9]\d* of [1-9]\d* pixels\n"
        r"    NumPy's generator without a seed: `np.random.default_rng\(\)` in line 5\n",
        out,
    ), out
    assert "✓ steady  same\n" in out, out
    told = ("what it wrote to stderr", "what it shows (output 1, text/html)", "what it shows (output 2, text/latex)")
    assert f"✗ told  differs: {', '.join(told)}\n" in out, out
    assert re.search(r"    what it wrote to stderr differs first in line 2: ` 0\.\d+`, and was ` 0\.\d+`\n", out), out
    assert "Python's generator without a seed: `random.Random()` in line 4" in out
    assert "✓ harmless  same\n" in out, out


@pytest.mark.skipif(not os.environ.get("STEPPE_TEST_LONG"), reason="two more processes: `make verify-long` does that")
def test_a_picture_of_a_step_that_leaves_no_result_is_compared_with_that_of_another_execution(room):
    room.write({"uncached": f"%%step uncached cache=false\n{DRAW.format('')}"})
    run = room.json("run", "book.ipynb")["run"]
    (step,) = room.json("verify", run)["steps"]
    assert step["against"] == "itself"
    assert step["differ"] == ["the picture that it shows (image/png)"]


def test_numbers_may_differ_within_a_relative_tolerance_by_type_and_what_lies_beyond_is_named(room):
    code = """import numpy as np
import pandas as pd
noise = np.random.default_rng().random() * 1e-9
array = np.ones(3) + noise
frame = pd.DataFrame({"n": [1, 2], "x": [0.5, noise + 1], "w": ["a", "b"]})
series = pd.Series([noise + 2], name="s")
nested = {"fit": [(noise + 3, "a")]}
wide = noise * 1e9
count = int(noise * 1e18)
print(noise + 1)
del noise
frame"""
    room.write({"a": f"%%step near\n{code}"})
    run = room.json("run", "book.ipynb")["run"]
    (exactly,) = room.json("verify", run, "--rtol", "1e-15")["steps"]
    (loosely,) = room.json("verify", run, "--rtol", "1e-6")["steps"]
    near = ["array", "frame", "nested", "series", "the value shown", "what it printed"]
    assert sorted(exactly["differ"]) == sorted([*near, "wide", "count"]), exactly
    assert sorted(loosely["differ"]) == ["count", "wide"], loosely
    assert any("what it printed differs first in line 1" in each for each in exactly["how"])
