"""Fan-outs in local workers: many elements in one worker, and what is left when something on the way dies."""

import os
import re
import signal
import threading
import time

import pytest

from tests.integration.crash import kernels
from tests.integration.process.test_kernel_killed import place as place  # a fixture

MAP = "%%step score on=process "


def said(shell):
    """Return all that the last cell wrote, without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", shell.out + shell.err)


def elements(shell):
    found = shell.last.elements
    return found["hits"], found["ran"], found["failed"]


def test_elements_run_elsewhere_and_are_hits_everywhere(kernel):
    shell = kernel()
    shell.run("xs = list(range(50))")
    body = "import os\nprint('at', x)\npid = os.getpid()"
    assert shell.run(f'{MAP} map="x in xs"\n{body}').success, shell.err
    out, pids = shell.out, shell["pid"]
    assert out.split("\n")[:-1] == [f"at {x}" for x in range(50)]
    assert os.getpid() not in pids
    assert len(set(pids)) < 50  # many in one worker
    assert elements(shell) == (0, 50, 0)
    for options in ("on=process", "on=inline", ""):
        other = kernel()
        other.run("xs = [*range(-1, 50)][::-1]")
        assert other.run(f'%%step score {options} map="x in xs"\n{body}').success
        assert elements(other)[0] >= 50
        assert other["pid"][:50] == pids[::-1]


def test_frames_classes_and_shared_parts_go_along_and_come_back(kernel):
    shell = kernel()
    shell.run(
        "import pandas as pd, numpy as np\nclass C:\n    def __init__(self, n): self.n = n\n"
        "one = [1]\nxs = [C(1), pd.DataFrame({'a': [1, 2]}), np.arange(3), one, {'k': one}]\nfs = [len, lambda v: v[0]]"
    )
    body = 'y = (type(x).__name__, x is one, getattr(x, "n", None))'
    assert shell.run(f'{MAP} map="x in xs"\n{body}').success, shell.err
    found = [("C", False, 1), ("DataFrame", False, None), ("ndarray", False, None), ("list", True, None)]
    assert shell["y"] == [*found, ("dict", False, None)]
    assert shell.run(f'{MAP} map="f in fs" gather=r\nr = f([7])').success, shell.err
    assert shell["r"] == [1, 7]
    assert shell.run(f'{MAP} map="n in range(3)" gather=rows:frame\nrows = xs[1] * n').success
    assert shell["rows"].a.tolist() == [0, 0, 1, 2, 2, 4]


def test_a_failure_names_its_element_and_the_rest_is_kept(kernel):
    shell = kernel()
    shell.run("xs = list(range(20))")
    result = shell.run(f'{MAP} map="x in xs"\nprint("at", x)\ny = 10 // (x - 7)')
    assert isinstance(result.error_in_exec, ZeroDivisionError)
    assert elements(shell) == (0, 19, 1)
    assert "1 of 20 elements of `score` failed: 7 (7): ZeroDivisionError" in said(shell)
    assert "y = 10 // (x - 7)" in said(shell)
    assert [line for line in shell.out.split("\n") if line.startswith("at")] == [f"at {x}" for x in range(20)]
    shell.run("xs[7] = 99")
    assert shell.run(f'{MAP} map="x in xs"\nprint("at", x)\ny = 10 // (x - 7)').success
    assert elements(shell) == (19, 1, 0)


def test_a_failed_element_is_tried_again_as_often_as_asked(kernel, tmp_path):
    shell = kernel()
    shell.run("xs = list(range(5))")
    body = (
        "import os\nwith open(f'/tmp/pymp-{os.environ[\"FAN_TRIES\"]}-{x}', 'a') as file:\n    file.write('.')\n"
        "if x == 3 and os.path.getsize(file.name) < 3:\n    raise OSError('not yet')\ny = x"
    )
    os.environ["FAN_TRIES"] = name = tmp_path.name
    try:
        assert shell.run(f'{MAP} retries=2 cache=false map="x in xs"\n{body}').success, shell.out
        assert os.path.getsize(f"/tmp/pymp-{name}-3") == 3
        assert os.path.getsize(f"/tmp/pymp-{name}-2") == 1
    finally:
        del os.environ["FAN_TRIES"]
        for x in range(5):
            os.path.exists(f"/tmp/pymp-{name}-{x}") and os.unlink(f"/tmp/pymp-{name}-{x}")


def test_the_element_that_kills_its_worker_fails_alone(kernel):
    shell = kernel()
    shell.run("xs = list(range(30))\nimport os, signal")
    shell.run(f'{MAP} map="x in xs"\nif x == 11:\n    os.kill(os.getpid(), signal.SIGKILL)\ny = x')
    assert elements(shell) == (0, 29, 1)
    assert "11 (11): WorkerDied" in said(shell)
    shell.run("xs.remove(11)")
    assert shell.run(f'{MAP} map="x in xs"\nif x == 11:\n    os.kill(os.getpid(), signal.SIGKILL)\ny = x').success
    assert elements(shell) == (29, 0, 0)


def test_a_timeout_is_one_elements(kernel):
    shell = kernel()
    shell.run("import time\nxs = [0, 60, 0]")
    shell.run(f'{MAP} timeout=2s map="i, x in enumerate(xs)"\ntime.sleep(x)\ny = i')
    assert elements(shell) == (0, 2, 1)
    assert "1 ((1, 60)): StepTimedOut" in said(shell)


@pytest.mark.parametrize(
    ("body", "why"),
    [("seen.append(x)\ny = x", "it changes `seen` in place"), ("x.append(1)\ny = x", "it changes `x` in place")],
)
def test_a_body_that_changes_what_others_see_is_refused(kernel, body, why):
    shell = kernel()
    shell.run("xs = [[1], [2], [3]]\nseen = []")
    assert not shell.run(f'{MAP} map="x in xs"\n{body}').success
    assert why in said(shell)
    assert (shell["seen"], shell["xs"]) == ([], [[1], [2], [3]])
    assert not shell.session.journeys or all(journey.ending for journey in shell.session.journeys)


def test_an_element_that_can_not_leave_the_kernel_fails_by_name(kernel):
    shell = kernel()
    shell.run("import threading\nxs = [1, threading.Lock(), 2]")
    assert not shell.run(f'{MAP} map="x in xs"\ny = str(x)').success
    assert elements(shell) == (0, 2, 1)
    assert "1 (a lock)" in said(shell)


def test_elements_are_taken_as_they_are_needed_and_let_go(kernel):
    shell = kernel()
    shell.run(
        "import numpy as np, weakref\nalive, most = {}, []\n"
        "def give():\n    for n in range(6000):\n        made = np.full(100, n)\n"
        "        alive[n] = weakref.ref(made, lambda _, n=n: alive.pop(n))\n        most.append(len(alive))\n"
        "        yield made"
    )
    assert shell.run(f'{MAP} map="x in give()" gather=y\ny = int(x[0])').success, shell.err
    assert shell["y"] == list(range(6000))
    assert max(shell["most"]) < 3000


def test_an_interrupt_keeps_what_has_finished(kernel):
    shell = kernel()
    shell.run("import time\nxs = [0, 0, 0, 60, 60]")
    session = shell.session
    pid = os.getpid()
    running = []

    def watch():
        end = time.monotonic() + 60
        while time.monotonic() < end:
            found = [journey for journey in list(session.journeys) if getattr(journey, "elements", None)]
            kept = session.catalog.entries.beginning("b3:", 20) if found else []
            if len(kept) >= 3:
                running.append(len(kept))
                os.kill(pid, signal.SIGINT)
                return
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    body = "time.sleep(x)\ny = i"
    result = shell.run(f'{MAP} map="i, x in enumerate(xs)"\n{body}')
    watcher.join()
    assert running
    assert isinstance(result.error_in_exec, KeyboardInterrupt)
    assert "`score` was interrupted after 3 of 5 elements: what has finished is kept" in said(shell)
    assert all(journey.done.wait(60) for journey in list(session.journeys))  # nothing of it runs on
    shell.run("xs = [0, 0, 0]")
    assert shell.run(f'{MAP} map="i, x in enumerate(xs)"\n{body}').success
    assert elements(shell) == (3, 0, 0)


def test_what_ran_on_when_the_kernel_was_killed_is_taken_over(place):
    body = (
        "file = os.open(os.environ['NOTED'], os.O_WRONLY | os.O_APPEND | os.O_CREAT)\n"
        "os.write(file, b'began %d\\n' % x)\ntime.sleep(x)\nos.write(file, b'ended %d\\n' % x)\nos.close(file)\ny = x"
    )
    cell = f'%%step slow on=process map="x in xs"\n{body}'
    kernel = place.kernel("xs = [3]", cell)
    place.until(lambda: place.lines)
    kernel.kill()
    found = place.run("xs = [3, 0]", cell, "y")
    assert place.lines.count("began 3") == 1, kernels.said(place.project)
    assert found[-1]["value"] == [3, 0]


@pytest.mark.parametrize("where", ["inline", "process"])
def test_two_kernels_that_want_the_same_elements_share_their_executions(place, where):
    body = (
        "file = os.open(os.environ['NOTED'], os.O_WRONLY | os.O_APPEND | os.O_CREAT)\n"
        "os.write(file, b'began %d\\n' % x)\ntime.sleep(0.2)\nos.close(file)\ny = x"
    )
    cell = f'%%step slow on={where} map="x in xs"\n{body}'
    one = place.kernel("xs = list(range(8))", cell, "y")
    two = place.kernel("xs = list(range(8))[::-1]", cell, "y")
    assert one.rest()[-1]["value"] == list(range(8))
    assert two.rest()[-1]["value"] == list(range(8))[::-1], kernels.said(place.project)
    assert sorted(place.lines) == [f"began {x}" for x in range(8)]


def test_kernels_that_are_killed_one_after_another_lose_and_repeat_nothing(place):
    body = (
        "file = os.open(os.environ['NOTED'], os.O_WRONLY | os.O_APPEND | os.O_CREAT)\n"
        "time.sleep(0.03)\nos.write(file, b'ended %d\\n' % x)\nos.close(file)\ny = x"
    )
    cells = "xs = list(range(120))", f'%%step slow on=process map="x in xs"\n{body}', "y"
    for number in range(5):
        kernel = place.kernel(*cells)
        place.until(lambda number=number: len(place.lines) > number * 15)
        kernel.kill()
    found = place.run(*cells)
    assert found[-1]["value"] == list(range(120)), kernels.said(place.project)
    assert sorted(place.lines) == sorted(f"ended {x}" for x in range(120))


def test_what_an_element_says_of_its_progress_elsewhere_is_told_by_its_name(kernel, monkeypatch):
    monkeypatch.setattr("steppe.engine.fan.EVERY", 0.0)
    shell = kernel()
    told = []
    monkeypatch.setattr(shell.session.live, "tell", lambda _, event: told.append(event))
    shell.run("import steppe\nxs = ['a', 'b']")
    assert shell.run(f'{MAP} map="x in xs"\nsteppe.progress(3, 3, "epochs")\ny = x').success, shell.err
    said = {each.data["text"] for each in told if each.kind == "progress"}
    assert {"'a': 3 of 3 epochs", "'b': 3 of 3 epochs"} <= said, said
