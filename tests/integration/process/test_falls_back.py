"""`--on process --jobs N`: a background step whose outputs can't come back runs in the kernel, as in its turn."""

import json

import nbformat
import pytest

from steppe.types import HeadlessRun
from tests.integration.notebooks.made import Room

SLOW = "import time\ntime.sleep(0.3)\n"


@pytest.fixture
def room(tmp_path, capsys, monkeypatch):
    (tmp_path / "project").mkdir()
    monkeypatch.setenv("STEPPE_MACHINE", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / ".ipython"))
    return Room(tmp_path / "project", capsys)


def run(room, cells):
    room.write(cells)
    code, out, err = room.steppe(
        "run", "book.ipynb", "--steps", "all", "--on", "process", "--jobs", "4", "-o", "done.ipynb", "--json"
    )
    made = [cell for cell in nbformat.read(room.folder / "done.ipynb", as_version=4).cells if cell.cell_type == "code"]
    shown = {name: cell.outputs for name, cell in zip(cells, made[-len(cells) :], strict=True)}
    return code, json.loads(out), shown, err


def texts(outputs):
    return [each.get("text") or each.get("data", {}).get("text/plain") or each.get("ename") for each in outputs]


def test_what_cannot_come_back_is_made_in_the_kernel_as_in_its_turn(room):
    code, told, shown, err = run(
        room,
        {
            "base": "base = 10\nname = 'first'",
            "rows": f"{SLOW}open('log.txt', 'a').write('once')\nprint('making', base)\n"
            "rows = (base * each for each in range(3))\nname = 'from rows'\n'made'",
            "later": "base = 99\nname = 'from later'\nprint('later', base)\nbase",
            "seen": "print(base, name)\nsum(rows), open('log.txt').read()",
            "out": "type(rows).__name__, Out",
        },
    )
    assert code == 0, (told, err)
    assert texts(shown["rows"]) == ["making 10\n", "'made'"]
    assert [each["execution_count"] for each in shown["rows"] if each["output_type"] == "execute_result"] == [2]
    assert texts(shown["later"]) == ["later 99\n", "99"]
    assert texts(shown["seen"]) == ["99 from later\n", "(297, 'once')"]
    assert texts(shown["out"]) == ["('generator', {2: 'made', 3: 99, 4: (297, 'once')})"]
    why = {step["name"]: step["why"] for step in told["steps"]}
    assert "generator" in why["rows"]


def test_one_that_nobody_reads_runs_at_the_end_and_its_figure_and_error_reach_its_cell(room):
    code, told, shown, err = run(
        room,
        {
            "drawn": f"{SLOW}import matplotlib.pyplot as plt\nlines = (each for each in plt.plot([1, 2]))\nNone",
            "fails": f"{SLOW}print('before')\nbad = (each for each in ())\nimport threading\n"
            "threading.Thread(target=time.sleep, args=(0.5,)).start()\n1 / 0",
            "other": "value = 1\nprint('other')",
        },
    )
    assert code == 1, (told, err)
    assert [list(each["data"]) for each in shown["drawn"]] == [["image/png", "text/plain"]]
    assert texts(shown["fails"]) == ["before\n", "ZeroDivisionError"]
    assert texts(shown["other"]) == ["other\n"]
    states = {step["name"]: step["status"] for step in told["steps"]}
    assert states["fails"] == "failed"
    assert states["drawn"] == states["other"] == "succeeded"


@pytest.fixture
def headless(kernel):
    shell = kernel()
    shell.session.headless = HeadlessRun(on="process", jobs=3)
    yield shell
    shell.session.headless = None


def test_it_sees_its_inputs_before_a_later_cell_changed_them_in_place(headless):
    headless.run("xs = [1, 2]")
    headless.step("a", f"{SLOW}total = (each for each in xs)", "cpu=0.1")
    headless.run("xs.append(3)")
    assert headless.run("list(total), xs").result == ([1, 2, 3], [1, 2, 3])
    assert headless.session.pending == []


def test_it_is_refused_where_a_later_cell_has_changed_an_input_unseen(headless):
    headless.run("xs = [1, 2]\nother = {'xs': xs}\ndef change():\n    other['xs'] += [3]")
    headless.step("a", f"{SLOW}total = (each for each in list(xs))", "cpu=0.1")
    headless.run("change()")
    assert not headless.run("list(total)").success
    assert "a later cell has changed its input `xs` meanwhile" in headless.shell.steppe_cells.steps[0].error


def test_a_step_after_it_runs_again_where_it_changes_what_that_one_saw(headless):
    headless.run("import random\nrandom.seed(1)")
    headless.step("a", f"{SLOW}made = (each for each in ())\nfirst = random.random()", "cpu=0.1")
    headless.step("b", "second = random.random()", "cpu=0.1")
    headless.run("got = first, second")
    headless.run("random.seed(1)\nwanted = random.random(), random.random()")
    assert headless["got"] == headless["wanted"]


def test_a_step_after_it_runs_again_where_it_reads_what_that_one_wrote(headless):
    headless.run("open('kept.txt', 'w').write('old')")
    headless.step("a", f"{SLOW}made = (each for each in ())\nopen('kept.txt', 'w').write('new')", "cpu=0.1")
    headless.step("b", "text = open('kept.txt').read()", "cpu=0.1")
    assert headless.run("text").result == "new"


def test_an_input_that_cannot_leave_keeps_a_step_in_the_kernel(headless):
    headless.step("a", f"{SLOW}kept = (each for each in range(3))", "cpu=0.1")
    headless.step("b", "total = sum(kept)", "cpu=0.1")
    assert headless.run("total").result == 3


def test_a_step_that_was_told_where_to_run_fails_there(headless):
    headless.step("a", "kept = (each for each in range(3))", "on=process")
    assert not headless.run("kept").success
    assert "can't come back" in headless.shell.steppe_cells.steps[0].error


TELLING = (
    "class K:\n    pass\nk = K()\n"
    "def tell(text):\n"
    "    def show(value, printer, cycle):\n        printer.text(text)\n"
    "    get_ipython().display_formatter.formatters['text/plain'].for_type(K, show)"
)


@pytest.mark.parametrize("options", ["", " cache=false"])
def test_one_that_tells_the_shell_how_to_show_values_runs_in_the_kernel(headless, options):
    headless.session.headless = HeadlessRun(on="process")
    headless.run(TELLING)
    headless.step("told", "tell('so'); made = 3", f"cpu=0.1{options}")
    headless.run("k")
    assert headless.out.endswith("so\n")
    told = headless.shell.steppe_cells.steps[0]
    assert told.executor == "inline"
    assert "it has told the shell how to show K as text/plain, there alone" in told.why


def test_one_that_tells_the_shell_of_the_place_where_it_was_told_to_run_is_refused(kernel):
    shell = kernel()
    shell.run(TELLING)
    shell.step("told", "tell('so'); made = 3", "on=process")
    assert str(shell.last.state) == "failed"
    assert shell.last.error == (
        "`told` ran, but what it made can't come back: it has told the shell how to show K as text/plain, there alone. "
        "Keep it in the kernel with on=inline."
    )
    assert shell["made"] == 3
