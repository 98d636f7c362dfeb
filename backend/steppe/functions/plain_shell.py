"""What stands in for IPython's shell in a process without one: the module's variables, and nothing that shows them."""

from __future__ import annotations

from typing import Any

FORMATS = (
    "text/plain",
    "text/html",
    "text/markdown",
    "image/svg+xml",
    "image/png",
    "application/pdf",
    "image/jpeg",
    "text/latex",
    "application/json",
    "application/javascript",
)
"""The representations that a kernel has made of what is shown: with as many, what is kept here is a hit there."""


class Silent:
    """What would show values of a cell, in a process that has no cells."""

    active_types = FORMATS
    formatters: dict[str, Any] = {}

    def publish(self, data: Any, metadata: Any = None, **options: Any) -> None:
        """Show a display as text: what a step has shown in a notebook is shown again so."""
        del metadata, options
        text = data.get("text/plain")
        if text is not None:
            print(text)  # noqa: T201  # as IPython's `display` does where there is no shell

    def clear_output(self, wait: bool = False) -> None:
        """Clear nothing."""

    def write_format_data(self, data: Any, metadata: Any = None) -> None:
        """Show nothing."""

    def write_output_prompt(self) -> None:
        """Show nothing."""

    def finish_displayhook(self) -> None:
        """End nothing."""


class Compiler:
    """Names the code of calls."""

    flags = 0

    @staticmethod
    def get_code_name(raw: str, transformed: str, number: int) -> str:
        """Return what the file of a call's code is called."""
        del raw, transformed, number
        return "<step>"


class PlainShell:
    """As much of a shell as a session needs.

    Attributes:
        user_ns: the variables of the module that Python was started with.
    """

    execution_count = 1
    colors = "nocolor"
    configurables = ()

    def __init__(self, user_ns: dict[str, Any]) -> None:
        self.user_ns = user_ns
        self.display_pub = self.displayhook = self.display_formatter = Silent()
        self.compile = Compiler()

    def _showtraceback(self, *args: Any) -> None:
        """Show nothing: an error is raised to whoever has called the step."""
