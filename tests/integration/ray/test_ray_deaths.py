"""What dies while a step runs on a cluster: Ray's worker, a node, the desk, the driver. All is made good."""

import os
import signal

import psutil
import pytest

from tests.integration.ray.conftest import until

DIES = """
import os, psutil, signal
worker = psutil.Process(os.getppid()).parent()
raylet = worker.parent()
file = os.open({noted!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
first = os.fstat(file).st_size == 0
os.write(file, b"tried\\n")
os.close(file)
print("begun", flush=True)
if first:
    {kill}
    import time
    time.sleep(600)
made = 42
"""
"""A step that kills something of its cluster when it is tried first."""


def ends(shell):
    """Return how each attempt of the last step has ended; that is noted a little after its result is bound."""
    of = shell.session.catalog.attempts.of
    until(lambda: all(attempt.ended for attempt in of(shell.last.id)))
    return [(attempt.number, str(attempt.state), attempt.end) for attempt in of(shell.last.id)]


@pytest.fixture
def noted(tmp_path_factory):
    return tmp_path_factory.mktemp("pymp-noted") / "noted"


@pytest.mark.parametrize(
    ("kill", "why"),
    [
        ("os.kill(worker.pid, signal.SIGKILL)", "Ray's process that it ran in died"),
        (
            "[os.kill(p.pid, signal.SIGKILL) for p in raylet.children() if 'Desk' in p.name() + ' '.join(p.cmdline())]",
            "what looked after it on the Ray cluster is gone",
        ),
    ],
    ids=["worker", "desk"],
)
def test_what_ray_lost_is_tried_again_and_explained(shell_there, noted, kill, why):
    shell = shell_there()
    assert shell.step(
        "dies", DIES.format(noted=str(noted), kill=kill), "on=ray wait=true cache=true outputs=made"
    ).success, shell.said
    assert shell["made"] == 42
    told = ends(shell)
    assert [(number, state) for number, state, _ in told] == [(1, "lost"), (2, "succeeded")], told
    assert why in told[0][2]
    assert noted.read_text() == "tried\n" * 2


@pytest.mark.skipif(int(os.environ.get("STEPPE_KILLS", "0")) < 200, reason="a node takes half a minute: make crash")
def test_a_step_whose_node_is_killed_runs_on_another(shell_there, cluster, tmp_path, noted):
    cluster.add_node(num_cpus=1, resources={"spare": 1}, include_dashboard=False)
    (tmp_path / "pyproject.toml").write_text("[tool.steppe.profiles.ray]\nresources = { spare = 1 }\n")
    shell = shell_there()
    kill = "os.kill(raylet.pid, signal.SIGKILL)"
    options = "on=ray wait=false cache=true outputs=made"
    assert shell.step("dies", DIES.format(noted=str(noted), kill=kill), options).success, shell.said
    until(noted.exists)
    cluster.add_node(num_cpus=1, resources={"spare": 1}, include_dashboard=False)
    shell.run("%steppe wait")
    assert shell["made"] == 42, shell.said
    told = ends(shell)
    assert [(number, state) for number, state, _ in told] == [(1, "lost"), (2, "succeeded")], told
    assert "node" in told[0][2] or "process" in told[0][2]


def test_a_driver_that_is_killed_is_made_anew_and_the_step_goes_on(shell_there, machine, noted, tmp_path):
    shell = shell_there()
    go = tmp_path / "pymp-go"
    source = DIES.format(noted=str(noted), kill="pass").replace(
        "time.sleep(600)", f"\n    while not os.path.exists({str(go)!r}): time.sleep(0.05)"
    )
    assert shell.step("goes_on", source, "on=ray wait=false outputs=made").success, shell.said
    until(noted.exists)
    address = os.environ["RAY_ADDRESS"]
    (driver,) = [
        each
        for each in psutil.process_iter()
        if "executors.ray.driver" in " ".join(cmdline(each)) and address in " ".join(cmdline(each))
    ]
    driver.send_signal(signal.SIGKILL)
    go.touch()
    shell.run("%steppe wait")
    assert shell["made"] == 42, shell.said
    assert noted.read_text() == "tried\n"
    assert [state for _, state, _ in ends(shell)] == ["succeeded"]


def cmdline(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []
