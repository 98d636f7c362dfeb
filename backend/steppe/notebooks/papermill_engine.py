"""The papermill engine: `papermill --engine steppe in.ipynb out.ipynb`.

The notebook is run by papermill and nbclient as ever; the kernel is told which cells are steps, and does the rest.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellExecutionComplete, CellExecutionError
from nbclient.util import ensure_async, run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.log import logger
from papermill.utils import merge_kwargs, remove_args
from traitlets import Bool, Unicode
from traitlets.config import Config

from steppe.errors import SteppeError
from steppe.notebooks.kale import is_kales, translate
from steppe.notebooks.marks import RESTORES, Steps, is_skipped, mark, needs_steppe
from steppe.notebooks.source import notebook_id, read, settle_ids
from steppe.types import HeadlessRun

BOOTSTRAP = "__import__('steppe').load_ipython_extension(get_ipython())"
"""Not through IPython's manager of extensions: a notebook's own `%load_ext steppe` would then say that it is loaded."""

RESTORE = "__import__('steppe.engine.restore').engine.restore.restore_stored(get_ipython().steppe_cells.session, {!r})"

WAIT = "get_ipython().steppe_cells.wait_all()"


async def _receive(client: Any) -> Any:
    return await ensure_async(client.get_iopub_msg(timeout=None))


_next_message = run_sync(_receive)
"""Wait for the next message of the kernel, whichever kind its client is: papermill's is an asynchronous one."""


class SteppeClient(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """Runs a notebook's cells, tells the kernel which are steps, and gives late output to the cell it belongs to."""

    steps = Unicode(Steps.TAGGED.value)
    named = Bool(default_value=True)

    def papermill_execute_cells(self) -> None:
        """Turn Steppe on where a cell needs it, run the cells, and wait for the steps that still run."""
        settle_ids(self.nb.cells, named=self.named)
        self._asked: dict[str, int] = {}
        needed = needs_steppe(self.nb, Steps(self.steps))
        if needed:
            self._silently(BOOTSTRAP, "Steppe could not be turned on in the notebook's kernel")
        super().papermill_execute_cells()
        if needed and not self._failed():
            self._wait_for_steps()

    def _silently(self, code: str, trouble: str) -> None:
        """Run code of ours in the kernel, outside of any cell."""
        reply = self.wait_for_reply(self.kc.execute(code, silent=True, store_history=False))
        if reply is not None and reply["content"]["status"] == "error":
            raise SteppeError(f"{trouble}: {reply['content']['ename']}: {reply['content']['evalue']}")

    def _wait_for_steps(self) -> None:
        """Wait for background steps; an error of one goes into its cell, and fails the run."""
        asked = self.kc.execute(WAIT, silent=True, store_history=False)
        while True:
            message = _next_message(self.kc)
            parent = message["parent_header"].get("msg_id")
            if parent == asked:
                if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                    break
            else:
                self._late(message, parent)
        for index, cell in enumerate(self.nb.cells):
            error = next((item for item in cell.get("outputs", ()) if item["output_type"] == "error"), None)
            if error is not None:
                raised = CellExecutionError(
                    traceback="\n".join(error["traceback"]), ename=error["ename"], evalue=error["evalue"]
                )
                self.nb_man.cell_exception(cell, cell_index=index, exception=raised)
                self.nb_man.cell_complete(cell, cell_index=index)
                return

    def _failed(self) -> bool:
        return any(item["output_type"] == "error" for cell in self.nb.cells for item in cell.get("outputs", ()))

    def _late(self, message: Any, parent: str | None) -> None:
        """Put a message into the cell that it belongs to, though that has ended."""
        index = self._asked.get(parent or "")
        if index is not None and message["msg_type"] != "status":
            self.process_message(message, self.nb.cells[index], index)

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: Any, cell_index: int) -> None:
        """Process the messages of one cell until it is idle; those of earlier cells go to these."""
        self._asked[parent_msg_id] = cell_index
        while True:
            message = await ensure_async(self.kc.iopub_channel.get_msg(timeout=None))
            parent = message["parent_header"].get("msg_id")
            if parent != parent_msg_id:
                self._late(message, parent)
                continue
            try:
                self.process_message(message, cell, cell_index)
            except CellExecutionComplete:
                return

    def output(self, outs: list[Any], msg: Any, display_id: str, cell_index: int) -> Any:
        """Add an output; a stream's next piece goes to the piece before, as front ends do it.

        Where a stream is cut hangs on time, and on flushes that a hit does not repeat: a second run would save others.
        """
        found = super().output(outs, msg, display_id, cell_index)
        if len(outs) > 1 and all(item.output_type == "stream" for item in outs[-2:]) and outs[-2].name == outs[-1].name:
            last = outs.pop()
            outs[-1].text += last.text
        return found

    def execute_cell(self, cell: Any, cell_index: int, **options: Any) -> Any:
        """Run one cell, with its id and its options in the request's metadata."""
        if is_skipped(cell):
            return cell
        told: dict[str, Any] = {"cellId": cell.get("id", "")}
        if cell.cell_type == "code":
            given = mark(cell, Steps(self.steps))
            if given is not None:
                told["steppe"] = given
        digest = cell.metadata.get(RESTORES)
        if digest is not None:
            self._silently(RESTORE.format(str(digest)), "what a step needs could not be put back")
        self.kc.session.metadata = told
        try:
            return super().execute_cell(cell, cell_index, **options)
        finally:
            self.kc.session.metadata = {}


class SteppeEngine(NBClientEngine):  # type: ignore[misc]  # papermill has no types
    """Registered with papermill under the name `steppe`."""

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """Return the kernel to use: the one asked for, the notebook's own, else Python's."""
        return name or nb.metadata.get("kernelspec", {}).get("name") or "python3"

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """Return the notebook's language; Python where it does not say."""
        metadata = nb.metadata
        told = metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get("language")
        return language or told or "python"

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        **options: Any,
    ) -> Any:
        """Run a notebook. See papermill's `NBClientEngine`; `steps`, `run` and `named` are ours."""
        steps = options.pop("steps", None) or os.environ.get("STEPPE_STEPS", Steps.TAGGED.value)
        path = str(options.get("input_path") or "")
        run: HeadlessRun = options.pop("run", None) or HeadlessRun(path=path)
        named = options.pop("named", None)
        if from_file := options.pop("from_file", None):
            nb_man.nb.metadata.papermill["input_path"] = from_file
        if is_kales(nb_man.nb):
            for said in translate(nb_man.nb):
                logger.warning(said)
        if named is None:
            named = read(Path(path)).named if os.path.isfile(path) else True
        told = {**run.told(), "notebook": run.notebook or notebook_id(nb_man.nb.metadata)}
        safe = remove_args(["input_path", "timeout", "startup_timeout"], **options)
        final = merge_kwargs(
            safe,
            timeout=execution_timeout or options.get("timeout"),
            startup_timeout=start_timeout,
            kernel_name=kernel_name,
            log=logger,
            log_output=log_output,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
        )
        client = SteppeClient(nb_man, steps=steps, named=named, **final)
        # Keys for the kernel's connection where it knows what to do with them; without, each start warns of it.
        client.update_config(Config({"KernelManager": {"transport_encryption": "auto"}}))
        return client.execute(env={**os.environ, "STEPPE_RUN": json.dumps(told, default=str)})
