"""Fan-outs without a front end: one step in the run, its elements by number, and what a plan can know of them."""

from __future__ import annotations

import nbformat

CELLS = {
    "data": "xs = [1, 2, 3]",
    "fan": '%%step score map="i, x in enumerate(xs)"\ny = x * i\nprint("at", x)',
    "sum": "%%step total\nt = sum(y)\nprint(t)",
}


def by_name(document):
    return {step["name"]: step for step in document["steps"]}


def test_a_fan_out_is_one_step_of_a_run_and_of_its_plan(room):
    room.write(CELLS)
    assert by_name(room.json("plan", "book.ipynb"))["score"]["plan"] == "run"
    first = by_name(room.json("run", "book.ipynb"))
    assert [step["status"] for step in first.values()] == ["succeeded", "succeeded"]
    assert first["score"]["why"].startswith("3 elements: 3 ran")
    assert list(first["score"]["outputs"]) == ["y"]
    assert [step["plan"] for step in by_name(room.json("plan", "book.ipynb")).values()] == ["hit", "hit"]
    again = room.json("run", "book.ipynb")
    assert [step["status"] for step in again["steps"]] == ["hit", "hit"]
    assert room.outputs(again["output"])[1][0].text == "at 1\nat 2\nat 3\n"
    assert room.outputs(again["output"])[2][0].text == "8\n"


def test_a_new_element_is_one_execution_and_the_plan_says_that_it_runs(room):
    room.write(CELLS)
    room.json("run", "book.ipynb")
    room.write({**CELLS, "data": "xs = [1, 2, 3, 4]"})
    planned = by_name(room.json("plan", "book.ipynb"))
    assert planned["score"]["plan"] == "run"
    assert planned["score"]["why"][0].startswith("`xs` changed")
    ran = by_name(room.json("run", "book.ipynb"))
    assert ran["score"]["why"] == "4 elements: 3 hits, 1 ran; not run before: 3 ((3, 4))"
    room.write({**CELLS, "fan": CELLS["fan"].replace("x * i", "x + i")})
    planned = by_name(room.json("plan", "book.ipynb"))
    assert "the cell's code changed" in planned["score"]["why"][0]


def test_what_only_the_kernel_can_tell_is_said(room):
    (room.folder / "a.txt").write_text("1")
    cells = {
        "data": "from glob import glob",
        "fan": "%%step read map=\"f in sorted(glob('*.txt'))\"\ny = open(f).read()",
    }
    room.write(cells)
    assert by_name(room.json("run", "book.ipynb"))["read"]["status"] == "succeeded"
    planned = by_name(room.json("plan", "book.ipynb"))["read"]
    assert planned["plan"] == "unknown"
    assert "only the kernel can tell which elements `sorted(glob('*.txt'))` gives" in planned["why"]
    assert by_name(room.json("run", "book.ipynb"))["read"]["status"] == "hit"
    (room.folder / "b.txt").write_text("2")
    ran = by_name(room.json("run", "book.ipynb"))["read"]
    assert (ran["status"], ran["why"]) == ("succeeded", "2 elements: 1 hit, 1 ran; not run before: 1 ('b.txt')")


def test_a_failed_element_fails_the_run_in_its_cell(room):
    path = room.write({**CELLS, "fan": '%%step score on=process map="x in xs"\ny = 6 // (x - 2)'})
    code, out, err = room.steppe("run", "book.ipynb", "-o", "out.ipynb")
    assert code != 0
    assert "ZeroDivisionError" in out + err
    cells = nbformat.read(room.folder / "out.ipynb", as_version=4).cells
    text = "\n".join(
        "\n".join(item.traceback) for cell in cells for item in cell.get("outputs", []) if "traceback" in item
    )
    assert "1 of 3 elements of `score` failed: 1 (2)" in text
    assert path.exists()
