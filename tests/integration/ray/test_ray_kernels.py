"""Kernels that are killed while a step runs on Ray: the work is done once, and the next kernel attaches to it."""

import shutil
import tempfile
from pathlib import Path

from tests.integration.crash import kernels
from tests.integration.ray.conftest import until

STEP = """%%step slow on=ray wait=true
import os, time
file = os.open({noted!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
os.write(file, b'began\\n')
print('shown before the kernel died', flush=True)
while not os.path.exists({go!r}):
    time.sleep(0.05)
os.write(file, b'ended\\n')
os.close(file)
value = 42
value
"""


def test_a_step_goes_on_without_its_kernel_and_the_next_one_attaches(project, local, machine):
    environ = {"STEPPE_MACHINE": str(machine)}
    scratch = Path(tempfile.mkdtemp(prefix="pymp-"))  # as what libraries keep while they run: no output of the step
    noted, go = scratch / "noted", scratch / "go"
    step = STEP.format(noted=str(noted), go=str(go))
    first = kernels.Kernel(project, [step], **environ)
    until(noted.exists, 60)
    first.kill()
    second = kernels.Kernel(project, [step], **environ)
    go.touch()
    told = second.rest()[0]
    assert told["states"] == ["hit"], (told, kernels.said(project))
    assert told["value"] == 42
    assert noted.read_text() == "began\nended\n"
    shutil.rmtree(scratch)
