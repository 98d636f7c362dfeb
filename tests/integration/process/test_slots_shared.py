"""Kernels that share one device: never two steps on it at once, never stuck, though workers are killed."""

import os
import random
import signal
import threading
import time

from tests.integration.crash import kernels

MANY = 200 if int(os.environ.get("STEPPE_KILLS", "12")) >= 200 else 40
"""How many steps in all; STEPPE_KILLS=200 for `make crash`."""

BODY = """
import os, time
mark = os.environ['ALONE'] + '/device'
file = os.open(mark, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
try:
    os.write(file, str(os.getpid()).encode())
    noted = os.open(os.environ['ALONE'] + '/devices', os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(noted, os.environ['CUDA_VISIBLE_DEVICES'].encode() + b'\\n')
    time.sleep(0.02)
finally:
    os.unlink(mark)
"""


def kill_some(mark, rng, stop, killed):
    """Kill workers while they use the device, and take away the mark that each leaves, as its `finally` would have."""
    while not stop.wait(rng.uniform(0.1, 0.6)):
        while not (found := marked(mark)) and not stop.is_set():
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.015))
        try:
            os.kill(int(found), signal.SIGSTOP)
            time.sleep(0.005)
            if marked(mark) == found:
                mark.unlink()
                os.kill(int(found), signal.SIGKILL)
                killed.append(found)
            else:
                os.kill(int(found), signal.SIGCONT)
        except (ProcessLookupError, ValueError):
            continue


def marked(mark):
    """Return the process that uses the device."""
    try:
        return mark.read_text()
    except FileNotFoundError:
        return ""


def test_two_kernels_never_use_one_device_at_once_and_never_get_stuck(tmp_path):
    seed = int(os.environ.get("STEPPE_SEED", "0")) or random.randrange(10**6)
    print(f"STEPPE_SEED={seed}")
    project, alone, machine = tmp_path / "project", tmp_path / "alone", tmp_path / "machine"
    (project / ".git").mkdir(parents=True)
    alone.mkdir()
    machine.mkdir()
    environ = {
        "STEPPE_GPUS": "1",
        "STEPPE_MACHINE": str(machine),
        "ALONE": str(alone),
        "IPYTHONDIR": str(tmp_path / ".ipython"),
    }
    cells = [
        [f"%%step of_{kernel}_{number} gpu=1 on=process retries=1 cache=false\n{BODY}" for number in range(MANY // 2)]
        for kernel in range(2)
    ]
    both = [kernels.Kernel(project, each, **environ) for each in cells]
    stop, killed = threading.Event(), []
    thread = threading.Thread(target=kill_some, args=(alone / "device", random.Random(seed), stop, killed))
    thread.start()
    try:
        before = time.monotonic()
        found = [each for kernel in both for each in kernel.rest()]
    finally:
        stop.set()
        thread.join()
    print(f"{len(killed)} killed in {time.monotonic() - before:.1f} s")
    assert len(found) == MANY
    wrong = [each for each in found if each["error"] and "signal 9" not in each["error"]]
    assert not wrong, (wrong, kernels.said(project))
    assert all(each["states"] == ["succeeded"] for each in found if not each["error"])
    assert killed
    noted = (alone / "devices").read_text().splitlines()
    assert set(noted) == {"0"}
    assert len(noted) >= MANY - sum(bool(each["error"]) for each in found)
