"""What a running notebook's steps do, as lines on a terminal."""

from __future__ import annotations

import threading
from typing import Any

from rich.console import Console
from rich.markup import escape

from steppe.wording import lasting

SIGNS = {
    "hit": ("=", "cyan"),
    "succeeded": ("✓", "green"),
    "setup": ("·", "dim"),
    "failed": ("✗", "red"),
    "cancelled": ("✗", "yellow"),
    "lost": ("✗", "red"),
    "retrying": ("↻", "yellow"),
}


class Lines:
    """One line for each step as it ends; on a terminal, the running ones below."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._running: dict[str, str] = {}
        self._lock = threading.Lock()
        self._status = self._console.status("starting the kernel") if self._console.is_terminal else None
        if self._status is not None:
            self._status.start()

    def show(self, event: dict[str, Any]) -> None:
        """Show that a step's state has changed."""
        with self._lock:
            name, state = event["step"], event["state"]
            if state in SIGNS:
                self._running.pop(event["id"], None)
                sign, style = SIGNS[state]
                seconds = (event["ended"] or event["started"]) - event["started"]
                why = f"  [dim]{escape(event['why'])}[/]" if event["why"] and state != "hit" else ""
                said = f"[{style}]{sign}[/] {escape(name)}  [dim]{state}[/] {lasting(max(seconds, 0))}{why}"
                self._console.print(said, soft_wrap=True)
            else:
                self._running[event["id"]] = name
            if self._status is not None:
                running = ", ".join(self._running.values())
                self._status.update(f"running {escape(running)}" if running else "running cells")

    def stop(self) -> None:
        """Take what moves off the terminal."""
        if self._status is not None:
            self._status.stop()

    def finish(self, outcome: Any) -> None:
        """Show how the run ended, and where its notebook is."""
        self.stop()
        states = [str(step.state) for step, _ in outcome.steps]
        counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
        ended = "[green]succeeded[/]" if outcome.status == "succeeded" else f"[red]{outcome.status}[/]"
        self._console.print(f"{ended} in {lasting(outcome.seconds)}" + (f": {counts}" if counts else ""))
        if outcome.error:
            self._console.print(outcome.error, style="red", markup=False, soft_wrap=True)
        self._console.print(f"executed notebook: {outcome.output}", markup=False, soft_wrap=True)
