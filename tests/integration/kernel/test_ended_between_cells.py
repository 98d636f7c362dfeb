"""A background step that ends while no cell runs: its result is bound, and written down, with no further cell."""

from __future__ import annotations

import time

import pytest

from steppe.catalog import open_catalog

STATES = "[(each.request.name, str(each.state)) for each in get_ipython().steppe_cells.steps]"
REAL = "type(get_ipython().user_ns.get('made')).__name__"
WAIT = "\nimport pathlib, time\nwhile not pathlib.Path('go').exists():\n    time.sleep(0.01)\n"


def until(told, expected):
    ends = time.monotonic() + 30
    while (found := told()) != expected:
        assert time.monotonic() < ends, found
        time.sleep(0.05)


def written(tmp_path):
    with open_catalog(str(tmp_path / ".steppe/catalog.db")) as catalog:
        return {run.step.name: str(run.state) for run in catalog.step_runs.list().items}


def test_its_end_is_written_down_with_no_further_cell(kernel, tmp_path):
    kernel.run("%%step far on=process wait=false cache=false" + WAIT + "made = [1]")
    (tmp_path / "go").touch()
    until(lambda: written(tmp_path), {"far": "succeeded"})
    assert kernel.value(REAL) == "'list'"


def test_a_failure_is_shown_in_its_own_cell_and_written_down(kernel, tmp_path):
    asked = kernel.send("%%step bad on=process wait=false cache=false" + WAIT + "made = 1 / 0")
    kernel.finish(asked)
    (tmp_path / "go").touch()
    until(lambda: written(tmp_path), {"bad": "failed"})
    ran = kernel.run("1 + 1")
    errors = [message for message in kernel.late if message["msg_type"] == "error"]
    assert [message["parent_header"]["msg_id"] for message in errors] == [asked]
    assert errors[0]["content"]["ename"] == "ZeroDivisionError"
    assert ran.text == "2\n"
    assert "StepFailed" in kernel.run("made").text


def ends_during(kernel, tmp_path, source):
    """Run a cell, and let the step in the background end once it has begun."""
    kernel.run("%%step far on=process wait=false cache=false" + WAIT + "made = [1]")
    asked = kernel.send(source)
    while kernel.client.get_iopub_msg(timeout=30)["msg_type"] != "execute_input":
        pass
    (tmp_path / "go").touch()
    ran = kernel.finish(asked)
    assert ran.reply["status"] == "ok", ran.text
    return ran


def test_one_that_ends_during_a_cell_is_bound_after_it(kernel, tmp_path):
    ends_during(kernel, tmp_path, "import time\ntime.sleep(2)")
    until(lambda: written(tmp_path), {"far": "succeeded"})


@pytest.mark.parametrize("pause", ["import time\ntime.sleep(2)", "import asyncio\nawait asyncio.sleep(2)"])
def test_nothing_is_bound_while_a_cell_runs(kernel, tmp_path, pause):
    """Not even while it awaits, and the kernel's loop goes round."""
    kernel.run("of_ours = get_ipython().steppe_cells.session")
    ran = ends_during(kernel, tmp_path, f"{pause}\nprint([each.done for each in of_ours.pending])")
    assert ran.text == "[True]\n"
    until(lambda: written(tmp_path), {"far": "succeeded"})


def test_one_that_ends_before_an_earlier_one_says_so_and_is_bound_after_it(kernel, tmp_path):
    kernel.run("%%step long on=process wait=false cache=false" + WAIT + "first = 1")
    kernel.run("%%step short on=process wait=false cache=false\nimport time\ntime.sleep(0.5)\nsecond = 2")
    time.sleep(2)
    assert written(tmp_path) == {"long": "running", "short": "running"}
    live = [path.read_bytes() for path in (tmp_path / ".steppe/live").rglob("*") if path.is_file()]
    assert any(b"done; its result comes after `long`" in told for told in live), live
    (tmp_path / "go").touch()
    until(lambda: written(tmp_path), {"long": "succeeded", "short": "succeeded"})
