"""What the first step needs, loaded ahead: just after the extension's own cell, when a kernel has nothing to do.

The extension itself loads little, so that it loads quickly. Nothing is opened or made: a notebook may have no step.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from steppe.engine.session import Session
from steppe.worker.trace import unseen

PAUSE = 0.1
"""Seconds after the extension's cell: its answer is on its way by then."""

NEEDED = (
    "steppe.analysis.cell",
    "steppe.engine.background",
    "steppe.engine.resolve",
    "steppe.catalog.database.sqlite",
    "steppe.store.local",
    "steppe.values.format_json",
)


def load_ahead(session: Session) -> Callable[[], Any]:
    """Load what the first step needs when the kernel's loop comes to it; without a loop, nothing is done.

    Returns:
        What calls it off.
    """
    asyncio = sys.modules.get("asyncio")  # without it, there is no loop
    if asyncio is not None:
        with contextlib.suppress(RuntimeError):
            cancel: Callable[[], Any] = asyncio.get_running_loop().call_later(PAUSE, _load, session).cancel
            return cancel
    return lambda: None


def _load(session: Session) -> None:
    with unseen(), contextlib.suppress(Exception):  # the first step meets what is wrong, and says so
        for name in NEEDED:
            import_module(name)
        session.distributions.look()
