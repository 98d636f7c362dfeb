"""A team at work: processes that run overlapping steps on one PostgreSQL database and one bucket; some are killed."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

MEMBER = Path(__file__).with_name("member.py")
WAIT = 1800.0
"""Seconds after which a member that has not ended hangs."""


class Team:
    """Members 0 to `size` - 1, each with a project of its own, that share a store and a catalog.

    Attributes:
        killed: the members that were killed, as they call themselves in the witness file.
        times: seconds of each call by what was called, of all members that were not killed.
        wrong: values that were not what they should be.
    """

    def __init__(self, folder: Path, environ: dict[str, str], *, size: int, chains: int, asked: int, seed: int) -> None:
        """Give each of `chains` chains of two steps to `asked` members, chosen by `seed`."""
        self._folder, self._environ = folder, environ
        self._chosen = random.Random(seed)
        self._lists: list[list[int]] = [[] for _ in range(size)]
        for chain in range(chains):
            for member in self._chosen.sample(range(size), asked):
                self._lists[member].append(chain)
        self.witness = folder / "witness"
        self.witness.touch()
        self.killed: list[str] = []
        self.times: dict[str, list[float]] = defaultdict(list)
        self.wrong: list[Any] = []
        self._seed = seed

    def work(self, *, kills: int, pause: float) -> float:
        """Let them all work until everything is done; return the seconds that it took.

        Args:
            kills: how many members are killed at random moments; another process takes up the list of each.
            pause: seconds that a member thinks between two chains, on average.
        """
        running = {member: self._start(member, pause) for member in range(len(self._lists))}
        for process in running.values():
            self._begin(process)
        began = time.monotonic()
        marks = sorted(self._chosen.uniform(0.05, 0.8) for _ in range(kills))
        keys = 2 * len({chain for each in self._lists for chain in each})
        while running:
            if marks and self.executions() >= marks[0] * keys and len(running) > 1:
                marks.pop(0)
                member = self._chosen.choice(sorted(running))
                running[member] = self._kill(member, running[member], pause)
            for member, process in list(running.items()):
                if process.poll() is not None:
                    said = process.stderr.read()
                    assert process.returncode == 0, said
                    assert not said, said
                    self._take(member)
                    del running[member]
            assert time.monotonic() - began < WAIT, f"{sorted(running)} hang"
            time.sleep(0.01)
        return time.monotonic() - began

    def executions(self) -> int:
        """Return how many executions have begun."""
        return self.witness.read_bytes().count(b"\n")

    def executed(self) -> dict[tuple[str, int], list[str]]:
        """Return who began to execute each step, in that order."""
        found: dict[tuple[str, int], list[str]] = defaultdict(list)
        for line in self.witness.read_text().splitlines():
            who, name, number = line.split()
            found[name, int(number)].append(who)
        return found

    def again(self) -> list[str]:
        """Return the executions that should not have been: of a key whose execution before was not cut short."""
        last = {line.split()[0]: tuple(line.split()[1:]) for line in self.witness.read_text().splitlines()}
        return [
            f"{name} {number}: {' '.join(who)}"
            for (name, number), who in self.executed().items()
            if any(each not in self.killed or last[each] != (name, str(number)) for each in who[:-1])
        ]

    def _start(self, member: int, pause: float) -> subprocess.Popen[str]:
        folder = self._folder / f"member{member}"
        if not folder.exists():
            (folder / ".git").mkdir(parents=True)
            shutil.copy(MEMBER, folder / "flow.py")
        words = [str(member), json.dumps(self._lists[member]), str(self._seed + member), str(self.witness)]
        return subprocess.Popen(
            [sys.executable, "flow.py", *words, str(folder / "told.json"), str(pause)],
            cwd=folder,
            env={**os.environ, **self._environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _begin(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
        process.stdin.write("go\n")
        process.stdin.flush()

    def _kill(self, member: int, process: subprocess.Popen[str], pause: float) -> subprocess.Popen[str]:
        process.kill()
        process.wait()
        self.killed.append(f"{member}.{process.pid}")
        fresh = self._start(member, pause)
        self._begin(fresh)
        return fresh

    def _take(self, member: int) -> None:
        told = json.loads((self._folder / f"member{member}" / "told.json").read_text())
        self.wrong += told["wrong"]
        for name, times in told["times"].items():
            self.times[name] += times
