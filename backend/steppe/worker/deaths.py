"""How a worker is made to end, and what is said of one that has ended by itself. Knows nothing of who watches it."""

from __future__ import annotations

import os
import signal

LADDER = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
"""How a worker is asked to end, then told, then made."""

STOPPED = 130
"""The exit code of a worker that was told to end before its task began, or by an interrupt."""

CRASHES = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL})


def death(status: int, *, oom: bool, reading: str) -> tuple[str, str, bool]:
    """Return how a worker ended, in a word and in a sentence, and whether another try may go better.

    Args:
        status: as `os.waitpid` gives it.
        oom: whether the OOM killer has struck while it ran.
        reading: the last reading of its memory, to end the sentence with.
    """
    if os.WIFEXITED(status):
        code = os.WEXITSTATUS(status)
        if code == 0:
            return "done", "", False
        return "failed", f"its worker ended with exit code {code} before it was done", True
    number = os.WTERMSIG(status)
    if number == signal.SIGKILL and oom:
        return "killed", f"its worker was killed by the OOM killer{reading}", True
    crash = ": native code crashed" if number in CRASHES else ""
    return "killed", f"its worker was killed by {_named(number)}{crash}{reading}", True


def too_much(memory: str, reading: str) -> str:
    """Say that a worker was killed for what it used beyond its limit: another try would end as this one.

    Args:
        memory: the limit, in words; empty where it is not known.
        reading: the last reading, in words; empty where there is none.
    """
    limit = f" of {memory}" if memory else ""
    last = f"; last reading {reading}" if reading else ""
    return f"it used more than its memory{limit}, and was killed{last}: give more `memory`"


def _named(number: int) -> str:
    """Return a signal's number, and its name where it has one."""
    try:
        return f"signal {number} ({signal.Signals(number).name})"
    except ValueError:  # one of the real-time signals
        return f"signal {number}"
