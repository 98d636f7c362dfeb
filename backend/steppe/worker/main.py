"""The worker program: runs one task anywhere. Needs the Store and nothing else.

`python -m steppe.worker TASK --attempt ID --store URL [--tier FOLDER] [--events FD]`; warm workers call `main` itself.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import CodeType
from typing import Any, Protocol

import msgspec

from steppe import checkpointing as checkpointing  # loaded before a step asks for it: that is no affair of the step
from steppe import measuring as measuring
from steppe.errors import CannotMove, SteppeError, StoreError
from steppe.store import open_store
from steppe.store.digest import digest_of
from steppe.store.store import Store
from steppe.types import Artifact, Buffer, Digest, Measured, Part, Result, Shown
from steppe.values import families as families  # registers the encoders
from steppe.values import rebuild
from steppe.values.codes import CodeTable
from steppe.values.formats import RANGED
from steppe.values.lazy import Lazy, is_lazy
from steppe.values.unpack import Anchors, Unpacking, in_order
from steppe.values.walk import Walk
from steppe.worker import module_state
from steppe.worker.ambient import Ambient
from steppe.worker.checkpoints import Keeping, keeping
from steppe.worker.children import FAMILY
from steppe.worker.chunk import Chunk
from steppe.worker.descriptors import Descriptors
from steppe.worker.events import Event, Sender
from steppe.worker.execution import Execution
from steppe.worker.failures import failure_of
from steppe.worker.group import YIELD, FailedElsewhere, Group, Place, lost_others
from steppe.worker.luggage import unpack
from steppe.worker.metrics import listening
from steppe.worker.module_state import watch
from steppe.worker.native import ADAPTERS
from steppe.worker.packages import interpreter
from steppe.worker.places import Places
from steppe.worker.progress import following
from steppe.worker.randomness import Randomness
from steppe.worker.setting import Setting
from steppe.worker.shell import WorkerShell, make_shell, show_figures
from steppe.worker.sources import Sources
from steppe.worker.task import AttemptRecord, Task, record_name
from steppe.worker.undo import Undo

MSGPACK = msgspec.msgpack.Encoder()


def main(
    task: Digest,
    attempt: str,
    store: str,
    sender: Sender,
    *,
    tier: str = "",
    descriptors: Descriptors | None = None,
    body: bytes = b"",
    environments: str = "",
    restart: Callable[[str], None] = lambda _: None,
    place: Place | None = None,
) -> int:
    """Run one task and leave its record.

    Args:
        task: the Task's blob.
        attempt: the attempt's id.
        store: the Store's URL or path.
        sender: whom to tell what happens.
        tier: the folder for copies of what a Store elsewhere holds.
        descriptors: the standard descriptors, where what is written to them is to be shown.
        body: the Task's bytes, where they were handed over; the blob may then not be stored yet.
        environments: the folder for environments with packages that are not here.
        restart: begins anew with another interpreter, and does not return.
        place: which of several nodes this is.

    Returns:
        0 when the record was written, whatever it says; 1 when the task could not be run, or has failed on one of
        several nodes: the cluster then ends the others.
    """
    try:
        opened = open_store(store, Path(tier or tempfile.mkdtemp(prefix="steppe-store-")))
        work = msgspec.msgpack.decode(body or opened.get(task), type=Task)
        record = _unfit(work, sender, environments, restart)
        group = Group(opened, attempt, place.rank, place.size) if place is not None else None
        if record is None:
            if group is not None and place is not None:
                group.meet(place.address, work.checkpoints)
            record = Work(work, opened, sender, descriptors or Descriptors(()), group).run()
        data = MSGPACK.encode(record)
        # who waits need not wait for the record, and learns how it ended even where that can't be written any more
        sender.send(Event(kind="ended", at=time.time(), usage=record.used, data={"record": data}))
        if group is not None and group.rank:
            group.leave(record)
        elif group is None or record.status == "succeeded":
            opened.write_record(record_name(attempt), data)
    except Exception as error:  # whatever it is, whoever waits for the task is to know
        why = str(error) if isinstance(error, SteppeError) else f"{type(error).__name__}: {error}"
        sender.send(Event(kind="done", at=time.time(), data={"status": "broken", "why": why}))
        return 1
    finally:
        FAMILY.close()
    sender.send(Event(kind="done", at=time.time(), usage=record.used, data={"status": record.status}))
    if group is not None and lost_others(record):
        time.sleep(YIELD)
    return 1 if group is not None and record.status != "succeeded" else 0


def _unfit(task: Task, sender: Sender, environments: str, restart: Callable[[str], None]) -> AttemptRecord | None:
    """See to the packages that a task needs: go on here, or anew in an environment; or tell why neither can be."""
    if task.packages is None:
        return None

    def tell(what: str) -> None:
        sender.send(Event(kind="queued", at=time.time(), data={"for": what}))

    try:
        python = interpreter(task.packages, environments, tell)
    except CannotMove as error:
        return _unprepared(error)
    if python:
        restart(python)
    return None


class Bytes(Protocol):
    """What a task without checkpoints needs of a Store."""

    def put(self, chunks: Iterable[Buffer]) -> Digest:
        """Keep bytes."""

    def get(self, digest: Digest) -> memoryview:
        """Return bytes."""


class Work:
    """One task being run.

    Attributes:
        task: what to do.
        store: where its inputs are and its outputs go.
        sender: whom to tell.
        descriptors: what is written past Python.
        group: the nodes that run it together, where there are several.
    """

    def __init__(
        self, task: Task, store: Bytes, sender: Sender, descriptors: Descriptors, group: Group | None = None
    ) -> None:
        self.group = group
        self.task = task
        self.store = store
        self.sender = sender
        self.descriptors = descriptors
        self._live = False
        self._kept: Keeping | None = None
        self._setting: Setting | None = None
        self._unwatch = ADAPTERS.begin()
        self._unwatch_children = FAMILY.watch()

    def undo(self) -> None:
        """Take out what was put in the place of other modules' functions: for a process that is to run another task."""
        if self._setting is not None:
            self._setting.randomness.end()
            self._setting.ambient.forget()
        self._unwatch()
        self._unwatch_children()

    def run(self) -> AttemptRecord:
        """Set up, run the cell, and keep what it leaves."""
        task = self.task
        if task.luggage is not None:
            unpack(task.luggage, task.root, self.store.get)
        os.chdir(task.start) if task.start and os.path.isdir(task.start) else None
        shell = make_shell(self._tell, task.likeness)
        shell.colors = task.colors
        shell.compile.filenames = task.filenames
        sources = Sources()
        setting = self._setting = Setting(
            shell,
            sources,
            CodeTable(sources.locate),
            Ambient(),
            Randomness(),
            Places(task.root or os.getcwd()),
            self.store.put,
        )
        rebuild.SOURCES.append(lambda source, _: _register(shell, sources, source))
        try:
            self._prepare(setting, sources)
        except (StoreError, KeyboardInterrupt):
            raise
        except Exception as error:  # setup and values run the user's code and that of libraries
            return _unprepared(error)
        before = Walk(sources)
        for name in sorted(task.intent.reads):
            if name in shell.user_ns and name not in task.modules and not is_lazy(shell.user_ns[name]):
                before.walk(name, shell.user_ns[name])
        if changed := [name for name, version in task.versions.items() if _came_as(name, before) not in (version, "")]:
            return _unprepared(CannotMove(f"`{changed[0]}` comes out there as something else than it is in the kernel"))
        module_state.walk_modules(task.intent.project, before)
        if task.elements:
            return self._chunk(shell, setting, sources, before)
        execution = Execution(setting, task.intent, before, undo=Undo() if task.returns else None)
        self._live = True
        self.sender.send(Event(kind="started", at=time.time()))
        out, err = sys.stdout, sys.stderr
        with (
            execution.running(),
            listening(self._measured),
            following(self.sender.send),
            self.descriptors.shown_by(out, err),
            self._keeping(execution),
        ):
            outcome = _run_cell(shell, sources, task)
        self._live = False
        return self._record(shell, execution, outcome)

    def _chunk(self, shell: WorkerShell, setting: Setting, sources: Sources, before: Walk) -> AttemptRecord:
        """Run the cell for each of the task's elements."""
        chunk = Chunk(self.task, setting, before, self.store, self.sender, self.descriptors.look)
        out, err = sys.stdout, sys.stderr
        with self.descriptors.shown_by(out, err), shell.builtin_trap, shell.display_trap:
            return chunk.run(_compiled(shell, sources, self.task))

    @contextmanager
    def _keeping(self, execution: Execution) -> Iterator[None]:
        """Keep the step's checkpoints, where the next try could find them."""
        if not self.task.checkpoints or not isinstance(self.store, Store):
            yield
            return
        witness, along = None, ""
        if self.group is not None:
            luggage = self.task.luggage
            came = (os.path.join(self.task.root, item.path) for item in (luggage.files if luggage is not None else ()))
            witness, along = self.group.make_witness(execution, frozenset(came)), digest_of([MSGPACK.encode(luggage)])
        self._kept = Keeping(self.store, self.task.checkpoints, execution, self.group, along, witness)
        with keeping(self._kept), witness.watching() if witness is not None else nullcontext():
            yield

    def _tell(self, shown: Shown) -> None:
        """Tell of what is shown, but for what setup shows again."""
        if self._live:
            self.descriptors.look()
            self.sender.send(Event(kind="shown", at=time.time(), shown=shown))

    def _measured(self, measured: Measured) -> None:
        data = msgspec.to_builtins(measured)
        self.sender.send(Event(kind="metric", at=measured.time, data=data))

    def _prepare(self, setting: Setting, sources: Sources) -> None:
        """Make this process as the kernel was: modules, setup, variables, ambient state, generators."""
        task, shell = self.task, setting.shell
        namespace: dict[str, Any] = shell.user_ns
        watch(task.intent.project, setting.at_import)
        for module in task.imports:
            __import__(module)
        for name, module in task.modules.items():
            __import__(module)
            namespace[name] = sys.modules[module]
        unpacking = Unpacking(self.store.get, setting.table, Anchors(list(task.inputs)), lambda: Walk(sources))
        held: dict[str, Any] = {}
        for part in in_order(task.inputs):
            for name, value in self._values(part, unpacking).items():
                (held if ":" in name else namespace)[name] = value
        for cell in task.setup:
            done = run_python(shell, cell.source)
            if not done.success:
                raise CannotMove(f"setup that ran in the kernel fails in the worker: {done.error_in_exec}")
        for place, value in held.items():
            module_state.put(place, value)  # after the setup, which may have left something there in the kernel as well
        if task.figures and "matplotlib" in sys.modules:
            show_figures(shell, task.figures)
        if task.renderer and "plotly.io" in sys.modules:
            sys.modules["plotly.io"].renderers.default = task.renderer
        setting.randomness.watch()
        if task.state is not None:
            state = unpacking.values(task.state)["state"]
            setting.ambient.write(state["ambient"])
            setting.randomness.restore(state["random"])
        setting.randomness.seeded = set(task.seeded)

    def _values(self, part: Part, unpacking: Unpacking) -> dict[str, Any]:
        """Read a Part of the inputs; what is only streamed from the store is not loaded for that."""
        name = part.names[0]
        ranged = part.format in RANGED and part.blob is not None and isinstance(self.store, Store)
        if name not in self.task.streamed or not ranged or self.task.elements:
            return unpacking.values(part)
        known = Artifact(version=self.task.versions.get(name, ""), type="", part=part)
        return {name: Lazy(known, lambda: unpacking.values(part)[name], self.store)}

    def _record(self, shell: WorkerShell, execution: Execution, outcome: Any) -> AttemptRecord:
        failure = None if outcome.success else failure_of(shell, outcome.error_in_exec or outcome.error_before_exec)
        if execution.undo is not None and (reason := execution.stays(outcome.error_in_exec)):
            return self._returned(execution, [reason])
        try:
            result = self._left(execution, outcome.result, failed=failure is not None)
            digest = self.store.put([MSGPACK.encode(result)]) if result is not None else None
        except FailedElsewhere:
            return AttemptRecord(status="elsewhere", ended=time.time())
        except SteppeError as error:
            result = digest = None
            execution.reasons.append(str(error))
        if digest is None and execution.undo is not None:
            return self._returned(execution, execution.reasons)
        if execution.undo is not None:
            execution.undo.forget()
        told, reasons = execution.retold, tuple(execution.reasons)
        ended = "succeeded" if digest is not None and not told else "unmovable"
        status = "failed" if failure is not None else ended
        if told and status == "unmovable":  # what it bound comes back all the same
            reasons = (f"{told}, there alone",)
        return AttemptRecord(
            status=status,
            result=digest,
            reasons=reasons,
            failure=failure,
            used=dict(result.used) if result is not None else {},
            ended=time.time(),
            checkpoints=tuple(self._kept.records) if self._kept is not None else (),
        )

    def _left(self, execution: Execution, value: Any, *, failed: bool) -> Result | None:
        """Return what the cell has left; of several nodes, what the first one's has, once all have ended."""
        if self.group is not None and self.group.rank:
            return execution.alone()
        result = execution.result(value, has_value=value is not None, anyway=True)
        if self.group is None or result is None or failed:
            return result
        return self.group.joined(result, execution.reasons, self.store.get)

    def _returned(self, execution: Execution, reasons: list[str]) -> AttemptRecord:
        """Undo what the step did to files, and leave it to the kernel."""
        assert execution.undo is not None
        left = execution.undo.restore()
        return AttemptRecord(status="unmovable", reasons=tuple(reasons), ended=time.time(), left=tuple(left))


