"""How much memory and processor time a worker uses, with all that it has started."""

from __future__ import annotations

import os
from collections.abc import Iterable

from steppe.types import Struct

TICK = os.sysconf("SC_CLK_TCK")


class Reading(Struct, frozen=True, kw_only=True):
    """One look at a worker and the processes of its session.

    Attributes:
        memory: bytes resident; pages that several of them share count once.
        own: bytes that only they can give back: without mapped files, which the system can drop.
        cpu_seconds: processor time so far.
        processes: how many they are.
        pids: which they are.
    """

    memory: int = 0
    own: int = 0
    cpu_seconds: float = 0.0
    processes: int = 0
    pids: tuple[int, ...] = ()


def read(sessions: Iterable[int]) -> dict[int, Reading]:
    """Return a reading for each session (a worker leads one); those of which nothing lives left out."""
    wanted = set(sessions)
    if not os.path.isdir("/proc/self"):
        return _read_elsewhere(wanted)
    members: dict[int, list[tuple[int, float]]] = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        fields = _stat(entry)
        if fields and int(fields[3]) in wanted:
            cpu = sum(int(fields[number]) for number in (11, 12, 13, 14)) / TICK
            members.setdefault(int(fields[3]), []).append((int(entry), cpu))
    return {session: _together(found) for session, found in members.items()}


def _stat(pid: str) -> list[str]:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def _together(members: list[tuple[int, float]]) -> Reading:
    memory = own = 0
    for pid, _ in members:
        table = _table(f"/proc/{pid}/smaps_rollup") if len(members) > 1 else {}
        if table:
            memory += table.get("Pss", 0)
            own += table.get("Pss_Anon", table.get("Pss", 0)) + table.get("Pss_Shmem", 0)
        else:
            table = _table(f"/proc/{pid}/status")
            memory += table.get("VmRSS", 0)
            own += table.get("RssAnon", 0) + table.get("RssShmem", 0)
    pids = tuple(pid for pid, _ in members)
    cpu_seconds = sum(cpu for _, cpu in members)
    return Reading(memory=memory, own=own, cpu_seconds=cpu_seconds, processes=len(members), pids=pids)


def _table(path: str) -> dict[str, int]:
    """Read the lines `Name: 123 kB` of a file, in bytes."""
    found: dict[str, int] = {}
    try:
        with open(path) as file:
            for line in file:
                words = line.split()
                if len(words) == 3 and words[2] == "kB":
                    found[words[0].rstrip(":")] = int(words[1]) * 1024
    except OSError:
        return found
    return found


def _read_elsewhere(wanted: set[int]) -> dict[int, Reading]:
    import psutil

    found = {}
    for pid in wanted:
        try:
            process = psutil.Process(pid)
            memory, times = process.memory_info().rss, process.cpu_times()
        except psutil.Error:
            continue
        cpu_seconds = times.user + times.system
        found[pid] = Reading(memory=memory, own=memory, cpu_seconds=cpu_seconds, processes=1, pids=(pid,))
    return found
