"""Who a session is to others that want the same work, and whether another that holds a claim lives."""

from __future__ import annotations

import functools
import os
import secrets
import socket
import sys

GONE = frozenset("ZX")
STOPPED = frozenset("Tt")
"""States of a process, in Linux's letters: it has ended, though nobody has asked for its end; it is suspended."""


def new_holder(pid: int) -> str:
    """Return a name that no other session has: machine, process, when that was started, and a nonce."""
    return f"{_machine()}:{pid}:{_process(pid)[1]}:{secrets.token_hex(4)}"


def alive(holder: str) -> bool | None:
    """Tell whether the session that a claim names lives.

    Returns:
        None where that can't be seen from here, or it is suspended: then its claim counts until it expires. One that
        lives may be late with renewing it, since native code can keep a kernel's other threads from running.
    """
    machine, pid, started, _ = holder.rsplit(":", 3)
    if machine != _machine() or not sys.platform.startswith("linux"):
        return None
    state, since = _process(int(pid))
    if not state:
        return _hidden(int(pid))
    if since != started or state in GONE:
        return False
    return None if state in STOPPED else True


def _hidden(pid: int) -> bool | None:
    """Tell of a process that /proc does not show: it may hide other users' processes."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return None


@functools.cache
def _machine() -> str:
    """Return what tells those whose processes can be seen from here from all others.

    Two containers may have one name, and so may two machines; and after a restart other processes have the numbers.
    """
    found = [socket.gethostname()]
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            found.append(file.read()[:8])
        found.append(str(os.stat("/proc/self/ns/pid").st_ino))
    except OSError:
        pass
    return "/".join(found)


def _process(pid: int) -> tuple[str, str]:
    """Return the state of a process, and what tells it from a later one with the same pid; no state where unseen."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
            return fields[0], fields[19]
    except (OSError, IndexError):
        return "", "0"
