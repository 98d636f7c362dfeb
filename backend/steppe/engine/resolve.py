"""One step, resolved in the kernel: a hit is bound and shown, or the cell runs and what it leaves is kept."""

from __future__ import annotations

import asyncio
import secrets
import time
import types
from collections.abc import Awaitable, Callable
from typing import Any

from blake3 import blake3

from steppe.analysis.cell import Cell
from steppe.analysis.effects import Act, Effect
from steppe.analysis.options import Options
from steppe.engine import uncached
from steppe.engine.bind import Binding
from steppe.engine.explain import changes
from steppe.engine.gather import Gathered, gather
from steppe.engine.key import cache_key
from steppe.engine.lookup import ENCODER, Hit, blobs_of, find_hit
from steppe.engine.materialise import materialise
from steppe.engine.plain import note_imports, note_setup
from steppe.engine.session import LEASE, Session, alive
from steppe.engine.setup_rules import effect_of
from steppe.errors import StoreError
from steppe.ids import new_id
from steppe.states import step as transition
from steppe.types import Artifact, Digest, Entry, Ingredient, Result, State, StepId, StepRun
from steppe.values.lazy import is_lazy, real
from steppe.worker.execution import Execution, Intent
from steppe.worker.reach import named
from steppe.worker.shown import replay
from steppe.worker.trace import unseen

RunBody = Callable[[], Awaitable[tuple[bool, bool, Any]]]
"""Runs the cell's code on IPython's own path: whether it raised, whether it showed a value, and that value."""


class Request:
    """One cell that is to be resolved as a step.

    Attributes:
        name: the step's name.
        part: which of the step's cells this is, from 0.
        cell_id: the cell's id in its notebook, or empty.
        source: the cell as the user wrote it.
        cell: its analysis.
        options: what the user asked for.
        extra: ingredients beside what the cell itself gives: `source=`'s value, the shell's modes.
    """

    def __init__(
        self,
        name: str,
        cell: Cell,
        options: Options,
        *,
        source: str,
        part: int = 0,
        cell_id: str = "",
        extra: tuple[Ingredient, ...] = (),
    ) -> None:
        self.name = name
        self.cell = cell
        self.options = options
        self.source = source
        self.part = part
        self.cell_id = cell_id
        self.extra = extra


class Step:
    """A Request on its way through its states, and the StepRun that tells of it.

    Attributes:
        session: where it runs.
        request: what was asked.
        state: see `states.py`.
        why: why it hit, ran, or was not cached, most telling first.
    """

    def __init__(self, session: Session, request: Request) -> None:
        self.session = session
        self.request = request
        self.id = new_id(time.time(), secrets.randbits)
        self.state = State.PENDING
        self.why: list[str] = []
        self.started = time.time()
        self.key: Digest | None = None
        self.gathered: Gathered | None = None
        self.result: Result | None = None
        self.result_digest: Digest | None = None
        self.entry: Entry | None = None
        self.error = ""

    def become(self, state: State) -> None:
        """Change the state, by the one table, and tell whoever follows."""
        self.state = transition(self.state, state)
        if self.session.headless is not None:
            self.session.tell(self.record())

    def record(self) -> StepRun:
        """Return the StepRun as it stands."""
        return self.record_as(self.state)

    def record_as(self, state: State) -> StepRun:
        """Return the StepRun as it will stand in a state that is about to be reached."""
        gathered, result, request = self.gathered, self.result, self.request
        return StepRun(
            id=self.id,
            run=self.session.run.id,
            step=StepId(notebook=self.session.notebook, name=request.name),
            part=request.part,
            cell=request.cell_id,
            state=state,
            key=self.key,
            why="; ".join(dict.fromkeys(self.why)),
            source=request.source,
            ingredients=tuple(gathered.ingredients) if gathered else (),
            inputs=dict(gathered.versions) if gathered else {},
            outputs={name: item.version for name, item in result.outputs.items()} if result else {},
            trace=result.trace if result else (),
            written=result.files if result else (),
            result=self.result_digest,
            executor="inline",
            started=self.started,
            ended=time.time(),
            seconds=self.entry.seconds if self.entry else 0.0,
            asked=request.options.resources,
            used=dict(result.used) if result else {},
            error=self.error,
            entry=self.entry.step_run if self.entry and state is State.HIT else "",
        )


