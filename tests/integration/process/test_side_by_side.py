"""`steppe run --on process --jobs 4`: steps side by side, with their output and errors in their own cells."""

import json

import nbformat
import pytest

from tests.integration.notebooks.made import Room

MEET = """
import os, time
here = os.environ['MET']
os.close(os.open(f'{here}/{0}', os.O_CREAT | os.O_WRONLY))
until = time.monotonic() + 6
while len(os.listdir(here)) < 3:
    assert time.monotonic() < until, 'the others have not come'
    time.sleep(0.02)
print('{0} met')
{0} = last = {1}
"""
"""A step that ends only if two others run at the same time, though all import the same and bind the same names."""


def meet(name, value):
    return f"%%step {name} cpu=0.25" + MEET.replace("{0}", name).replace("{1}", str(value))


@pytest.fixture
def room(tmp_path, capsys, monkeypatch):
    (tmp_path / "project").mkdir()
    (tmp_path / "met").mkdir()
    monkeypatch.setenv("MET", str(tmp_path / "met"))
    monkeypatch.setenv("STEPPE_MACHINE", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / ".ipython"))
    return Room(tmp_path / "project", capsys)


def code_outputs(room, path):
    cells = nbformat.read(room.folder / path, as_version=4).cells
    return [cell.outputs for cell in cells if cell.cell_type == "code"]


def stream(outputs):
    return "".join(output.text for output in outputs if output.output_type == "stream")


def test_steps_run_side_by_side_and_their_output_and_errors_reach_their_cells(room):
    room.write(
        {
            "imports": "import os, time",
            "a": meet("a", 1) + "a",
            "b": meet("b", 2),
            "bad": "%%step bad cpu=0.25\ntime.sleep(0.5)\nprint('about to fail')\nnothing = 1 / 0",
            "c": meet("c", 3),
            "sum": "%%step total\ntotal = a + b + c\nprint('total is', total)\ntotal",
            "plain": "print('plain', total, last)",
        }
    )
    code, out, err = room.steppe("run", "book.ipynb", "--on", "process", "--jobs", "4", "-o", "done.ipynb", "--json")
    assert code == 1, (out, err)
    document = json.loads(out)
    assert document["status"] == "failed"
    states = {step["name"]: step["status"] for step in document["steps"]}
    assert states.get("bad") == "failed", (states, out, err)
    assert states["a"] == states["b"] == states["c"] == "succeeded"
    a, b, bad, c, total, plain = code_outputs(room, "done.ipynb")[-6:]
    assert [stream(each) for each in (a, b, c)] == ["a met\n", "b met\n", "c met\n"]
    assert [output.data["text/plain"] for output in a if output.output_type == "execute_result"] == ["1"]
    assert stream(bad) == "about to fail\n"
    assert [output.ename for output in bad if output.output_type == "error"] == ["ZeroDivisionError"]
    others = [output for each in (a, b, c, total, plain) for output in each]
    assert not [output for output in others if output.output_type == "error"]
