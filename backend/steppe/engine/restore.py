"""A kernel made as another was just before one of its steps ran: what a stored Task holds, bound and set here.

Nothing here computes a key. Once all is as it was, the step is resolved as any other, by the same code: where something
could not be put back, its key is another one, and what it leaves is a result of its own.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Coroutine
from typing import Any

import msgspec

from steppe.engine.plain import prepare
from steppe.engine.session import Session
from steppe.engine.setup_notes import look, note_import, note_plain
from steppe.errors import CannotMove
from steppe.types import Digest, Struct
from steppe.values.unpack import Anchors, Unpacking, in_order
from steppe.values.walk import Walk
from steppe.worker import module_state
from steppe.worker.task import Task


class Restoring(Struct, frozen=True, kw_only=True):
    """What is to be as it was.

    Attributes:
        task: all that the step needed.
        live: inputs that a step before it has bound here, each with the name that it bound.
        given: values that take the place of those that were there.
        imports: modules whose import counts as setup.
        imported: as in StepRun.
        fresh: whether all steps before it came out as they did then, so that generators are where they were.
    """

    task: Task
    live: dict[str, str] = {}
    given: dict[str, Any] = {}
    imports: tuple[str, ...] = ()
    imported: dict[str, str] = {}
    fresh: bool = True


def encode(restoring: Restoring) -> bytes:
    """Encode it for the Store."""
    return msgspec.msgpack.encode(restoring)


def restore_stored(session: Session, digest: Digest) -> None:
    """Restore what is stored under a digest."""
    restore(session, msgspec.msgpack.decode(session.store.get(digest), type=Restoring))


def restore(session: Session, what: Restoring) -> list[str]:
    """Make this kernel as the step's was: modules, variables, setup, ambient state, generators.

    Returns:
        The names of the variables that were bound.

    Raises:
        CannotMove: setup fails here.
        StoreError: a value is no longer stored.
    """
    task, shell, namespace = what.task, session.setting.shell, session.setting.namespace
    for module in dict.fromkeys((*task.imports, *what.imports)):
        __import__(module)
        if module in what.imports:
            note_import(session, module)
    bound: dict[str, Any] = {}
    for name, module in task.modules.items():
        __import__(module)
        bound[name] = sys.modules[module]
    unpacking = Unpacking(
        session.store.get, session.setting.table, Anchors(list(task.inputs)), lambda: Walk(session.sources)
    )
    held: dict[str, Any] = {}
    for part in in_order(task.inputs):
        if not set(part.names) <= {*what.live, *what.given}:
            for name, value in unpacking.values(part).items():
                (held if ":" in name else bound)[name] = value
    bound |= {name: namespace[its] for name, its in what.live.items() if name != its and its in namespace}
    bound |= what.given
    for name, value in bound.items():
        if name not in what.live or what.live[name] != name:
            namespace[name] = value
    session.imported.update(what.imported)
    for cell in task.setup:
        _set_up(session, cell.source)
    for place, value in held.items():
        module_state.put(place, value)  # after the setup, which may have left something there as well
    if task.state is not None:
        _put_state(session, unpacking.values(task.state)["state"], task, fresh=what.fresh)
    shell.ast_node_interactivity = task.interactivity
    shell.compile.flags |= task.flags
    return sorted(name for name in bound if ":" not in name)


def _put_state(session: Session, state: dict[str, Any], task: Task, *, fresh: bool) -> None:
    randomness = session.randomness
    randomness.watch()
    session.ambient.write(state["ambient"])
    wanted = {name: each for name, each in state["random"].items() if fresh or name not in randomness.seeded}
    randomness.restore(wanted)
    randomness.seeded |= set(task.seeded)


def _set_up(session: Session, source: str) -> None:
    """Run a setup cell as the plain cell that it is, and note it for keys; what it shows is not shown."""
    shell = session.setting.shell
    cell = prepare(session, source, source)
    before = look(session, cell) if cell is not None else None
    name = shell.compile.cache(source, shell.execution_count, raw_code=source)
    session.sources.add(name, source)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        done = _outcome(shell.run_cell_async(source, store_history=False, silent=True, transformed_cell=source))
    if not done.success:
        error = done.error_in_exec or done.error_before_exec
        raise CannotMove(f"setup that ran before it fails here: {type(error).__name__}: {error}")
    if cell is not None and before is not None:
        note_plain(session, cell, before)


def _outcome(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run what waits for nothing to its end: the loop of this thread is busy with the cell that asks."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        return ended.value
    coroutine.close()
    raise CannotMove("setup that ran before it awaits something, which can't be done again without its notebook")
