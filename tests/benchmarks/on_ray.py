"""What a step on Ray costs beside a bare Ray task, and what eight that read one array hold of it in memory.

python tests/benchmarks/on_ray.py            starts a Ray of this machine, as `on=ray` does
"""

from __future__ import annotations

import glob
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

from notebook import Notebook
from row import interleaved

ROUNDS = 40
READERS = 8
GIB = 2**30


def main() -> int:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(prefix="steppe-bench-", dir="/var/tmp") as folder:
        notebook = Notebook(folder)
        notebook.run("x = 3")
        began = time.perf_counter()
        notebook.step("%%step first on=ray wait=true\ny = x", "succeeded")
        print(f"the first step, which starts a Ray    {time.perf_counter() - began:8.1f} s")
        latency(notebook)
        memory(notebook, Path(folder))
        notebook.shell.run_cell("%unload_ext steppe")
    return 0


def latency(notebook: Notebook) -> None:
    """Run no-op steps on Ray and in local workers, in turn with bare Ray tasks."""
    seed = time.time_ns()
    notebook.step(f"%%step p on=process wait=true\np = x + {seed}", "succeeded")
    with Bare() as bare:
        bare.task()
        took = interleaved(
            ROUNDS,
            ray=lambda number: notebook.step(f"%%step r on=ray wait=true\nr = x + {seed + number}", "succeeded"),
            process=lambda number: notebook.step(
                f"%%step p on=process wait=true\np = x + {seed + number + 1}", "succeeded"
            ),
            bare=lambda _: bare.task(),
        )
    for name, label in (("ray", "a no-op step on Ray"), ("process", "in a local worker"), ("bare", "a bare Ray task")):
        print(f"{label:<37} {took[name]:8.1f} ms")
    print(f"on Ray beyond the bare task           {took['ray'] - took['bare']:8.1f} ms")


class Bare:
    """A process that is connected to the same Ray, and runs a task that does nothing when it is told to."""

    PROGRAM = """
import sys, time, ray
ray.init(address="auto", log_to_driver=False, logging_level="error")
nothing = ray.remote(lambda: None)
for _ in range(3):
    ray.get(nothing.remote())
for _ in sys.stdin:
    began = time.perf_counter()
    ray.get(nothing.remote())
    print((time.perf_counter() - began) * 1e3, flush=True)
"""

    def __enter__(self) -> Self:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", self.PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def task(self) -> float:
        """Run a task; return how many milliseconds it took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def __exit__(self, *_: object) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def memory(notebook: Notebook, folder: Path) -> None:
    """Have eight steps read one array of 1 GiB at once; tell what of the machine's memory they share of it hold."""
    notebook.step(
        f"%%step big on=ray wait=true\nimport numpy as np\nbig = np.ones({GIB} // 4, np.float32)", "succeeded"
    )
    notebook.run("import time, os")
    for number in range(READERS):
        source = (
            f"t{number} = float(big.sum())\nopen('read-{number}', 'w').close()\n"
            f"while not os.path.exists('go'): time.sleep(0.05)"
        )
        notebook.run(f"%%step s{number} on=ray wait=false cpu=0.1 cache=false\n{source}")
    while len(list(folder.glob("read-*"))) < READERS:
        time.sleep(0.1)
    shares = [held(path, str(folder)) for path in glob.glob("/proc/[0-9]*/smaps")]
    (folder / "go").touch()
    notebook.run("%steppe wait")
    mapping = [share for share in shares if share > GIB // 100]
    print(f"{len(mapping)} steps hold an array of 1 GiB in    {sum(mapping) / GIB:8.2f} GiB of memory")
    print(f"each a share of                       {statistics.median(mapping) / GIB:8.2f} GiB")


def held(smaps: str, folder: str) -> int:
    """Return a process's proportional share, in bytes, of what it maps of a folder's files."""
    share, ours = 0, False
    try:
        for line in Path(smaps).read_text().splitlines():
            first = line.split(maxsplit=1)[0]
            if "-" in first and not first.endswith(":"):
                ours = folder in line
            elif ours and first == "Pss:":
                share += int(line.split()[1]) * 1024
    except OSError:  # it has ended
        return 0
    return share


if __name__ == "__main__":
    sys.exit(main())
