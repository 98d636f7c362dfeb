"""Background steps that end while no cell runs: their results are bound, and written down, when the kernel is idle."""

from __future__ import annotations

import asyncio
import contextlib

from steppe_magic.cells import Cells


def collect_when_idle(cells: Cells) -> None:
    """Have results bound by the kernel's loop; without one, in a terminal say, the next cell binds them.

    Headless runs are left alone: there, the next cell comes at once, and each step's errors in its turn.
    """
    session = cells.session
    if session.headless is not None:
        return
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return

    def collect() -> None:
        if not cells.inside:
            from steppe.engine.background import collect_between_cells

            try:
                collect_between_cells(session)
            except Exception as error:  # nobody waits here for what went wrong
                session.warn(f"what ran in the background could not be bound: {error!r}. Please report it.")

    def soon() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the kernel shuts down
            loop.call_soon_threadsafe(collect)

    session.on_end = soon
