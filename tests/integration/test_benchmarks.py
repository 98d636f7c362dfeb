"""The benchmarks run, at sizes whose numbers mean nothing; what they measure is no test's business."""

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parents[1] / "benchmarks" / "run.py"


def run(*arguments):
    return subprocess.run(
        [sys.executable, PROGRAM, *arguments], capture_output=True, text=True, timeout=200, check=False
    )


def test_the_benchmarks_print_one_table_of_what_they_measured(tmp_path):
    done = run("--small", "--folder", str(tmp_path), "steps", "frames")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("|")]
    assert [cell.strip() for cell in lines[0].strip("|").split("|")] == [
        "row",
        "measured",
        "floor or peer",
        "ratio",
        "target",
        "met?",
    ]
    for name in ("hit", "cold", "plain cell", "early cut-off", "0.02M x 8 DataFrame"):
        assert any(line.startswith(f"| {name}") for line in lines), name


def test_a_group_that_is_not_there_is_named():
    done = run("stepps")
    assert done.returncode == 2
    assert "there is no group 'stepps'" in done.stderr
