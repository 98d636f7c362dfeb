"""External resources outlive nobody: not a killed process, not one that is forked from it; and workers may use them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SERVER = """
import os, signal, subprocess, sys, time
import steppe

class Server(steppe.ExternalResource):
    def __init__(self, data):
        self.data = data

    def activate(self):
        code = "import time; time.sleep(1000)"
        self._process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
        self.pid = self._process.pid
        self.keep()
        {activating}

    def deactivate(self):
        if getattr(self, "pid", 0):
            os.kill(self.pid, signal.SIGKILL)

    def identity(self):
        return self.data

@steppe.step
def query(server, x):
    return f"{{server.data}} {{x}} {{server.state}}"

with Server("{data}") as server:
    print(query{options}(server, 1), flush=True)
    print(server.pid, flush=True)
    {last}
"""


def script(project, *, data="one", activating="", options="", last=""):
    project.write("flow.py", SERVER.format(data=data, activating=activating, options=options, last=last))


def ended(pid):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def resource(project, state):
    """Return what is written down of the latest resource, once it is in a state."""
    until = time.monotonic() + 60
    while True:
        found = [run for run in project.steps() if run.step.name == "Server"][-1]
        if found.stages[-1][0] == state:
            return found
        assert time.monotonic() < until, found
        time.sleep(0.05)


@pytest.mark.parametrize("holds", ["", "if not os.fork(): os.close(1); os.close(2); time.sleep(60)\n    "])
def test_it_is_ended_when_its_process_is_killed(project, holds):
    script(project, last=f"{holds}print(os.getpid(), flush=True); time.sleep(60)")
    process = project.start("flow.py")
    assert process.stdout.readline() == "one 1 active\n"
    server, owner = int(process.stdout.readline()), int(process.stdout.readline())
    os.kill(owner, signal.SIGKILL)
    assert ended(server)
    found = resource(project, "deactivated")
    assert found.why == "an external resource, deactivated: its process was gone"
    assert str(found.state) == "cancelled"
    assert [state for state, _, _ in found.stages][-3:] == ["active", "deactivating", "deactivated"]


def test_one_that_is_killed_while_it_comes_up_leaves_nothing(project):
    script(project, activating="print(self.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)")
    process = project.start("flow.py")
    assert ended(int(process.stdout.readline()))
    found = resource(project, "deactivated")
    assert "active" not in [state for state, _, _ in found.stages]


def test_a_worker_may_use_it_and_another_identity_or_class_is_a_miss(project):
    script(project, options='.options(on="process")')
    assert project.run("flow.py").startswith("one 1 active\n")
    assert project.run("flow.py").startswith("one 1 active\n")
    script(project, data="two")
    assert project.run("flow.py").startswith("two 1 active\n")
    script(project, data="two", activating="self.more = 1")
    project.run("flow.py")
    assert project.states("query") == ["succeeded", "hit", "succeeded", "succeeded"]
    command = [os.path.join(os.path.dirname(sys.executable), "steppe"), "show", resource(project, "deactivated").id]
    said = subprocess.run(
        [*command, "--json"], cwd=project.root, env=project.environ, stdout=subprocess.PIPE, check=True
    )
    states = [each["name"] for each in json.loads(said.stdout)["states"]]
    assert states == ["created", "activating", "active", "deactivating", "deactivated"]
