"""Threads of ours beside the user's code."""

from __future__ import annotations

import threading


class OurThread(threading.Thread):
    """A daemon thread that debuggers leave alone.

    A breakpoint in a step stops all threads that the debugger knows: what keeps the step's claim and tells how it
    stands has to go on. The names are debugpy's own, which ipykernel gives to its threads, too.
    """

    pydev_do_not_trace = True
    is_pydev_daemon_thread = True
