"""The control groups that hold a process, and how often the OOM killer has struck in them."""

from __future__ import annotations

import os
from collections.abc import Iterator

CGROUPS = "/sys/fs/cgroup"


def own_cgroups(controller: str, cgroups: str = CGROUPS, pid: int | str = "self") -> Iterator[str]:
    """Iterate over the folders of the cgroups that hold a process, outermost last, for one controller."""
    for line in read(f"/proc/{pid}/cgroup").splitlines():
        _, names, path = line.split(":", 2)
        if names and controller not in names.split(","):
            continue
        roots = [f"{cgroups}/{names}", f"{cgroups}/{controller}"] if names else [cgroups, f"{cgroups}/unified"]
        for root in roots:
            if not os.path.isdir(root):
                continue
            folder = os.path.normpath(f"{root}/{path}")
            while folder.startswith(root):
                yield folder
                folder = os.path.dirname(folder)
            break


def oom_kills(pid: int | str = "self", cgroups: str = CGROUPS) -> int:
    """Return how many processes the OOM killer has ended so far, in the cgroups of a process or on the machine."""
    found = _counter(read("/proc/vmstat"))
    for folder in own_cgroups("memory", cgroups, pid):
        found += _counter(read(f"{folder}/memory.events")) + _counter(read(f"{folder}/memory.oom_control"))
    return found


def peak(pid: int | str = "self", cgroups: str = CGROUPS) -> int:
    """Return the most bytes that the innermost cgroup of a process has used at once; 0 where it does not say.

    Where a pod's own limit is hit, no counter of its containers' cgroups tells: theirs are a little below it.
    """
    for folder in own_cgroups("memory", cgroups, pid):
        told = read(f"{folder}/memory.peak") or read(f"{folder}/memory.max_usage_in_bytes")
        if told:
            return int(told)
    return 0


def _counter(text: str) -> int:
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("oom_kill "))


def read(path: str) -> str:
    """Return a file's text without the ends, or nothing where there is none."""
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError:
        return ""


def said(size: float) -> str:
    """Return a number of bytes as people write it."""
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"
