"""Many steps that run and write at once, as kernels have them, for tests of pages that look on. A process holds some:

python -m tests.ui.writers PROJECT NOTEBOOK FIRST COUNT LINES RATE

tells the ids of its steps as JSON, waits for a line on its standard input, and writes LINES lines a step, RATE a
second.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from steppe.catalog import open_catalog
from steppe.engine.live_output import LiveOutput
from steppe.ids import new_id
from steppe.types import Run, Shown, State, StepId, StepRun
from steppe.worker.events import Event

ROOT = Path(__file__).parents[2]


def main(folder: str, notebook: str, first: str, count: str, lines: str, rate: str) -> None:
    """Be such a process."""
    state = Path(folder, ".steppe")
    state.mkdir(exist_ok=True)
    output = LiveOutput(lambda: state)
    with open_catalog(str(state / "catalog.db")) as catalog:
        now = time.time()
        run = Run(
            id=new_id(now, lambda _: int(first)),
            kind="kernel",
            status="running",
            notebook=notebook,
            host=socket.gethostname(),
            pid=os.getpid(),
            started=now,
        )
        catalog.runs.begin(run)
        steps = [
            StepRun(
                id=new_id(now, lambda _, number=number: 1000 + number),
                run=run.id,
                step=StepId(notebook=notebook, name=f"s{number}"),
                cell=f"c{number}",
                state=State.RUNNING,
                started=now,
            )
            for number in range(int(first), int(first) + int(count))
        ]
        for step in steps:
            catalog.step_runs.record(step)
        print(json.dumps({step.step.name: step.id for step in steps}), flush=True)
        sys.stdin.readline()
        began = time.monotonic()
        for number in range(int(lines)):
            for step in steps:
                text = f"{step.step.name} line {number}\n"
                output.tell(step.id, _event("shown", shown=Shown(kind="stream", name="stdout", text=text)))
                if number % 5 == 0:
                    output.tell(
                        step.id, _event("progress", data={"done": number, "total": int(lines), "text": "on it"})
                    )
            time.sleep(max(0.0, began + (number + 1) / float(rate) - time.monotonic()))
        for step in steps:
            catalog.step_runs.record(msgspec.structs.replace(step, state=State.SUCCEEDED, ended=time.time()))
            output.end(step.id, keep=True)
        output.close()
        catalog.runs.finish(run, status="succeeded", ended=time.time())


def _event(kind: str, **more: object) -> Event:
    return Event(kind=kind, at=time.time(), **more)  # type: ignore[arg-type]


class Writers:
    """Such processes.

    Attributes:
        ids: of the StepRuns, by the names of their steps.
    """

    def __init__(self, processes: list[subprocess.Popen[str]]) -> None:
        """Hear which steps they hold."""
        self._processes = processes
        self.ids: dict[str, str] = {}
        for process in processes:
            assert process.stdout is not None
            self.ids |= json.loads(process.stdout.readline())

    def go(self) -> None:
        """Have them write."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()

    def wait(self) -> None:
        """Wait until all has been written."""
        for process in self._processes:
            assert process.wait(300) == 0


@contextlib.contextmanager
def writing(folder: Path, notebook: str, *, steps: int, processes: int, lines: int, rate: float) -> Iterator[Writers]:
    """Begin processes that hold so many running steps in all, each to write `lines` lines, `rate` a second."""
    each = steps // processes
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.ui.writers", folder, notebook, *map(str, (at * each, each, lines, rate))],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for at in range(processes)
    ]
    try:
        yield Writers(begun)
    finally:
        for process in begun:
            process.kill()
            process.communicate()


HEAR = """ids => {
  window.steppeHeard = {};
  window.steppeTwice = 0;
  window.steppeOver = 0;
  const logs = ids.map(id => `${id}:0`).join(',');
  fetch(`/steppe/api/events?logs=${logs}`).then(async answer => {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = '';;) {
      const {done, value} = await reader.read();
      if (done) { return; }
      const blocks = (rest + value).split('\\n\\n');
      rest = blocks.pop();
      for (const block of blocks.filter(each => each.startsWith('event: log'))) {
        const told = JSON.parse(block.slice(block.indexOf('data: ') + 6));
        const heard = window.steppeHeard[told.step_run] ??= new Set();
        for (const {number, text} of told.lines) {
          window.steppeTwice += heard.has(number) || !text.endsWith(` line ${number}`) ? 1 : 0;
          heard.add(number);
        }
        window.steppeOver += told.live ? 0 : 1;
      }
    }
  });
}"""
"""Has a page listen to the lines of StepRuns."""


def hear(page, ids):
    """Have a page listen to the lines of all these StepRuns, beside what it shows."""
    page.evaluate(HEAR, list(ids))


def heard(page, ids):
    """Return how many lines the page has heard in all, and how many twice or out of place, once all have ended."""
    page.wait_for_function("count => window.steppeOver >= count", arg=len(list(ids)), timeout=120_000)
    count = page.evaluate("Object.values(window.steppeHeard).reduce((sum, each) => sum + each.size, 0)")
    return count, page.evaluate("window.steppeTwice")


if __name__ == "__main__":
    main(*sys.argv[1:])