async def resolve(session: Session, request: Request, run: RunBody) -> Step:
    """Resolve a cell as a step in the kernel.

    Args:
        session: the kernel's session.
        request: the cell.
        run: runs its code.
    """
    step = Step(session, request)
    with unseen():
        effect = effect_of(request.cell, session)
    if is_setup(request.options, effect):
        return await _run_setup(step, effect, run)
    with unseen():
        gathered = step.gathered = gather(request.cell, request.options, session.setting.namespace, session.around)
        gathered.ingredients += request.extra
        _note_code(session, gathered)
        step.why += [*gathered.reasons, *uncached.reasons(request.cell, request.options, gathered, session)]
        if not step.why:
            step.key = cache_key(gathered.ingredients)
            hit = _look_up(step)
    if step.key is None:
        return await _run_uncached(step, run)
    if hit is None:
        hit = await _claim(step)
    if hit is not None:
        _bind(step, hit)
        return step
    try:
        return await _run(step, run)
    finally:
        session.let_go(step.key)


def is_setup(options: Options, effect: Effect | None) -> bool:
    """Tell whether a cell always runs: the user says so, or its code acts elsewhere than on its own variables."""
    if options.setup is not None:
        return options.setup
    return effect is not None and effect.act in (Act.SETUP, Act.IMPORTS)


async def _run_setup(step: Step, effect: Effect | None, run: RunBody) -> Step:
    """Run a setup cell, and note it for the keys of later steps."""
    session, cell = step.session, step.request.cell
    with unseen():
        materialise(None if cell.names.unbounded_reads else cell.names.reads, session.setting.namespace)
    raised, _, _ = await run()
    if effect is None or effect.act is Act.AMBIENT:
        effect = Effect(act=Act.SETUP, what=f"`{step.request.name}`", path=step.request.name)
    step.why = [f"setup: {effect.what}" if effect.act is Act.SETUP else "setup: imports alone"]
    step.become(State.FAILED if raised else State.SETUP)
    with unseen():
        if not raised:
            note_imports(session, cell)
            if effect.act is Act.SETUP:
                note_setup(session, cell, effect)
        session.catalog.step_runs.record(step.record(), later=True)
    return step


def _note_code(session: Session, gathered: Gathered) -> None:
    """Remember the classes that live, so that stored instances find them."""
    walk, table = gathered.walk, session.setting.table
    for cls in walk.classes:
        table.note(walk.version_of(cls), cls)
    for root in walk.roots.values():
        if walk.is_code(root.value):
            table.note(root.version, root.value)


def _look_up(step: Step) -> Hit | None:
    session = step.session
    assert step.key is not None
    hit, reasons = find_hit(step.key, session.catalog.entries, session.store, session.world(), time.time())
    step.why = reasons
    return hit


async def _claim(step: Step) -> Hit | None:
    """Claim the key; while somebody else has it, wait for their result."""
    session, key = step.session, step.key
    assert key is not None
    label = f"{step.request.name} in {session.path or 'a kernel'}"
    pause = 0.02
    with unseen():
        claim = session.catalog.claims.acquire(key, session.holder, LEASE, label=label)
    while claim.holder != session.holder:
        with unseen():
            gone = claim.expires <= session.catalog.claims.now() or alive(claim.holder) is False
            if gone:
                claim = session.catalog.claims.steal(claim, session.holder, LEASE, label=label)
                continue
        await _pause(pause)
        pause = min(pause * 1.5, 0.5)
        with unseen():
            claim = session.catalog.claims.acquire(key, session.holder, LEASE, label=label)
    session.hold(key)
    with unseen():
        hit = _look_up(step)
    if hit is not None:
        session.let_go(key)
    return hit