def _came_as(name: str, before: Walk) -> Digest:
    """Return the version of an input in this process; nothing where the step was not seen to read it."""
    return before.roots[name].version if name in before.roots else ""


def _unprepared(error: Exception) -> AttemptRecord:
    """Return the record of a step whose code was not run, since what it needs could not be set up."""
    why = str(error) if isinstance(error, SteppeError) else f"{type(error).__name__}: {error}"
    return AttemptRecord(status="unmovable", reasons=(why,), ended=time.time(), ran=False)


def _register(shell: WorkerShell, sources: Sources, source: str) -> str:
    """Let tracebacks show the source of code that came from the kernel."""
    name: str = shell.compile.cache(source, shell.execution_count, raw_code=source)
    sources.add(name, source)
    return name


def _compiled(shell: WorkerShell, sources: Sources, task: Task) -> CodeType:
    """Compile the cell as the kernel would; its functions' source is known before its code runs."""
    _be_cell(shell, task)
    name = shell.compile.cache(task.source, task.number, raw_code=task.source)
    sources.add(name, task.source, task.flags)
    code: CodeType = shell.compile(shell.compile.ast_parse(task.source, name), name, "exec")
    return code


def _be_cell(shell: WorkerShell, task: Task) -> None:
    shell.execution_count = task.number
    shell.source = task.source
    shell.compile.names[task.source] = task.filename
    shell.ast_node_interactivity = task.interactivity
    shell.compile.flags |= task.flags


