"""What an interrupt means for a step that goes on without its kernel: its end, or not. People are asked."""

from __future__ import annotations

import sys

from steppe.engine.step import Step

ENDS = frozenset({"y", "yes"})


def goes_on(step: Step) -> bool:
    """Tell whether a step that was interrupted is left running; a run without people is ended as a whole.

    A second interrupt, no answer, and a front end that can't ask all leave it: what runs can be ended later.
    """
    session = step.session
    if session.headless is not None or not session.executor(step.executor).carries:
        return False
    if not hasattr(session.setting.shell, "kernel") and not (sys.stdin is not None and sys.stdin.isatty()):
        return True
    try:
        answer = input(f"`{step.request.name}` runs on {step.executor}. Cancel it? [y: cancel, else it goes on] ")
    except (KeyboardInterrupt, Exception):  # the front end may have no way to ask, or be gone
        return True
    return answer.strip().lower() not in ENDS


def how_to(step: Step) -> str:
    """Say in one line how to attach to a step that was left running, and how to cancel it."""
    name = step.request.name
    return (
        f"`{name}` goes on running on {step.executor}: run this cell again, or read what it binds, to attach to it; "
        f"`%steppe cancel {name}` ends it.\n"
    )
