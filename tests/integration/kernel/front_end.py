"""A front end without a screen: a real kernel, driven by messages, and the outputs that a notebook would save."""

from __future__ import annotations

import os
import queue
import re
import time
from pathlib import Path
from typing import Any, NamedTuple

from jupyter_client.manager import KernelManager


class Ran(NamedTuple):
    """What became of one cell.

    Attributes:
        outputs: as a notebook saves them.
        count: its execution count.
        reply: the content of the kernel's answer.
    """

    outputs: list[dict[str, Any]]
    count: int | None
    reply: dict[str, Any]

    @property
    def text(self) -> str:
        """All text that it shows, without colours."""
        found = []
        for output in self.outputs:
            if output["output_type"] == "stream":
                found.append(output["text"])
            elif output["output_type"] == "error":
                found.append("\n".join(output["traceback"]))
            else:
                found.append(output["data"].get("text/plain", "") + "\n")
        return plain("".join(found))


def plain(text: str) -> str:
    """Take the colours out of a text."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


class Kernel:
    """A kernel and the notebook in front of it. May be shared by tests: `begin` makes it new for each."""

    def __init__(self, *, environ: dict[str, str] | None = None) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(
            env={**os.environ, "PYTHONHASHSEED": "0", **(environ or {})},
            extra_arguments=["--HistoryManager.enabled=False", "--log-level=ERROR"],
        )
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.displays: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[str] = []
        self.late: list[dict[str, Any]] = []

    def begin(self, folder: Path, *, steppe: bool = True) -> Kernel:
        """Begin a new notebook in a folder, with nothing of the one before."""
        self.silently("%unload_ext steppe" if self.silently_true("'steppe_cells' in vars(get_ipython())") else "")
        self.silently("%reset -f")
        self.silently(f"import os; os.chdir({str(folder)!r}); del os; get_ipython().execution_count = 1")
        self.silently("get_ipython().history_manager.input_hist_parsed[:] = ['']")
        self.displays.clear()
        self.late.clear()
        if steppe:
            self.silently("get_ipython().extension_manager.load_extension('steppe')")
        return self

    def silently(self, source: str) -> None:
        if source:
            reply = self.client.execute_interactive(
                f"get_ipython().run_cell({source!r}).raise_error()",
                silent=True,
                output_hook=lambda message: None,
                timeout=60,
            )
            assert reply["content"]["status"] == "ok", reply["content"]

    def silently_true(self, expression: str) -> bool:
        reply = self.client.execute_interactive(
            "", silent=True, user_expressions={"x": expression}, output_hook=lambda message: None, timeout=60
        )
        return reply["content"]["user_expressions"]["x"]["data"]["text/plain"] == "True"

    def value(self, expression: str) -> str:
        """Return the repr of an expression in the kernel, by another way than a cell."""
        reply = self.client.execute_interactive(
            "", silent=True, user_expressions={"x": expression}, output_hook=lambda message: None, timeout=60
        )
        found = reply["content"]["user_expressions"]["x"]
        return found["data"]["text/plain"] if found["status"] == "ok" else f"{found['ename']}: {found['evalue']}"

    def send(self, source: str, metadata: dict[str, Any] | None = None, *, stdin: bool = False) -> str:
        """Ask for a cell to be run, and return at once; `finish` has what became of it."""
        self.client.session.metadata = metadata or {}
        try:
            return self.client.execute(source, allow_stdin=stdin)
        finally:
            self.client.session.metadata = {}

    def run(
        self,
        source: str,
        metadata: dict[str, Any] | None = None,
        *,
        stdin: list[str] | None = None,
        timeout: float = 60,
    ) -> Ran:
        """Run a cell to its end."""
        asked = self.send(source, metadata, stdin=stdin is not None)
        return self.finish(asked, stdin=list(stdin or ()), timeout=timeout)

    def finish(self, asked: str, *, stdin: list[str] | None = None, timeout: float = 60) -> Ran:
        outputs: list[dict[str, Any]] = []
        state: dict[str, Any] = {"clear": False}
        ends = time.monotonic() + timeout
        while True:
            assert time.monotonic() < ends, f"the kernel does not answer; so far: {outputs}"
            if stdin is not None:
                try:
                    question = self.client.stdin_channel.get_msg(timeout=0)
                    if question["msg_type"] == "input_request":
                        self.client.input(stdin.pop(0))
                except queue.Empty:
                    pass
            try:
                message = self.client.get_iopub_msg(timeout=0.1)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != asked:
                self.late.append(message)
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
            self._show(message, outputs, state)
        while True:
            reply = self.client.get_shell_msg(timeout=timeout)
            if reply["parent_header"].get("msg_id") == asked:
                content = reply["content"]
                return Ran(outputs, content.get("execution_count"), content)

    def _show(self, message: dict[str, Any], outputs: list[dict[str, Any]], state: dict[str, Any]) -> None:
        kind, content = message["msg_type"], message["content"]
        if kind == "clear_output":
            state["clear"] = bool(content["wait"])
            if not content["wait"]:
                outputs.clear()
            return
        if kind == "update_display_data":
            for output in self.displays.get(content["transient"]["display_id"], ()):
                output["data"], output["metadata"] = content["data"], content["metadata"]
            return
        if kind not in ("stream", "display_data", "execute_result", "error"):
            return
        if state["clear"]:
            state["clear"] = False
            outputs.clear()
        if kind == "stream":
            if outputs and outputs[-1].get("name") == content["name"]:
                outputs[-1]["text"] += content["text"]
            else:
                outputs.append({"output_type": "stream", "name": content["name"], "text": content["text"]})
            return
        output = {"output_type": kind, **{key: value for key, value in content.items() if key != "transient"}}
        display_id = content.get("transient", {}).get("display_id")
        if display_id:
            self.displays.setdefault(display_id, []).append(output)
        outputs.append(output)

    def complete(self, source: str) -> list[str]:
        """Return what the kernel offers at the end of a text."""
        reply = self.client.complete(source, len(source), reply=True, timeout=30)
        return list(reply["content"]["matches"])

    def states(self) -> list[str]:
        """Return the states of the steps that were resolved so far."""
        found: list[str] = eval(self.value("[str(step.state) for step in get_ipython().steppe_cells.steps]"))
        return found

    def whys(self) -> list[str]:
        """Return why each step hit or ran."""
        found: list[str] = eval(self.value("['; '.join(step.why) for step in get_ipython().steppe_cells.steps]"))
        return found

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
