"""`steppe verify` passes the demo: every step gives the same again, pictures and tables too."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[3] / "binder" / "digits.ipynb"

STEPS = ["load", "clean", "features", "project", "sweep", "show_sweep", "train", "evaluate", "confusion"]


@pytest.mark.skipif(
    not os.environ.get("STEPPE_TEST_LONG"), reason="a minute of two cores: `make verify-long` does that"
)
def test_every_step_of_the_demo_gives_the_same_again(room):
    shutil.copy(DEMO, room.folder / "digits.ipynb")
    made = room.json("run", "digits.ipynb")
    assert made["status"] == "succeeded", made
    code, out, err = room.steppe("verify", made["run"])
    assert code == 0, (out, err)
    assert (
        out
        == "".join(f"✓ {step}  same\n" for step in STEPS) + f"{len(STEPS)} of {len(STEPS)} steps gave the same again.\n"
    )