async def _pause(seconds: float) -> None:
    """Wait; on the event loop where the cell runs on it, else in the thread, where an interrupt ends it at once."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        time.sleep(seconds)  # noqa: ASYNC251  # IPython runs a cell without `await` outside of the loop
        return
    if asyncio.current_task() is None:
        time.sleep(seconds)  # noqa: ASYNC251  # likewise
    else:
        await asyncio.sleep(seconds)


def _bind(step: Step, hit: Hit) -> None:
    """Bind a result, show what it showed, and write down that it was a hit."""
    session = step.session
    assert step.gathered is not None
    with unseen():
        binding = Binding(session.setting, session.store, step.gathered.walk, session.is_ours)
        value = binding.bind(hit.result)
    replay(session.setting.shell, hit.result.shown, value)
    step.entry, step.result, step.result_digest = hit.entry, hit.result, hit.entry.result
    step.why = ["nothing that it depends on has changed", *binding.notes]
    step.become(State.HIT)
    with unseen():
        note_imports(session, step.request.cell)
        session.catalog.step_runs.record(step.record(), later=True)
        session.catalog.entries.touch(hit.entry, time.time())


async def _run_uncached(step: Step, run: RunBody) -> Step:
    """Run a cell that has no key: plainly, as if Steppe were not there."""
    step.become(State.QUEUED)
    step.become(State.RUNNING)
    session, names = step.session, step.request.cell.names
    with unseen():
        materialise(None if names.unbounded_reads else names.reads, session.setting.namespace)
    raised, _, _ = await run()
    step.become(State.FAILED if raised else State.SUCCEEDED)
    with unseen():
        note_imports(session, step.request.cell)
        step.session.catalog.step_runs.record(step.record(), later=True)
    return step


async def _run(step: Step, run: RunBody) -> Step:
    """Run a cell, and keep what it leaves."""
    session, request, gathered = step.session, step.request, step.gathered
    assert gathered is not None
    assert step.key is not None
    with unseen():
        if not step.why:
            step.why = _why_it_runs(step)
        _make_live(gathered, session.setting.namespace)
        execution = Execution(session.setting, _intent(step), gathered.walk)
    step.become(State.QUEUED)
    step.become(State.RUNNING)
    with execution.running():
        raised, has_value, value = await run()
    if raised:
        step.become(State.FAILED)
    else:
        with unseen():
            _keep(step, execution, has_value=has_value, value=value)
            note_imports(session, request.cell)
        step.become(State.SUCCEEDED)
    if step.entry is None:
        with unseen():
            session.catalog.step_runs.record(step.record(), later=True)
    return step


def _why_it_runs(step: Step) -> list[str]:
    """Say what is not as it was when the step last had a result."""
    record = step.record()
    before = step.session.catalog.step_runs.last(record.step, part=record.part, useful=True)
    if before is None:
        return ["it has not run before"]
    return changes(before, record) or ["its result is no longer kept"]


def _make_live(gathered: Gathered, namespace: dict[str, Any]) -> None:
    """Load and walk the inputs that are placeholders so far: the code is about to use, and may change, them."""
    for name in gathered.names:
        if name in namespace and is_lazy(namespace[name]):
            namespace[name] = real(namespace[name])
            if not isinstance(namespace[name], types.ModuleType):
                gathered.walk.walk(name, namespace[name])


def _intent(step: Step) -> Intent:
    """Return what is known of the cell before it runs."""
    request, gathered, names = step.request, step.gathered, step.request.cell.names
    assert gathered is not None
    options = request.options
    seed: int | None = None
    if options.seed != "none":
        seed = _derived(step.key or "") if options.seed is None else options.seed
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
    )


def _derived(key: Digest) -> int:
    """Return the seed that follows from a key."""
    return int.from_bytes(blake3(f"seed:{key}".encode()).digest()[:6], "little")


def _keep(step: Step, execution: Execution, *, has_value: bool, value: Any) -> None:
    """Store the result and enter it into the Catalog; say why where that can't be."""
    session = step.session
    assert step.key is not None
    try:
        result = execution.result(value, has_value=has_value, allowed=step.request.options.expires is not None or step.request.options.source is not None)
        if result is None:
            step.why = [*execution.reasons, *step.why]
            return
        step.result = result
        step.result_digest = session.store.put([ENCODER.encode(result)])
    except StoreError as error:
        session.warn(f"`{step.request.name}` was not kept: {error}")
        step.why = [f"it was not kept: {error}"]
        return
    now = time.time()
    expires = step.request.options.expires
    step.entry = Entry(
        key=step.key,
        result=step.result_digest,
        trace=result.trace,
        seconds=result.seconds,
        created=now,
        expires=None if expires is None or expires == "never" else now + expires,
        step_run=step.id,
        size=sum(part.size for part in result.parts) + sum(file.size for file in result.files),
    )
    artifacts: dict[str, Artifact] = dict(result.outputs)
    record = step.record_as(State.SUCCEEDED)
    session.catalog.entries.keep(step.entry, artifacts, step_run=record, blobs=blobs_of(result))
