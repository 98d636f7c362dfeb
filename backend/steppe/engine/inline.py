"""A step run in the kernel: on IPython's own path, with everything around it recorded, and its result kept."""

from __future__ import annotations

import time
import types
from typing import Any

import msgspec
from blake3 import blake3

from steppe import checkpointing as checkpointing  # loaded before a step asks for it: that is no affair of the step
from steppe import measuring as measuring
from steppe.analysis.options import Options
from steppe.engine.checkpoints import drop, owner_of
from steppe.engine.explain import changes
from steppe.engine.gather import Gathered
from steppe.engine.lookup import ENCODER, blobs_of
from steppe.engine.materialise import only_streamed
from steppe.engine.repeating import keep_task, kept_task
from steppe.engine.setup_notes import Before, note_imports, note_retold
from steppe.engine.step import RunBody, Step
from steppe.engine.watched import watched_by
from steppe.errors import CatalogError, StoreError
from steppe.types import Artifact, Digest, Entry, Result, State
from steppe.values.lazy import is_lazy, real
from steppe.worker.checkpoints import Keeping, keeping
from steppe.worker.execution import Execution, Intent
from steppe.worker.reach import named
from steppe.worker.trace import unseen


async def run_inline(step: Step, run: RunBody) -> Step:
    """Run a cell, and keep what it leaves."""
    session, request, gathered = step.session, step.request, step.gathered
    assert gathered is not None
    assert step.key is not None
    with unseen():
        if not step.why:
            step.why = why_it_runs(step)
        namespace = session.setting.namespace
        make_live(gathered, namespace, but=only_streamed(request.cell, gathered.names, namespace))
        intent = intent_of(step)
        task = kept_task(step, intent)
        execution = Execution(session.setting, intent, gathered.walk, here=True, tell=step.shows)
        kept = Keeping(session.store, owner_of(step), execution)
    step.begin()
    with execution.running(), keeping(kept):
        raised, has_value, value = await run()
    with unseen():
        before = Before(execution.printers, execution.libraries)
        note_retold(session, request.cell, before, failed=raised is not None)
    if raised is not None:
        step.fail(raised)
        with unseen():
            keep_task(step, task, raised)
    else:
        with unseen():
            _keep(step, execution, task, has_value=has_value, value=value)
            note_imports(session, request.cell)
        step.become(State.SUCCEEDED)
        drop(session, kept.records)
    if step.entry is None:
        session.note(step.record())
    return step


def why_it_runs(step: Step) -> list[str]:
    """Say what is not as it was when the step last had a result."""
    record = step.record()
    before = step.session.catalog.step_runs.last(record.step, part=record.part, useful=True)
    if before is None:
        return ["it has not run before"]
    return changes(before, record) or ["its result is no longer kept"]


def make_live(gathered: Gathered, namespace: dict[str, Any], but: frozenset[str] = frozenset()) -> None:
    """Load and walk the inputs that are placeholders so far: the code is about to use, and may change, them.

    Args:
        gathered: the inputs.
        namespace: the notebook's.
        but: those that are streamed, and used for nothing else.
    """
    for name in gathered.names:
        if name not in but and name in namespace and is_lazy(namespace[name]):
            namespace[name] = real(namespace[name])
            if not isinstance(namespace[name], types.ModuleType):
                gathered.walk.walk(name, namespace[name])


def intent_of(step: Step, gathered: Gathered | None = None) -> Intent:
    """Return what is known of the cell before it runs."""
    request, gathered, names = step.request, gathered or step.gathered, step.request.cell.names
    assert gathered is not None
    options = request.options
    seed: int | None = None
    if options.seed != "none":
        seed = seed_of(step.key or "") if options.seed is None else options.seed
    reach = named({*gathered.texts, *(options.files or ())}, step.session.places)
    return Intent(
        binds=names.binds,
        surely=names.surely,
        reads=frozenset(gathered.names) | names.reads,
        deletes=names.deletes,
        imports=tuple(dict.fromkeys(made.module for made in names.imports if not made.level)),
        outputs=options.outputs,
        everything=bool(names.unbounded_binds),
        seed=seed,
        reach=tuple(reach),
        project=tuple(gathered.project),
        handed_on=watched_by(step.session, request.cell, gathered.project),
    )


def seed_of(key: Digest) -> int:
    """Return the seed that follows from a key."""
    return int.from_bytes(blake3(f"seed:{key}".encode()).digest()[:6], "little")


def _keep(step: Step, execution: Execution, task: bytes, *, has_value: bool, value: Any) -> None:
    """Store what an inline step left and enter it into the Catalog; say why where that can't be."""
    try:
        result = execution.result(value, has_value=has_value, allowed=may_reach_outside(step.request.options))
        if result is None:
            step.why, step.files = [*execution.reasons, *step.why], tuple(execution.files)
            return
        result = msgspec.structs.replace(result, task=task)
        enter(step, result, step.session.store.put([ENCODER.encode(result)]))
    except (CatalogError, StoreError) as error:
        step.session.warn(f"`{step.request.name}` was not kept: {error}")
        step.why = [f"it was not kept: {error}"]
    except Exception as error:  # the cell has run and succeeded: a fault of ours must not make it fail
        step.session.warn(f"`{step.request.name}` was not kept: Steppe did not expect {error!r}. Please report it.")
        step.why = [f"it was not kept: {error!r}"]


def may_reach_outside(options: Options) -> bool:
    """Tell whether a step may use the network, processes and the clock: the user said how long its result holds."""
    return options.expires is not None or options.source is not None


def enter(step: Step, result: Result, digest: Digest) -> None:
    """Enter a stored result into the Catalog: from then on it is a hit for whoever asks for its key."""
    assert step.key is not None
    now = time.time()
    expires = step.request.options.expires
    step.result, step.result_digest = result, digest
    step.entry = Entry(
        key=step.key,
        result=digest,
        trace=result.trace,
        seconds=result.seconds,
        created=now,
        expires=None if expires is None or expires == "never" else now + expires,
        step_run=step.id,
        size=sum(part.size for part in result.parts) + sum(file.size for file in result.files),
    )
    artifacts: dict[str, Artifact] = dict(result.outputs)
    session = step.session
    holder = session.holder if session.has_claimed(step.key) else ""
    run = step.record_as(State.SUCCEEDED)
    if not session.catalog.entries.keep(step.entry, artifacts, step_run=run, blobs=blobs_of(result), holder=holder):
        step.entry = None
        step.why = ["it was not kept: another kernel has taken its work over", *step.why]
