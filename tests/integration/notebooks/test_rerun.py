"""`steppe rerun`: past runs and steps again, without their notebook, under the keys that a kernel gives them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.integration.kernel.front_end import Kernel

COMMAND = Path(sys.executable).with_name("steppe")


@pytest.fixture(scope="module")
def front_end():
    made = Kernel()
    yield made
    made.close()


def session(front_end, room, cells):
    """Run cells in a kernel of the project, end its session, and return its run with its steps by name."""
    front_end.begin(room.folder)
    for cell in cells:
        front_end.run(cell)
    front_end.silently("%unload_ext steppe")
    run = room.json("runs")["runs"][0]["run"]
    return run, {step["name"]: step for step in room.json("show", run)["steps"]}


def states(document):
    return [(step["name"], step["status"]) for step in document["steps"]]


def keys(document):
    return {step["name"]: step["key"] for step in document["steps"]}


CELLS = {
    "p:parameters": "lr = 0.5",
    "f": "def twice(x):\n    return 2 * x\n\nhalf = lr / 2",
    "a": "%%step make\nrows = [1.0, 2.0, 3.0]",
    "b": "%%step use\ntotal = twice(sum(rows)) * half",
    "c": "%%step count\nnumber = len(rows)",
    "d": "%%step check\nif open('flag.txt').read() != 'ok':\n    raise ValueError('no flag')\ndone = total + number",
    "e": "%%step last\nend = done * 2",
}


def test_a_failed_run_is_repaired_inside_itself_without_its_notebook(room):
    path = room.write(CELLS)
    (room.folder / "flag.txt").write_text("bad")
    run = room.json("run", "book.ipynb", "-p", "lr", "0.25")
    assert states(run)[-1] == ("check", "failed")
    path.unlink()
    (room.folder / "flag.txt").write_text("ok")
    code, _, err = room.steppe("rerun", run["run"], "--failed", "--json")
    assert code == 0, err
    shown = room.json("show", run["run"])
    assert (shown["status"], shown["how"], shown["parameters"]) == ("succeeded", "headless", {"lr": 0.25})
    assert states({"steps": shown["steps"]}) == [
        *(("make", "succeeded"), ("use", "succeeded"), ("count", "succeeded"), ("check", "failed")),
        *(("make", "hit"), ("use", "hit"), ("count", "hit"), ("check", "succeeded"), ("last", "succeeded")),
    ]
    assert len(room.json("runs")["runs"]) == 1
    code, _, err = room.steppe("rerun", run["run"][:14], "--failed", "--json")
    assert (code, "no step of it has failed" in err) == (2, True), err


def test_a_run_is_run_again_with_another_parameter_or_code_from_a_step_or_from_scratch(room):
    path = room.write(CELLS)
    (room.folder / "flag.txt").write_text("ok")
    run = room.json("run", "book.ipynb")
    path.unlink()
    (room.folder / "count.py").write_text("number = 10 * len(rows)\n")

    changed = room.json("rerun", run["run"], "-p", "lr", "0.1")
    assert changed["repeats"] == run["run"]
    assert [state for _, state in states(changed)] == ["hit", "succeeded", "hit", "succeeded", "succeeded"]
    assert room.json("show", changed["run"])["parameters"] == {"lr": 0.1}
    total = room.json("show", changed["steps"][1]["outputs"]["total"]["version"])["preview"]
    assert total == "0.6000000000000001"  # a plain cell has made half of the new lr

    changed = room.json("rerun", run["run"], "--code", "count=count.py", "--from", "check")
    assert [state for _, state in states(changed)] == ["hit", "hit", "succeeded", "succeeded", "succeeded"]
    assert changed["steps"][2]["why"].startswith("the cell's code changed")

    again = room.json("rerun", changed["run"], "--scratch")  # a rerun can be rerun: with its changed code
    assert {state for _, state in states(again)} == {"succeeded"}
    assert keys(again) == keys(changed)

    (room.folder / "flag.txt").write_text("other")
    code, _, err = room.steppe("rerun", run["run"])
    assert code == 2
    assert "not rerunnable, because `check`: the file flag.txt has changed" in err
    for words, said in {
        ("--from", "chek"): "the run has no step `chek`: there are make, use, count, check, last",
        ("--code", "many=count.py"): "the run has no step `many`",
        ("--code", "count=none.py"): "none.py can't be read",
        ("--code", "count"): "give a step and a file",
        ("--scratch", "--failed"): "give one of them",
        ("--failed",): "no step of it has failed",
    }.items():
        code, _, err = room.steppe("rerun", run["run"], *words)
        assert (code, said in err) == (2, True), err


SESSION = [
    "import random\nimport numpy as np\nimport pandas as pd\nlr = 0.5\n\ndef scaled(x):\n    return x * lr",
    "class Box:\n    def __init__(self, x):\n        self.x = x",
    "random.seed(1)\nnp.random.seed(3)\npd.options.display.max_rows = 7",
    "%%step make\nrows = [random.random() for _ in range(3)]\nbox = Box(np.random.rand(3))",
    "%%step use\ntotal = scaled(sum(rows)) + box.x.sum()",
    "same = rows",
    "%%step change\nsame.append(1)\nn = len(same)",
    "extra = n + 1",
    "%%step check\nif lr == 0.5:\n    raise ValueError('no')\ndone = total + extra",
    "%%step apart\nz = n * 2",
]


def test_a_session_of_a_kernel_is_run_again_under_the_very_keys(room, front_end):
    run, steps = session(front_end, room, SESSION)
    assert steps["check"]["status"] == "failed"
    again = room.json("rerun", run)
    assert states(again) == [("make", "hit"), ("use", "hit"), ("change", "hit"), ("check", "failed")]
    assert keys(again) == {name: step["key"] for name, step in steps.items() if name != "apart"}

    code, out, err = room.steppe("rerun", run, "-p", "lr", "0.25", "--json")
    assert code == 0, (out, err)
    assert "`extra`: no step that is run again binds it, so it is as it was then" in err
    changed = json.loads(out)
    assert [state for _, state in states(changed)] == ["hit", "succeeded", "hit", "succeeded", "hit"]
    graph = json.dumps(room.json("lineage", changed["steps"][3]["outputs"]["done"]["version"]))
    assert all(
        step["outputs"][name]["version"] in graph
        for step, name in zip(changed["steps"], ("box", "total"), strict=False)
    )

    again = room.json("rerun", steps["apart"]["id"], "--scratch")  # what it reads comes from the store
    assert (states(again), keys(again)["apart"]) == ([("apart", "succeeded")], steps["apart"]["key"])
    (room.folder / "check.py").write_text("done = total + extra + lr")
    code, out, err = room.steppe("rerun", run, "--failed", "--code", "check=check.py")
    assert code == 0, (out, err)
    shown = room.json("show", run)
    assert (shown["status"], shown["how"], states(shown)[-1]) == ("succeeded", "kernel", ("check", "succeeded"))


def test_what_show_says_is_what_rerun_does(room, front_end, monkeypatch):
    monkeypatch.setenv("PLANTED_HERE", "before")
    (room.folder / "data.txt").write_text("one")
    front_end.silently("import os; os.environ['PLANTED_HERE'] = 'before'")
    run, steps = session(
        front_end,
        room,
        [
            "import numpy as np\nbig = np.zeros(10**5)\napi_token = 'hunter2'\nn = 3",
            "%%step large\na = big.sum()",
            "%%step secret\nb = len(api_token)",
            '%%step each map="i in [1, 2]"\nsquare = i * i',
            "%%step settings setup=true\nnp.set_printoptions(precision=3)",
            "%%step reads\nc = open('data.txt').read()",
            "%%step looks\nimport os\nd = os.environ.get('PLANTED_HERE')",
            "%%step timed\nimport time\ne = time.time() + big[0]",
            "import steppe\n@steppe.step\ndef called(x):\n    return x + 1\n_ = called(1)",
            "%%step fine\nf = n + 1",
            "%%step follows\ng = f + 1",
        ],
    )
    (room.folder / "data.txt").write_text("two")
    monkeypatch.setenv("PLANTED_HERE", "after")
    said = {name: room.json("show", step["id"])["rerunnable"] for name, step in steps.items()}
    whys = {
        "large": "its input `big` was not stored",
        "secret": "its input `api_token` was not stored",
        "each": "it is a fan-out",
        "settings": "it is a setup cell",
        "reads": "the file data.txt has changed",
        "looks": "the environment variable PLANTED_HERE has changed",
        "called": "it is a call of a function",
        "timed": "it depends on setup in its kernel",
    }
    assert set(whys) < set(steps)
    for name, step in steps.items():
        if name in whys:
            assert whys[name] in said[name]
            code, _, err = room.steppe("rerun", step["id"])
            assert code == 2, (name, err)
            assert said[name].removeprefix("not, because ") in err, (name, err)
        else:
            assert said[name] == "yes", (name, said)
    code, _, err = room.steppe("rerun", run)
    assert code == 2
    assert all(f"`{name}`" in err for name in whys if name not in ("settings", "called")), err
    assert "`fine`" not in err
    code, _, err = room.steppe("rerun", steps["reads"]["id"], "--anyway")
    assert code == 0, err


WAITING = "if os.path.exists('wait'):\n    open('on', 'w').close()\n    time.sleep(300)"


def test_an_interrupt_cancels_the_rerun_and_leaves_no_step_running(room, front_end):
    run, steps = session(
        front_end,
        room,
        [
            "%%step one\nx = 1",
            f"%%step slow\nimport os, time\n{WAITING}\ny = x",
        ],
    )
    assert steps["slow"]["status"] == "succeeded"
    (room.folder / "wait").touch()
    words = [str(COMMAND), "rerun", run, "--scratch", "--anyway", "--json"]
    child = subprocess.Popen(words, cwd=room.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not (room.folder / "on").exists() and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=120)
    assert (child.returncode, '"status": "cancelled"' in out) == (130, True), (out, err)
    newest = room.json("runs")["runs"][0]["run"]
    shown = room.json("show", newest)
    assert shown["status"] == "cancelled"
    assert states(shown) == [("one", "succeeded"), ("slow", "cancelled")]
