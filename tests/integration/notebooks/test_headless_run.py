"""`steppe run` on a real kernel: its document, its notebook, its history."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat

COMMAND = Path(sys.executable).with_name("steppe")


def test_the_document_names_every_step_and_the_history_shows_it(room):
    path = room.write(
        {
            "p:parameters": "lr = 0.5",
            "plain": "def twice(x):\n    return 2 * x",
            "made": "%%step make\nrows = [1, 2, 3]\nprint('made')",
            "used:step:use": "total = twice(sum(rows)) * lr\ntotal",
        },
        steppe={"id": "the-book"},
    )
    before = path.read_bytes()
    code, out, err = room.steppe("run", "book.ipynb", "-p", "lrr", "1", "-p", "lr", "2", "-o", "out{x}.ipynb")
    assert code == 0, err
    assert "no parameter `lrr` (did you mean `lr`?)" in err
    assert "✓ make" in out
    assert "out{x}.ipynb" in out
    shown = room.outputs("out{x}.ipynb")
    assert shown[3][0].text == "made\n"
    assert shown[4][0].data["text/plain"] == "24"

    document = room.json("run", "book.ipynb", "-p", "lr", "2")
    assert list(document) == ["run", "status", "notebook", "output", "seconds", "steps"]
    assert document["status"] == "succeeded"
    assert document["notebook"] == "book.ipynb"
    make, use = document["steps"]
    assert list(make) == ["name", "cell", "status", "key", "seconds", "why", "outputs"]
    assert [(step["name"], step["cell"], step["status"]) for step in (make, use)] == [
        ("make", "made", "hit"),
        ("use", "used", "hit"),
    ]
    assert make["outputs"]["rows"]["type"] == "list"
    assert make["outputs"]["rows"]["version"].startswith("b3:")
    assert room.outputs(document["output"])[4][0].data["text/plain"] == "24"
    assert path.read_bytes() == before

    runs = room.json("runs")["runs"]
    assert [run["steps"] for run in runs] == [{"hit": 2}, {"succeeded": 2}]
    assert runs[0]["parameters"] == {"lr": 2}
    assert room.json("runs", "--limit", "1")["runs"] == runs[:1]
    assert room.json("runs", "--notebook", "book.ipynb")["runs"] == runs
    assert room.json("runs", "--notebook", "the-book", "--status", "failed")["runs"] == []
    assert "make" in room.steppe("show", document["run"])[1]
    listed = room.json("show", document["run"])
    assert listed["kind"] == "run"
    step = room.json("show", listed["steps"][1]["id"])
    assert step["kind"] == "step run"
    assert {"kind": "function", "name": "twice"}.items() <= next(
        item.items() for item in step["ingredients"] if item["kind"] == "function"
    )
    assert set(step["inputs"]) == {"lr", "rows", "twice"}
    artifact = room.json("show", make["outputs"]["rows"]["version"][:16])
    assert artifact["kind"] == "artifact"
    assert [made["step"] for made in artifact["made by"]] == ["make"]
    assert [used["step"] for used in artifact["used by"]] == ["use"]
    assert room.json("show", use["key"])["kind"] == "key"

    path.rename(room.folder / "renamed.ipynb")  # its id keeps its history
    plan = room.json("plan", "renamed.ipynb", "-p", "lr", "2")
    assert [step["plan"] for step in plan["steps"]] == ["hit", "hit"]
    assert room.json("gc")["entries"] == 0
    assert room.json("gc", "--limit", "1", "--dry-run")["entries"] == 2
    assert room.json("doctor")["findings"] == []

    blob = next(
        path
        for path in (room.folder / ".steppe" / "store").rglob("*")
        if path.is_file() and _is_blob(path.name) and b"made" in path.read_bytes()  # a run's lock is of no step
    )
    blob.chmod(0o644)
    blob.write_bytes(b"damaged" + blob.read_bytes()[7:])
    code, out, _ = room.steppe("doctor")
    assert code == 1
    assert "Run the step again." in out
    assert "the-book" in out


def _is_blob(name):
    return len(name) >= 60 and set(name) <= set("0123456789abcdef")


def test_a_failed_run_keeps_what_it_had_and_says_so(room):
    room.write({"a": "%%step one\nx = 1\nprint('one')", "b": "%%step two\n1 / 0", "c": "%%step three\ny = x"})
    document = room.json("run", "book.ipynb", "-o", "out.ipynb")
    assert document["status"] == "failed"
    assert [(step["name"], step["status"]) for step in document["steps"]] == [("one", "succeeded"), ("two", "failed")]
    cells = nbformat.read(room.folder / "out.ipynb", as_version=4).cells
    outputs = {cell.id: cell.outputs for cell in cells if cell.id in "abc"}
    assert outputs["a"][0].text == "one\n"
    assert outputs["b"][0].ename == "ZeroDivisionError"
    assert outputs["c"] == []
    code, _, err = room.steppe("run", "book.ipynb", "-o", "out.ipynb")
    assert code == 1
    assert "Traceback" not in err
    assert [run["status"] for run in room.json("runs")["runs"]] == ["failed", "failed"]


def test_a_cell_that_fails_before_any_step_leaves_a_failed_run(room):
    room.write({"a": "1 / 0", "b": "%%step two\nx = 1"})
    (room.folder / ".steppe").mkdir()
    assert room.json("run", "book.ipynb")["status"] == "failed"


def test_a_kernel_that_dies_fails_the_run(room):
    room.write({"a": "%%step one\nx = 1", "b": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"})
    code, out, err = room.steppe("run", "book.ipynb")
    assert code == 1
    assert "the kernel died" in out
    assert "Traceback" not in err
    assert room.json("runs")["runs"][0]["status"] == "failed"


def test_an_interrupt_cancels_the_run_and_keeps_what_it_had(room):
    room.write(
        {
            "a": "%%step one\nx = 1\nprint('one')",
            "b": "%%step two\nimport time\nopen('started', 'w').close()\ntime.sleep(60)",
        }
    )
    child = subprocess.Popen(
        [str(COMMAND), "run", "book.ipynb", "-o", "out.ipynb", "--json"],
        cwd=room.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (room.folder / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(child.pid, signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    assert child.returncode == 130
    assert '"status": "cancelled"' in out
    assert room.outputs("out.ipynb")[0][0].text == "one\n"
    assert room.json("runs")["runs"][0]["status"] == "cancelled"


def test_a_notebook_without_ids_has_the_same_steps_each_time(room):
    path = room.write({"a": "x = 1", "b": "y = x + 1"})
    text = path.read_text().replace('"nbformat_minor": 5', '"nbformat_minor": 4')
    old = nbformat.reads(text, as_version=4)
    for cell in old.cells:
        del cell["id"]
    nbformat.write(old, path)
    first = room.json("run", "book.ipynb", "--steps", "all", "-o", "one.ipynb")
    second = room.json("run", "book.ipynb", "--steps", "all", "-o", "two.ipynb")
    assert [step["name"] for step in first["steps"]] == ["cell-1", "cell-2"]
    assert [(step["name"], step["status"]) for step in second["steps"]] == [("cell-1", "hit"), ("cell-2", "hit")]
    assert room.json("plan", "book.ipynb", "--steps", "all", "--refresh", "cell-2")["steps"][1]["why"] == ["--refresh"]
    again = room.json("run", "book.ipynb", "--steps", "all", "--refresh", "cell-2")
    assert [step["status"] for step in again["steps"]] == ["hit", "succeeded"]


def test_steps_made_by_auto_are_steps_headless_too(room):
    room.write({"a": "%load_ext steppe", "b": "%steppe auto", "c": "x = 1"})
    assert [(step["cell"], step["plan"]) for step in room.json("plan", "book.ipynb")["steps"]] == [("c", "run")]
    document = room.json("run", "book.ipynb", "-o", "out.ipynb")
    assert [(step["cell"], step["status"]) for step in document["steps"]] == [("c", "succeeded")]
    assert room.outputs("out.ipynb") == [[], [], []]


def test_a_notebook_that_names_no_kernel_takes_parameters(room):
    """As `nbformat` and some editors write them; papermill would ask for a kernel's name."""
    room.write({"a:parameters": "rate = 1", "b": "print(rate)"})
    path = room.folder / "book.ipynb"
    document = json.loads(path.read_text())
    document["metadata"] = {}
    path.write_text(json.dumps(document))
    code, _, err = room.steppe("run", "book.ipynb", "-o", "out.ipynb", "-p", "rate", "5")
    assert code == 0, err
    assert room.outputs("out.ipynb")[-1][0]["text"] == "5\n"
