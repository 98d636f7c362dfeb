"""What steps in local workers show arrives while they run, wherever it was written from."""

import io
import pathlib
import re
import threading
import time
from contextlib import redirect_stdout


class Timed(io.StringIO):
    """A stream that notes when each text came."""

    def __init__(self):
        super().__init__()
        self.came = {}

    def write(self, text):
        for line in filter(None, text.splitlines()):
            self.came.setdefault(line, time.monotonic())
        return super().write(text)


def run(shell, source):
    out = Timed()
    with redirect_stdout(out):
        result = shell.shell.run_cell(source)
    return result, out, time.monotonic()


def test_prints_and_displays_arrive_before_the_step_ends(kernel):
    shell = kernel()
    source = "%%step live on=process\nimport time\nprint('first')\ndisplay('second')\ntime.sleep(2)\nprint('third')\n7"
    result, out, ended = run(shell, source)
    assert result.success
    assert result.result == 7
    assert ended - out.came["first"] > 1.5
    assert ended - out.came["'second'"] > 1.5
    assert ended - out.came["third"] < 1.5
    assert list(out.came)[:3] == ["first", "'second'", "third"]


def test_output_of_child_processes_and_of_c_code_arrives_while_they_run(kernel):
    shell = kernel()
    source = """%%step native on=process
import ctypes, os, subprocess, sys, time
done = subprocess.run(['sh', '-c', 'echo from a child; sleep 1.5; echo again'])
ctypes.CDLL(None).puts(b'from C')
ctypes.CDLL(None).fflush(None)
os.write(1, b'from a descriptor\\n')
print('from Python')
status = os.system('echo last')
"""
    result, out, ended = run(shell, source)
    assert result.success, result.error_in_exec
    assert ended - out.came["from a child"] > 1.2
    assert list(out.came)[:6] == [
        "from a child", "again", "from C", "from a descriptor", "from Python", "last",
    ]  # fmt: skip


def test_a_background_step_shows_its_output_though_nobody_waits(kernel):
    shell = kernel()
    out = Timed()
    with redirect_stdout(out):
        shell.shell.run_cell("%%step late on=process wait=false\nimport time\nprint('late')\ntime.sleep(1)\nx = 1")
        for _ in range(500):
            if "late" in out.came:
                break
            threading.Event().wait(0.02)
    assert "late" in out.came
    assert shell.run("x").result == 1


def test_a_hit_shows_what_children_wrote_once_more(kernel):
    shell = kernel()
    cell = "%%step spoke on=process cache=true\nimport os\nw = os.write(1, b'native\\n')\nprint('python')"
    for state in ("succeeded", "hit"):
        _, out, _ = run(shell, cell)
        assert list(out.came)[:2] == ["native", "python"]
        assert str(shell.last.state) == state, shell.last.why


def test_the_card_of_a_step_in_the_background_tells_how_far_it_is(kernel):
    shell = kernel()
    source = """%%step far on=process wait=false
import pathlib, time, steppe
print('one')
print('two')
steppe.progress(1, 4, 'reading')
while not pathlib.Path('enough').exists():
    time.sleep(0.02)
x = 1"""
    shell.run(source)
    bundles = []
    publisher = shell.shell.display_pub
    before = publisher.publish
    publisher.publish = lambda data, *_, **__: bundles.append(data)
    try:
        end = time.monotonic() + 60
        while not (bundles and "25 % reading" in bundles[-1]["text/plain"] and "two" in bundles[-1]["text/plain"]):
            assert time.monotonic() < end, bundles[-1:]
            shell.run("%steppe show far")
            threading.Event().wait(0.02)
    finally:  # a step that went on would be waited for
        pathlib.Path("enough").touch()
    publisher.publish = before
    lines = bundles[-1]["text/plain"].splitlines()
    assert re.fullmatch(r"far: running for .*, on process", lines[0])
    assert lines[1:] == ["  25 % reading", "  has written", "    one", "    two"]
    assert "25 % reading" in bundles[-1]["text/html"]
    told = bundles[-1]["application/vnd.steppe.card+json"]
    assert (told["kind"], told["state"], told["name"]) == ("step", "running", "far")
    assert shell.run("x").result == 1
