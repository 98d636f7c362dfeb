"""Output for a cell that has ended: sent with the request that the cell was run by, so that it reaches that cell."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from steppe.engine.outlet import Outlet, Running, run_as
from steppe.types import Shown


def later(shell: Any, result: Any) -> Outlet:
    """Return the outlet for a cell's late output: its own cell in a notebook, the terminal elsewhere."""
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return Running(shell, result)
    return Late(shell, kernel, dict(kernel.get_parent() or {}), result)


class Late(Outlet):
    """A notebook's cell that has ended."""

    def __init__(self, shell: Any, kernel: Any, parent: dict[str, Any], result: Any) -> None:
        self._shell = shell
        self._kernel = kernel
        self._parent = parent
        self._result = result
        self._number = result.execution_count
        self._counted = shell.execution_count

    def _send(self, kind: str, content: dict[str, Any], topic: bytes) -> None:
        from ipykernel.jsonutil import json_clean

        session = self._kernel.session
        session.send(self._kernel.iopub_socket, kind, json_clean(content), parent=self._parent, ident=topic)

    def show(self, shown: Shown) -> None:
        """Send it to the cell."""
        if shown.kind == "stream":
            self._send("stream", {"name": shown.name, "text": shown.text}, b"stream." + shown.name.encode())
        elif shown.kind == "clear":
            self._send("clear_output", {"wait": shown.wait}, b"clear_output")
        else:
            transient = {"display_id": shown.display_id} if shown.display_id else {}
            content = {"data": _encoded(shown.data), "metadata": shown.metadata, "transient": transient}
            self._send("update_display_data" if shown.kind == "update" else "display_data", content, b"display_data")

    def show_value(self, shown: Shown, value: Any) -> None:
        """Send the value's representations, where it has any: not one that displays itself. `Out` has the value."""
        self._shell.user_ns["_oh"][self._number] = value
        self._shell.user_ns[f"_{self._number}"] = value
        content = {"data": _encoded(shown.data), "metadata": shown.metadata, "execution_count": self._number}
        if shown.data:
            self._send("execute_result", content, b"execute_result")

    @contextmanager
    def current(self) -> Iterator[None]:
        """Let code run as its own; what it shows is sent with the request that the cell was run by."""
        before = self._shell.get_parent()
        _flush()
        self._shell.set_parent(self._parent)
        try:
            with run_as(self._shell, self._result, self._counted):
                yield
        finally:
            _flush()
            self._shell.set_parent(before)

    def show_error(self, kind: type, error: BaseException, lines: list[str]) -> None:
        """Send the error."""
        content = {"ename": kind.__name__, "evalue": str(error), "traceback": lines}
        self._send("error", content, b"error")
        sys.stdout.flush()


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


def _encoded(data: dict[str, Any]) -> dict[str, Any]:
    from ipykernel.jsonutil import encode_images

    found: dict[str, Any] = encode_images(dict(data))
    return found
