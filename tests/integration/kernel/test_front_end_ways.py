"""What a front end does beside running cells: answers questions, interrupts, completes, looks, asks again."""

from __future__ import annotations

import time
from pathlib import Path

import nbformat
import pytest
from front_end import Kernel

from steppe.notebooks.marks import Steps
from steppe.notebooks.run import run_notebook


def test_a_step_may_ask_and_is_answered(kernel: Kernel):
    asked = "%%step a\nname = input('who? ')\nprint('hello', name)"
    assert "hello Ann" in kernel.run(asked, stdin=["Ann"]).text
    assert "hello Bob" in kernel.run(asked, stdin=["Bob"]).text, "what was answered once is no answer for ever"


def test_an_interrupt_ends_a_step_and_the_kernel_goes_on(kernel: Kernel):
    asked = kernel.send("%%step a\nimport time\nprint('in', flush=True)\nfor _ in range(600):\n    time.sleep(0.1)")
    time.sleep(1)
    began = time.monotonic()
    kernel.manager.interrupt_kernel()
    ran = kernel.finish(asked)
    assert time.monotonic() - began < 5
    assert ran.outputs[-1]["ename"] == "KeyboardInterrupt"
    assert kernel.states() == ["cancelled"]
    assert kernel.run("1 + 1").text == "2\n"


SLOW = """
import time
class Slow:
    def __getstate__(self):
        open('asked', 'w').close()
        time.sleep(600)
slow = Slow()
"""


def test_an_interrupt_while_a_step_is_looked_up_cancels_it(kernel: Kernel, tmp_path):
    kernel.run("%%step before\nx = 1")
    kernel.run(SLOW)
    asked = kernel.send("%%step a\ny = slow")
    end = time.monotonic() + 30
    while not (tmp_path / "asked").exists():
        assert time.monotonic() < end, "nothing asked for the state of the input"
        time.sleep(0.02)
    kernel.manager.interrupt_kernel()
    assert kernel.finish(asked).outputs[-1]["ename"] == "KeyboardInterrupt"
    kernel.silently("get_ipython().steppe_cells.session.catalog.flush()")
    told = (
        "{run.step.name: str(run.state) for run in get_ipython().steppe_cells.session.catalog.step_runs.list().items}"
    )
    assert eval(kernel.value(told)) == {"before": "succeeded", "a": "cancelled"}


HOLD = """
import time
session = get_ipython().steppe_cells.session
from steppe.engine import resolve
key = get_ipython().steppe_cells.steps[-1].key
session.catalog.entries.forget(key)
session.catalog.claims.acquire(key, session.holder.rpartition(':')[0] + ':other', 60.0, label='another kernel')
"""


def test_an_interrupt_ends_waiting_for_another_kernel(kernel: Kernel):
    kernel.run("%%step a\nx = 1")
    kernel.silently(HOLD)
    asked = kernel.send("%%step a\nx = 1")
    time.sleep(1)
    began = time.monotonic()
    kernel.manager.interrupt_kernel()
    ran = kernel.finish(asked)
    assert time.monotonic() - began < 5
    assert ran.outputs[-1]["ename"] == "KeyboardInterrupt"
    assert ran.reply["status"] == "error"
    assert kernel.run("x + 1").text == "2\n"


def test_names_complete_and_can_be_looked_at(kernel: Kernel):
    kernel.run("%%step a\nclass Big:\n    def hello(self):\n        pass\nbig = Big()")
    assert "hello" in "".join(kernel.complete("big.he"))
    assert kernel.complete("%steppe st") == ["status"]
    assert kernel.complete("%%step a cache=") == ["false", "true"]


def test_a_reloaded_module_is_a_miss(kernel: Kernel, tmp_path: Path):
    (tmp_path / "helping.py").write_text("def f():\n    return 1\n")
    kernel.run("import sys; sys.path.insert(0, '.')\nimport importlib, helping")
    source = "%%step a\ny = helping.f()\ny"
    assert kernel.run(source).text == "1\n"
    (tmp_path / "helping.py").write_text("def f():\n    return 22\n")
    kernel.run("importlib.reload(helping);")
    assert kernel.run(source).text == "22\n"


QUIET = [
    "import sys, warnings\nprint('out')\nprint('err', file=sys.stderr)",
    "from IPython.display import HTML, display\nh = display(HTML('a'), display_id=True)\nh.update(HTML('b'))",
    "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    print(error)",
    "import pandas as pd\npd.DataFrame({'a': [1, 2]})",
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    "from tqdm import tqdm\nfor _ in tqdm(range(3), ncols=60, bar_format='{n}/{total}'):\n    pass",
]


def saved(path: Path) -> list[object]:
    book = nbformat.read(path, as_version=4)
    for cell in book.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        cell["execution_count"] = None
        for output in cell.get("outputs", ()):
            output.pop("execution_count", None)
    return [(cell.source, cell.get("outputs"), dict(cell.metadata)) for cell in book.cells]


@pytest.mark.slow
def test_a_notebook_run_twice_saves_the_same(tmp_path: Path):
    (tmp_path / "pyproject.toml").write_text("")
    cells = [nbformat.v4.new_code_cell(f"%%step s{n}\n{source}") for n, source in enumerate(QUIET)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "book.ipynb")
    outcomes = [run_notebook(tmp_path / "book.ipynb", tmp_path / f"{n}.ipynb", steps=Steps.MAGIC) for n in range(2)]
    assert [outcome.status for outcome in outcomes] == ["succeeded", "succeeded"]
    assert "hit" in [str(step.state) for step, _ in outcomes[1].steps]
    assert saved(tmp_path / "0.ipynb") == saved(tmp_path / "1.ipynb")


def test_a_failed_step_can_be_looked_into(kernel: Kernel):
    kernel.run("def halve(whole):\n    half = whole / nothing\n    return half")
    kernel.run("nothing = 0")
    assert "ZeroDivisionError" in kernel.run("%%step a\nx = halve(17)").text
    looked = kernel.run("%debug", stdin=["p whole + 1", "up", "q"])
    assert looked.reply["status"] == "ok"
    assert "18" in looked.text
    assert "x = halve(17)" in looked.text, "the frame above is the step's cell"
    assert kernel.run("%%step b\ny = 1").reply["status"] == "ok"
    assert kernel.states()[-1] == "succeeded"


def test_pip_in_a_cell_of_its_own_is_known_to_the_steps_after_it(kernel: Kernel):
    kernel.run("%%step a\nx = 1")
    assert "pip" in kernel.run("%pip --version").text
    kernel.run("%%step a\nx = 1")
    assert kernel.states() == ["succeeded", "hit"]
