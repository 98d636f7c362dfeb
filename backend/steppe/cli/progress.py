"""What a running notebook's steps do, as lines on a terminal."""

from __future__ import annotations

import threading
from typing import Any

from rich.console import Console

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
                why = f"  [dim]{event['why']}[/]" if event["why"] and state != "hit" else ""
                self._console.print(f"[{style}]{sign}[/] {name}  [dim]{state}[/] {seconds:.2f} s{why}")
            else:
                self._running[event["id"]] = name
            if self._status is not None:
                running = ", ".join(self._running.values())
                self._status.update(f"running {running}" if running else "running cells")

    def finish(self, outcome: Any) -> None:
        """Show how the run ended, and where its notebook is."""
        if self._status is not None:
            self._status.stop()
        states = [str(step.state) for step, _ in outcome.steps]
        counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
        ended = "[green]succeeded[/]" if outcome.status == "succeeded" else f"[red]{outcome.status}[/]"
        self._console.print(f"{ended} in {outcome.seconds:.1f} s" + (f": {counts}" if counts else ""))
        if outcome.error:
            self._console.print(outcome.error, style="red", markup=False)
        self._console.print(f"executed notebook: {outcome.output}", markup=False, soft_wrap=True)
