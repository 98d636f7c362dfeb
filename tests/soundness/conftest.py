"""Says at the end what the table counted."""

from __future__ import annotations

from typing import Any

from tests.soundness.harness import COUNTS


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the counts."""
    if COUNTS["rows"]:
        terminalreporter.write_line("soundness: " + ", ".join(f"{count} {what}" for what, count in COUNTS.items()))
