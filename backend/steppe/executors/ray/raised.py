"""A Ray cluster of this machine's own processes: a head without cores, and a node for each worker.

Whoever raises it owns it: all its processes carry a mark in their environment, by which `reaper.py` finds them once
the owner is gone, however it went.
"""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import sys
import tempfile
from typing import Any

from steppe.executors.process.capacity import memory
from steppe.executors.ray.inside import BEGIN
from steppe.executors.ray.reaper import MARK, PROGRAM
from steppe.executors.ray.task import HOOK
from steppe.types import Resources
from steppe.worker.companions import FAMILY_FOLDER

LEAST, SHARE = 80 << 20, 0.3
"""Bytes of a node's object store at least, and which part of the machine's memory all of them may take together."""

SHARED_MEMORY = "/dev/shm"  # noqa: S108  # where Ray has its objects; only its size is looked at

PACE = {"RAY_task_events_report_interval_ms": "50", "RAY_raylet_start_wait_time_s": "120"}
"""How often it reports what its tasks do, and for how long a node may take to start on a busy machine."""


class RaisedCluster:
    """One cluster, whose processes end with this one.

    Attributes:
        name: its mark.
        folder: where Ray keeps its files.
        address: of its head, once that is there.
    """

    def __init__(self, name: str, files: tuple[str, ...] = (), family: str = "") -> None:
        """Have a reaper look after it from now on; nothing is raised yet.

        Args:
            name: its mark.
            files: of the owner's, which are to be removed with it.
            family: the folder of the log in which its processes tell what they read; made where there is none.
        """
        self.name = name
        self.folder = tempfile.mkdtemp(prefix="steppe-ray-", dir="/tmp")  # a socket's name is short
        self.address = ""
        self._share = LEAST
        command = [sys.executable, "-c", PROGRAM, name, self.folder, *files]
        environ = {key: value for key, value in os.environ.items() if key != MARK}
        self._reaper = subprocess.Popen(
            command, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environ, start_new_session=True
        )
        family = family or _family(self.folder)
        os.environ |= {MARK: name, FAMILY_FOLDER: family, HOOK: BEGIN}
        for variable, value in PACE.items():
            os.environ.setdefault(variable, value)

    def raise_up(self, most: int) -> None:
        """Start its head. In a thread that stays, as its workers: what a thread has started is killed when it ends.

        Args:
            most: how many workers there may come to be.

        Raises:
            Exception: whatever Ray raises where it does not start.
        """
        self._share = _store_size(most)
        self.address = self._start(None, num_cpus=0, num_gpus=0).address

    def add(self, asked: Resources, gpus: tuple[str, ...]) -> None:
        """Start one more worker, once the one before is there: two at once take each other's sockets and ports.

        Args:
            asked: what it has.
            gpus: its devices.

        Raises:
            Exception: whatever Ray raises where it does not start.
        """
        each = {"num_cpus": max(1, math.ceil(asked.cpu)), "num_gpus": asked.gpu, "memory": asked.memory or None}
        self._start({"CUDA_VISIBLE_DEVICES": ",".join(gpus)}, **each)

    def _start(self, environ: dict[str, str] | None, **has: Any) -> Any:
        from ray._private.node import Node
        from ray._private.parameter import RayParams

        joins = {"gcs_address": self.address, "redis_address": self.address} if self.address else {}
        params = RayParams(
            temp_dir=self.folder,
            include_dashboard=False,
            no_monitor=True,  # nothing is to grow by itself
            include_log_monitor=not self.address,
            object_store_memory=self._share,
            dashboard_agent_listen_port=None,
            env_vars=environ,
            **joins,
            **has,
        )
        return Node(params, head=not self.address, shutdown_at_exit=False, spawn_reaper=True)

    def end(self) -> None:
        """Have the reaper end it; return once nothing of it is left."""
        assert self._reaper.stdin is not None
        with contextlib.suppress(OSError):
            self._reaper.stdin.close()
        self._reaper.wait()


def _family(folder: str) -> str:
    """Make the folder of a log that nobody has begun yet."""
    path = f"{folder}/family"
    os.mkdir(path)
    with open(f"{path}/now", "wb") as now:
        now.write(bytes(16))
    return path


def _store_size(workers: int) -> int:
    """Return the bytes of each node's object store: together they are no more than one node would take."""
    room = SHARE * memory()
    with contextlib.suppress(OSError):
        there = os.statvfs(SHARED_MEMORY)
        room = min(room, 0.8 * there.f_bavail * there.f_frsize)
    return max(LEAST, int(room / (workers + 1)))