def _run_cell(shell: WorkerShell, sources: Sources, task: Task) -> Any:
    """Run the cell as the kernel would; its functions' source is known before its code runs."""
    _be_cell(shell, task)
    original = shell.run_ast_nodes

    async def run_ast_nodes(nodes: Any, name: str, *args: Any, **options: Any) -> Any:
        sources.add(name, task.source, task.flags)
        return await original(nodes, name, *args, **options)

    shell.run_ast_nodes = run_ast_nodes
    try:
        return run_python(shell, task.source)
    finally:
        del shell.run_ast_nodes


def run_python(shell: WorkerShell, source: str) -> Any:
    """Run source that is Python already, with the line numbers that it has: IPython would strip empty lines first."""
    coroutine = shell.run_cell_async(source, store_history=False, transformed_cell=source)
    waits = shell.should_run_async(source, transformed_cell=source)
    outcome = None
    try:
        outcome = shell.loop_runner(coroutine) if waits else _in_loop(coroutine)
    finally:
        shell.events.trigger("post_execute")
        shell.events.trigger("post_run_cell", outcome)
    return outcome


def _in_loop(coroutine: Any) -> Any:
    """Run what does not wait as a kernel does: with a running loop around it, and in this very context."""
    from IPython.core.async_helpers import _pseudo_sync_runner, get_asyncio_loop

    # a task of the loop would have a context of its own
    asyncio._set_running_loop(get_asyncio_loop())  # noqa: SLF001
    try:
        return _pseudo_sync_runner(coroutine)
    finally:
        asyncio._set_running_loop(None)  # noqa: SLF001
